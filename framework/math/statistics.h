/* Intervals over replicates; the median of measurements. */
#ifndef UNDERSTUDY_MATH_STATISTICS_H
#define UNDERSTUDY_MATH_STATISTICS_H

#include <stddef.h>

struct interval {
    double mean, low, high; /* low = high = NaN where count < 2 */
    size_t count;
};

/* The mean of the values that are finite, with Student's t interval at the given confidence (0.95).
 * Values that are not finite are left out and not counted; callers say so (docs/scores.md). */
struct interval statistics_interval(const double *values, size_t count, double confidence);
/* Quantile of Student's t distribution, 0 < p < 1, degrees >= 1; absolute error below 1e-8. */
double statistics_t_quantile(double p, double degrees);
/* The middle one, or the mean of the middle two; puts the values in order. NaN where there are
 * none. */
double statistics_median(double *values, size_t count);

#endif
