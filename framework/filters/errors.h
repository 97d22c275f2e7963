/* Which labels are wrong, ground truth being known; residuals of images. */
#ifndef UNDERSTUDY_FILTERS_ERRORS_H
#define UNDERSTUDY_FILTERS_ERRORS_H

#include "interfaces/filter.h"

/* Mean squared difference of two images of one shape. */
float residual_mean(struct image a, struct image b);
/* The same of the squares of `side` pixels that the image is laid out with, in all channels; of
 * the one where it is largest. The last square of a row or column is moved inwards to fit. */
float residual_worst(struct image a, struct image b, int side);

enum { ERRORS_RESIDUAL = 2 }; /* medians */

/*
 * A class is wrong where it is not the true one; then off[i] is 1. An image has no such line: it
 * counts as wrong where its mean squared residual to the truth, which is off[i], is more than
 * ERRORS_RESIDUAL times the median of all.
 */
MUST_CHECK enum status label_errors(const struct filter_input *input, uint8_t *wrong, float *off,
                                    struct error *error);

#endif
