#include "forecast/forecast.h"

#include "base/folder.h"
#include "base/hash_map.h"
#include "results/results_write.h"
#include "trial/data_digest.h"
#include "trial/step_cache.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum {
    MOST_TIMED = 64,   /* records that are read for their times */
    MOST_WEIGHED = 512 /* trials whose work is computed; the others are similar */
};

enum { DIGITS = 32 }; /* of a key that are compared */
enum { LEARNING = 1 << TRIAL_TRAIN | 1 << TRIAL_FINE_TUNE };

/* Keys that were looked for. */
struct seen {
    struct known {
        char digits[DIGITS];
        bool cached;
        UT_hash_handle hh;
    } * map;
    struct arena arena;
    /* The last that was asked for: trials beside one another often share it. */
    char last[HASH_TEXT];
    const char *sha256;
    bool last_cached;
};

struct looker {
    struct forecast *forecast;
    struct plan *plan;
    const struct forecast_options *options;
    struct cache cache;
    struct data_digests inputs;
    struct dataset_cache data;
    char (*digests)[HASH_TEXT]; /* [plan_inputs()] */
    uint8_t *digested; /* [plan_inputs()]: 1 it is known, 2 it cannot be read, 3 nobody asks */
    struct seen seen[TRIAL_STEPS];
    bool used[TRIAL_STEPS], any; /* the cache has such entries at all */
};

struct forecast_times { /* of trainings that are done */
    double seconds, work;
    size_t trials;
};

/* Is there an entry? Each is looked for once, and counted. */
static enum status look(struct looker *looker, enum trial_step step, const struct trial *trial,
                        const char *sha256, bool *cached, struct error *error)
{
    struct seen *seen = &looker->seen[step];
    struct forecast_stage *counts = &looker->forecast->stages[step];
    struct known *known;
    char key[HASH_TEXT];

    if (memcmp(seen->last, trial->keys[step], HASH_TEXT) == 0 && seen->sha256 == sha256) {
        *cached = seen->last_cached;
        return STATUS_OK;
    }
    PASS(step_cache_key(trial, step, sha256, key, error));
    HASH_FIND(hh, seen->map, key, DIGITS, known);
    if (!known) {
        PASS(arena_new(&seen->arena, &known, 1, sizeof *known, error));
        memcpy(known->digits, key, DIGITS);
        known->cached = looker->used[step] && cache_has(&looker->cache, step, key);
        HASH_ADD(hh, seen->map, digits, DIGITS, known);
        PASS(hash_map_status(&known->hh, error));
        counts->entries++;
        counts->cached += known->cached;
    }
    *cached = seen->last_cached = known->cached;
    memcpy(seen->last, trial->keys[step], HASH_TEXT);
    seen->sha256 = sha256;
    return STATUS_OK;
}

/* The digest of the data that a trial reads. Data that are not there are no failure here. */
static enum status digest(struct looker *looker, size_t index, const char **sha256, bool *known,
                          struct error *error)
{
    size_t input = plan_input(looker->plan, index);
    struct trial_options options = {.data = looker->options->data,
                                    .threads = looker->options->threads};
    struct arena arena = {0};
    struct trial trial;
    enum status status = STATUS_OK;

    if (!looker->any && !looker->digested[input])
        looker->digested[input] = 3; /* nothing to find, whatever the data are */
    if (!looker->digested[input] || (looker->any && looker->digested[input] == 3)) {
        TRY(plan_trial(looker->plan, index, &arena, &trial, error));
        status = data_digest(&looker->inputs, &trial, looker->cache.folder, &looker->data, &options,
                             looker->digests[input], &looker->forecast->why);
        if (status == STATUS_MEMORY || status == STATUS_INTERRUPTED) {
            *error = looker->forecast->why;
            goto out;
        }
        looker->digested[input] = status == STATUS_OK ? 1 : 2;
        looker->forecast->unread = looker->forecast->unread || status != STATUS_OK;
        status = STATUS_OK;
    }
    *known = looker->digested[input] != 2;
    *sha256 = looker->digests[input];
out:
    arena_release(&arena);
    return status;
}

/*
 * A finished trial needs nothing. Else what is not there has to be computed, from the last stage
 * back to one that is there: labels stand in for tuning.
 */
static enum status look_at_trial(struct looker *looker, size_t index, struct error *error)
{
    struct trial trial = {.index = index};
    const char *sha256 = "";
    bool cached[TRIAL_STEPS] = {false}, known;
    unsigned stages;
    uint8_t *missing = &looker->forecast->missing[index];

