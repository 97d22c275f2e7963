#include "math/statistics.h"
#include "tests/golden/statistics.h"

#include <CUnit/CUnit.h>

#include <math.h>

void statistics_suite(void);

static void quantiles_equal_scipy(void)
{
    for (size_t i = 0; i < sizeof golden_quantiles / sizeof *golden_quantiles; i++) {
        const struct golden_quantile *golden = &golden_quantiles[i];
        double t = statistics_t_quantile(golden->p, golden->degrees);
        CU_ASSERT_DOUBLE_EQUAL(t, golden->t, 1e-8 * fmax(1, fabs(golden->t)));
    }
}

/* One degree is Cauchy's distribution, two have a closed form. */
static void quantiles_in_closed_form(void)
{
    const double pi = 3.14159265358979323846;

    for (double p = 0.003; p < 1; p += 0.01) {
        double one = tan(pi * (p - 0.5)), two = (2 * p - 1) * sqrt(0.5 / (p * (1 - p)));
        CU_ASSERT_DOUBLE_EQUAL(statistics_t_quantile(p, 1), one, 1e-12 * fmax(1, fabs(one)));
        CU_ASSERT_DOUBLE_EQUAL(statistics_t_quantile(p, 2), two, 1e-12 * fmax(1, fabs(two)));
    }
    CU_ASSERT(statistics_t_quantile(0.5, 7) == 0);
}

/* Many degrees: the normal distribution's 97.5 % point. */
static void quantiles_become_normal(void)
{
    CU_ASSERT_DOUBLE_EQUAL(statistics_t_quantile(0.975, 1e9), 1.959963984540054, 1e-8);
}

static void intervals(void)
{
    const double values[] = {3.25, NAN, 1.5, 4.75, 2.0, NAN, 9.5};
    struct interval interval = statistics_interval(values, 7, 0.95);

    CU_ASSERT(interval.count == 5);
    CU_ASSERT_DOUBLE_EQUAL(interval.mean, golden_interval[0], 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(interval.low, golden_interval[1], 1e-8);
    CU_ASSERT_DOUBLE_EQUAL(interval.high, golden_interval[2], 1e-8);
    interval = statistics_interval(values, 2, 0.95);
    CU_ASSERT(interval.count == 1 && interval.mean == 3.25);
    CU_ASSERT(isnan(interval.low) && isnan(interval.high));
    interval = statistics_interval(values + 1, 1, 0.95);
    CU_ASSERT(interval.count == 0 && isnan(interval.mean));
}

/*
 * Limits by scipy 1.10.1, another way: the likelihood of the counts, maximised numerically under
 * the constraint that the difference is d (optimize.minimize_scalar), gives the score statistic of
 * d, and optimize.brentq finds where it is norm.ppf(0.975).
 */
static void paired_shares_equal_scipy(void)
{
    static const struct {
        size_t plus, minus, count;
        double low, high;
    } golden[] = {
        {0, 0, 20, -0.161125158, 0.161125158},   {0, 1, 44, -0.118077097, 0.059393231},
        {12, 5, 100, -0.011863210, 0.157415606}, {3, 9, 10000, -0.001443914, 0.000093417},
        {43, 21, 150, 0.043124957, 0.247769285}, {7, 0, 25, 0.109513919, 0.475766052},
        {0, 10, 10, -1, -0.444934400},           {1, 1, 2, -0.810937589, 0.810937589},
    };

    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        size_t plus = golden[i].plus, minus = golden[i].minus, count = golden[i].count;
        struct interval interval = statistics_paired_shares(plus, minus, count, 0.95);
        struct interval mirror = statistics_paired_shares(minus, plus, count, 0.95);
        CU_ASSERT(interval.count == count);
        CU_ASSERT(interval.mean == ((double)plus - (double)minus) / (double)count);
        CU_ASSERT_DOUBLE_EQUAL(interval.low, golden[i].low, 2e-8);
        CU_ASSERT_DOUBLE_EQUAL(interval.high, golden[i].high, 2e-8);
        CU_ASSERT_DOUBLE_EQUAL(mirror.low, -interval.high, 1e-14);
        CU_ASSERT_DOUBLE_EQUAL(mirror.high, -interval.low, 1e-14);
    }
    struct interval one = statistics_paired_shares(1, 0, 1, 0.95);
    CU_ASSERT(one.mean == 1 && isnan(one.low) && isnan(one.high));
    CU_ASSERT(isnan(statistics_paired_shares(0, 0, 0, 0.95).mean));
}

