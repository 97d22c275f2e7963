/* Which labels are wrong, ground truth being known; residuals of images. */
#ifndef UNDERSTUDY_FILTERS_ERRORS_H
#define UNDERSTUDY_FILTERS_ERRORS_H

#include "interfaces/filter.h"

/* Mean squared difference of two images of one shape. */
float residual_mean(struct image a, struct image b);
/* The same of the squares of `side` pixels that the image is laid out with, in all channels; of
 * the one where it is largest. The last square of a row or column is moved inwards to fit. */
float residual_worst(struct image a, struct image b, int side);

/* Standard deviation of each of the labels' numbers over all items, 1 where it is 0: [channels] in
 * `arena`. */
MUST_CHECK enum status label_deviations(const struct image_set *labels, struct arena *arena,
                                        double **deviations, struct error *error);
/* Mean over values of |a - b|, in deviations of their number. Values that are NaN in both are left
 * out; such as are in one alone count as `lost`, or are left out where that is NaN. 0 where none is
 * left. */
float residual_scaled(struct image a, struct image b, const double *deviations, double lost);
enum {
    ERRORS_RESIDUAL = 2, /* medians */
    ERRORS_SHARE = 25,   /* % */
};

/*
 * A region of a mask is wrong where ERRORS_SHARE of its pixels or more are not of the true class;
 * off[i] is the share. Numbers, and maps of them, count as wrong as images do, by their mean
 * distance in standard deviations of each number. A class is wrong where it is not the true one;
 * then off[i] is 1. An image has no such line: it counts as wrong where its mean squared residual
 * to the truth, which is off[i], is more than ERRORS_RESIDUAL times the median of all. `wrong` and
 * `off`: [filter_units()].
 */
MUST_CHECK enum status label_errors(const struct filter_input *input, uint8_t *wrong, float *off,
                                    struct error *error);

#endif
