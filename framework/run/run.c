#include "run/run.h"

#include "base/clock.h"
#include "base/work.h"
#include "findings/verdict.h"
#include "results/search_results.h"
#include "results/select.h"
#include "run/run_guard.h"
#include "run/run_log.h"
#include "run/run_network.h"
#include "run/runner.h"
#include "run/search_progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static enum status open_record(void *context, size_t trial, struct record *record,
                               struct hdf5 *file, bool *found, struct error *error)
{
    struct jobs *jobs = context;
    const char *key = jobs->keys[trial];
    enum status status =
        cache_get_file(&jobs->cache, TRIAL_EVALUATE, key, record, file, found, error);

    if (status == STATUS_OK && !*found)
        status = cache_get_failure(&jobs->cache, key, record, found, error);
    return status;
}

/* What has become many is put together. */
static enum status fold(struct cache *cache, struct error *error)
{
    PASS(cache_flush(cache, error));
    for (enum trial_step step = TRIAL_TUNE; step < TRIAL_STEPS; step++)
        PASS(cache_pack(cache, step, CACHE_FOLD_LEAST, NULL, error));
    return STATUS_OK;
}

/* What a search's rounds leave to the next: how each trial came out. */
struct rounds {
    size_t count; /* trials */
    uint8_t *states;
    double *seconds;
    struct text datasets;
};

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
    size_t count = runner->plan->trial_count;

    PASS(memory_grow(&rounds->states, rounds->count, count, 1, error));
    PASS(memory_grow(&rounds->seconds, rounds->count, count, sizeof(double), error));
    for (size_t i = rounds->count; i < count; i++) {
        rounds->states[i] = (uint8_t)job_state(&runner->jobs, i);
        rounds->seconds[i] = runner->seconds[i];
    }
    rounds->count = count;
    add_lines(&rounds->datasets, runner->datasets.bytes);
    return text_status(&rounds->datasets, error);
}

/* One round: the trials after those of `rounds`, which are as they were. */
static enum status run_round(struct runner *runner, struct rounds *rounds, struct error *error)
{
    for (size_t i = 0; i < rounds->count; i++) {
        job_set(&runner->jobs, i, (enum job_state)rounds->states[i]);
        runner->seconds[i] = rounds->seconds[i];
    }
    enum status status = runner_work(runner, error);
    if (status == STATUS_OK)
        status = keep(rounds, runner, error);
    return status;
}

static void add_up(struct run_summary *summary, const struct run_summary *round)
{
    summary->trials += round->trials;
    summary->cached += round->cached;
    summary->failed += round->failed;
    for (int s = 0; s < TRIAL_STEPS; s++) {
        summary->computed[s] += round->computed[s];
        summary->recalled[s] += round->recalled[s];
    }
}

/* The results file, and what tells whether it is as this plan would make it. */
struct target {
    struct store *store; /* NULL: nothing is merged */
    char path[PATH_ROOM], fingerprint[HASH_TEXT];
    struct text resolved;
    size_t trials; /* of the plan when this was made; a search may end before it is as long as it
                      could be */
};

static enum status aim(struct target *target, const struct runner *runner,
                       struct run_summary *summary, struct error *error)
{
    path_print(target->path, "%s/%s.h5", runner->options.results, runner->plan->base.name);
    target->trials = runner->plan->trial_count;
    text_clear(&target->resolved);
    PASS(plan_resolved(runner->plan, &target->resolved, error));
    PASS(store_fingerprint(runner->plan, target->resolved.bytes, runner->jobs.keys,
                           target->fingerprint, error));
    PASS(store_is_current(target->path, runner->jobs.cache.folder, target->fingerprint,
                          summary->digest, &summary->current, error));
    if (summary->current)
        path_print(target->store->path, "%s", target->path);
    return STATUS_OK;
}

/* Round after round, of which a plan without a search has one; none where the results file is there
 * already. Of a chunk, no search goes on: its results are not all here. */
