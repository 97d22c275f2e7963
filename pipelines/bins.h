/*
 * A histogram of all values of an image: 256 bins of equal width from the smallest value to the
 * largest, as numpy.histogram(values, 256) counts them. Each bin holds its left edge; the last one
 * holds its right edge, too.
 */
#ifndef UNDERSTUDY_PIPELINES_BINS_H
#define UNDERSTUDY_PIPELINES_BINS_H

#include "interfaces/operations.h"
#include "math/image.h"

enum { BINS = 256 };

struct bins {
    double low, high;
    uint32_t counts[BINS];
};

/* Of an image without NaN; where all values are the same, low == high, and counts are not set. */
void bins_of(struct image image, struct bins *bins);

/* The value in the middle of bin k. */
double bins_centre(const struct bins *bins, int k);

/* What bins_of() does to so many values. */
struct operations bins_operations(double values);

#endif
