#include "run/run.h"

#include "base/clock.h"
#include "run/runner.h"

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

/* All trials, unless the results file is as they would make it. */
static enum status run_and_merge(struct runner *runner, struct store *store, struct error *error)
{
    enum status status = STATUS_OK;
    struct run_summary *summary = runner->summary;
    struct text resolved = {0};
    char fingerprint[HASH_TEXT], path[JOBS_PATH];
    double begin = clock_seconds();

    snprintf(path, sizeof path, "%.3800s/%.200s.h5", runner->options.results,
             runner->plan->base.name);
    TRY(plan_resolved(runner->plan, &resolved, error));
    TRY(store_fingerprint(runner->plan, resolved.bytes, runner->jobs.keys, fingerprint, error));
    TRY(store_is_current(path, runner->jobs.cache.folder, fingerprint, summary->digest,
                         &summary->current, error));
    if (summary->current) {
        summary->cached = summary->trials;
        snprintf(store->path, sizeof store->path, "%s", path);
    } else {
        TRY(runner_work(runner, error));
        TRY(fold(&runner->jobs.cache, error));
    }
    summary->seconds = clock_seconds() - begin;
    if (!summary->current)
        TRY(begin_store(runner, path, resolved.bytes, fingerprint, store, error));
out:
    text_release(&resolved);
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
    if (store)
        TRY(run_and_merge(&runner, store, error));
    else
        TRY(runner_work(&runner, error));
    summary->seconds = clock_seconds() - begin;
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