    PASS(plan_keys(looker->plan, index, trial.keys, error));
    PASS(digest(looker, index, &sha256, &known, error));
    PASS(plan_steps(looker->plan, index, &stages, error));
    for (enum trial_step s = TRIAL_TUNE; s < TRIAL_STEPS; s++)
        if (stages >> s & 1 && known)
            PASS(look(looker, s, &trial, sha256, &cached[s], error));
    if (cached[TRIAL_EVALUATE]) {
        looker->forecast->done++;
        return STATUS_OK;
    }
    for (enum trial_step s = TRIAL_TUNE; s < TRIAL_STEPS; s++)
        if (stages >> s & 1 && !cached[s] && !(s == TRIAL_TUNE && cached[TRIAL_LABEL]))
            *missing = (uint8_t)(*missing | 1U << s);
    return STATUS_OK;
}

/* Which stages have entries at all: most plans are asked about before there is anything. */
static enum status look_at_cache(struct looker *looker, struct error *error)
{
    struct text folder = {0};
    enum status status = STATUS_OK;

    TRY(cache_open(&looker->cache, looker->options->results, error));
    for (enum trial_step s = 0; s < TRIAL_STEPS; s++) {
        TRY(path_join(&folder, looker->cache.folder, trial_step_names[s], error));
        looker->used[s] = access(folder.bytes, F_OK) == 0;
        looker->any = looker->any || looker->used[s];
    }
out:
    text_release(&folder);
    return status;
}

/* What the training of a trial took that is done, in seconds of one processor; NaN: it is not, or
 * its record does not say. */
static enum status time_of(struct looker *looker, size_t index, double *seconds,
                           struct error *error)
{
    struct trial trial = {.index = index};
    struct record record = {0};
    const char *sha256;
    char key[HASH_TEXT];
    double threads = 1;
    bool found = false, known;
    enum status status = STATUS_OK;

    *seconds = (double)NAN;
    TRY(plan_keys(looker->plan, index, trial.keys, error));
    TRY(digest(looker, index, &sha256, &known, error));
    TRY(step_cache_key(&trial, TRIAL_EVALUATE, sha256, key, error));
    if (known)
        TRY(cache_get(&looker->cache, TRIAL_EVALUATE, key, &record, &found, error));
    for (size_t i = 0; found && i < record.value_count; i++) {
        if (strcmp(record.values[i].name, "timing.training.seconds") == 0)
            *seconds = record.values[i].real;
        if (strcmp(record.values[i].name, "timing.training.threads") == 0)
            threads = (double)record.values[i].integer;
    }
    *seconds *= threads;
out:
    record_release(&record);
    return status;
}

/* Is the results file there, and of this very plan? Then a run has nothing to do. */
static enum status look_at_results(struct looker *looker, struct error *error)
{
    const struct plan *plan = looker->plan;
    char(*digests)[HASH_TEXT] = NULL;
    const char **keys = NULL;
    char fingerprint[HASH_TEXT], content[HASH_TEXT];
    struct text path = {0}, resolved = {0};
    enum status status = STATUS_OK;

    TRY(text_print(&path, error, "%s/%s.h5", looker->options->results, plan->base.name));
    TRY(folder_readable(path.bytes, error));
    if (looker->forecast->unread || access(path.bytes, F_OK) != 0)
        goto out;
    TRY(memory_new(&digests, plan->trial_count, sizeof *digests, error));
    TRY(memory_new(&keys, plan->trial_count, sizeof *keys, error));
    looker->any = true; /* data count, whether or not there is a cache */
    for (size_t i = 0; i < plan->trial_count; i++) {
        struct trial trial = {.index = i};
        const char *sha256;
        bool known;
        TRY(plan_keys(looker->plan, i, trial.keys, error));
        TRY(digest(looker, i, &sha256, &known, error));
        if (!known)
            goto out;
        TRY(step_cache_key(&trial, TRIAL_EVALUATE, sha256, digests[i], error));
        keys[i] = digests[i];
    }
    TRY(plan_resolved(plan, &resolved, error));
    TRY(store_fingerprint(plan, resolved.bytes, keys, fingerprint, error));
    TRY(store_is_current(path.bytes, NULL, fingerprint, content, &looker->forecast->finished,
                         error));
out:
    memory_free(digests);
    memory_free(keys);
    text_release(&path);
    text_release(&resolved);
    return status;
}

