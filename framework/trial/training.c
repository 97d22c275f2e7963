/*
 * The training of one trial: the training loop with its curves, checkpoints and clock.
 */
#include "trial/training.h"

#include "base/clock.h"
#include "trial/trial_network.h"

#include <stdio.h>
#include <string.h>

/* What the training loop reports to. */
struct watcher {
    const struct trial *trial;
    const struct splits *splits;
    const struct trial_options *options;
    bool fine_tunes; /* and does not score epochs */
    int64_t epochs;
    double *loss, *score; /* [epochs] */
    double stopping;      /* score of the last epoch, for early stopping */
    double *seconds;      /* [epochs]: of training, at each epoch's end */
    double spent, since;  /* seconds of training up to the time `since` */
};

/*
 * Time of training is that of steps: an epoch's evaluation and the writing of checkpoints are left
 * out. It is part of a checkpoint, so that a training that goes on adds up; what was done after the
 * last checkpoint, and is done again, counts once.
 */
static double spend(struct watcher *watcher)
{
    double now = clock_seconds();

    watcher->spent += now - watcher->since;
    watcher->since = now;
    return watcher->spent;
}

static enum status score_epoch(struct watcher *watcher, int64_t epoch, const float *parameters,
                               const float *statistics, struct error *error)
{
    enum status status = STATUS_OK;
    const struct experiment *experiment = &watcher->trial->experiment;
    const struct splits *splits = watcher->splits;
    enum metric metric = experiment_metric(experiment);
    int threads = watcher->options->threads;
    struct image_set outputs = {0};
    bool absent = truth_is_absent(&splits->truth[SPLIT_VALIDATION]);
    bool agreement = experiment->train.early_stopping.patience > 0 &&
                     experiment->train.early_stopping.labels == STOPPING_PIPELINE;
    struct scores scores;

    TRY(trial_apply(watcher->trial, splits, &splits->items[SPLIT_VALIDATION], parameters,
                    statistics, threads, &outputs, error));
    if (!absent) {
        TRY(splits_score(splits, SPLIT_VALIDATION, &outputs, threads, &scores, NULL, error));
        watcher->score[epoch - 1] = watcher->stopping = metrics_value(&scores, metric);
    }
    if (absent || agreement) {
        TRY(splits_agreement(splits, SPLIT_VALIDATION, &outputs, threads, &scores, error));
        watcher->stopping = metrics_value(&scores, metric);
        if (absent) /* then the curve is of that */
            watcher->score[epoch - 1] = watcher->stopping;
    }
out:
    image_set_release(&outputs);
    return status;
}

static enum status after_epoch(void *context, int64_t epoch, int64_t epochs, double loss,
                               const float *parameters, const float *statistics,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct watcher *watcher = context;

    (void)epochs;
    watcher->loss[epoch - 1] = loss;
    watcher->seconds[epoch - 1] = spend(watcher);
    if (!watcher->fine_tunes && watcher->splits->items[SPLIT_VALIDATION].input.count)
        TRY(score_epoch(watcher, epoch, parameters, statistics, error));
out:
    watcher->since = clock_seconds();
    return status;
}

static double stopping_score(void *context)
{
    const struct watcher *watcher = context;
    return metric_goodness(experiment_metric(&watcher->trial->experiment), watcher->stopping);
}

static bool save_due(void *context)
{
    const struct watcher *watcher = context;
    return checkpoint_due(watcher->options->checkpoint);
}

/* The training's state, and the curves so far. */
static size_t all_parts(struct watcher *watcher, const struct train_part *parts, size_t count,
                        struct train_part all[TRAIN_MOST_PARTS])
{
    size_t size = (size_t)watcher->epochs * sizeof(double);

    memcpy(all, parts, count * sizeof *parts);
    all[count++] = (struct train_part){watcher->loss, size};
    all[count++] = (struct train_part){watcher->score, size};
    all[count++] = (struct train_part){watcher->seconds, size};
    all[count++] = (struct train_part){&watcher->spent, sizeof watcher->spent};
    return count;
}

static enum status save(void *context, int64_t step, const struct train_part *parts, size_t count,
                        struct error *error)
{
    struct watcher *watcher = context;
    struct train_part all[TRAIN_MOST_PARTS];

    spend(watcher);
    count = all_parts(watcher, parts, count, all);
    enum status status = checkpoint_save(watcher->options->checkpoint, step, all, count, error);
    watcher->since = clock_seconds();
    return status;
}

/* A damaged checkpoint is reported and ignored. */
static enum status load(void *context, int64_t *step, const struct train_part *parts, size_t count,
                        struct error *error)
{
    struct watcher *watcher = context;
    const struct trial_options *options = watcher->options;
    struct train_part all[TRAIN_MOST_PARTS];
    struct error damage = {0};

    count = all_parts(watcher, parts, count, all);
    enum status status = checkpoint_load(options->checkpoint, step, all, count, &damage);
    if (status != STATUS_OK && status != STATUS_DATA) {
        *error = damage;
        return status;
    }
    if (options->resumed && (*step || status == STATUS_DATA))
        options->resumed(options->context, *step, status == STATUS_DATA ? &damage : NULL);
    watcher->since = clock_seconds();
    return STATUS_OK;
}

