/*
 * Intervals and tests by Student's t; Tango's interval for shares; Holm's correction; the median.
 *
 * The quantile t of Student's distribution with n degrees of freedom is the root of
 *
 *     P(T > t) = 1/2 I(x; n/2, 1/2),  x = n / (n + t^2),
 *
 * where I is the regularised incomplete beta function (Abramowitz, Stegun 1964, 26.7.1 and 26.5.8),
 * evaluated by its continued fraction with Lentz's method (Press, Teukolsky, Vetterling, Flannery,
 * "Numerical Recipes", section 6.4). Newton's method finds the root, kept inside a bracket by
 * bisection. Only arithmetic, exp, log and sqrt are used; lgamma is not, since it loses digits for
 * many degrees and writes a global.
 */
#include "math/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Gamma(a + 1/2) / Gamma(a): raised to a large argument, then Stirling's series of the ratio. */
static double gamma_ratio(double a)
{
    double factor = 1;

    for (; a < 32; a++)
        factor *= a / (a + 0.5);
    double r = 1 / a, r2 = r * r;
    double series = r * (-1.0 / 8 + r2 * (1.0 / 192 + r2 * (-1.0 / 640 + r2 * (17.0 / 14336))));
    return factor * sqrt(a) * exp(series);
}

/* The continued fraction of the incomplete beta function; converges fast for x < (a+1)/(a+b+2). */
static double beta_fraction(double x, double a, double b)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);

    d = 1 / (fabs(d) < tiny ? tiny : d);
    double value = d;
    for (int m = 1; m < 100000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 + even * d;
        c = 1 + even / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        value *= d * c;
        d = 1 + odd * d;
        c = 1 + odd / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        value *= d * c;
        if (fabs(d * c - 1) < 1e-16)
            break;
    }
    return value;
}

/*
 * For t > 0: the probability of T > t (far from 0) or of 0 < T < t (near 0), whichever is accurate
 * there; *near tells which.
 */
static double t_probability(double t, double n, bool *near)
{
    double a = n / 2, y = t * t / (n + t * t), x = n / (n + t * t);
    double log_x = -log1p(t * t / n);
    /* x^a y^(1/2) / B(a, 1/2), with B(a, 1/2) = sqrt(pi) Gamma(a) / Gamma(a + 1/2) */
    double front = exp(a * log_x) * sqrt(y) * gamma_ratio(a) / sqrt(3.14159265358979323846);

    *near = x > (a + 1) / (a + 2.5);
    return *near ? front * beta_fraction(y, 0.5, a) : 0.5 * front * beta_fraction(x, a, 0.5) / a;
}

/* What statistics_t_quantile() solves: negative where t is too small. `tail` is below 1/2, `body`
 * is 1/2 - tail without cancellation. */
static double t_excess(double t, double n, double tail, double body)
{
    bool near;
    double probability = t_probability(t, n, &near);
    return near ? probability - body : tail - probability;
}

double statistics_t_quantile(double p, double degrees)
{
    double n = degrees, tail = p < 0.5 ? p : 1 - p, body = fabs(p - 0.5);
    double low = 0, high = 1;

    if (body == 0)
        return 0;
    while (t_excess(high, n, tail, body) < 0 && high < 1e300) {
        low = high;
        high *= 2;
    }
    double t = 0.5 * (low + high), scale = gamma_ratio(n / 2) / sqrt(n * 3.14159265358979323846);
    for (int step = 0; step < 200; step++) {
        double excess = t_excess(t, n, tail, body);
        if (excess < 0)
            low = t;
        else
            high = t;
        double density = scale * exp(-0.5 * (n + 1) * log1p(t * t / n));
        double next = t - excess / density;
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        if (fabs(next - t) <= 1e-16 * t || next == low || next == high) {
            t = next;
            break;
        }
        t = next;
    }
    return p < 0.5 ? -t : t;
}

/* Sum of squares of the deviations from the mean, over the values that are finite. */
static double deviations(const double *values, size_t count, double mean)
{
    double squares = 0;

    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i]))
            squares += (values[i] - mean) * (values[i] - mean);
    return squares;
}

/* Sums over the values that are finite, skipping the rest; sequential. */
struct interval statistics_interval(const double *values, size_t count, double confidence)
{
    struct interval interval = {NAN, NAN, NAN, 0};
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i])) {
            sum += values[i];
            interval.count++;
        }
    if (interval.count == 0)
        return interval;
    interval.mean = sum / (double)interval.count;
    if (interval.count < 2)
        return interval;
    double squares = deviations(values, count, interval.mean);
    double degrees = (double)(interval.count - 1);
    double half = statistics_t_quantile(0.5 + confidence / 2, degrees) *
                  sqrt(squares / degrees / (double)interval.count);
    interval.low = interval.mean - half;
    interval.high = interval.mean + half;
    return interval;
}