/* Is the k-th of `count` among at most `most`, evenly chosen? */
static bool chosen(size_t k, size_t count, size_t most)
{
    return count <= most || k * most / count != (k + 1) * most / count;
}

/* Seconds and work of trials that are done; `missing` tells which of the plan's are, NULL: nobody
 * knows. */
static enum status measure(struct looker *looker, const uint8_t *missing, size_t done,
                           struct forecast_times *times, struct error *error)
{
    size_t k = 0;

    for (size_t i = 0; i < looker->plan->trial_count; i++) {
        double took, work;
        if ((missing && missing[i]) || !chosen(k++, done, MOST_TIMED))
            continue;
        PASS(time_of(looker, i, &took, error));
        if (isnan(took))
            continue;
        PASS(plan_work(looker->plan, i, 1U << TRIAL_TRAIN, &work, error));
        times->seconds += took;
        times->work += work;
        times->trials++;
    }
    return STATUS_OK;
}

/* What the trainings that are left will take, as those that are done did. */
static enum status estimate(struct looker *looker, const struct forecast_times *times,
                            struct error *error)
{
    struct forecast *forecast = looker->forecast;
    double all = 0, work;
    size_t left = 0, k = 0, weighed = 0;

    forecast->timed = times->trials;
    for (size_t i = 0; i < forecast->trials; i++)
        left += (forecast->missing[i] & LEARNING) != 0;
    forecast->core_seconds = left ? (double)NAN : 0;
    if (!left || !(times->work > 0))
        return STATUS_OK;
    for (size_t i = 0; i < forecast->trials; i++) {
        if (!(forecast->missing[i] & LEARNING) || !chosen(k++, left, MOST_WEIGHED))
            continue;
        PASS(plan_work(looker->plan, i, forecast->missing[i], &work, error));
        all += work;
        weighed++;
    }
    forecast->core_seconds =
        weighed ? times->seconds / times->work * all * (double)left / (double)weighed : 0;
    return STATUS_OK;
}

static enum status looker_begin(struct looker *looker, struct forecast *forecast, struct plan *plan,
                                const struct forecast_options *options, struct error *error)
{
    *looker = (struct looker){.forecast = forecast, .plan = plan, .options = options};
    PASS(memory_new(&looker->digests, plan_inputs(plan), sizeof *looker->digests, error));
    PASS(memory_new(&looker->digested, plan_inputs(plan), 1, error));
    return look_at_cache(looker, error);
}

static void looker_end(struct looker *looker)
{
    for (enum trial_step s = 0; s < TRIAL_STEPS; s++) {
        HASH_CLEAR(hh, looker->seen[s].map);
        arena_release(&looker->seen[s].arena);
    }
    memory_free(looker->digests);
    memory_free(looker->digested);
    data_digests_release(&looker->inputs);
    dataset_cache_release(&looker->data);
    cache_close(&looker->cache);
}

/* Times of the last run's trials, where the plan has none that are done. */
static enum status measure_last(struct forecast *forecast, const struct forecast_options *options,
                                struct forecast_times *times, struct error *error)
{
    struct looker looker;
    enum status status = STATUS_OK;

    TRY(looker_begin(&looker, forecast, options->last, options, error));
    if (looker.any)
        TRY(measure(&looker, NULL, options->last->trial_count, times, error));
out:
    looker_end(&looker);
    return status;
}

enum status forecast_make(struct forecast *forecast, struct plan *plan,
                          const struct forecast_options *options, struct error *error)
{
    struct looker looker;
    struct forecast_times times = {0};
    enum status status = STATUS_OK;

    *forecast = (struct forecast){.trials = plan->trial_count, .core_seconds = (double)NAN};
    TRY(looker_begin(&looker, forecast, plan, options, error));
    TRY(memory_new(&forecast->missing, forecast->trials, 1, error));
    for (size_t i = 0; i < forecast->trials; i++)
        TRY(look_at_trial(&looker, i, error));
    if (forecast->done < forecast->trials)
        TRY(look_at_results(&looker, error));
    if (forecast->finished)
        memset(forecast->missing, 0, forecast->trials);
    if (forecast->finished)
        goto out;
    if (forecast->done)
        TRY(measure(&looker, forecast->missing, forecast->done, &times, error));
    else if (options->last)
        TRY(measure_last(forecast, options, &times, error));
    TRY(estimate(&looker, &times, error));
out:
    looker_end(&looker);
    return status;
}

void forecast_release(struct forecast *forecast)
{
    memory_free(forecast->missing);
    *forecast = (struct forecast){0};
}