static void tests_equal_scipy(void)
{
    const double missing[] = {NAN, 1, NAN}, infinite[] = {1, 2, INFINITY}, same[] = {2, 2, 2};
    const double none[] = {0, 0, 0}, two[] = {-1, 1};

    for (size_t i = 0; i < sizeof golden_tests / sizeof *golden_tests; i++)
        CU_ASSERT_DOUBLE_EQUAL(statistics_t_test(golden_tests[i].values, 5), golden_tests[i].p,
                               1e-10 * golden_tests[i].p);
    CU_ASSERT(isnan(statistics_t_test(missing, 3)));
    /* 1 and 2: t = 3 with one degree of freedom */
    CU_ASSERT_DOUBLE_EQUAL(statistics_t_test(infinite, 3), 1 - 2 / 3.14159265358979323846 * atan(3),
                           1e-12);
    CU_ASSERT(statistics_t_test(same, 3) == 0);
    CU_ASSERT(statistics_t_test(none, 3) == 1);
    CU_ASSERT(statistics_t_test(two, 2) == 1);
}

enum { HOLM = sizeof golden_holm / sizeof *golden_holm };

/* Each by itself keeps its place: the corrected value belongs to the test, not to the order. */
static void holm_equals_its_definition(void)
{
    double p[HOLM], single = 0.2;

    for (size_t shift = 0; shift < HOLM; shift++) {
        for (size_t i = 0; i < HOLM; i++)
            p[i] = golden_holm[(i + shift) % HOLM];
        statistics_holm(p, HOLM);
        for (size_t i = 0; i < HOLM; i++)
            CU_ASSERT_DOUBLE_EQUAL(p[i], golden_holm_corrected[(i + shift) % HOLM], 1e-15);
    }
    statistics_holm(&single, 1);
    CU_ASSERT(single == 0.2);
    statistics_holm(NULL, 0);
}

/* Never below the value itself, nor above Bonferroni's; the order of the tests is kept. */
static void holm_is_between(void)
{
    enum { MOST = 40 };
    double raw[MOST], p[MOST];

    for (size_t count = 1; count <= MOST; count++) {
        for (size_t i = 0; i < count; i++)
            p[i] = raw[i] = (double)((i * 7919 + count * 104729) % 1009) / 1008 / (double)count;
        statistics_holm(p, count);
        for (size_t i = 0; i < count; i++) {
            CU_ASSERT(p[i] >= raw[i] && p[i] <= fmin(1, raw[i] * (double)count));
            for (size_t k = 0; k < count; k++)
                CU_ASSERT(!(raw[i] <= raw[k]) || p[i] <= p[k]);
        }
    }
}

static void medians(void)
{
    double odd[] = {3, -1, 7.5}, even[] = {4, 1, 8, 2}, one[] = {5};

    CU_ASSERT(statistics_median(odd, 3) == 3);
    CU_ASSERT(statistics_median(even, 4) == 3);
    CU_ASSERT(statistics_median(one, 1) == 5);
    CU_ASSERT(isnan(statistics_median(one, 0)));
}

void statistics_suite(void)
{
    CU_pSuite suite = CU_add_suite("statistics", NULL, NULL);
    CU_add_test(suite, "quantiles of Student's t equal scipy's", quantiles_equal_scipy);
    CU_add_test(suite, "quantiles of one and two degrees in closed form", quantiles_in_closed_form);
    CU_add_test(suite, "quantiles of many degrees become normal", quantiles_become_normal);
    CU_add_test(suite, "paired shares: intervals equal scipy", paired_shares_equal_scipy);
    CU_add_test(suite, "intervals leave out what is not a number", intervals);
    CU_add_test(suite, "p-values of Student's test equal scipy's", tests_equal_scipy);
    CU_add_test(suite, "Holm's correction equals its definition", holm_equals_its_definition);
    CU_add_test(suite, "Holm's correction lies between none and Bonferroni's", holm_is_between);
    CU_add_test(suite, "medians of odd and even numbers of values", medians);
}