struct paired {
    double plus, minus, count;
};

/*
 * The score statistic of the difference `by`, which falls as `by` grows. Where the difference is
 * `by`, the likeliest share that the second alone has right is the larger root of
 *
 *     2 n x^2 + (by (2 n - plus + minus) - plus - minus) x - minus by (1 - by) = 0,
 *
 * and the variance of plus - minus is n (2 x + by (1 - by)).
 */
static double paired_score(const struct paired *paired, double by)
{
    double n = paired->count, plus = paired->plus, minus = paired->minus;
    double b = by * (2 * n - plus + minus) - plus - minus, c = -minus * by * (1 - by);
    double share = (sqrt(fmax(0, b * b - 8 * n * c)) - b) / (4 * n);
    double variance = n * (2 * share + by * (1 - by));
    double beyond = plus - minus - n * by;

    if (variance > 0)
        return beyond / sqrt(variance);
    return beyond > 0 ? INFINITY : beyond < 0 ? -INFINITY : 0;
}

/* Where the statistic, which is above `score` at `low` and below it at `high`, comes to it. */
static double paired_limit(const struct paired *paired, double score, double low, double high)
{
    for (;;) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            return middle;
        if (paired_score(paired, middle) > score)
            low = middle;
        else
            high = middle;
    }
}

struct interval interval_within(struct interval interval, double least, double most)
{
    if (isnan(interval.low))
        return interval;
    interval.low = fmax(interval.low, least);
    interval.high = fmin(interval.high, most);
    return interval;
}

struct interval statistics_paired_shares(size_t plus, size_t minus, size_t count, double confidence)
{
    const double normal = 1e9; /* degrees with which Student's distribution is the normal one */
    struct paired paired = {(double)plus, (double)minus, (double)count};
    struct interval interval = {NAN, NAN, NAN, count};

    if (count == 0)
        return interval;
    interval.mean = (paired.plus - paired.minus) / paired.count;
    if (count < 2)
        return interval;
    double score = statistics_t_quantile(0.5 + confidence / 2, normal);
    interval.low = paired_limit(&paired, score, -1, interval.mean);
    interval.high = paired_limit(&paired, -score, interval.mean, 1);
    return interval;
}

double statistics_t_test(const double *values, size_t count)
{
    struct interval interval = statistics_interval(values, count, 0.5);
    double degrees = (double)interval.count - 1;
    bool near;

    if (interval.count < 2)
        return NAN;
    double squares = deviations(values, count, interval.mean);
    if (!(squares > 0))
        return interval.mean != 0 ? 0 : 1;
    double t = fabs(interval.mean) / sqrt(squares / degrees / (double)interval.count);
    if (!(t > 0))
        return 1;
    double probability = t_probability(t, degrees, &near);
    return near ? fmax(0, 1 - 2 * probability) : 2 * probability;
}

/* Step by step from the smallest: the k-th of n (from 0) is multiplied by n - k, and is not below
 * the one before. Ties do not matter: what follows the first of them is not above it. */
void statistics_holm(double *p, size_t count)
{
    double least = 0;

    for (size_t done = 0; done < count; done++) {
        size_t next = count;
        for (size_t i = 0; i < count; i++)
            if (!signbit(p[i]) && (next == count || p[i] < p[next]))
                next = i;
        double corrected = fmin(1, p[next] * (double)(count - done));
        least = fmax(least, corrected);
        p[next] = -least; /* a corrected value has a sign, even 0 */
    }
    for (size_t i = 0; i < count; i++)
        p[i] = fabs(p[i]);
}

int statistics_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double statistics_median(double *values, size_t count)
{
    if (count == 0)
        return NAN;
    qsort(values, count, sizeof *values, statistics_compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* From 0; equal values share the mean of theirs. */
static double rank_of(const double *values, size_t count, size_t which)
{
    double rank = -0.5;

    for (size_t i = 0; i < count; i++)
        rank += values[i] < values[which] ? 1 : values[i] == values[which] ? 0.5 : 0;
    return rank;
}

double statistics_rank_correlation(const double *a, const double *b, size_t count)
{
    double middle = ((double)count - 1) / 2, product = 0, a_squares = 0, b_squares = 0;

    for (size_t i = 0; i < count; i++) {
        double x = rank_of(a, count, i) - middle, y = rank_of(b, count, i) - middle;
        product += x * y;
        a_squares += x * x;
        b_squares += y * y;
    }
    return product / sqrt(a_squares * b_squares);
}
