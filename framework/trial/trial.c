/*
 * The way of a trial. Each step is a file beside this one, and each takes from the cache what an
 * earlier trial or run has left there (trial/step_cache.h): the bits are the same.
 *
 *     splits  ->  degradation  ->  labels  ->  filter  ->  training  ->  fine-tuning for integers
 *     ->  evaluation
 */
#include "trial/trial.h"

#include "base/interrupt.h"
#include "trial/evaluation/evaluation.h"
#include "trial/evaluation/evaluation_int8.h"
#include "trial/evaluation/latency.h"
#include "trial/evaluation/suspect.h"
#include "trial/filter_step.h"
#include "trial/fine_tune_step.h"
#include "trial/label_noise.h"
#include "trial/label_step.h"
#include "trial/train_step.h"

#include <string.h>

/* The images, degraded. */
static enum status draw(struct splits *splits, const struct trial *trial,
                        struct dataset_cache *data, const struct trial_options *options,
                        struct error *error)
{
    size_t counts[SPLITS];

    splits_release(splits);
    PASS(splits_draw(splits, trial, data, options, counts, error));
    trial_tell(options, PHASE_DEGRADE);
    PASS(splits_images(splits, &trial->experiment, counts, &data->content, trial_random_key(trial),
                       options->threads, error));
    PASS(label_noise_draw(splits, trial, error));
    return label_noise_inputs(splits, trial, &data->content.train, options->threads, error);
}

enum status trial_prepare(struct splits *splits, const struct trial *trial,
                          struct dataset_cache *data, const struct trial_options *options,
                          struct error *error)
{
    enum status status = STATUS_OK;

    if (splits_serve(splits, trial)) /* those of the trial before */
        return STATUS_OK;
    TRY(draw(splits, trial, data, options, error));
    TRY(label_step(splits, trial, options, error));
    memcpy(splits->key, trial->keys[TRIAL_LABEL], HASH_TEXT);
out:
    if (status != STATUS_OK)
        splits_release(splits);
    return status;
}

enum status trial_pipeline(struct splits *splits, const struct trial *trial,
                           struct dataset_cache *data, const struct trial_options *options,
                           struct error *error)
{
    enum status status = draw(splits, trial, data, options, error);

    if (status == STATUS_OK)
        status = label_step_pipeline(splits, trial, options, error);
    if (status != STATUS_OK)
        splits_release(splits);
    return status;
}

/* What is trained on; made where something is. */
struct filtered_set {
    struct training_set set;
    struct filter_result result;
    bool made;
};

static enum status filtered_set_make(struct filtered_set *filtered, const struct trial *trial,
                                     const struct plan *plan, const struct splits *splits,
                                     const struct trial_options *options, struct record *record,
                                     struct error *error)
{
    if (filtered->made)
        return STATUS_OK;
    PASS(training_set_make(&filtered->set, &trial->experiment, splits, trial_random_key(trial),
                           options->threads, error));
    PASS(filter_step(trial, plan, splits, &filtered->set, options, &filtered->result, record,
                     error));
    filtered->made = true;
    return STATUS_OK;
}

static void filtered_set_release(struct filtered_set *filtered)
{
    filter_result_release(&filtered->result);
    training_set_release(&filtered->set);
}

/* Filter, train and fine-tune, unless that was done before. `record` gets the values and curves of
 * all. */
static enum status train(const struct trial *trial, const struct plan *plan,
                         const struct splits *splits, const struct network *network,
                         const struct trial_options *options, struct trained *trained,
                         struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    struct filtered_set filtered = {0};
    struct train_step step, tuning = {0};
    struct record own = {0}, unused = {0};
    bool found;

    TRY(train_step_recall(&step, trial, splits, network, options, trained, &own, &found, error));
    if (!found) {
        TRY(filtered_set_make(&filtered, trial, plan, splits, options, &own, error));
        TRY(train_step(&step, trial, splits, network, &filtered.set, filtered.result.reason,
                       options, trained, &own, error));
    }
    TRY(fine_tune_recall(&tuning, trial, splits, network, options, trained, &own, &found, error));
    if (!found) {
        TRY(filtered_set_make(&filtered, trial, plan, splits, options, &unused, error));
        TRY(fine_tune_step(&tuning, trial, splits, network, &filtered.set, filtered.result.reason,
                           options, trained, &own, error));
    }
    if (trial->experiment.store.flagged) {
        TRY(filtered_set_make(&filtered, trial, plan, splits, options, &unused, error));
        TRY(evaluation_flagged(record, &own, &filtered.set, (size_t)trial->experiment.store.flagged,
                               error));
    }
    if (!trial->experiment.store.filter)
        record_drop(&own, "filter/");
    TRY(record_merge(record, &own, error));
out:
    train_step_end(&step, options);
    train_step_end(&tuning, options);
    record_release(&own);
    record_release(&unused);
    filtered_set_release(&filtered);
    return status;
}

