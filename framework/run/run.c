#include "run/run.h"

#include "base/clock.h"
#include "base/folder.h"
#include "base/interrupt.h"
#include "run/search.h"
#include "run/speed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH = 4096 };

struct runner {
    struct plan *plan;
    size_t first; /* trial of the round that runs now: 0 unless a search goes on */
    const struct run_options *options;
    struct dataset_cache cache;
    struct prepared prepared;
    struct arena lent;   /* of the trial that `prepared` was made for: its stages are borrowed */
    size_t prepared_for; /* that trial */
    struct arena arena;  /* the paths and keys below */
    const char **records, **keys; /* [trials] */
    double *seconds;              /* [trials] */
    struct speeds speeds;         /* of this run's networks */
    struct text datasets;         /* "name sha256" lines, each once */
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

static enum status record_failure(const char *key, const char *path, const struct error *failure,
                                  struct error *error)
{
    enum status status = STATUS_OK;
    struct record record = {0};
    struct text text = {0};

    text_append(&text, "failed: %s", failure->message);
    TRY(text_status(&text, error));
    TRY(record_text(&record, "status", text.bytes, error));
    TRY(record_write(&record, path, key, error));
out:
    text_release(&text);
    record_release(&record);
    return status;
}

static enum status compute(struct runner *runner, const struct trial *trial,
                           struct checkpoint *checkpoint, struct record *record,
                           struct error *error)
{
    enum status status = STATUS_OK;
    struct prepare_options prepare_options = {runner->options->data, runner->options->threads};
    struct trial_options trial_options = {
        .threads = runner->options->threads,
        .progress = on_progress,
        .resumed = on_resumed,
        .speeds = runner->options->speeds ? &runner->speeds : NULL,
        .checkpoint = runner->options->checkpoint < 0 ? NULL : checkpoint,
        .context = runner,
    };

    if (strcmp(runner->prepared.key, trial->keys[TRIAL_LABEL]) != 0)
        runner->prepared_for = trial->index;
    TRY(prepare(&runner->prepared, trial, &runner->cache, &prepare_options, error));
    TRY(record_text(record, "status", "done", error));
    TRY(trial_run(trial, runner->plan, &runner->prepared, &trial_options, record, error));
    TRY(record_text(record, "pipeline.chosen", runner->prepared.chosen.bytes, error));
    TRY(record_text(record, "dataset.sha256", runner->prepared.dataset_sha256, error));
out:
    return status;
}

/* The record of an earlier run, if there is one. A damaged one is as good as none, and said. */
static enum status recall(const char *path, const char *key, struct record *record, bool *found,
                          struct error *damage, struct error *error)
{
    *found = false;
    if (access(path, F_OK) != 0)
        return STATUS_OK;
    enum status status = record_read(record, path, key, damage);
    *found = status == STATUS_OK;
    if (status != STATUS_OK)
        record_release(record);
    if (status == STATUS_MEMORY) {
        *error = *damage;
        return status;
    }
    return STATUS_OK;
}

/* Compute the trial and write its record. One that failed gets a record that says so, beside where
 * its own would be; its checkpoint stays where more memory would help. */
static enum status make_record(struct runner *runner, const struct trial *trial,
                               struct record *record, struct error *failure, struct error *error)
{
    enum status status = STATUS_OK;
    const char *path = runner->records[trial->index], *key = runner->keys[trial->index];
    char checkpoint_path[PATH], *failed;
    struct checkpoint checkpoint = {checkpoint_path, key, runner->options->checkpoint, 0};
    double begin = clock_seconds();

    snprintf(checkpoint_path, sizeof checkpoint_path, "%s/cache/trials/%s.checkpoint",
             runner->options->results, key);
    status = compute(runner, trial, &checkpoint, record, failure);
    if (status != STATUS_OK && !is_trial_failure(status)) {
        *error = *failure;
        return status;
    }
    bool keep = status == STATUS_MEMORY;
    if (status == STATUS_OK) {
        TRY(record_write(record, path, key, error));
    } else {
        runner->event.failure = failure;
        runner->summary->failed++;
        TRY(arena_new(&runner->arena, &failed, strlen(path) + 8, 1, error));
        sprintf(failed, "%s.failed", path);
        runner->records[trial->index] = failed;
        TRY(record_failure(key, failed, failure, error));
    }
    if (!keep)
        checkpoint_remove(&checkpoint);
    runner->seconds[trial->index] = runner->event.seconds = clock_seconds() - begin;
out:
    return status;
}

static enum status run_trial(struct runner *runner, const struct trial *trial, struct error *error)
{
    enum status status = STATUS_OK;
    struct record record = {0};
    struct error failure = {0}, damage = {0};
    struct run_event *event = &runner->event;
    const char *path = runner->records[trial->index], *key = runner->keys[trial->index];

    *event = (struct run_event){.index = trial->index,
                                .done = event->done,
                                .total = plan_final_count(runner->plan),
                                .trial = trial,
                                .metric = metric_names[experiment_metric(&trial->experiment)]};
    TRY(recall(path, key, &record, &event->cached, &damage, error));
    event->damaged = damage.code == STATUS_OK ? NULL : &damage;
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
static size_t trial_at(const struct plan *plan, size_t first, size_t position)
{
    size_t replicates = (size_t)plan->base.replicates;
    size_t points = (plan->trial_count - first) / replicates;
    return first + position % points * replicates + position / points;
}

/*
 * What a trial's record is known by: the plan's key, which is made without a look at any file, and
 * the digest of the data that the trial reads. Other images are another trial.
 */
static enum status record_key(struct runner *runner, const struct trial *trial, char key[HASH_TEXT],
                              struct error *error)
{
    enum status status = STATUS_OK;
    const struct dataset *dataset = (const struct dataset *)trial->experiment.dataset.source.kind;
    struct prepare_options options = {runner->options->data, runner->options->threads};
    struct hash hash = {0};

