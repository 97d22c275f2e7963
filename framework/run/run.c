#include "run/run.h"

#include "base/clock.h"
#include "base/folder.h"
#include "base/interrupt.h"
#include "run/inputs.h"
#include "run/speed.h"
#include "run/stages.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PATH = 4096 };

struct runner {
    struct plan *plan;
    const struct run_options *options;
    struct cache cache;
    struct stages stages;
    struct inputs inputs;
    struct dataset_cache data;
    struct prepared prepared;
    struct arena lent;    /* of the trial that `prepared` was made for: its stages are borrowed */
    size_t prepared_for;  /* that trial */
    struct arena arena;   /* the keys below */
    const char **keys;    /* [trials], of TRIAL_EVALUATE */
    double *seconds;      /* [trials] */
    struct speeds speeds; /* of this run's networks */
    struct text datasets; /* "name sha256" lines, each once */
    struct run_summary *summary;
    struct run_event event; /* of the trial that runs now */
};

static void tell(struct runner *runner)
{
    if (runner->options->event)
        runner->options->event(runner->options->context, runner->plan, &runner->event);
}

static void on_progress(void *context, double share)
{
    struct runner *runner = context;
    runner->event.share = share;
    tell(runner);
}

static void on_resumed(void *context, int64_t step, const struct error *damage)
{
    struct runner *runner = context;
    runner->event.resumed = step;
    runner->event.lost = damage;
    tell(runner);
    runner->event.resumed = 0;
    runner->event.lost = NULL;
}

/* Told to whoever computes, too, before there is a trial. */
static void on_damaged(void *context, const struct error *damage)
{
    struct runner *runner = context;
    runner->event.damaged = damage;
    runner->event.total = runner->plan->trial_count;
    tell(runner);
    runner->event.damaged = NULL;
}

static double value_of(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->value_count; i++)
        if (strcmp(record->values[i].name, name) == 0)
            return record->values[i].real;
    return NAN;
}

static double score_of(const struct record *record, const char *who, const char *metric)
{
    char name[64];
    snprintf(name, sizeof name, "%s.test.%s", who, metric);
    return value_of(record, name);
}

/* Remember the data read, for the provenance: once a data set. Generated ones have no digest. */
static void note_dataset(struct runner *runner, const struct trial *trial,
                         const struct record *record)
{
    char line[256];
    const char *digest = "";

    for (size_t i = 0; i < record->value_count; i++)
        if (strcmp(record->values[i].name, "dataset.sha256") == 0)
            digest = record->values[i].text;
    if (!digest[0])
        return;
    snprintf(line, sizeof line, "%s %s\n", trial->experiment.dataset.source.kind->name, digest);
    if (!runner->datasets.bytes || !strstr(runner->datasets.bytes, line))
        text_append(&runner->datasets, "%s", line);
}

/* A trial that failed by itself leaves a row; what the user has to mend, or the machine, ends the
 * run. */
static bool is_trial_failure(enum status status)
{
    return status == STATUS_DIVERGED || status == STATUS_MEMORY;
}

static enum status record_failure(struct runner *runner, const char *key,
                                  const struct error *failure, struct error *error)
{
    enum status status = STATUS_OK;
    struct record record = {0};
    struct text text = {0};

    text_append(&text, "failed: %s", failure->message);
    TRY(text_status(&text, error));
    TRY(record_text(&record, "status", text.bytes, error));
    TRY(cache_put_failure(&runner->cache, key, &record, error));
out:
    text_release(&text);
    record_release(&record);
    return status;
}

static enum status compute(struct runner *runner, const struct trial *trial, struct record *record,
                           struct error *error)
{
    enum status status = STATUS_OK;
    struct checkpoint checkpoint = {.interval = runner->options->checkpoint};
    struct prepare_options prepare_options = {runner->options->data, runner->options->threads,
                                              &runner->stages};
    struct trial_options trial_options = {
        .threads = runner->options->threads,
        .progress = on_progress,
        .resumed = on_resumed,
        .speeds = runner->options->speeds ? &runner->speeds : NULL,
        .checkpoint = runner->options->checkpoint < 0 ? NULL : &checkpoint,
        .stages = &runner->stages,
        .context = runner,
    };