static enum status trained_network(struct record *record, const struct trial *trial,
                                   const struct splits *splits, const struct network *network,
                                   const struct trained *trained, struct error *error)
{
    PASS(evaluation_graph(record, trial, splits, network, error));
    PASS(evaluation_ranges(record, trial, splits, network, trained, error));
    return evaluation_parameters(record, network, trained, error);
}

static enum status evaluate(const struct trial *trial, const struct plan *plan,
                            const struct splits *splits, const struct network *network,
                            const struct trained *trained, const struct trial_options *options,
                            struct record *record, struct error *error)
{
    trial_tell(options, PHASE_EVALUATE);
    PASS(evaluation_scores(record, trial, splits, trained, options->threads, error));
    PASS(evaluation_costs(record, trial, plan, splits, error));
    PASS(evaluation_precision(record, trial, network, error));
    if (trial->experiment.store.parameters)
        PASS(trained_network(record, trial, splits, network, trained, error));
    if (options->latencies)
        PASS(latency_record(record, options, trial, splits, trained, error));
    return STATUS_OK;
}

enum status trial_learn(const struct trial *trial, const struct plan *plan,
                        const struct splits *splits, const struct trial_options *options,
                        struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    struct network network = {0};
    struct trained trained = {0};
    struct shape input;

    TRY(interrupt_check(error));
    TRY(training_set_shape(&trial->experiment, splits, &input, error));
    TRY(trial_network(trial, splits, input, &network, error));
    TRY(train(trial, plan, splits, &network, options, &trained, record, error));
    TRY(evaluate(trial, plan, splits, &network, &trained, options, record, error));
out:
    network_release(&network);
    trained_release(&trained);
    return status;
}

enum status trial_trained(const struct trial *trial, const struct plan *plan,
                          const struct splits *splits, const struct trial_options *options,
                          struct network *network, struct trained *trained, struct error *error)
{
    enum status status = STATUS_OK;
    struct record unused = {0};
    struct shape input;

    TRY(training_set_shape(&trial->experiment, splits, &input, error));
    TRY(trial_network(trial, splits, input, network, error));
    TRY(train(trial, plan, splits, network, options, trained, &unused, error));
out:
    record_release(&unused);
    return status;
}

enum status trial_keep_network(const struct trial *trial, const struct plan *plan,
                               struct dataset_cache *data, struct splits *splits,
                               const struct trial_options *options, struct record *record,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct network network = {0};
    struct trained trained = {0};

    TRY(trial_prepare(splits, trial, data, options, error));
    TRY(trial_trained(trial, plan, splits, options, &network, &trained, error));
    TRY(trained_network(record, trial, splits, &network, &trained, error));
out:
    network_release(&network);
    trained_release(&trained);
    return status;
}

/* What the data set calls classes or numbers, and by which colours and units they go. */
static enum status record_names(struct record *record, const struct splits *splits,
                                struct error *error)
{
    bool numbers = splits->part_names != NULL;

    if (splits->label_names.length)
        PASS(record_text(record, numbers ? "dataset.numbers" : "dataset.classes",
                         splits->label_names.bytes, error));
    if (splits->label_units.length)
        PASS(record_text(record, "dataset.units", splits->label_units.bytes, error));
    if (splits->label_colours.length)
        PASS(record_text(record, "dataset.colours", splits->label_colours.bytes, error));
    return STATUS_OK;
}

enum status trial_run(const struct trial *trial, const struct plan *plan,
                      struct dataset_cache *data, struct splits *splits,
                      const struct trial_options *options, struct record *record,
                      struct error *error)
{
    PASS(trial_prepare(splits, trial, data, options, error));
    PASS(record_text(record, "status", "done", error));
    PASS(trial_learn(trial, plan, splits, options, record, error));
    PASS(suspect_record(record, splits, error));
    PASS(record_text(record, "pipeline.chosen", splits->chosen.bytes, error));
    if (splits->answers.told)
        PASS(record_integer(record, "pipeline.deterministic", splits->answers.repeat, error));
    PASS(record_text(record, "dataset.sha256", splits->dataset_sha256, error));
    return record_names(record, splits, error);
}
