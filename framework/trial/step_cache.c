#include "trial/step_cache.h"

#include "base/interrupt.h"

#include <string.h>
#include <time.h>

enum status step_cache_key(const struct trial *trial, enum trial_step stage,
                           const char *dataset_sha256, char key[HASH_TEXT], struct error *error)
{
    memcpy(key, trial->keys[stage], HASH_TEXT);
    if (!dataset_sha256[0])
        return STATUS_OK;
    return hash_of_texts(trial->keys[stage], dataset_sha256, key, error);
}

static void wait_for(double seconds)
{
    struct timespec time = {0, (long)(seconds * 1e9)};
    nanosleep(&time, NULL);
}

/* Wait until the entry exists or this worker may compute it. */
static enum status await_entry(struct step_cache *stages, enum trial_step stage, const char *key,
                               struct record *record, bool *found, struct error *error)
{
    enum status status = STATUS_OK;
    double seconds = 0.01;
    bool mine = false;

    while (!mine && !*found) {
        TRY(stages->claim(stages->context, key, &mine, error));
        if (mine || cache_has(stages->cache, stage, key)) /* its owner may have finished it */
            TRY(cache_get(stages->cache, stage, key, record, found, error));
        if (mine || *found)
            break;
        TRY(interrupt_check(error));
        wait_for(seconds);
        seconds = seconds < 0.4 ? 2 * seconds : 0.8;
    }
out:
    if (mine && (*found || status != STATUS_OK))
        step_cache_abandon(stages, key);
    return status;
}

enum status step_cache_recall_part(struct step_cache *stages, enum trial_step stage,
                                   const char *key, struct record *record, bool *found,
                                   struct error *error)
{
    enum status status = STATUS_OK;

    memset(record, 0, sizeof *record);
    *found = false;
    if (!stages)
        return STATUS_OK;
    TRY(cache_get(stages->cache, stage, key, record, found, error));
    if (!*found && stages->claim)
        TRY(await_entry(stages, stage, key, record, found, error));
out:
    return status;
}

enum status step_cache_recall(struct step_cache *stages, enum trial_step stage, const char *key,
                              struct record *record, bool *found, struct error *error)
{
    enum status status = step_cache_recall_part(stages, stage, key, record, found, error);

    if (stages && status == STATUS_OK && *found)
        stages->recalled[stage]++;
    return status;
}

enum status step_cache_keep_part(struct step_cache *stages, enum trial_step stage, const char *key,
                                 const struct record *record, struct error *error)
{
    if (!stages)
        return STATUS_OK;
    enum status status = cache_put(stages->cache, stage, key, record, error);
    step_cache_abandon(stages, key);
    return status;
}

enum status step_cache_keep(struct step_cache *stages, enum trial_step stage, const char *key,
                            const struct record *record, struct error *error)
{
    if (stages)
        stages->computed[stage]++;
    return step_cache_keep_part(stages, stage, key, record, error);
}

void step_cache_abandon(struct step_cache *stages, const char *key)
{
    if (stages && stages->release)
        stages->release(stages->context, key);
}
