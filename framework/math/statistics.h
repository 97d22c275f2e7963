/* Intervals and tests over replicates and over images; the median of measurements. */
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
/* An interval ends where its values do: cut at [least, most]. Its mean stays. */
struct interval interval_within(struct interval interval, double least, double most);
/*
 * The difference of two shares of the same `count` trials, say images: `plus` of them are right by
 * the first alone, `minus` by the second alone. The mean is (plus - minus) / count; the interval is
 * of those differences that the score test does not reject at the given confidence. It does not
 * shrink to a point where the two never differ, as Student's does. T. Tango, "Equivalence test and
 * confidence interval for the difference in proportions for the paired-sample design", Statistics
 * in Medicine 17(8), 1998.
 */
struct interval statistics_paired_shares(size_t plus, size_t minus, size_t count,
                                         double confidence);
/* Quantile of Student's t distribution, 0 < p < 1, degrees >= 1; absolute error below 1e-8. */
double statistics_t_quantile(double p, double degrees);
/* Two-sided p-value of Student's test that the mean is 0, over the values that are finite; NaN
 * where these are fewer than two. Where all are the same: 0, or 1 where that is 0. */
double statistics_t_test(const double *values, size_t count);
/* Holm's correction, in place: the p-values of `count` tests become those at which each is rejected
 * while the chance of any false rejection among all of them is kept at the level. None is NaN.
 * S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
 * Statistics 6, 1979. Takes count^2 comparisons. */
void statistics_holm(double *p, size_t count);
/* Spearman's: the correlation of the ranks, equal values sharing their mean rank, -1 … 1; NaN where
 * all values of a side are equal, or there are fewer than two. Takes count^2 comparisons. */
double statistics_rank_correlation(const double *a, const double *b, size_t count);
/* The middle one, or the mean of the middle two; puts the values in order. NaN where there are
 * none. */
double statistics_median(double *values, size_t count);
/* Of qsort(): numbers, the smallest first. */
int statistics_compare(const void *a, const void *b);

#endif
