/* Ranges chosen from known histograms, and from what a network gives. */
#include "graph/apply.h"
#include "quantize/calibrate.h"
#include "tests/unit/family_networks.h"

void quantize_calibrate_suite(void);

enum { VALUES = 100000 };

static const struct calibration min_max = {CALIBRATION_MIN_MAX, 0};
static const struct calibration by_errors = {CALIBRATION_MSE, 0};

static struct value_histogram *histogram_of(const float *values, size_t count)
{
    struct value_histogram *histogram = NULL;

    CU_ASSERT_EQUAL_FATAL(memory_new(&histogram, 1, sizeof *histogram, NULL), STATUS_OK);
    CU_ASSERT(value_range_add(&histogram->range, values, count));
    value_histogram_add(histogram, values, count);
    return histogram;
}

static void check_range(const struct value_histogram *histogram, const struct calibration *how,
                        double low, double high, double tolerance)
{
    struct value_range range = value_histogram_choose(histogram, how);

    CU_ASSERT_DOUBLE_EQUAL((double)range.low, low, tolerance);
    CU_ASSERT_DOUBLE_EQUAL((double)range.high, high, tolerance);
    CU_ASSERT(range.low <= 0 && range.high >= 0);
}

static void test_extremes(void)
{
    struct value_range range = {0, 0};
    float positive[] = {2, 3}, mixed[] = {-4, 1}, wrong[] = {9, NAN}, large[] = {INFINITY};

    CU_ASSERT(value_range_add(&range, positive, 2));
    CU_ASSERT_DOUBLE_EQUAL(range.low, 0, 0);
    CU_ASSERT_DOUBLE_EQUAL(range.high, 3, 0);
    CU_ASSERT(value_range_add(&range, mixed, 2));
    CU_ASSERT_FALSE(value_range_add(&range, wrong, 2));
    CU_ASSERT_FALSE(value_range_add(&range, large, 1));
    CU_ASSERT_DOUBLE_EQUAL(range.low, -4, 0);
    CU_ASSERT_DOUBLE_EQUAL(range.high, 3, 0);
}

/* -1 to 1 in equal steps: half a percent of the values is half a percent of the way. */
static void test_uniform(void)
{
    static float values[VALUES];
    double bin = 2.0 / VALUE_BINS;

    for (size_t i = 0; i < VALUES; i++)
        values[i] = 2 * (float)i / (VALUES - 1) - 1;
    struct value_histogram *h = histogram_of(values, VALUES);
    check_range(h, &min_max, -1, 1, 0);
    check_range(h, &(struct calibration){CALIBRATION_PERCENTILE, 99}, -0.99, 0.99, 2 * bin);
    check_range(h, &(struct calibration){CALIBRATION_PERCENTILE, 100}, -1, 1, 0);
    check_range(h, &by_errors, -1, 1, 0.02);
    memory_free(h);
}

/* The others lie in [0, 1]; one is at 1000. 256 levels from 0 to 1000 would leave them four. */
static void test_outlier(void)
{
    static float values[VALUES];
    struct value_range range;

    random_values(values, VALUES, 0, 1, 1);
    values[7] = 8;
    struct value_histogram *h = histogram_of(values, VALUES);
    check_range(h, &min_max, 0, 8, 0);
    check_range(h, &(struct calibration){CALIBRATION_PERCENTILE, 99.99}, 0, 1, 8.0 / VALUE_BINS);
    range = value_histogram_choose(h, &by_errors);
    CU_ASSERT(range.high > 0.9F && range.high < 8);
    memory_free(h);
}

/* What clipping and rounding leave, measured over the values themselves. */
static double mean_error(struct value_range range, const float *values, int8_t *levels, float *real)
{
    struct quantization q = quantization_of(range);

    quantize_values(q, values, VALUES, levels);
    dequantize_values(q, levels, VALUES, real);
    return relative_distance(real, values, VALUES);
}

/* Long tails: mse is better than either end of the choice. */
static void test_errors(void)
{
    static float values[VALUES], real[VALUES];
    static int8_t levels[VALUES];
    struct random_stream stream = random_stream((struct random_key){.seed = 4}, RANDOM_GENERATE, 0);

    for (size_t i = 0; i < VALUES; i++) {
        double draw = random_normal(&stream);
        values[i] = (float)(draw * draw * draw);
    }
    struct value_histogram *h = histogram_of(values, VALUES);
    struct value_range best = value_histogram_choose(h, &by_errors), all = h->range;
    struct value_range narrow = {best.low * 0.7F, best.high * 0.7F};
    double least = mean_error(best, values, levels, real);
    CU_ASSERT(least < 0.98 * mean_error(all, values, levels, real));
    CU_ASSERT(least < mean_error(narrow, values, levels, real));
    memory_free(h);
}

