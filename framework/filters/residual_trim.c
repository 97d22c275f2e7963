/*
 * Trimmed residuals, for labels that are images, numbers or maps of these.
 *
 * Where the pipeline failed, its output is not what the rest of its outputs lets one expect. So: a
 * network that never saw item i predicts it, and the score is the mean squared residual
 *
 *     score_i = 1/P  sum_p (prediction_i(p) - label_i(p))^2       over the P values of the label
 *
 * or, of numbers, the mean of |prediction_i - label_i| in standard deviations of each number's
 * labels, of which the largest `fraction` is dropped, as least trimmed squares does with the
 * residuals of a regression. The predictions are out of fold: a network that was trained on a bad
 * label would have begun to reproduce it.
 *
 * Reference: P. Rousseeuw, "Least median of squares regression", JASA 79 (1984).
 * Cost: `folds` trainings of `epochs` epochs, a sort.
 */
#include "filters/drop.h"
#include "filters/errors.h"

#include <math.h>

struct residual_trim {
    double fraction;
    int64_t folds;
    struct filter_network network;
};

static const struct field fields[] = {
    {"fraction", FIELD_REAL, offsetof(struct residual_trim, fraction), .minimum = 0, .maximum = 0.9,
     .default_value = "0.05", .help = "share of the labels that is dropped"},
    {"folds", FIELD_INTEGER, offsetof(struct residual_trim, folds), .minimum = 2, .maximum = 100,
     .default_value = "2",
     .help = "number of parts; each is predicted by a network trained on the others"},
    FILTER_NETWORK_FIELDS(struct residual_trim, "2"),
    {0},
};

static size_t least(const void *config, int class_count)
{
    (void)class_count;
    return (size_t)((const struct residual_trim *)config)->folds; /* an image in each */
}

static enum status apply(const void *config, const struct filter_input *input,
                         struct filter_result *result, struct error *error)
{
    const struct residual_trim *filter = config;
    enum status status = STATUS_OK;
    size_t items = input->labels->count;
    bool numbers = input->content == CONTENT_NUMBERS || input->content == CONTENT_MAP;
    struct image_set predictions = {0};
    struct arena arena = {0};
    double *deviations = NULL;

    if (drop_count(filter->fraction, items) == 0)
        goto out; /* nothing to drop: no need to train for it */
    TRY(input->out_of_fold(input->context, &filter->network, (int)filter->folds, &predictions,
                           error));
    if (numbers)
        TRY(label_deviations(input->labels, &arena, &deviations, error));
    for (size_t i = 0; i < items; i++) {
        struct image prediction = image_set_at(&predictions, i);
        struct image label = image_set_at(input->labels, i);
        result->score[i] = numbers ? residual_scaled(prediction, label, deviations, (double)NAN)
                                   : residual_mean(prediction, label);
    }
    TRY(drop_largest(filter->fraction, items, FILTER_RESIDUAL, result, error));
out:
    arena_release(&arena);
    image_set_release(&predictions);
    return status;
}

const struct filter filter_residual_trim = {
    .descriptor = {.name = "residual_trim",
                   .summary =
                       "drops the labels that a network trained on the others predicts worst",
                   .source = "Rousseeuw, JASA 79, 1984",
                   .fields = fields,
                   .config_size = sizeof(struct residual_trim),
                   .version = 2},
    .serves = SERVES_IMAGES | SERVES_NUMBERS | SERVES_MAPS,
    .trains = true,
    .least = least,
    .apply = apply,
};
