/* The class of each pixel: the label is a mask of class numbers, and so is the truth. */
#include "math/mask_metrics.h"
#include "tasks/recorded_answers.h"

static enum status segment_truth(struct truth *truth, const struct dataset_pool *pool,
                                 const uint32_t *indices, size_t count,
                                 const struct image_set *clean, struct answer answer,
                                 struct error *error)
{
    return recorded_answers(&truth->images, pool->truth, indices, count, clean, answer, error);
}

static enum status segment_recorded(struct image_set *labels, const struct dataset_pool *pool,
                                    const uint32_t *indices, size_t count,
                                    const struct image_set *inputs, struct answer answer,
                                    struct error *error)
{
    return recorded_answers(labels, pool->labels, indices, count, inputs, answer, error);
}

static enum status segment_score(const struct image_set *answers, const struct truth *truth,
                                 struct answer answer, int threads, struct scores *scores,
                                 const struct image_scores *each, struct error *error)
{
    return metrics_masks(answers, &truth->images, answer.count, threads, scores, each, error);
}

static enum status segment_agree(const struct image_set *answers, const struct image_set *others,
                                 struct answer answer, int threads, struct scores *scores,
                                 struct error *error)
{
    return metrics_masks(answers, others, answer.count, threads, scores, NULL, error);
}

#define METRICS_OF_MASKS                                                                           \
    {                                                                                              \
        {METRIC_IOU, "points", 100, false}, {METRIC_DICE, "points", 100, false},                   \
            {METRIC_PIXEL_ACCURACY, "percentage points", 100, false},                              \
            {METRIC_BOUNDARY_F1, "points", 100, false}, {METRIC_POOLED_IOU, "points", 100, true},  \
    }

const struct task task_segment = {
    .descriptor = {.name = "segment", .summary = "tell the class of each pixel", .version = 1},
    .doing = "segmentation",
    .labels = CONTENT_MASK,
    .metrics = METRICS_OF_MASKS,
    .metric_count = 5,
    .agreement = METRICS_OF_MASKS,
    .agreement_count = 5,
    .losses = 1U << LOSS_CLASSES | 1U << LOSS_MASKS,
    .loss = "cross_entropy",
    .drawn = DRAWN_AS_MASK,
    .truth = segment_truth,
    .recorded = segment_recorded,
    .score = segment_score,
    .agree = segment_agree,
};
