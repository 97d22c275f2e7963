/*
 * How much the answer changes when the image is mirrored left to right, and the answer is mirrored
 * back: of images and maps the mean absolute difference; of masks the share of pixels that change
 * their class; of classes half the sum of the differences of their probabilities; of numbers the
 * mean of |a - b| / (|a| + |b|). The network answers twice. Of no use where left and right mean
 * something, as in texts and stereo pairs.
 */
#include "interfaces/guard.h"

#include "guard/shares.h"

#include <math.h>

static double of_pixels(const struct guard_view *view)
{
    size_t count = shape_size(view->output.shape);
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += fabs((double)view->output.pixels[i] - (double)view->turned.pixels[i]);
    return sum / (double)count;
}

/* The first of the classes with the largest score; -1 where a score is not a number. */
static int class_of(const float *scores, int classes, size_t plane)
{
    int best = 0;

    for (int c = 0; c < classes; c++) {
        if (isnan(scores[(size_t)c * plane]))
            return -1;
        if (scores[(size_t)c * plane] > scores[(size_t)best * plane])
            best = c;
    }
    return best;
}

static double of_mask(const struct guard_view *view)
{
    int classes = view->output.shape.channels;
    size_t plane = shape_plane(view->output.shape), changed = 0;

    for (size_t i = 0; i < plane; i++) {
        int one = class_of(view->output.pixels + i, classes, plane);
        int other = class_of(view->turned.pixels + i, classes, plane);
        if (one < 0 || other < 0)
            return (double)NAN;
        changed += one != other;
    }
    return (double)changed / (double)plane;
}

static double of_classes(const struct guard_view *view)
{
    int classes = view->output.shape.channels;
    const float *one = view->output.pixels, *other = view->turned.pixels;
    float a = shares_largest(one, classes, 1), b = shares_largest(other, classes, 1);
    double all_a = shares_sum(one, classes, 1, a), all_b = shares_sum(other, classes, 1, b);
    double sum = 0;

    for (int c = 0; c < classes; c++)
        sum += view->probabilities ? fabs((double)one[c] - (double)other[c])
                                   : fabs((double)exponential(one[c] - a) / all_a -
                                          (double)exponential(other[c] - b) / all_b);
    return sum / 2;
}

static double of_numbers(const struct guard_view *view)
{
    int count = view->output.shape.channels;
    double sum = 0;

    for (int i = 0; i < count; i++) {
        double one = (double)view->output.pixels[i], other = (double)view->turned.pixels[i];
        double both = fabs(one) + fabs(other);
        sum += both > 0 || isnan(both) ? fabs(one - other) / both : 0;
    }
    return sum / count;
}

static double doubt(const struct guard_view *view)
{
    switch (view->answer.content) {
    case CONTENT_MASK: return of_mask(view);
    case CONTENT_SCORES: return of_classes(view);
    case CONTENT_NUMBERS: return of_numbers(view);
    default: return of_pixels(view);
    }
}

const struct guard guard_disagreement = {
    .descriptor = {.name = "disagreement",
                   .summary = "how much the answer changes when the image is mirrored left to "
                              "right; the network answers twice",
                   .version = 1},
    .serves = SERVES_ALL,
    .twice = true,
    .doubt = doubt,
};
