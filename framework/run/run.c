#include "run/run.h"

#include "base/clock.h"
#include "run/runner.h"

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
out:
    text_release(&resolved);
    arena_release(&arena);
    return status;
}

/* `store` NULL: nothing is merged. */
static enum status run(struct plan *plan, const struct run_options *options, struct store *store,
                       struct run_summary *summary, struct error *error)
{
    enum status status = STATUS_OK;
    struct runner runner = {0};
    const struct engine *engine = (const struct engine *)plan->base.train.engine.kind;
    double begin = clock_seconds();

    *summary = (struct run_summary){0};
    TRY(engine->start(error));
    TRY(runner_begin(&runner, plan, options, summary, error));
    TRY(runner_work(&runner, error));
    summary->seconds = clock_seconds() - begin;
    if (store)
        TRY(begin_store(&runner, store, summary->seconds, error));
out:
    runner_release(&runner);
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
