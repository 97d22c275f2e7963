#include "run/jobs.h"

#include "base/folder.h"
#include "base/process.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a trial's record is known by: the plan's key, which is made without a look at any file, and
 * the digest of the data that the trial reads. Other images are another trial. */
static enum status record_key(struct jobs *jobs, const struct trial *trial, const char *data,
                              char key[HASH_TEXT], struct error *error)
{
    enum status status = STATUS_OK;
    const struct dataset *dataset = (const struct dataset *)trial->experiment.dataset.source.kind;
    /* One thread: a process that is to fork starts no others. */
    struct prepare_options options = {.data = data, .threads = 1};
    struct hash hash = {0};

    memcpy(key, trial->keys[TRIAL_EVALUATE], HASH_TEXT);
    if (dataset->generated)
        return STATUS_OK;
    TRY(prepare_data(trial, &jobs->data, &options, error));
    TRY(hash_begin(&hash, error));
    TRY(hash_text(&hash, trial->keys[TRIAL_EVALUATE], error));
    TRY(hash_text(&hash, jobs->data.content.sha256, error));
    TRY(hash_end(&hash, key, error));
out:
    hash_release(&hash);
    return status;
}

static enum status name_trials(struct jobs *jobs, const char *data, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    char key[HASH_TEXT];

    for (size_t i = 0; i < jobs->plan->trial_count; i++) {
        struct trial trial;
        TRY(plan_trial(jobs->plan, i, &arena, &trial, error));
        TRY(record_key(jobs, &trial, data, key, error));
        TRY(arena_copy(&jobs->arena, key, HASH_TEXT - 1, &jobs->keys[i], error));
        jobs->datasets[i] = trial.experiment.dataset.source.kind->name;
        arena_release(&arena);
    }
out:
    arena_release(&arena);
    return status;
}

/* The trial in place `position` of those from `first` on: replicate by replicate. */
static size_t trial_at(const struct plan *plan, size_t first, size_t position)
{
    size_t replicates = (size_t)plan->base.replicates;
    size_t points = (plan->trial_count - first) / replicates;
    return first + position % points * replicates + position / points;
}

/* Parts of a plan differ by one trial at most. The product fits: both are at most a million. */
static void lay_out(struct jobs *jobs, size_t settled, size_t chunk, size_t chunks)
{
    uint64_t trials = jobs->plan->trial_count - settled;
    size_t first = chunks ? (size_t)(trials * (chunk - 1) / chunks) : 0;
    size_t end = chunks ? (size_t)(trials * chunk / chunks) : (size_t)trials;

    for (size_t position = first; position < end; position++)
        jobs->order[jobs->count++] = trial_at(jobs->plan, settled, position);
}

static enum status make_folders(struct jobs *jobs, const char *results, struct error *error)
{
    enum status status = STATUS_OK;
    int a = snprintf(jobs->trials, sizeof jobs->trials, "%s/cache/trials", results);
    int b = snprintf(jobs->failures, sizeof jobs->failures, "%s/runs/%s/failed", results,
                     jobs->plan->base.name);

    if (a >= JOBS_PATH - 128 || b >= JOBS_PATH - 128)
        TRY(error_set(error, STATUS_IO, "the path %.200s… is too long", results));
    TRY(folder_make(jobs->trials, error));
    TRY(folder_make(jobs->failures, error));
out:
    return status;
}

enum status jobs_begin(struct jobs *jobs, struct plan *plan, const struct jobs_options *options,
                       struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = plan->trial_count;

    memset(jobs, 0, sizeof *jobs);
    jobs->plan = plan;
    jobs->trials_named = count;
    TRY(make_folders(jobs, options->results, error));
    TRY(arena_new(&jobs->arena, &jobs->keys, count, sizeof *jobs->keys, error));
    TRY(arena_new(&jobs->arena, &jobs->datasets, count, sizeof *jobs->datasets, error));
    TRY(arena_new(&jobs->arena, &jobs->order, count, sizeof *jobs->order, error));
    TRY(process_share(&jobs->states, count * sizeof *jobs->states, error));
    TRY(name_trials(jobs, options->data, error));
    lay_out(jobs, options->first, options->chunk, options->chunks);
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
    arena_release(&jobs->arena);
    memset(jobs, 0, sizeof *jobs);
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
                     char path[JOBS_PATH])
{
    snprintf(path, JOBS_PATH, "%.4000s/%.64s%.16s", folder, jobs->keys[trial], suffix);
    return path;
}

bool job_recorded(const struct jobs *jobs, size_t trial)
{
    char path[JOBS_PATH];
    return access(job_path(jobs, trial, jobs->trials, ".h5", path), F_OK) == 0;
}

enum status job_recall(const struct jobs *jobs, size_t trial, struct record *record, bool *found,
                       struct error *damage, struct error *error)
{
    char path[JOBS_PATH];

    *found = false;
    if (!job_recorded(jobs, trial))
        return STATUS_OK;
    job_path(jobs, trial, jobs->trials, ".h5", path);
    enum status status = record_read(record, path, jobs->keys[trial], damage);
    *found = status == STATUS_OK;
    if (status == STATUS_MEMORY) {
        *error = *damage;
        return status;
    }
    if (status != STATUS_OK)
        unlink(path);
    return STATUS_OK;
}

enum status job_record(const struct jobs *jobs, size_t trial, const struct record *record,
                       struct error *error)
{
    char path[JOBS_PATH];

    enum status status = record_write(record, job_path(jobs, trial, jobs->trials, ".h5", path),
                                      jobs->keys[trial], error);
    if (status == STATUS_OK)
        unlink(job_path(jobs, trial, jobs->failures, ".h5", path));
    return status;
}

enum status job_record_failure(const struct jobs *jobs, size_t trial, const struct error *failure,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct record record = {0};
    struct text text = {0};
    char path[JOBS_PATH];

    text_append(&text, "failed: %s", failure->message);
    TRY(text_status(&text, error));
    TRY(record_text(&record, "status", text.bytes, error));
    TRY(record_write(&record, job_path(jobs, trial, jobs->failures, ".h5", path), jobs->keys[trial],
                     error));
out:
    text_release(&text);
    record_release(&record);
    return status;
}
