#include "trial/trial.h"

#include "base/interrupt.h"
#include "graph/apply.h"
#include "graph/family.h"
#include "trial/cross_fit.h"
#include "trial/evaluation.h"
#include "trial/latency.h"

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
static int score_classes(const struct training_set *items)
{
    return items->classes && items->targets.count ? items->targets.shapes[0].channels : 0;
}

enum status trial_filter(const struct trial *trial, const struct plan *plan,
                         const struct splits *prepared, const struct training_set *items,
                         const struct trial_options *options, uint8_t *reasons, float *scores,
                         struct error *error)
{
    enum status status = STATUS_OK;
    const struct filter *filter = (const struct filter *)trial->experiment.filter.kind;
    struct cross_fit fits = {.plan = plan,
                             .trial = trial,
                             .items = items,
                             .dataset_sha256 = prepared->dataset_sha256,
                             .stages = options->stages,
                             .threads = options->threads};
    struct filter_input input = {.inputs = &items->inputs,
                                 .labels = &items->targets,
                                 .classes = items->classes,
                                 .class_count = score_classes(items),
                                 .key = key_of(trial),
                                 .out_of_fold = cross_fit_out_of_fold,
                                 .course = cross_fit_course,
                                 .context = &fits};
    struct filter_result result = {reasons, scores};
    struct truth truth = {0};

    if (trial->experiment.train.labels != LABELS_PIPELINE)
        return STATUS_OK;
    if (filter->sees_truth) {
        TRY(training_set_truth(items, &trial->experiment, prepared, key_of(trial), &truth, error));
        input.true_labels = items->classes ? NULL : &truth.images;
        input.true_classes = truth.classes;
    }
    TRY(filter->apply(trial->experiment.filter.config, &input, &result, error));
out:
    truth_release(&truth);
    if (status != STATUS_OK)
        error_context(error, "filter '%s'", filter->descriptor.name);
    return status;
}

enum status trial_network(const struct trial *trial, const struct splits *prepared,
                          struct shape input, struct network *network, struct error *error)
{
    struct shape target = prepared->splits[SPLIT_TEST].label.shapes[0];

    if (prepared->label_content == CONTENT_IMAGE) {
        target.height = input.height;
        target.width = input.width;
    }
    return network_new(network, &trial->experiment.network, input, target, error);
}

enum status trial_whole_network(const struct trial *trial, const struct splits *prepared,
                                struct shape image, struct network *network, struct error *error)
{
    enum status status = STATUS_OK;

    if (prepared->label_content == CONTENT_IMAGE)
        TRY(family_fit(&trial->experiment.network, &image, error));
    TRY(trial_network(trial, prepared, image, network, error));
out:
    return status;
}

enum status trial_apply(const struct trial *trial, const struct splits *prepared,
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

enum status trial_run(const struct trial *trial, const struct plan *plan,
                      const struct splits *prepared, const struct trial_options *options,
                      struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    struct network network = {0};
    struct trained trained = {0};
    struct shape input;

    TRY(interrupt_check(error));
    TRY(training_set_shape(&trial->experiment, prepared, &input, error));
    TRY(trial_network(trial, prepared, input, &network, error));
    TRY(trial_train(trial, plan, prepared, &network, options, &trained, record, error));
    if (!trial->experiment.store.filter)
        record_drop(record, "filter/");
    if (options->begins)
        options->begins(options->context, PHASE_EVALUATE);
    TRY(evaluation_scores(record, trial, prepared, &trained, options->threads, error));
    TRY(evaluation_costs(record, trial, plan, prepared, error));
    TRY(evaluation_precision(record, trial, &network, error));
    if (trial->experiment.store.parameters)
        TRY(evaluation_parameters(record, &network, &trained, error));
    if (options->speeds)
        TRY(latency_record(record, options, trial, prepared, &trained, error));
out:
    network_release(&network);
    trained_release(&trained);
    return status;
}
