/* report/: training curves of many grid points: each line is told apart, or is grey. */
#include "report/chart.h"
#include "tests/unit/report_results.h"

void report_curves_suite(void);

static const struct series *find(const struct chart *chart, const char *name)
{
    for (size_t s = 0; s < chart->count; s++)
        if (strcmp(chart->series[s].name, name) == 0)
            return &chart->series[s];
    return NULL;
}

/* `count` trials, `replicates` to a point, each with a curve of two epochs. */
static struct made made_curves(const char *name, size_t count, int64_t replicates, const char *plan)
{
    struct made made = made_begin(name, count, plan);
    char path[64];

    made_numbers(&made, replicates);
    made_status(&made, 0);
    for (size_t i = 0; i < count; i++) {
        double curve[] = {(double)i, (double)i + 0.5};
        struct hdf5_array line = {HDF5_FLOAT64, 1, {2}, 0, curve};
        snprintf(path, sizeof path, "/curves/%05zu/train.loss", i);
        OK(hdf5_write(&made.file, path, &line, NULL));
        snprintf(path, sizeof path, "/curves/%05zu/validation.ssim", i);
        OK(hdf5_write(&made.file, path, &line, NULL));
    }
    return made;
}

static void read_curves(struct made *made, struct chart *chart)
{
    made_seal(made);
    OK(compute(&made->file, "{figures: [curves]}"));
    OK(chart_read(chart, &made->file, "/figures/curves", &error));
}

/* Axis `width` of different values, one for each point. */
static void add_widths(struct made *made, int64_t replicates)
{
    int64_t width[MADE_TRIALS];
    for (size_t i = 0; i < made->trials; i++)
        width[i] = 1 + (int64_t)i / replicates;
    made_integers(made, "network.width", width);
}

static void test_eight_named(void)
{
    struct made made = made_curves("eight.h5", 8, 1, "grid: {network.width: [1, 2]}\n");
    struct chart chart;

    add_widths(&made, 1);
    read_curves(&made, &chart);
    CU_ASSERT_EQUAL_FATAL(chart.count, 16);
    for (size_t s = 0; s < chart.count; s++) {
        CU_ASSERT_STRING_EQUAL(chart.series[s].colour, chart.series[s].label);
        CU_ASSERT_STRING_EQUAL(chart.series[s].dash, "");
    }
    chart_release(&chart);
    made_close(&made);
}

/* Ten points on one axis: the first, the fifth and the last have names and intervals. */
static void test_sample_named(void)
{
    struct made made = made_curves("sample.h5", 20, 2, "grid: {network.width: [1, 2]}\n");
    struct chart chart;
    size_t named = 0;

    add_widths(&made, 2);
    read_curves(&made, &chart);
    CU_ASSERT_EQUAL_FATAL(chart.count, 20);
    for (size_t s = 0; s < chart.count; s++) {
        named += chart.series[s].colour[0] != '\0';
        CU_ASSERT_EQUAL(chart.series[s].colour[0] != '\0',
                        chart.series[s].low[0] == chart.series[s].low[0]);
    }
    CU_ASSERT_EQUAL(named, 6);
    CU_ASSERT_STRING_EQUAL(find(&chart, "score network.width=1")->colour, "width 1");
    CU_ASSERT_STRING_EQUAL(find(&chart, "loss network.width=5")->colour, "width 5");
    CU_ASSERT_STRING_EQUAL(find(&chart, "loss network.width=10")->colour, "width 10");
    CU_ASSERT_STRING_EQUAL(chart.caption, "mean and 95 % interval, 2 replicates; grey: the other 7 "
                                          "grid points, without intervals");
    chart_release(&chart);
    made_close(&made);
}

/* Four sizes by three sources of labels: colour for the words, dashes for the numbers. The
 * pipeline's scores are those of four different pipelines. */
static void test_two_axes(void)
{
    static const char *const sources[] = {"pipeline", "manual", "truth"};
    struct made made =
        made_curves("axes.h5", 24, 2, "grid: {dataset.manual: [1, 2], train.labels: [manual]}\n");
    const char *labels[24];
    int64_t manual[24];
    double pipeline[24];
    struct chart chart;

    for (int i = 0; i < 24; i++) {
        labels[i] = sources[i / 2 % 3];
        manual[i] = 10 * (1 + i / 6);
        pipeline[i] = i / 6 + 0.001 * (i % 2);
    }
    made_integers(&made, "dataset.manual", manual);
    made_texts(&made, "train.labels", labels);
    made_reals(&made, "pipeline.validation.ssim", pipeline);
    read_curves(&made, &chart);
    CU_ASSERT_EQUAL_FATAL(chart.count, 24);
    const struct series *one = find(&chart, "loss dataset.manual=30 train.labels=truth");
    CU_ASSERT_STRING_EQUAL(one->colour, "true labels");
    CU_ASSERT_STRING_EQUAL(one->dash, "manual 30");
    CU_ASSERT_EQUAL(one->y[0], 16.5);
    CU_ASSERT(one->low[0] != one->low[0]);
    CU_ASSERT_PTR_NULL(find(&chart, "pipeline"));
    CU_ASSERT_STRING_EQUAL(chart.caption, "mean of 2 replicates; no line for the pipeline: its "
                                          "score varies over the grid");
    chart_release(&chart);
    made_close(&made);
}

/* Two axes too long for dashes. */
static void test_long_axes(void)
{
    struct made made =
        made_curves("long.h5", 25, 1, "grid: {network.width: [1, 2], network.depth: [1, 2]}\n");
    int64_t width[25], depth[25];
    struct chart chart;

    for (int i = 0; i < 25; i++) {
        width[i] = i / 5;
        depth[i] = i % 5;
    }
    made_integers(&made, "network.width", width);
    made_integers(&made, "network.depth", depth);
    read_curves(&made, &chart);
    CU_ASSERT_STRING_EQUAL(find(&chart, "score network.width=2 network.depth=2")->colour,
                           "width 2, depth 2");
    CU_ASSERT_STRING_EQUAL(chart.caption, "1 replicate; grey: the other 22 grid points");
    chart_release(&chart);
    made_close(&made);
}

/* Pipelines that differ by less than their intervals have one line, and it is told. */
static void test_pipeline_agrees(void)
{
    static const double pipeline[] = {0.70, 0.80, 0.71, 0.81};
    struct made made = made_curves("agrees.h5", 4, 2, "grid: {network.width: [1, 2]}\n");
    struct chart chart;

    add_widths(&made, 2);
    made_reals(&made, "pipeline.validation.ssim", pipeline);
    read_curves(&made, &chart);
    CU_ASSERT_PTR_NOT_NULL_FATAL(find(&chart, "pipeline"));
    CU_ASSERT_DOUBLE_EQUAL(find(&chart, "pipeline")->y[0], 0.755, 1e-12);
    CU_ASSERT_STRING_EQUAL(chart.caption,
                           "mean and 95 % interval, 2 replicates; pipeline: mean over the grid");
    chart_release(&chart);
    made_close(&made);
}

void report_curves_suite(void)
{
    CU_pSuite suite = CU_add_suite("report_curves", NULL, NULL);
    CU_add_test(suite, "eight lines have a name each", test_eight_named);
    CU_add_test(suite, "of many lines three are named, the others grey", test_sample_named);
    CU_add_test(suite, "two axes: colour and dashes", test_two_axes);
    CU_add_test(suite, "axes too long for dashes", test_long_axes);
    CU_add_test(suite, "pipelines that agree are one line", test_pipeline_agrees);
}