    if (strcmp(runner->prepared.key, trial->keys[TRIAL_LABEL]) != 0)
        runner->prepared_for = trial->index;
    TRY(prepare(&runner->prepared, trial, &runner->data, &prepare_options, error));
    TRY(record_text(record, "status", "done", error));
    TRY(trial_run(trial, runner->plan, &runner->prepared, &trial_options, record, error));
    TRY(record_text(record, "pipeline.chosen", runner->prepared.chosen.bytes, error));
    TRY(record_text(record, "dataset.sha256", runner->prepared.dataset_sha256, error));
out:
    return status;
}

/* Compute the trial and keep its record. One that failed gets a record that says so, beside where
 * its own would be. */
static enum status make_record(struct runner *runner, const struct trial *trial,
                               struct record *record, struct error *failure, struct error *error)
{
    enum status status = STATUS_OK;
    const char *key = runner->keys[trial->index];
    double begin = clock_seconds();

    status = compute(runner, trial, record, failure);
    if (status != STATUS_OK && !is_trial_failure(status)) {
        *error = *failure;
        return status;
    }
    if (status == STATUS_OK) {
        TRY(stage_keep(&runner->stages, TRIAL_EVALUATE, key, record, error));
    } else {
        runner->event.failure = failure;
        runner->summary->failed++;
        TRY(record_failure(runner, key, failure, error));
    }
    runner->seconds[trial->index] = runner->event.seconds = clock_seconds() - begin;
out:
    return status;
}

static enum status run_trial(struct runner *runner, const struct trial *trial, struct error *error)
{
    enum status status = STATUS_OK;
    struct record record = {0};
    struct error failure = {0};
    struct run_event *event = &runner->event;
    const char *key = runner->keys[trial->index];

    *event = (struct run_event){.index = trial->index,
                                .done = event->done,
                                .total = runner->plan->trial_count,
                                .trial = trial,
                                .metric = metric_names[experiment_metric(&trial->experiment)]};
    TRY(stage_recall(&runner->stages, TRIAL_EVALUATE, key, &record, &event->cached, error));
    if (event->cached)
        runner->summary->cached++;
    else
        TRY(make_record(runner, trial, &record, &failure, error));
    note_dataset(runner, trial, &record);
    event->finished = true;
    event->share = 1;
    event->done++;
    event->degraded = score_of(&record, "degraded", event->metric);
    event->pipeline = score_of(&record, "pipeline", event->metric);
    event->network = score_of(&record, "network", event->metric);
    event->speed = value_of(&record, "timing.training.images_per_second");
    tell(runner);
out:
    record_release(&record);
    return status;
}

/*
 * Order of running: replicate by replicate, since the trials of one share data and labels, which
 * are kept from one trial to the next. Rows stay in plan order.
 */
static size_t trial_at(const struct plan *plan, size_t position)
{
    size_t replicates = (size_t)plan->base.replicates;
    size_t points = plan->trial_count / replicates;
    return position % points * replicates + position / points;
}

static enum status name_trials(struct runner *runner, struct error *error)
{
    enum status status = STATUS_OK;
    struct prepare_options options = {runner->options->data, runner->options->threads, NULL};
    struct arena arena = {0};
    char digest[HASH_TEXT], key[HASH_TEXT];

    for (size_t i = 0; i < runner->plan->trial_count; i++) {
        struct trial trial;
        TRY(plan_trial(runner->plan, i, &arena, &trial, error));
        TRY(inputs_digest(&runner->inputs, &trial, runner->cache.folder, &runner->data, &options,
                          digest, error));
        TRY(stage_key(&trial, TRIAL_EVALUATE, digest, key, error));
        TRY(arena_copy(&runner->arena, key, HASH_TEXT - 1, &runner->keys[i], error));
        arena_release(&arena);
    }
out:
    arena_release(&arena);
    return status;
}

static enum status run_all(struct runner *runner, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};

    for (size_t position = 0; position < runner->plan->trial_count; position++) {
        struct trial trial;
        TRY(interrupt_check(error));
        TRY(plan_trial(runner->plan, trial_at(runner->plan, position), &arena, &trial, error));
        status = run_trial(runner, &trial, error);
        if (status != STATUS_OK) {
            if (status != STATUS_INTERRUPTED)
                error_context(error, "trial %zu", trial.index);
            goto out;
        }
        if (runner->prepared_for == trial.index) { /* kept as long as what was made from it */
            arena_release(&runner->lent);
            runner->lent = arena;
            arena = (struct arena){0};
        }
        arena_release(&arena);
    }
