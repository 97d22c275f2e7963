/* Figures of grids with labels, of amounts of data; example sheets. */
#include "report/charts/axis.h"
#include "report/charts/chart.h"
#include "report/figures/figures.h"
#include "tests/unit/report_find.h"
#include "tests/unit/report_results.h"

void report_labels_suite(void);

/* An axis of whole sections, at one cost: its values tell lines apart, labelled by what they
 * choose.
 */
static void test_section_axis(void)
{
    static const char *const filters[] = {"{method: none}", "{method: random, fraction: 0.05}"};
    static const double operations[] = {1000, 1000};
    struct made made = made_begin("sections.h5", 2, "grid: {filter: [{method: none}, 1]}\n");
    struct chart chart;

    made_numbers(&made, 1);
    made_texts(&made, "filter", filters);
    made_constant(&made, "network.test.ssim", 0.5);
    made_constant(&made, "pipeline.test.ssim", 0.5);
    made_operations(&made, "network", operations, 0);
    made_operations(&made, "pipeline", operations, 0);
    made_status(&made, 0);
    made_seal(&made);
    OK(compute(&made.file, "{figures: [performance_vs_computation]}"));
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_computation", &error));
    CU_ASSERT_STRING_EQUAL(find(&chart, "network filter={method: none}")->label,
                           "network, filter none");
    CU_ASSERT_STRING_EQUAL(find(&chart, "network filter={method: random, fraction: 0.05}")->label,
                           "network, filter random 0.05");
    chart_release(&chart);
    made_close(&made);
}

/* The plan's own words for axes and values. */
static void test_labels(void)
{
    static const char *const filters[] = {"none", "none", "random", "random"};
    static const int64_t manual[] = {100, 400, 100, 400};
    static const double scores[] = {0.5, 0.6, 0.7, 0.8};
    struct made made =
        made_begin("labels.h5", 4,
                   "grid: {filter.method: [none, random], dataset.manual: [100, 400]}\n"
                   "labels: {filter.method: {name: filter of, values: {none: all labels}},"
                   " dataset.manual: drawings by hand}\n");
    struct chart chart;

    made_numbers(&made, 1);
    made_texts(&made, "filter.method", filters);
    made_integers(&made, "dataset.manual", manual);
    made_reals(&made, "network.test.ssim", scores);
    made_reals(&made, "pipeline.test.ssim", scores);
    made_status(&made, 0);
    made_seal(&made);
    OK(compute(&made.file, "{figures: [performance_vs_data]}"));
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_data", &error));
    CU_ASSERT_STRING_EQUAL(chart.x.label, "drawings by hand");
    CU_ASSERT_STRING_EQUAL(find(&chart, "network filter.method=none")->label,
                           "network, all labels");
    CU_ASSERT_STRING_EQUAL(find(&chart, "network filter.method=random")->label,
                           "network, filter of random");
    chart_release(&chart);
    made_close(&made);
}