    memcpy(key, trial->keys[TRIAL_EVALUATE], HASH_TEXT);
    if (dataset->generated)
        return STATUS_OK;
    TRY(prepare_data(trial, &runner->cache, &options, error));
    TRY(hash_begin(&hash, error));
    TRY(hash_text(&hash, trial->keys[TRIAL_EVALUATE], error));
    TRY(hash_text(&hash, runner->cache.content.sha256, error));
    TRY(hash_end(&hash, key, error));
out:
    hash_release(&hash);
    return status;
}

static enum status name_records(struct runner *runner, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    char path[PATH], key[HASH_TEXT];

    for (size_t i = runner->first; i < runner->plan->trial_count; i++) {
        struct trial trial;
        TRY(plan_trial(runner->plan, i, &arena, &trial, error));
        TRY(record_key(runner, &trial, key, error));
        snprintf(path, sizeof path, "%s/cache/trials/%s.h5", runner->options->results, key);
        TRY(arena_copy(&runner->arena, path, strlen(path), &runner->records[i], error));
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

    for (size_t position = 0; position < runner->plan->trial_count - runner->first; position++) {
        struct trial trial;
        size_t index = trial_at(runner->plan, runner->first, position);
        TRY(interrupt_check(error));
        TRY(plan_trial(runner->plan, index, &arena, &trial, error));
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

static enum status begin_store(struct runner *runner, struct store *store, double seconds,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct text resolved = {0};
    struct store_timing timing = {runner->seconds, seconds, runner->options->threads};
    char path[PATH];

    snprintf(path, sizeof path, "%s/%s.h5", runner->options->results, runner->plan->base.name);
    TRY(plan_resolved(runner->plan, &resolved, error));
    TRY(text_status(&runner->datasets, error));
    TRY(store_begin(store, path, runner->plan, resolved.bytes, runner->records, runner->keys,
                    runner->datasets.bytes ? runner->datasets.bytes : "", &timing, error));
    TRY(search_store(&store->file, runner->plan, error));
out:
    text_release(&resolved);
    return status;
}

/* A value of a record that was written; NaN in a trial that failed. */
static enum status recorded(void *context, size_t trial, const char *column, double *value,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct runner *runner = context;
    struct record record = {0};

    *value = (double)NAN;
    TRY(record_read(&record, runner->records[trial], runner->keys[trial], error));
    for (size_t i = 0; i < record.value_count; i++)
        if (strcmp(record.values[i].name, column) == 0)
            *value = record.values[i].type == RECORD_INTEGER ? (double)record.values[i].integer
                                                             : record.values[i].real;
out:
    record_release(&record);
    return status;
}

/* Room for what is known of each trial of the plan; it grows with a search. */
static enum status make_room(struct runner *runner, struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = runner->plan->trial_count;
    const char **records, **keys;

    TRY(arena_new(&runner->arena, &records, count, sizeof(char *), error));
    TRY(arena_new(&runner->arena, &keys, count, sizeof(char *), error));
    TRY(memory_grow(&runner->seconds, runner->first, count, sizeof(double), error));
    if (runner->first) {
        memcpy(records, runner->records, runner->first * sizeof *records);
        memcpy(keys, runner->keys, runner->first * sizeof *keys);
    }
    runner->records = records;
    runner->keys = keys;
    runner->summary->trials = count;
out:
    return status;
}

/* All trials; of a search, round by round. */
static enum status run_rounds(struct runner *runner, struct error *error)
{
    enum status status = STATUS_OK;
    bool more = true;

    while (more) {
        TRY(make_room(runner, error));
        TRY(name_records(runner, error));
        TRY(run_all(runner, error));
        runner->first = runner->plan->trial_count;
        TRY(plan_extend(runner->plan, recorded, runner, &more, error));
    }
out:
    return status;
}

enum status run_experiment(struct plan *plan, const struct run_options *options,
                           struct store *store, struct run_summary *summary, struct error *error)
{
    enum status status = STATUS_OK;
    struct runner runner = {
        .plan = plan, .options = options, .summary = summary, .prepared_for = SIZE_MAX};
    const struct engine *engine = (const struct engine *)plan->base.train.engine.kind;
    double begin = clock_seconds();
    char path[PATH];

    *summary = (struct run_summary){0};
    memset(store, 0, sizeof *store);
    TRY(engine->start(error));
    snprintf(path, sizeof path, "%s/cache/trials", options->results);
    TRY(folder_make(path, error));
    TRY(run_rounds(&runner, error));
    summary->seconds = clock_seconds() - begin;
    TRY(begin_store(&runner, store, summary->seconds, error));
out:
    prepared_release(&runner.prepared);
    arena_release(&runner.lent);
    dataset_cache_release(&runner.cache);
    text_release(&runner.datasets);
    memory_free(runner.seconds);
    speeds_release(&runner.speeds);
    arena_release(&runner.arena);
    return status;
}
