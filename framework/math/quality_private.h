/* What SSIM and its slope share. Private to math/. */
#ifndef UNDERSTUDY_MATH_QUALITY_PRIVATE_H
#define UNDERSTUDY_MATH_QUALITY_PRIVATE_H

#include "math/quality.h"

#define QUALITY_C1 (0.01 * 0.01)
#define QUALITY_C2 (0.03 * 0.03)

enum {
    QUALITY_HALF = QUALITY_SSIM_SIDE / 2,
    QUALITY_DOUBLE = sizeof(double) / sizeof(float),
    QUALITY_SLACK = 64 / sizeof(float), /* to align the scratch memory */
};

/* The first place in `scratch` that is aligned for doubles; at most QUALITY_SLACK floats on. */
double *quality_aligned(float *scratch);

/* The window's weights from the centre outwards: exp(-k^2 / (2 1.5^2)), their sum 1. */
void quality_weights(double weights[QUALITY_HALF + 1]);

/* Filter one row along x: out[x] from row[x] to row[x + 10]. */
void quality_filter_along(const double *row, const double weights[QUALITY_HALF + 1], int count,
                          double *out);
/* Combine eleven filtered rows along y. */
void quality_filter_across(const double *const rows[QUALITY_SSIM_SIDE],
                           const double weights[QUALITY_HALF + 1], int count, double *out);

#endif
