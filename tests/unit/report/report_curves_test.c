/* report/: training curves of many grid points: each line is told apart, or is grey. */
#include "report/charts/chart.h"
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

/* Ten points on one axis, the last the best: this one, the middle and the worst have names and
 * intervals. */
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
    CU_ASSERT_STRING_EQUAL(find(&chart, "loss network.width=6")->colour, "width 6");
    CU_ASSERT_STRING_EQUAL(find(&chart, "loss network.width=10")->colour, "width 10");
    CU_ASSERT_STRING_EQUAL(chart.caption,
                           "mean and 95 % interval, 2 replicates; in colour: the best, the middle "
                           "and the worst by their last score; grey: the other 7 grid points, "
                           "without intervals");
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
    CU_ASSERT_STRING_EQUAL(chart.caption,
                           "1 replicate; in colour: the best, the middle and the worst by their "
                           "last score; grey: the other 22 grid points");
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

/* Two widths of two replicates, three epochs of 30 and of 60 seconds: the second replicate of each
 * is as much slower as it is better. */
static struct made made_minutes(const char *name, bool last_timed)
{
    struct made made = made_begin(name, 4, "grid: {network.width: [1, 2]}\n");
    static const double test[] = {0.5, 0.7, 0.8, 1.0};
    char path[64];

    made_numbers(&made, 2);
    made_status(&made, 0);
    add_widths(&made, 2);
    made_reals(&made, "network.test.ssim", test);
    for (size_t i = 0; i < 4; i++) {
        double pace = 30 * (double)(1 + i / 2), slow = i % 2 ? 1.2 : 0.8;
        double score[] = {0.3 * slow, 0.6 * slow, 0.75 * slow};
        double seconds[] = {pace * slow, 2 * pace * slow, 3 * pace * slow};
        struct hdf5_array line = {HDF5_FLOAT64, 1, {3}, 0, score};
        snprintf(path, sizeof path, "/curves/%05zu/validation.ssim", i);
        OK(hdf5_write(&made.file, path, &line, NULL));
        line.values = seconds;
        snprintf(path, sizeof path, "/timing/curves/%05zu/train.seconds", i);
        if (i < 3 || last_timed)
            OK(hdf5_write(&made.file, path, &line, NULL));
    }
    made_seal(&made);
    return made;
}

static void check_place(const struct chart *chart, const char *name, size_t k, double x, double y)
{
    const struct series *series = find(chart, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(series);
    CU_ASSERT_FATAL(k < series->count);
    CU_ASSERT_DOUBLE_EQUAL(series->x[k], x, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(series->y[k], y, 1e-12);
}

/* Means of minutes and of scores; the end of the first epoch at the target; the test score at the
 * end. It all lies under /timing, where no digest looks. */
static void test_minutes(void)
{
    struct made made = made_minutes("minutes.h5", true);
    struct chart chart;

    OK(compute(&made.file, "{figures: [score_vs_minutes: {target: 0.6}]}"));
    CU_ASSERT(!hdf5_exists(&made.file, "/figures"));
    OK(chart_read(&chart, &made.file, "/timing/figures/score_vs_minutes", &error));
    CU_ASSERT_EQUAL(chart.count, 7);
    check_place(&chart, "score network.width=1", 0, 0.5, 0.3);
    check_place(&chart, "score network.width=1", 2, 1.5, 0.75);
    check_place(&chart, "score network.width=2", 1, 2, 0.6);
    check_place(&chart, "passed network.width=1", 0, 1, 0.6);
    check_place(&chart, "passed network.width=2", 0, 2, 0.6);
    check_place(&chart, "test network.width=1", 0, 1.5, 0.6);
    check_place(&chart, "test network.width=2", 0, 3, 0.9);
    check_place(&chart, "target", 0, find(&chart, "target")->x[0], 0.6);
    CU_ASSERT(find(&chart, "target")->x[0] <= 0 && find(&chart, "target")->x[1] >= 3);
    CU_ASSERT_STRING_EQUAL(find(&chart, "score network.width=2")->colour,
                           "width 2, validation 0.6 after 2.0 min");
    CU_ASSERT_STRING_EQUAL(find(&chart, "test network.width=2")->colour,
                           "width 2, validation 0.6 after 2.0 min");
    chart_release(&chart);
    made_close(&made);
}

/* Without a target, or one that no line passes, nothing is said of it; a trial without times, of a
 * record of before there were any, is left out, and told. */
static void test_minutes_missing(void)
{
    struct made made = made_minutes("minutes_missing.h5", false);
    struct chart chart;

    OK(compute(&made.file, "{figures: [score_vs_minutes, score_vs_minutes: {target: 0.99}]}"));
    OK(chart_read(&chart, &made.file, "/timing/figures/score_vs_minutes", &error));
    CU_ASSERT_EQUAL(chart.count, 4);
    check_place(&chart, "score network.width=2", 0, 0.8, 0.24);
    CU_ASSERT_STRING_EQUAL(find(&chart, "score network.width=2")->colour, "width 2");
    CU_ASSERT_STRING_EQUAL(chart.caption, "mean and 95 % interval, 2 replicates; 1 trial without "
                                          "times left out");
    chart_release(&chart);
    OK(chart_read(&chart, &made.file, "/timing/figures/score_vs_minutes_2", &error));
    CU_ASSERT_EQUAL(chart.count, 5);
    CU_ASSERT_PTR_NOT_NULL(find(&chart, "target"));
    CU_ASSERT_PTR_NULL(find(&chart, "passed network.width=1"));
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
    CU_add_test(suite, "scores by the minute", test_minutes);
    CU_add_test(suite, "no target, no times", test_minutes_missing);
}
