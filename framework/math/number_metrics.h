/* Scores of numbers (count, 1, 1), and of maps (count, height, width) with numbers of each pixel.
 */
#ifndef UNDERSTUDY_MATH_NUMBER_METRICS_H
#define UNDERSTUDY_MATH_NUMBER_METRICS_H

#include "math/metrics.h"

/*
 * Values whose truth is NaN are left out; an image without a known value has no say. In a map, an
 * output that is NaN is no answer: it is left out of the errors, and counts in the coverage. An
 * image is undefined where a number has no answer, all known values of a map have none, or an
 * error is infinite. With truth t and error e:
 *
 *     MAE              mean of |e| over an image's values of all numbers; mean over images
 *     RMSE             square root of the mean over images of each image's mean of e^2
 *     R2               1 - sum of e^2 / sum of (t - mean of t)^2, over all values of the set for
 *                      each number, then the mean over numbers. NaN where one has equal truth
 *                      everywhere, or none
 *     relative error   mean of |e| / |t| over an image's values with t != 0; mean over the images
 *                      that have some, NaN where none has
 *     coverage         share of an image's known values that have an answer; mean over images
 *
 * `parts` has each number's MAE: of an image over its values, then the mean over images. RMSE and
 * R2 are of the set alone. `each` may be NULL. Cost: 15 operations a value.
 */
MUST_CHECK enum status metrics_numbers(const struct image_set *outputs,
                                       const struct image_set *truth, int count, int threads,
                                       struct scores *scores, const struct image_scores *each,
                                       struct error *error);

#endif
