#include "run/run.h"

#include "base/clock.h"
#include "run/runner.h"
#include "run/search.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Merge: a row for every trial, done or failed. Any run that finds all done may do this, two at
 * once too: each writes a file of its own, and puts it in place whole. */
static enum status begin_store(struct runner *runner, struct store *store, double seconds,
                               struct error *error)
{
    enum status status = STATUS_OK;
    const struct jobs *jobs = &runner->jobs;
    struct arena arena = {0};
    struct text resolved = {0};
    struct store_timing timing = {runner->seconds, seconds, runner->options.threads};
    const char **records;
    char path[JOBS_PATH];

    TRY(arena_new(&arena, &records, runner->plan->trial_count, sizeof *records, error));
    for (size_t i = 0; i < runner->plan->trial_count; i++) {
        job_path(jobs, i, job_state(jobs, i) == JOB_FAILED ? jobs->failures : jobs->trials, ".h5",
                 path);
        TRY(arena_copy(&arena, path, strlen(path), &records[i], error));
    }
    snprintf(path, sizeof path, "%.3800s/%.200s.h5", runner->options.results,
             runner->plan->base.name);
    TRY(plan_resolved(runner->plan, &resolved, error));
    TRY(text_status(&runner->datasets, error));
    TRY(store_begin(store, path, runner->plan, resolved.bytes, records, jobs->keys,
                    runner->datasets.bytes ? runner->datasets.bytes : "", &timing, error));
    TRY(search_store(&store->file, runner->plan, error));
out:
    text_release(&resolved);
    arena_release(&arena);
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
    const struct jobs *jobs = context;
    struct record record = {0};
    struct error damage = {0};
    bool found = false;

    *value = (double)NAN;
    if (job_state(jobs, trial) == JOB_FAILED)
        goto out;
    TRY(job_recall(jobs, trial, &record, &found, &damage, error));
    if (!found)
        TRY(error_set(error, STATUS_DATA, "the record of trial %zu is gone or damaged: %s", trial,
                      damage.message));
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

/* One round: the trials after those of `rounds`, which are as they were. */
static enum status run_round(struct runner *runner, struct plan *plan,
                             const struct run_options *options, struct rounds *rounds,
                             struct run_summary *summary, struct error *error)
{
    enum status status = STATUS_OK;
    struct run_summary round = {0};

    TRY(runner_begin(runner, plan, rounds->count, options, &round, error));
    for (size_t i = 0; i < rounds->count; i++) {
        job_set(&runner->jobs, i, (enum job_state)rounds->states[i]);
        runner->seconds[i] = rounds->seconds[i];
    }
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
        TRY(run_round(&runner, plan, options, &rounds, summary, error));
        more = false;
        /* What a search does next must not hang on a worker that was killed or out of time. */
        summary->held = runner.lost && plan_final_count(plan) > plan->trial_count;
        if (options->chunks == 0 && !summary->held)
            TRY(plan_extend(plan, recorded, &runner.jobs, &more, error));
    }
    summary->seconds = clock_seconds() - begin;
    add_lines(&runner.datasets, rounds.datasets.bytes);
    if (store)
        TRY(begin_store(&runner, store, summary->seconds, error));
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
