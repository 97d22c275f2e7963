#include "trial/step_cache.h"

#include "base/interrupt.h"

#include <string.h>
#include <time.h>

enum status step_cache_key(const struct trial *trial, enum trial_step step,
                           const char *dataset_sha256, char key[HASH_TEXT], struct error *error)
{
    memcpy(key, trial->keys[step], HASH_TEXT);
    if (!dataset_sha256[0])
        return STATUS_OK;
    return hash_of_texts(trial->keys[step], dataset_sha256, key, error);
}

static void wait_for(double seconds)
{
    struct timespec time = {0, (long)(seconds * 1e9)};
    nanosleep(&time, NULL);
}

/* Wait until the entry exists or this worker may compute it. */
static enum status await_entry(struct step_cache *steps, enum trial_step step, const char *key,
                               struct record *record, bool *found, struct error *error)
{
    enum status status = STATUS_OK;
    double seconds = 0.01;
    bool mine = false;

    while (!mine && !*found) {
        TRY(steps->claim(steps->context, key, &mine, error));
        if (mine || cache_has(steps->cache, step, key)) /* its owner may have finished it */
            TRY(cache_get(steps->cache, step, key, record, found, error));
        if (mine || *found)
            break;
        TRY(interrupt_check(error));
        wait_for(seconds);
        seconds = seconds < 0.4 ? 2 * seconds : 0.8;
    }
out:
    if (mine && (*found || status != STATUS_OK))
        step_cache_abandon(steps, key);
    return status;
}

enum status step_cache_recall_part(struct step_cache *steps, enum trial_step step, const char *key,
                                   struct record *record, bool *found, struct error *error)
{
    memset(record, 0, sizeof *record);
    *found = false;
    if (!steps)
        return STATUS_OK;
    PASS(cache_get(steps->cache, step, key, record, found, error));
    if (!*found && steps->claim)
        PASS(await_entry(steps, step, key, record, found, error));
    return STATUS_OK;
}

enum status step_cache_recall(struct step_cache *steps, enum trial_step step, const char *key,
                              struct record *record, bool *found, struct error *error)
{
    enum status status = step_cache_recall_part(steps, step, key, record, found, error);

    if (steps && status == STATUS_OK && *found)
        steps->recalled[step]++;
    return status;
}

enum status step_cache_keep_part(struct step_cache *steps, enum trial_step step, const char *key,
                                 const struct record *record, struct error *error)
{
    if (!steps)
        return STATUS_OK;
    enum status status = cache_put(steps->cache, step, key, record, error);
    step_cache_abandon(steps, key);
    return status;
}

enum status step_cache_keep(struct step_cache *steps, enum trial_step step, const char *key,
                            const struct record *record, struct error *error)
{
    if (steps)
        steps->computed[step]++;
    return step_cache_keep_part(steps, step, key, record, error);
}

void step_cache_abandon(struct step_cache *steps, const char *key)
{
    if (steps && steps->release)
        steps->release(steps->context, key);
}
