/*
 * Numbers: one or several for each image, as counts and sizes; or, where a data set has them, for
 * each pixel, as depth. Labels and truth are numbers in their unit; NaN: not known.
 */
#include "math/number_metrics.h"
#include "tasks/recorded_answers.h"

static enum status regress_truth(struct truth *truth, const struct dataset_pool *pool,
                                 const uint32_t *indices, size_t count,
                                 const struct image_set *clean, struct answer answer,
                                 struct error *error)
{
    return recorded_answers(&truth->images, pool->truth, indices, count, clean, answer, error);
}

static enum status regress_recorded(struct image_set *labels, const struct dataset_pool *pool,
                                    const uint32_t *indices, size_t count,
                                    const struct image_set *inputs, struct answer answer,
                                    struct error *error)
{
    return recorded_answers(labels, pool->labels, indices, count, inputs, answer, error);
}

static enum status regress_score(const struct image_set *answers, const struct truth *truth,
                                 struct answer answer, int threads, struct scores *scores,
                                 const struct image_scores *each, struct error *error)
{
    return metrics_numbers(answers, &truth->images, answer.count, threads, scores, each, error);
}

static enum status regress_agree(const struct image_set *answers, const struct image_set *others,
                                 struct answer answer, int threads, struct scores *scores,
                                 struct error *error)
{
    return metrics_numbers(answers, others, answer.count, threads, scores, NULL, error);
}

#define METRICS_OF_NUMBERS                                                                         \
    {                                                                                              \
        {METRIC_MAE, "of the numbers' unit", 1, false},                                            \
            {METRIC_RMSE, "of the numbers' unit", 1, true}, {METRIC_R2, "points", 100, true},      \
            {METRIC_RELATIVE_ERROR, "percentage points", 100, false},                              \
            {METRIC_COVERAGE, "percentage points", 100, false},                                    \
    }

/* What both kinds have in common. */
#define REGRESS                                                                                    \
    .doing = "regression", .metrics = METRICS_OF_NUMBERS, .agreement = METRICS_OF_NUMBERS,         \
    .losses = 1U << LOSS_VALUES, .loss = "mse", .truth = regress_truth,                            \
    .recorded = regress_recorded, .score = regress_score, .agree = regress_agree

static const struct task regress_map = {
    .descriptor = {.name = "regress", .summary = "tell numbers of each pixel", .version = 1},
    .labels = CONTENT_MAP,
    .metric_count = 5,
    .agreement_count = 5,
    .drawn = DRAWN_AS_MAP,
    REGRESS,
};

const struct task task_regress = {
    .descriptor = {.name = "regress",
                   .summary = "tell numbers of an image, or of each of its pixels",
                   .version = 1},
    .labels = CONTENT_NUMBERS,
    .metric_count = 4, /* without coverage: an image without an answer has no score */
    .agreement_count = 4,
    .drawn = DRAWN_AS_NUMBERS,
    .map = &regress_map,
    REGRESS,
};
