/* The filter's entry of the cache: `reasons` and `scores`, one of each item. */
#include "trial/filter_step.h"

#include "filters/regions.h"
#include "trial/cross_fit.h"
#include "trial/evaluation/evaluation.h"
#include "trial/relabel.h"
#include "trial/step_cache.h"

#include <math.h>
#include <string.h>

/* What the functions of struct filter_input work with. */
struct filter_context {
    struct cross_fit *fits;
    const struct relabel *relabel;
};

/* Classes that the pipeline's scores tell apart; 0 where labels are no scores. */
static int score_classes(const struct training_set *set)
{
    return set->classes && set->targets.count ? set->targets.shapes[0].channels : 0;
}

/* What the filter looks at: regions of masks, or items. */
static size_t units_of(const struct training_set *set, const struct regions *regions)
{
    return regions ? regions->count : set->inputs.count;
}

/* Labels that cannot be wrong, and a filter that keeps them all, need neither work nor an entry. */
static bool keeps_all(const struct trial *trial)
{
    return trial->experiment.train.labels != LABELS_PIPELINE ||
           strcmp(trial->experiment.filter.kind->name, "none") == 0;
}

static enum status ask_again(void *context, const struct filter_change *change,
                             struct image_set *labels, struct error *error)
{
    return relabel_items(((const struct filter_context *)context)->relabel, change, labels, error);
}

static enum status out_of_fold(void *context, const struct filter_network *network, int folds,
                               struct image_set *predictions, struct error *error)
{
    return cross_fit_out_of_fold(((const struct filter_context *)context)->fits, network, folds,
                                 predictions, error);
}

static enum status course(void *context, const struct filter_network *network,
                          const struct training_dynamics *dynamics, float *values,
                          struct error *error)
{
    return cross_fit_course(((const struct filter_context *)context)->fits, network, dynamics,
                            values, error);
}

static enum status apply(const struct trial *trial, const struct plan *plan,
                         const struct splits *splits, const struct training_set *set,
                         const struct regions *regions, const struct trial_options *options,
                         struct filter_result *result, struct error *error)
{
    enum status status = STATUS_OK;
    const struct filter *filter = filter_of(trial->experiment.filter.kind);
    struct cross_fit fits = {.plan = plan,
                             .trial = trial,
                             .items = set,
                             .dataset_sha256 = splits->dataset_sha256,
                             .steps = options->steps,
                             .threads = options->threads};
    struct relabel relabel = {trial, splits, options->threads};
    struct filter_context context = {&fits, &relabel};
    struct filter_input input = {.inputs = &set->inputs,
                                 .labels = &set->targets,
                                 .content = set->answer.content,
                                 .regions = regions,
                                 .classes = set->classes,
                                 .class_count = score_classes(set),
                                 .key = trial_random_key(trial),
                                 .out_of_fold = out_of_fold,
                                 .course = course,
                                 .relabel = relabel_possible(splits) ? ask_again : NULL,
                                 .context = &context};
    struct truth truth = {0};

    if (filter->sees_truth) {
        TRY(training_set_truth(set, &trial->experiment, splits, trial_random_key(trial), &truth,
                               error));
        input.true_labels = set->classes ? NULL : &truth.images;
        input.true_classes = truth.classes;
    }
    TRY(filter->apply(trial->experiment.filter.config, &input, result, error));
out:
    truth_release(&truth);
    if (status != STATUS_OK)
        error_context(error, "filter '%s'", filter->descriptor.name);
    return status;
}

static enum status apply_and_keep(const struct trial *trial, const struct plan *plan,
                                  const struct splits *splits, const struct training_set *set,
                                  const struct regions *regions,
                                  const struct trial_options *options, const char *key,
                                  struct filter_result *result, struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = units_of(set, regions);
    struct record record = {0};

    trial_tell(options, PHASE_FILTER);
    TRY(apply(trial, plan, splits, set, regions, options, result, error));
    TRY(record_put_row(&record, "reasons", HDF5_UINT8, result->reason, count, error));
    TRY(record_put_row(&record, "scores", HDF5_FLOAT32, result->score, count, error));
    TRY(step_cache_keep(options->steps, TRIAL_FILTER, key, &record, error));
out:
    record_release(&record);
    return status;
}

/* What an earlier trial left, or else what the filter says now. */
static enum status decide(const struct trial *trial, const struct plan *plan,
                          const struct splits *splits, const struct training_set *set,
                          const struct regions *regions, const struct trial_options *options,
                          struct filter_result *result, struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = units_of(set, regions);
    struct record record = {0};
    bool found, claimed = false;
    char key[HASH_TEXT];

    TRY(step_cache_key(trial, TRIAL_FILTER, splits->dataset_sha256, key, error));
    TRY(step_cache_recall(options->steps, TRIAL_FILTER, key, &record, &found, error));
    const uint8_t *reasons = found ? record_row(&record, "reasons", HDF5_UINT8, count) : NULL;
    const float *scores = found ? record_row(&record, "scores", HDF5_FLOAT32, count) : NULL;
    if (reasons && scores) {
        memcpy(result->reason, reasons, count);
        memcpy(result->score, scores, count * sizeof *scores);
        goto out;
    }
    claimed = !found;
    TRY(apply_and_keep(trial, plan, splits, set, regions, options, key, result, error));
    claimed = false;
out:
    if (claimed)
        step_cache_abandon(options->steps, key);
    record_release(&record);
    return status;
}

/* Nothing is known any more of the pixels of regions that are dropped: training passes them over.
 */
static void forget_regions(struct image_set *labels, const struct regions *regions,
                           const uint8_t *reason)
{
    for (size_t v = 0; labels->count && v < labels->offsets[labels->count]; v++)
        if (regions->of[v] != UINT32_MAX && reason[regions->of[v]] != FILTER_KEPT)
            labels->pixels[v] = (float)NAN;
}

enum status filter_step(const struct trial *trial, const struct plan *plan,
                        const struct splits *splits, struct training_set *set,
                        const struct trial_options *options, struct filter_result *result,
                        struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    bool masks = set->answer.content == CONTENT_MASK, keeps = keeps_all(trial);
    struct regions found = {0};
    const struct regions *regions = masks ? &found : NULL;

    *result = (struct filter_result){0};
    if (masks)
        TRY(regions_find(&found, &set->targets, REGION_TILE, error));
    size_t count = units_of(set, regions);
    TRY(memory_new(&result->reason, count, sizeof *result->reason, error));
    TRY(memory_new(&result->score, count, sizeof *result->score, error));
    if (!keeps)
        TRY(decide(trial, plan, splits, set, regions, options, result, error));
    TRY(evaluation_filter(record, trial, splits, set, regions, result->reason, result->score,
                          error));
    if (masks) { /* items are all kept */
        forget_regions(&set->targets, regions, result->reason);
        memory_free(result->reason);
        result->reason = NULL;
    }
out:
    regions_release(&found);
    if (status != STATUS_OK)
        filter_result_release(result);
    return status;
}

void filter_result_release(struct filter_result *result)
{
    memory_free(result->reason);
    memory_free(result->score);
    *result = (struct filter_result){0};
}
