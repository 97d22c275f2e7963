#include "run/jobs.h"

#include "base/folder.h"
#include "base/process.h"
#include "trial/step_cache.h"

#include <stdio.h>
#include <string.h>

/* The digest of what the trial reads: found out at the first trial that reads it. */
static enum status digest_of(struct jobs *jobs, size_t index, const char **digest,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct job_input *input = &jobs->data_of[plan_input(jobs->plan, index)];
    struct arena arena = {0};
    struct trial trial;

    if (!input->name) {
        TRY(plan_trial(jobs->plan, index, &arena, &trial, error));
        TRY(data_digest(&jobs->inputs, &trial, jobs->cache.folder, &jobs->data, &jobs->prepare,
                        input->digest, error));
        input->name = trial.experiment.dataset.source.kind->name;
    }
    *digest = input->digest;
out:
    arena_release(&arena);
    return status;
}

static enum status name_trials(struct jobs *jobs, struct error *error)
{
    const char *digest, *last = NULL;
    char key[HASH_TEXT];

    for (size_t i = 0; i < jobs->plan->trial_count; i++) {
        struct trial trial;
        PASS(plan_keys(jobs->plan, i, trial.keys, error));
        PASS(digest_of(jobs, i, &digest, error));
        PASS(step_cache_key(&trial, TRIAL_EVALUATE, digest, key, error));
        PASS(arena_copy(&jobs->arena, key, HASH_TEXT - 1, &jobs->keys[i], error));
        PASS(step_cache_key(&trial, TRIAL_LABEL, digest, key, error));
        if (!last || strcmp(last, key) != 0)
            PASS(arena_copy(&jobs->arena, key, HASH_TEXT - 1, &last, error));
        jobs->labels[i] = last;
    }
    return STATUS_OK;
}

/* `keys` holds the last trial's: neighbours share most of them. */
static enum status use_trial(struct jobs *jobs, size_t index, struct cache_use *use,
                             char keys[TRIAL_STEPS][HASH_TEXT], struct error *error)
{
    struct trial trial;
    const char *digest;
    char key[HASH_TEXT];

    PASS(plan_keys(jobs->plan, index, trial.keys, error));
    PASS(digest_of(jobs, index, &digest, error));
    for (enum trial_step step = TRIAL_TUNE; step < TRIAL_STEPS; step++) {
        PASS(step_cache_key(&trial, step, digest, key, error));
        if (step == TRIAL_FINE_TUNE && strcmp(key, keys[step - 1]) == 0) /* left out */
            continue;
        if (strcmp(key, keys[step]) != 0)
            PASS(cache_use_add(use, key, error));
        memcpy(keys[step], key, HASH_TEXT);
    }
    return STATUS_OK;
}

enum status jobs_use(struct jobs *jobs, const char *results, struct cache_use *use,
                     struct error *error)
{
    char keys[TRIAL_STEPS][HASH_TEXT] = {{0}};

    PASS(cache_use_begin(use, results, jobs->plan->base.name, error));
    for (size_t i = 0; i < jobs->first; i++)
        PASS(use_trial(jobs, i, use, keys, error));
    for (size_t i = 0; i < jobs->count; i++)
        PASS(use_trial(jobs, jobs->order[i], use, keys, error));
    return cache_use_ready(use, error);
}

/* The trial in place `position` of those from `first` on: replicate by replicate. */
static size_t trial_at(const struct plan *plan, size_t first, size_t position)
{
    size_t replicates = (size_t)plan->base.replicates;
    size_t points = (plan->trial_count - first) / replicates;
    return first + position % points * replicates + position / points;
}

/* Parts of a plan differ by one trial at most. The product fits: both are at most a million. */
static void lay_out(struct jobs *jobs, size_t chunk, size_t chunks)
{
    uint64_t trials = jobs->plan->trial_count - jobs->first;
    size_t first = chunks ? (size_t)(trials * (chunk - 1) / chunks) : 0;
    size_t end = chunks ? (size_t)(trials * chunk / chunks) : (size_t)trials;

    for (size_t position = first; position < end; position++)
        jobs->order[jobs->count++] = trial_at(jobs->plan, jobs->first, position);
}

