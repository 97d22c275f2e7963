#include "run/trial.h"

#include "base/interrupt.h"
#include "kinds/filter.h"
#include "network/apply.h"
#include "run/folds.h"
#include "run/outcome.h"

#include <stdio.h>
#include <string.h>

static const struct engine *engine_of(const struct trial *trial)
{
    return (const struct engine *)trial->experiment.train.engine.kind;
}

static struct random_key key_of(const struct trial *trial)
{
    struct random_key key = {(uint64_t)trial->experiment.seed, trial->replicate};
    return key;
}

void trained_release(struct trained *trained)
{
    memory_free(trained->parameters);
    memory_free(trained->statistics);
    memset(trained, 0, sizeof *trained);
}

/* Classes that the pipeline's scores tell apart; 0 where labels are no scores. */
static int score_classes(const struct items *items)
{
    return items->classes && items->targets.count ? items->targets.shapes[0].channels : 0;
}

enum status trial_filter(const struct trial *trial, const struct items *items,
                         const struct trial_options *options, uint8_t *reasons, float *scores,
                         struct error *error)
{
    const struct filter *filter = (const struct filter *)trial->experiment.filter.kind;
    struct folds folds = {trial, items, options->threads};
    struct filter_input input = {
        .inputs = &items->inputs,
        .labels = &items->targets,
        .classes = items->classes,
        .class_count = score_classes(items),
        .key = key_of(trial),
        .out_of_fold = folds_predict,
        .context = &folds,
    };
    struct filter_result result = {reasons, scores};

    if (trial->experiment.train.labels != LABELS_PIPELINE)
        return STATUS_OK;
    enum status status = filter->apply(trial->experiment.filter.config, &input, &result, error);
    if (status != STATUS_OK)
        error_context(error, "filter '%s'", filter->descriptor.name);
    return status;
}

enum status trial_network(const struct trial *trial, const struct prepared *prepared,
                          struct shape input, struct network *network, struct error *error)
{
    struct shape target = prepared->splits[SPLIT_TEST].label.shapes[0];

    if (prepared->label_content == CONTENT_IMAGE) {
        target.height = input.height;
        target.width = input.width;
    }
    return network_new(network, &trial->experiment.network, input, target, error);
}

enum status trial_apply(const struct trial *trial, const struct prepared *prepared,
                        const struct split *split, const float *parameters, const float *statistics,
                        int threads, struct image_set *out, struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set raw = {0};

    memset(out, 0, sizeof *out);
    if (split->network_in.count)
        TRY(network_apply(&trial->experiment.network, engine_of(trial),
                          (enum precision)trial->experiment.train.precision, parameters, statistics,
                          &split->network_in, split->label.shapes[0].channels,
                          prepared->label_content != CONTENT_IMAGE, threads, NULL, NULL, &raw,
                          error));
    TRY(chain_run(&prepared->chain, prepared->last, prepared->stages, &raw, threads, out, error));
out:
    image_set_release(&raw);
    return status;
}

/* What the training loop reports to, epoch by epoch. */
struct watcher {
    const struct trial *trial;
    const struct prepared *prepared;
    const struct trial_options *options;
    double *loss, *score; /* [epochs] */
};

static enum status after_epoch(void *context, int64_t epoch, int64_t epochs, double loss,
                               const float *parameters, const float *statistics,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct watcher *watcher = context;
    const struct split *validation = &watcher->prepared->splits[SPLIT_VALIDATION];
    struct image_set outputs = {0};
    struct scores scores;

    watcher->loss[epoch - 1] = loss;
    if (validation->input.count) {
        TRY(trial_apply(watcher->trial, watcher->prepared, validation, parameters, statistics,
                        watcher->options->threads, &outputs, error));
        TRY(prepared_score(watcher->prepared, SPLIT_VALIDATION, &outputs, watcher->options->threads,
                           &scores, error));
        watcher->score[epoch - 1] =
            metrics_value(&scores, experiment_metric(&watcher->trial->experiment));
    }
    if (watcher->options->progress)
        watcher->options->progress(watcher->options->context, (double)epoch / (double)epochs);
out:
    image_set_release(&outputs);
    return status;
}

static enum status record_curves(const struct watcher *watcher, struct record *record,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    const struct experiment *experiment = &watcher->trial->experiment;
    struct hdf5_array array = {.type = HDF5_FLOAT64,
                               .rank = 1,
                               .dims = {(size_t)experiment->train.epochs},
                               .values = watcher->loss};
    char path[64];

    TRY(record_array(record, "curves/train.loss", &array, error));
    if (watcher->prepared->splits[SPLIT_VALIDATION].input.count) {
        array.values = watcher->score;
        snprintf(path, sizeof path, "curves/validation.%s",
                 metric_names[experiment_metric(experiment)]);
        TRY(record_array(record, path, &array, error));
    }
out:
    return status;
}

static enum status train(const struct trial *trial, const struct prepared *prepared,
                         const struct network *network, const struct items *items,
                         const uint8_t *reasons, const struct trial_options *options,
                         struct trained *trained, struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    const struct train_settings *settings = &trial->experiment.train;
    struct train_items train_items = {&items->inputs, items->classes ? NULL : &items->targets,
                                      items->classes, reasons};
    struct watcher watcher = {trial, prepared, options, NULL, NULL};
    struct train_sink sink = {after_epoch, &watcher};

    TRY(memory_new(&watcher.loss, (size_t)settings->epochs, sizeof(double), error));
    TRY(memory_new(&watcher.score, (size_t)settings->epochs, sizeof(double), error));
    TRY(memory_new(&trained->parameters, network->parameters, sizeof(float), error));
    TRY(memory_new(&trained->statistics, network->statistics, sizeof(float), error));
    TRY(train_network(network, settings, &train_items, key_of(trial), options->threads, &sink,
                      trained->parameters, trained->statistics, error));
    TRY(record_curves(&watcher, record, error));
out:
    memory_free(watcher.loss);
    memory_free(watcher.score);
    return status;
}

enum status trial_run(const struct trial *trial, const struct plan *plan,
                      const struct prepared *prepared, const struct trial_options *options,
                      struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    struct items items = {0};
    struct network network = {0};
    struct trained trained = {0};
    uint8_t *reasons = NULL;
    float *scores = NULL;

    TRY(interrupt_check(error));
    TRY(items_make(&items, &trial->experiment, prepared, key_of(trial), error));
    TRY(memory_new(&reasons, items.inputs.count, sizeof *reasons, error));
    TRY(memory_new(&scores, items.inputs.count, sizeof *scores, error));
    TRY(trial_network(trial, prepared, items.inputs.shapes[0], &network, error));
    TRY(trial_filter(trial, &items, options, reasons, scores, error));
    TRY(outcome_filter(record, reasons, items.inputs.count, error));
    TRY(train(trial, prepared, &network, &items, reasons, options, &trained, record, error));
    TRY(outcome_scores(record, trial, prepared, &trained, options->threads, error));
    TRY(outcome_costs(record, trial, plan, prepared, error));
    if (trial->experiment.store.parameters)
        TRY(outcome_parameters(record, &network, &trained, error));
out:
    items_release(&items);
    network_release(&network);
    trained_release(&trained);
    memory_free(reasons);
    memory_free(scores);
    return status;
}
