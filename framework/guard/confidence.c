/*
 * How sure the network is of the class: 1 minus the largest probability, of masks the mean of it
 * over the pixels. D. Hendrycks, K. Gimpel, "A baseline for detecting misclassified and
 * out-of-distribution examples in neural networks", 2017.
 */
#include "interfaces/guard.h"

#include "guard/shares.h"

/* 1 minus the largest share, without cancellation where that is nearly 1. */
static double unsure(const struct guard_view *view, const float *scores, int classes, size_t plane)
{
    float largest = shares_largest(scores, classes, plane);

    if (view->probabilities)
        return 1 - (double)largest;
    double sum = shares_sum(scores, classes, plane, largest);
    return (sum - 1) / sum;
}

static double doubt(const struct guard_view *view)
{
    size_t plane = shape_plane(view->output.shape);
    double sum = 0;

    for (size_t i = 0; i < plane; i++)
        sum += unsure(view, view->output.pixels + i, view->output.shape.channels, plane);
    return sum / (double)plane;
}

const struct guard guard_confidence = {
    .descriptor = {.name = "confidence",
                   .summary = "1 minus the probability of the class, of masks the mean over pixels",
                   .source = "Hendrycks, Gimpel 2017",
                   .version = 1},
    .serves = SERVES_SCORES | SERVES_MASKS,
    .doubt = doubt,
};