enum status jobs_begin(struct jobs *jobs, struct plan *plan, const struct jobs_options *options,
                       struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = plan->trial_count;

    memset(jobs, 0, sizeof *jobs);
    jobs->plan = plan;
    jobs->first = options->first;
    jobs->trials_named = count;
    /* One thread: a process that is to fork starts no others. */
    jobs->prepare = (struct trial_options){.data = options->data, .threads = 1};
    TRY(folder_make(options->results, error));
    TRY(cache_open(&jobs->cache, options->results, error));
    TRY(arena_new(&jobs->arena, &jobs->keys, count, sizeof *jobs->keys, error));
    TRY(arena_new(&jobs->arena, &jobs->labels, count, sizeof *jobs->labels, error));
    TRY(arena_new(&jobs->arena, &jobs->data_of, plan_inputs(plan), sizeof *jobs->data_of, error));
    TRY(arena_new(&jobs->arena, &jobs->order, count, sizeof *jobs->order, error));
    TRY(process_share(&jobs->states, count * sizeof *jobs->states, error));
    TRY(name_trials(jobs, error));
    lay_out(jobs, options->chunk, options->chunks);
out:
    if (status != STATUS_OK)
        jobs_release(jobs);
    return status;
}

void jobs_release(struct jobs *jobs)
{
    if (jobs->states)
        process_unshare(jobs->states, jobs->trials_named * sizeof *jobs->states);
    dataset_cache_release(&jobs->data);
    data_digests_release(&jobs->inputs);
    cache_close(&jobs->cache);
    arena_release(&jobs->arena);
    memset(jobs, 0, sizeof *jobs);
}

enum status jobs_reopen(struct jobs *jobs, const char *results, struct error *error)
{
    struct cache parents = jobs->cache;
    enum status status = cache_open(&jobs->cache, results, error);

    if (status != STATUS_OK)
        jobs->cache = parents;
    return status;
}

enum job_state job_state(const struct jobs *jobs, size_t trial)
{
    return (enum job_state)atomic_load(&jobs->states[trial]);
}

void job_set(struct jobs *jobs, size_t trial, enum job_state state)
{
    atomic_store(&jobs->states[trial], (uint16_t)state);
}

bool job_begin(struct jobs *jobs, size_t trial, int worker)
{
    uint16_t todo = JOB_TODO;
    return atomic_compare_exchange_strong(&jobs->states[trial], &todo,
                                          (uint16_t)(JOB_TAKEN + worker));
}

size_t job_taken(const struct jobs *jobs, int worker)
{
    for (size_t i = 0; i < jobs->count; i++)
        if (atomic_load(&jobs->states[jobs->order[i]]) == JOB_TAKEN + worker)
            return jobs->order[i];
    return SIZE_MAX;
}

size_t jobs_in(const struct jobs *jobs, enum job_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < jobs->count; i++)
        count += job_state(jobs, jobs->order[i]) == state;
    return count;
}

const char *job_path(const struct jobs *jobs, size_t trial, const char *folder, const char *suffix,
                     char path[PATH_ROOM])
{
    return path_print(path, "%s/%s%s", folder, jobs->keys[trial], suffix);
}

const char *job_dataset(const struct jobs *jobs, size_t trial)
{
    return jobs->data_of[plan_input(jobs->plan, trial)].name;
}

bool job_recorded(struct jobs *jobs, size_t trial)
{
    return cache_has(&jobs->cache, TRIAL_EVALUATE, jobs->keys[trial]);
}

enum status job_recall(struct jobs *jobs, size_t trial, struct record *record, bool *found,
                       struct error *error)
{
    return cache_get_values(&jobs->cache, TRIAL_EVALUATE, jobs->keys[trial], record, found, error);
}

enum status job_record_failure(struct jobs *jobs, size_t trial, const struct error *failure,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct record record = {0};
    struct text text = {0};

    TRY(text_print(&text, error, "failed: %s", failure->message));
    TRY(record_text(&record, "status", text.bytes, error));
    TRY(cache_put_failure(&jobs->cache, jobs->keys[trial], &record, error));
out:
    text_release(&text);
    record_release(&record);
    return status;
}