static enum status record_times(const struct watcher *watcher, const struct train_outcome *outcome,
                                struct record *record, struct error *error)
{
    struct hdf5_array array = {.type = HDF5_FLOAT64,
                               .rank = 1,
                               .dims = {(size_t)outcome->epochs},
                               .values = watcher->seconds};

    PASS(record_real(record, "timing.training.seconds", watcher->spent, error));
    PASS(record_real(record, "timing.training.images_per_second", outcome->items / watcher->spent,
                     error));
    PASS(record_integer(record, "timing.training.threads", watcher->options->threads, error));
    return record_array(record, "timing/curves/train.seconds", &array, error);
}

static enum status record_training(const struct watcher *watcher,
                                   const struct train_outcome *outcome, struct record *record,
                                   struct error *error)
{
    const struct experiment *experiment = &watcher->trial->experiment;
    struct hdf5_array array = {.type = HDF5_FLOAT64,
                               .rank = 1,
                               .dims = {(size_t)outcome->epochs},
                               .values = watcher->loss};
    char path[64];

    if (experiment->train.early_stopping.patience > 0) {
        PASS(record_integer(record, "train.epochs_run", outcome->epochs, error));
        PASS(record_integer(record, "train.best_epoch", outcome->kept, error));
    }
    PASS(record_array(record, "curves/train.loss", &array, error));
    if (watcher->splits->items[SPLIT_VALIDATION].input.count) {
        array.values = watcher->score;
        bool absent = truth_is_absent(&watcher->splits->truth[SPLIT_VALIDATION]);
        snprintf(path, sizeof path, "curves/validation.%s%s", absent ? "agreement." : "",
                 metric_names[experiment_metric(experiment)]);
        PASS(record_array(record, path, &array, error));
    }
    return record_times(watcher, outcome, record, error);
}

static enum status watcher_begin(struct watcher *watcher, struct error *error)
{
    PASS(memory_new(&watcher->loss, (size_t)watcher->epochs, sizeof(double), error));
    PASS(memory_new(&watcher->score, (size_t)watcher->epochs, sizeof(double), error));
    PASS(memory_new(&watcher->seconds, (size_t)watcher->epochs, sizeof(double), error));
    watcher->since = clock_seconds();
    return STATUS_OK;
}

static void watcher_end(struct watcher *watcher)
{
    memory_free(watcher->loss);
    memory_free(watcher->score);
    memory_free(watcher->seconds);
}

static struct train_sink sink_of(struct watcher *watcher, struct train_outcome *outcome)
{
    bool kept = watcher->options->checkpoint != NULL;

    return (struct train_sink){.epoch = after_epoch,
                               .context = watcher,
                               .score = stopping_score,
                               .due = save_due,
                               .save = kept ? save : NULL,
                               .load = kept ? load : NULL,
                               .outcome = outcome};
}

enum status training_run(const struct trial *trial, const struct splits *splits,
                         const struct network *network, const struct training_set *items,
                         const uint8_t *reasons, const struct trial_options *options,
                         struct trained *trained, struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    const struct train_settings *settings = &trial->experiment.train;
    struct train_items train_items = training_set_train(items, reasons);
    struct watcher watcher = {
        .trial = trial, .splits = splits, .options = options, .epochs = settings->epochs};
    struct train_outcome outcome;
    struct train_sink sink = sink_of(&watcher, &outcome);

    TRY(watcher_begin(&watcher, error));
    TRY(memory_new(&trained->parameters, network->parameters, sizeof(float), error));
    TRY(memory_new(&trained->statistics, network->statistics, sizeof(float), error));
    TRY(train_network(network, settings, &train_items, trial_random_key(trial), options->threads,
                      &sink, trained->parameters, trained->statistics, error));
    TRY(record_training(&watcher, &outcome, record, error));
out:
    watcher_end(&watcher);
    return status;
}

static enum status record_fine_tuning(const struct watcher *watcher, struct record *record,
                                      struct error *error)
{
    struct hdf5_array array = {.type = HDF5_FLOAT64,
                               .rank = 1,
                               .dims = {(size_t)watcher->epochs},
                               .values = watcher->loss};

    PASS(record_array(record, "curves/fine_tune.loss", &array, error));
    return record_real(record, "timing.fine_tune.seconds", watcher->spent, error);
}

enum status training_fine_tune(const struct trial *trial, const struct splits *splits,
                               const struct network *network, const struct training_set *items,
                               const uint8_t *reasons, const struct trial_options *options,
                               struct trained *trained, struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    const struct train_settings *settings = &trial->experiment.train;
    struct train_items train_items = training_set_train(items, reasons);
    struct watcher watcher = {.trial = trial,
                              .splits = splits,
                              .options = options,
                              .fine_tunes = true,
                              .epochs = settings->quantize.epochs};
    struct train_outcome outcome;
    struct train_sink sink = sink_of(&watcher, &outcome);

    TRY(watcher_begin(&watcher, error));
    TRY(train_fine_tune(network, settings, &train_items, trial_random_key(trial), options->threads,
                        &trained->ranges, &sink, trained->parameters, trained->statistics, error));
    TRY(record_fine_tuning(&watcher, record, error));
out:
    watcher_end(&watcher);
    return status;
}