static enum status run_rounds(struct runner *runner, struct plan *plan,
                              const struct run_options *options, struct target *target,
                              struct rounds *rounds, struct run_summary *summary,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct run_summary round = {0};
    bool more = true;

    while (more) {
        runner_release(runner);
        TRY(runner_begin(runner, plan, rounds->count, options, &round, error));
        if (target->store && plan_final_count(plan) == plan->trial_count)
            TRY(aim(target, runner, summary, error));
        if (summary->current) {
            round.cached = round.trials;
            runner_sweep(runner);
        } else {
            status = run_round(runner, rounds, error);
        }
        add_up(summary, &round);
        summary->left = summary->current ? 0 : jobs_in(&runner->jobs, JOB_TODO);
        if (status != STATUS_OK || summary->current || summary->left)
            goto out;
        more = false;
        /* What a search does next must not hang on a worker that was killed or out of time. */
        summary->held = runner->failed_externally && plan_final_count(plan) > plan->trial_count;
        if (options->chunks == 0 && !summary->held)
            TRY(plan_extend(plan, search_recorded, &runner->jobs, &more, error));
    }
    add_lines(&runner->datasets, rounds->datasets.bytes);
    if (target->store && target->trials != plan->trial_count)
        TRY(aim(target, runner, summary, error));
out:
    return status;
}

/* Merge: a row for every trial, done or failed. Any run that finds all done may do this, two at
 * once too: each writes a file of its own, and puts it in place whole. */
static enum status begin_store(struct runner *runner, const struct target *target,
                               struct error *error)
{
    struct store_timing timing = {runner->seconds, runner->summary->seconds,
                                  runner->options.threads};
    struct store_source source = {.open = open_record,
                                  .context = &runner->jobs,
                                  .fingerprint =
                                      runner->summary->failed ? NULL : target->fingerprint,
                                  .cache = runner->jobs.cache.folder};

    work_step("writing results");
    /* Trials of earlier runs, and of other machines, took time, too. */
    PASS(run_log_seconds(runner->folder, runner->jobs.keys, runner->plan->trial_count,
                         runner->seconds, error));
    PASS(text_status(&runner->datasets, error));
    PASS(store_begin(target->store, target->path, runner->plan, target->resolved.bytes, &source,
                     runner->datasets.bytes ? runner->datasets.bytes : "", &timing, error));
    PASS(search_store(&target->store->file, runner->plan, error));
    PASS(hdf5_write_text(&target->store->file, "/environment/experiment_file", runner->plan->path,
                         error));
    PASS(report_select(&target->store->file, &runner->plan->base, error));
    if (runner->options.compute)
        return STATUS_OK;
    PASS(run_store_network(runner, target->store, error));
    PASS(run_store_guard(runner, target->store, error));
    return verdict_store(&target->store->file, &runner->plan->base, error);
}

static enum status run(struct plan *plan, const struct run_options *options, struct store *store,
                       struct run_summary *summary, struct error *error)
{
    enum status status = STATUS_OK;
    struct runner runner = {0};
    struct rounds rounds = {0};
    struct target target = {.store = store};
    const struct engine *engine = engine_of(plan->base.train.engine.kind);
    double begin = clock_seconds();

    *summary = (struct run_summary){0};
    TRY(engine->start(error));
    TRY(run_rounds(&runner, plan, options, &target, &rounds, summary, error));
    store = summary->left ? NULL : store;
    if (store && !summary->current)
        TRY(fold(&runner.jobs.cache, error));
    summary->seconds = clock_seconds() - begin;
    runner.summary = summary;
    if (store && !summary->current)
        TRY(begin_store(&runner, &target, error));
out:
    work_step(NULL);
    runner_release(&runner);
    memory_free(rounds.states);
    memory_free(rounds.seconds);
    text_release(&rounds.datasets);
    text_release(&target.resolved);
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
