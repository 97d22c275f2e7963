/*
 * Which range of a layer's values 256 levels should stand for. Values beyond it are clipped; a
 * narrower range has finer levels for the rest.
 *
 * Three methods, over a histogram of all values that were observed:
 *
 * - min_max: from the least to the largest; nothing is clipped.
 * - percentile: (100 - p) % of the values are clipped, half of them at each end.
 * - mse: the ends for which the mean squared difference between a value and its level is least.
 * They are searched in turn, the upper one first, each among 128 equal parts of the way from 0 to
 * the extreme value, twice. Every value counts as the middle of its bin.
 *
 * Compare H. Wu, P. Judd, X. Zhang, M. Isaev, P. Micikevicius, "Integer quantization for deep
 * learning inference", 2020 (arXiv:2004.09602), section 5. Cost: 512 passes over the bins for mse.
 */
#ifndef UNDERSTUDY_QUANTIZE_HISTOGRAM_H
#define UNDERSTUDY_QUANTIZE_HISTOGRAM_H

#include "quantize/quantization.h"

#include <stdbool.h>

enum calibration_method { CALIBRATION_MIN_MAX, CALIBRATION_PERCENTILE, CALIBRATION_MSE };

/* In the order of the enumeration, NULL at the end. */
extern const char *const calibration_methods[];

struct calibration {
    enum calibration_method method;
    double percentile; /* above 0, at most 100 */
};

enum { VALUE_BINS = 2048 };

/* Of values in `range`, which holds 0, in bins of equal width. */
struct value_histogram {
    struct value_range range;
    uint64_t counts[VALUE_BINS];
};

/* Widen the range to hold the values, and 0. False, and no change, where one is not finite. */
bool value_range_add(struct value_range *range, const float *values, size_t count);

void value_histogram_add(struct value_histogram *histogram, const float *values, size_t count);

/* CALIBRATION_MIN_MAX: histogram->range. */
struct value_range value_histogram_choose(const struct value_histogram *histogram,
                                          const struct calibration *how);

#endif