static void test_nothing(void)
{
    static const float zeros[5];
    struct value_histogram *h = histogram_of(zeros, 5);

    check_range(h, &min_max, 0, 0, 0);
    check_range(h, &(struct calibration){CALIBRATION_PERCENTILE, 99}, 0, 0, 0);
    check_range(h, &by_errors, 0, 0, 0);
    memory_free(h);
}

struct extremes {
    struct value_range ranges[64];
};

static enum status observe(void *context, const struct network *network, size_t node, size_t first,
                           int count, const float *values, struct error *error)
{
    struct extremes *seen = context;

    (void)first, (void)error;
    CU_ASSERT(value_range_add(&seen->ranges[node], values,
                              (size_t)count * shape_size(network->nodes[node].out)));
    return STATUS_OK;
}

static enum status run_calibration(const struct family_network *f, const struct image_set *images,
                                   const struct calibration *how, struct activation_ranges *ranges,
                                   struct error *error)
{
    return calibrate_activations(&f->family, f->engine, f->parameters, f->statistics, images,
                                 f->answer, how, ranges, error);
}

static void check_network(struct family_network *f)
{
    struct activation_ranges ranges, narrow;
    struct calibration percentile = {CALIBRATION_PERCENTILE, 99};
    static struct extremes seen;
    struct image_set out;

    memset(&seen, 0, sizeof seen);
    if (f->network.count > sizeof seen.ranges / sizeof *seen.ranges)
        return;
    CU_ASSERT_EQUAL_FATAL(run_calibration(f, &f->images, &min_max, &ranges, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(run_calibration(f, &f->images, &percentile, &narrow, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(network_apply(&f->family, f->engine, PRECISION_FLOAT32, f->parameters,
                                        f->statistics, &f->images, f->answer, 1, observe, &seen,
                                        &out, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL(ranges.count, f->network.count);
    CU_ASSERT_EQUAL(memcmp(ranges.nodes, seen.ranges, ranges.count * sizeof *ranges.nodes), 0);
    CU_ASSERT(ranges.input.high > 0.9F && ranges.input.high <= 1);
    for (size_t i = 0; i < narrow.count; i++)
        CU_ASSERT(narrow.nodes[i].low >= ranges.nodes[i].low &&
                  narrow.nodes[i].high <= ranges.nodes[i].high);
    image_set_release(&out);
    activation_ranges_release(&ranges);
    activation_ranges_release(&narrow);
}

static void test_networks(void)
{
    every_family_network((struct shape){1, 32, 32}, check_network);
}

/* Only one network is needed. */
static void check_refusals(struct family_network *f)
{
    struct activation_ranges ranges;
    struct image_set none = {0};
    struct error error = {0};

    CU_ASSERT_EQUAL(run_calibration(f, &none, &min_max, &ranges, &error), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, "calibration needs at least one image");
    f->parameters[0] = NAN;
    CU_ASSERT_EQUAL(run_calibration(f, &f->images, &by_errors, &ranges, &error), STATUS_DIVERGED);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "gives no finite values"));
    f->images.pixels[3] = INFINITY;
    CU_ASSERT_EQUAL(run_calibration(f, &f->images, &by_errors, &ranges, &error), STATUS_DIVERGED);
    CU_ASSERT_STRING_EQUAL(error.message, "an image has values that are not finite");
}

static void test_refusals(void)
{
    struct family_network f;

    load_families("networks/families");
    family_network_new(&f, registry_find(families_registry(), "dncnn"),
                       task_of(registry_find(registry_tasks(), "denoise")),
                       (struct shape){1, 16, 16});
    check_refusals(&f);
    family_network_release(&f);
    families_release();
}

void quantize_calibrate_suite(void)
{
    CU_pSuite suite = CU_add_suite("quantize_calibrate", NULL, NULL);
    CU_add_test(suite, "ranges hold all values, and 0", test_extremes);
    CU_add_test(suite, "values that are spread evenly", test_uniform);
    CU_add_test(suite, "a value far from the others", test_outlier);
    CU_add_test(suite, "mse is nearer than wider and narrower ranges", test_errors);
    CU_add_test(suite, "nothing but zeros", test_nothing);
    CU_add_test(suite, "every family's layers are observed", test_networks);
    CU_add_test(suite, "no images, and values that are not finite, are refused", test_refusals);
}
