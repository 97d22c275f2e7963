#include "run/run.h"

#include "base/clock.h"
#include "run/runner.h"
#include "run/search.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static enum status open_record(void *context, size_t trial, struct hdf5 *file, bool *found,
                               struct error *error)
{
    struct jobs *jobs = context;
    const char *key = jobs->keys[trial];
    enum status status = cache_get_file(&jobs->cache, TRIAL_EVALUATE, key, file, found, error);

    if (status == STATUS_OK && !*found)
        status = cache_get_failure(&jobs->cache, key, file, found, error);
    return status;
}

/* Merge: a row for every trial, done or failed. Any run that finds all done may do this, two at
 * once too: each writes a file of its own, and puts it in place whole. */
static enum status begin_store(struct runner *runner, const char *path, const char *resolved,
                               const char *fingerprint, struct store *store, struct error *error)
{
    enum status status = STATUS_OK;
    struct store_timing timing = {runner->seconds, runner->summary->seconds,
                                  runner->options.threads};
    struct store_source source = {.open = open_record,
                                  .context = &runner->jobs,
                                  .fingerprint = runner->summary->failed ? NULL : fingerprint,
                                  .cache = runner->jobs.cache.folder};

    TRY(text_status(&runner->datasets, error));
    TRY(store_begin(store, path, runner->plan, resolved, &source,
                    runner->datasets.bytes ? runner->datasets.bytes : "", &timing, error));
out:
    return status;
}

/* What has become many is put together. */
static enum status fold(struct cache *cache, struct error *error)
{
    enum status status = STATUS_OK;

    for (enum trial_stage stage = TRIAL_TUNE; stage < TRIAL_STAGES; stage++)
        TRY(cache_fold(cache, stage, CACHE_FOLD_LEAST, NULL, error));
out:
    return status;
}

/* Is the results file as these trials would make it? */
static enum status look_at_results(struct runner *runner, struct store *store,
                                   struct run_summary *summary, char fingerprint[HASH_TEXT],
                                   struct error *error)
{
    enum status status = STATUS_OK;
    struct text resolved = {0};
    char path[JOBS_PATH];

    snprintf(path, sizeof path, "%.3800s/%.200s.h5", runner->options.results,
             runner->plan->base.name);
    TRY(plan_resolved(runner->plan, &resolved, error));
    TRY(store_fingerprint(runner->plan, resolved.bytes, runner->jobs.keys, fingerprint, error));
    TRY(store_is_current(path, runner->jobs.cache.folder, fingerprint, summary->digest,
                         &summary->current, error));
    if (summary->current) {
        summary->trials = summary->cached = runner->plan->trial_count;
        snprintf(store->path, sizeof store->path, "%s", path);
    }
out:
    text_release(&resolved);
    return status;
}

/* All trials are done: the results file, unless it is there already. */
static enum status merge(struct runner *runner, struct store *store, struct run_summary *summary,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct text resolved = {0};
    char fingerprint[HASH_TEXT], path[JOBS_PATH];

    runner->summary = summary;
    TRY(fold(&runner->jobs.cache, error));
    TRY(look_at_results(runner, store, summary, fingerprint, error));
    if (summary->current)
        goto out;
    snprintf(path, sizeof path, "%.3800s/%.200s.h5", runner->options.results,
             runner->plan->base.name);
    TRY(plan_resolved(runner->plan, &resolved, error));
    TRY(begin_store(runner, path, resolved.bytes, fingerprint, store, error));
    TRY(search_store(&store->file, runner->plan, error));
out:
    text_release(&resolved);
    return status;
}

/* What a search's rounds leave to the next: how each trial came out. */
struct rounds {
    size_t count; /* trials */
    uint8_t *states;
    double *seconds;
    struct text datasets;
};