out:
    arena_release(&arena);
    return status;
}

static enum status open_record(void *context, size_t trial, struct hdf5 *file, bool *found,
                               struct error *error)
{
    struct runner *runner = context;
    const char *key = runner->keys[trial];
    enum status status = cache_get_file(&runner->cache, TRIAL_EVALUATE, key, file, found, error);

    if (status == STATUS_OK && !*found)
        status = cache_get_failure(&runner->cache, key, file, found, error);
    return status;
}

static enum status begin_store(struct runner *runner, const char *path, const char *resolved,
                               const char *fingerprint, struct store *store, struct error *error)
{
    enum status status = STATUS_OK;
    struct store_timing timing = {runner->seconds, runner->summary->seconds,
                                  runner->options->threads};
    struct store_source source = {.open = open_record,
                                  .context = runner,
                                  .fingerprint = runner->summary->failed ? NULL : fingerprint,
                                  .cache = runner->cache.folder};

    TRY(text_status(&runner->datasets, error));
    TRY(store_begin(store, path, runner->plan, resolved, &source,
                    runner->datasets.bytes ? runner->datasets.bytes : "", &timing, error));
out:
    return status;
}

/* What has become many is put together. */
static enum status fold(struct runner *runner, struct error *error)
{
    enum status status = STATUS_OK;

    for (enum trial_stage stage = TRIAL_TUNE; stage < TRIAL_STAGES; stage++)
        TRY(cache_fold(&runner->cache, stage, CACHE_FOLD_LEAST, NULL, error));
out:
    return status;
}

/* All trials, unless the results file at `path` is as they would make it. */
static enum status run(struct runner *runner, const char *path, struct store *store,
                       struct error *error)
{
    enum status status = STATUS_OK;
    struct run_summary *summary = runner->summary;
    struct text resolved = {0};
    char fingerprint[HASH_TEXT];
    double begin = clock_seconds();

    TRY(plan_resolved(runner->plan, &resolved, error));
    TRY(name_trials(runner, error));
    TRY(store_fingerprint(runner->plan, resolved.bytes, runner->keys, fingerprint, error));
    TRY(store_is_current(path, runner->cache.folder, fingerprint, summary->digest,
                         &summary->current, error));
    if (summary->current) {
        summary->cached = summary->trials;
        snprintf(store->path, sizeof store->path, "%s", path);
    } else {
        TRY(run_all(runner, error));
        TRY(fold(runner, error));
    }
    summary->seconds = clock_seconds() - begin;
    if (!summary->current)
        TRY(begin_store(runner, path, resolved.bytes, fingerprint, store, error));
out:
    memcpy(summary->computed, runner->stages.computed, sizeof summary->computed);
    memcpy(summary->recalled, runner->stages.recalled, sizeof summary->recalled);
    text_release(&resolved);
    return status;
}

enum status run_experiment(struct plan *plan, const struct run_options *options,
                           struct store *store, struct run_summary *summary, struct error *error)
{
    enum status status = STATUS_OK;
    struct runner runner = {
        .plan = plan, .options = options, .summary = summary, .prepared_for = SIZE_MAX};
    const struct engine *engine = (const struct engine *)plan->base.train.engine.kind;
    char path[PATH];

    *summary = (struct run_summary){.trials = plan->trial_count};
    memset(store, 0, sizeof *store);
    TRY(engine->start(error));
    TRY(folder_make(options->results, error));
    TRY(cache_open(&runner.cache, options->results, error));
    runner.cache.damaged = on_damaged;
    runner.cache.context = &runner;
    runner.stages.cache = &runner.cache;
    TRY(arena_new(&runner.arena, &runner.keys, plan->trial_count, sizeof(char *), error));
    TRY(memory_new(&runner.seconds, plan->trial_count, sizeof(double), error));
    snprintf(path, sizeof path, "%s/%s.h5", options->results, plan->base.name);
    TRY(run(&runner, path, store, error));
out:
    prepared_release(&runner.prepared);
    arena_release(&runner.lent);
    dataset_cache_release(&runner.data);
    inputs_release(&runner.inputs);
    text_release(&runner.datasets);
    memory_free(runner.seconds);
    speeds_release(&runner.speeds);
    cache_close(&runner.cache);
    arena_release(&runner.arena);
    return status;
}