/* Sizes 100 and 400, three sources of labels, two replicates. */
static void test_data_size(void)
{
    static const char *const labels[] = {"pipeline", "pipeline", "manual",   "manual",
                                         "truth",    "truth",    "pipeline", "pipeline",
                                         "manual",   "manual",   "truth",    "truth"};
    struct made made =
        made_begin("size.h5", 12,
                   "zip: [{dataset.manual: [100, 400]}]\ngrid: {train.labels: [pipeline, manual]}");
    struct chart chart;
    int64_t manual[12];
    double network[12], pipeline[12];

    for (int i = 0; i < 12; i++) {
        manual[i] = i < 6 ? 400 : 100; /* the plan's order is not that of size */
        pipeline[i] = i < 6 ? 0.9 : 0.8;
        network[i] = 0.5 + 0.03125 * (i / 2);
    }
    made_numbers(&made, 2);
    made_integers(&made, "dataset.manual", manual);
    made_texts(&made, "train.labels", labels);
    made_reals(&made, "network.test.accuracy", network);
    made_reals(&made, "pipeline.test.accuracy", pipeline);
    made_status(&made, 0);
    made_seal(&made);
    OK(compute(&made.file, "{figures: [performance_vs_data, performance_vs_data: {axis: "
                           "dataset.manual, metric: accuracy}]}"));
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_data_2", &error));
    CU_ASSERT_EQUAL_FATAL(chart.count, 4);
    const struct series *truth = find(&chart, "network train.labels=truth");
    CU_ASSERT_EQUAL(truth->role, ROLE_TRUTH);
    CU_ASSERT_EQUAL(find(&chart, "network train.labels=manual")->role, ROLE_MANUAL);
    CU_ASSERT_EQUAL(find(&chart, "network train.labels=pipeline")->role, ROLE_NETWORK);
    CU_ASSERT_EQUAL(truth->x[0], 100);
    CU_ASSERT_EQUAL(truth->x[1], 400);
    CU_ASSERT_EQUAL(truth->y[0], 0.5 + 0.03125 * 5);
    CU_ASSERT_EQUAL(truth->low[1], 0.5 + 0.03125 * 2); /* equal replicates: no width */
    CU_ASSERT_DOUBLE_EQUAL(find(&chart, "pipeline")->y[0], 0.8, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(find(&chart, "pipeline")->y[1], 0.9, 1e-12);
    CU_ASSERT_STRING_EQUAL(chart.y[0].label, "test accuracy");
    chart_release(&chart);
    made_close(&made);
}

static void test_examples(void)
{
    struct made made = made_denoising("examples.h5", 1u << 3);
    struct chart chart;

    OK(compute(&made.file, "{figures: [examples: {images: 1}, examples: {trial: 5}]}"));
    OK(chart_read(&chart, &made.file, "/figures/examples", &error));
    /* the last point's first replicate failed: its second is shown; the network's output is clean
     */
    CU_ASSERT_STRING_EQUAL(chart.caption, "SSIM below each image; trial 4: width 8");
    CU_ASSERT_EQUAL(find(&chart, "network")->count, 1);
    CU_ASSERT_DOUBLE_EQUAL(find(&chart, "network")->y[0], 1, 1e-6);
    CU_ASSERT(find(&chart, "degraded")->y[0] < 0.99);
    chart_release(&chart);
    OK(chart_read(&chart, &made.file, "/figures/examples_2", &error));
    CU_ASSERT_EQUAL(find(&chart, "network")->count, 2);
    chart_release(&chart);
    CU_ASSERT_EQUAL(compute(&made.file, "{figures: [examples: {trial: 3}]}"), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, "figure 'examples': trial 3 has no examples stored");
    made_close(&made);
}

/* Images of two sizes, an array each: one of each size is shown before a second of the first, at
 * one scale; what does not fit is told. */
static void test_example_sizes(void)
{
    static const char *const variants[] = {"clean", "degraded", "pipeline", "network"};
    static const size_t sides[3][2] = {{16, 12}, {16, 12}, {30, 40}};
    struct made made = made_begin("sizes.h5", 1, "dataset: {name: folder}\n");
    struct chart chart;
    char path[64];

    made_numbers(&made, 1);
    made_constant(&made, "network.test.ssim", 0.5);
    made_status(&made, 0);
    for (size_t v = 0; v < 4; v++)
        for (size_t i = 0; i < 3; i++) {
            float pixels[30 * 40];
            struct hdf5_array image = {HDF5_FLOAT32, 3, {1, sides[i][0], sides[i][1]}, 0, pixels};
            for (size_t k = 0; k < sizeof pixels / sizeof *pixels; k++)
                pixels[k] = (float)((k * k + (v == 2 ? i : 0)) % 17) / 16;
            snprintf(path, sizeof path, "/examples/00000/%s/%05zu", variants[v], i);
            OK(hdf5_write(&made.file, path, &image, NULL));
        }
    made_seal(&made);
    OK(compute(&made.file, "{figures: [examples: {images: 2}, examples]}"));
    OK(chart_read(&chart, &made.file, "/figures/examples", &error));
    CU_ASSERT_STRING_EQUAL(chart.caption,
                           "SSIM below each image; trial 0; images of 2 sizes, to one scale");
    /* the first and the third: only at i = 0 is the pipeline's clean */
    CU_ASSERT_EQUAL(find(&chart, "pipeline")->count, 2);
    CU_ASSERT_DOUBLE_EQUAL(find(&chart, "pipeline")->y[0], 1, 1e-6);
    CU_ASSERT(find(&chart, "pipeline")->y[1] < 0.99);
    CU_ASSERT_DOUBLE_EQUAL(find(&chart, "network")->y[1], 1, 1e-6);
    chart_release(&chart);
    OK(chart_read(&chart, &made.file, "/figures/examples_2", &error));
    CU_ASSERT_EQUAL(find(&chart, "network")->count, 3);
    chart_release(&chart);
    made_close(&made);
}

void report_labels_suite(void)
{
    CU_pSuite suite = CU_add_suite("report_labels", NULL, NULL);
    CU_add_test(suite, "data size: a line for each source of labels", test_data_size);
    CU_add_test(suite, "sections as axes are labelled by their values", test_section_axis);
    CU_add_test(suite, "the plan's words for axes and values", test_labels);
    CU_add_test(suite, "examples are scored against the clean image", test_examples);
    CU_add_test(suite, "examples of several sizes", test_example_sizes);
}