/* A value of a trial's record; NaN where it failed. */
static enum status recorded(void *context, size_t trial, const char *column, double *value,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct jobs *jobs = context;
    struct record record = {0};
    bool found = false;

    *value = (double)NAN;
    if (job_state(jobs, trial) == JOB_FAILED)
        goto out;
    TRY(job_recall(jobs, trial, &record, &found, error));
    if (!found)
        TRY(error_set(error, STATUS_DATA, "the record of trial %zu is gone or damaged", trial));
    for (size_t i = 0; i < record.value_count; i++)
        if (strcmp(record.values[i].name, column) == 0)
            *value = record.values[i].type == RECORD_INTEGER ? (double)record.values[i].integer
                                                             : record.values[i].real;
out:
    record_release(&record);
    return status;
}

/* Lines of `more` that are not there yet. */
static void add_lines(struct text *lines, const char *more)
{
    while (more && *more) {
        char line[256];
        size_t length = strcspn(more, "\n");
        snprintf(line, sizeof line, "%.*s\n", (int)length, more);
        if (!lines->bytes || !strstr(lines->bytes, line))
            text_append(lines, "%s", line);
        more += length + (more[length] == '\n');
    }
}

/* Take over what this round came to. */
static enum status keep(struct rounds *rounds, const struct runner *runner, struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = runner->plan->trial_count;

    TRY(memory_grow(&rounds->states, rounds->count, count, 1, error));
    TRY(memory_grow(&rounds->seconds, rounds->count, count, sizeof(double), error));
    for (size_t i = rounds->count; i < count; i++) {
        rounds->states[i] = (uint8_t)job_state(&runner->jobs, i);
        rounds->seconds[i] = runner->seconds[i];
    }
    rounds->count = count;
    add_lines(&rounds->datasets, runner->datasets.bytes);
    TRY(text_status(&rounds->datasets, error));
out:
    return status;
}

/* One round: the trials after those of `rounds`, which are as they were. Without a search there is
 * one, and nothing to do where the results file holds it. */
static enum status run_round(struct runner *runner, struct plan *plan,
                             const struct run_options *options, struct store *store,
                             struct rounds *rounds, struct run_summary *summary,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct run_summary round = {0};
    char fingerprint[HASH_TEXT];

    TRY(runner_begin(runner, plan, rounds->count, options, &round, error));
    for (size_t i = 0; i < rounds->count; i++) {
        job_set(&runner->jobs, i, (enum job_state)rounds->states[i]);
        runner->seconds[i] = rounds->seconds[i];
    }
    if (store && !plan->search)
        TRY(look_at_results(runner, store, summary, fingerprint, error));
    if (summary->current)
        goto out;
    status = runner_work(runner, error);
    summary->trials += round.trials;
    summary->cached += round.cached;
    summary->failed += round.failed;
    if (status == STATUS_OK)
        status = keep(rounds, runner, error);
out:
    return status;
}

/* `store` NULL: nothing is merged. Of a chunk, no search goes on: its results are not all here. */
static enum status run(struct plan *plan, const struct run_options *options, struct store *store,
                       struct run_summary *summary, struct error *error)
{
    enum status status = STATUS_OK;
    struct runner runner = {0};
    struct rounds rounds = {0};
    const struct engine *engine = (const struct engine *)plan->base.train.engine.kind;
    double begin = clock_seconds();
    bool more = true;

    *summary = (struct run_summary){0};
    TRY(engine->start(error));
    while (more) {
        runner_release(&runner);
        TRY(run_round(&runner, plan, options, store, &rounds, summary, error));
        more = false;
        if (options->chunks == 0 && !summary->current)
            TRY(plan_extend(plan, recorded, &runner.jobs, &more, error));
    }
    summary->seconds = clock_seconds() - begin;
    add_lines(&runner.datasets, rounds.datasets.bytes);
    if (store && !summary->current)
        TRY(merge(&runner, store, summary, error));
    summary->seconds = clock_seconds() - begin;
out:
    runner_release(&runner);
    memory_free(rounds.states);
    memory_free(rounds.seconds);
    text_release(&rounds.datasets);
    return status;
}

enum status run_experiment(struct plan *plan, const struct run_options *options,
                           struct store *store, struct run_summary *summary, struct error *error)
{
    memset(store, 0, sizeof *store);
    return run(plan, options, store, summary, error);
}

enum status run_trials(struct plan *plan, const struct run_options *options,
                       struct run_summary *summary, struct error *error)
{
    return run(plan, options, NULL, summary, error);
}
