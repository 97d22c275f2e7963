/* report/: figures of any column: scatter, pareto, histogram, agreement, parallel; and figures of a
 * list that the results know nothing of. */
#include "report/charts/chart.h"
#include "report/figures/figure_list.h"
#include "tests/unit/report_results.h"

#include <math.h>
#include <unistd.h>

void report_figures_suite(void);

/* Ten grid points of two families, two replicates each; on the second the network of width 3 is as
 * good as that of width 2 and costs more. */
enum { POINTS = 10, TRIALS = 2 * POINTS };
static const double scores[POINTS] = {0.60, 0.70, 0.70, 0.65, 0.80, 0.75, 0.80, 0.81, 0.50, 0.90};
static const double costs[POINTS] = {10, 20, 30, 15, 50, 60, 50, 80, 5, 1000};

static struct made made_sweep(const char *name, unsigned failed)
{
    struct made made = made_begin(name, TRIALS,
                                  "grid: {network.family: [a, b], network.width: [1, 2]}\n"
                                  "labels: {network.family: {values: {a: alpha}}}\n");
    const char *family[TRIALS];
    int64_t width[TRIALS];
    double score[TRIALS], cost[TRIALS], pipeline[TRIALS], agreement[TRIALS];

    for (size_t i = 0; i < TRIALS; i++) {
        size_t p = i / 2;
        family[i] = p < 5 ? "a" : "b";
        width[i] = (int64_t)(p % 5);
        score[i] = scores[p] + (i % 2 ? 0.01 : -0.01);
        cost[i] = costs[p];
        pipeline[i] = 0.7;
        agreement[i] = 1 - 0.05 * (double)p;
    }
    made_numbers(&made, 2);
    made_status(&made, failed);
    made_texts(&made, "network.family", family);
    made_integers(&made, "network.width", width);
    made_reals(&made, "network.validation.ssim", score);
    made_reals(&made, "network.test.ssim", score);
    made_reals(&made, "network.test.agreement.ssim", agreement);
    made_reals(&made, "pipeline.validation.ssim", pipeline);
    made_reals(&made, "pipeline.test.ssim", pipeline);
    made_reals(&made, "network.multiply_adds", cost);
    made_reals(&made, "hardware.chip.energy_j", cost);
    made_seal(&made);
    return made;
}

static struct chart chart_at(struct made *made, const char *group)
{
    struct chart chart;

    OK(chart_read(&chart, &made->file, group, &error));
    return chart;
}

static const struct series *find(const struct chart *chart, const char *name)
{
    for (size_t s = 0; s < chart->count; s++)
        if (strcmp(chart->series[s].name, name) == 0)
            return &chart->series[s];
    return NULL;
}

static void test_scatter(void)
{
    struct made made = made_sweep("scatter.h5", 0);

    OK(compute(&made.file, "{figures: [scatter: {x: multiply_adds, y: ssim, by: network.family}, "
                           "scatter: {x: energy_j, y: network.validation.ssim}]}"));
    struct chart chart = chart_at(&made, "/figures/scatter");
    CU_ASSERT_EQUAL_FATAL(chart.count, 2);
    CU_ASSERT_STRING_EQUAL(chart.series[0].label, "alpha");
    CU_ASSERT_STRING_EQUAL(chart.series[1].label, "b");
    CU_ASSERT_EQUAL_FATAL(chart.series[1].count, 5);
    CU_ASSERT_EQUAL(chart.series[1].x[4], 1000);
    CU_ASSERT_DOUBLE_EQUAL(chart.series[1].y[4], 0.90, 1e-12);
    /* two replicates 0.02 apart: t(1) = 12.706, times 0.01 */
    CU_ASSERT_DOUBLE_EQUAL(chart.series[1].high[4], 0.90 + 0.12706, 1e-5);
    CU_ASSERT_STRING_EQUAL(chart.x.label, "multiply-adds per image");
    CU_ASSERT_STRING_EQUAL(chart.x.unit, "count");
    CU_ASSERT_STRING_EQUAL(chart.y[0].label, "test SSIM");
    /* scipy.stats.spearmanr(costs, scores) of SciPy 1.10: 0.9602 */
    CU_ASSERT_STRING_EQUAL(chart.caption, "mean and 95 % interval, 2 replicates; 10 grid points, "
                                          "rank correlation 0.96");
    chart_release(&chart);
    chart = chart_at(&made, "/figures/scatter_2");
    CU_ASSERT_STRING_EQUAL(chart.x.label, "energy per image, chip");
    CU_ASSERT_STRING_EQUAL(chart.x.unit, "J");
    CU_ASSERT_STRING_EQUAL(chart.y[0].label, "validation SSIM");
    chart_release(&chart);
    CU_ASSERT_EQUAL(compute(&made.file, "{figures: [scatter: {x: multiply_ads, y: ssim}]}"),
                    STATUS_DATA);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "no column 'multiply_ads'"));
    made_close(&made);
}

/* By hand: 5 → 0.50, 10 → 0.60, 15 → 0.65, 20 → 0.70, 50 → 0.80 (two), 80 → 0.81, 1000 → 0.90. */
static void test_pareto(void)
{
    static const double front_costs[] = {5, 10, 15, 20, 50, 50, 80, 1000};
    static const double front_scores[] = {0.50, 0.60, 0.65, 0.70, 0.80, 0.80, 0.81, 0.90};
    struct made made = made_sweep("pareto.h5", 0);

    OK(compute(&made.file, "{figures: [pareto]}"));
    struct chart chart = chart_at(&made, "/figures/pareto");
    const struct series *front = find(&chart, "front");
    CU_ASSERT_FATAL(front && front->count == 8);
    for (size_t k = 0; k < 8; k++) {
        CU_ASSERT_EQUAL(front->x[k], front_costs[k]);
        CU_ASSERT_DOUBLE_EQUAL(front->y[k], front_scores[k], 1e-12);
    }
    CU_ASSERT_STRING_EQUAL(chart.y[0].label, "validation SSIM");
    const struct series *pipeline = find(&chart, "pipeline");
    CU_ASSERT_FATAL(pipeline && pipeline->count == 2);
    CU_ASSERT_DOUBLE_EQUAL(pipeline->y[0], 0.7, 1e-12);
    chart_release(&chart);
    CU_ASSERT_EQUAL(compute(&made.file, "{figures: [pareto: {score: network.multiply_adds}]}"),
                    STATUS_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "'network.multiply_adds' is no score"));
    made_close(&made);
}

/* numpy.histogram(values, bins='auto') of numpy 1.24: 20 squares, and digits of pi with ties. */
static void test_histogram(void)
{
    static const double pi[TRIALS] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4};
    static const double of_squares[] = {8, 3, 3, 2, 2, 2}, of_pi[] = {4, 4, 2, 4, 1, 5};
    struct made made = made_begin("histogram.h5", TRIALS, "grid: {network.width: [1, 2]}\n");
    int64_t width[TRIALS];
    double squares[TRIALS], same[TRIALS];

    for (size_t i = 0; i < TRIALS; i++) {
        width[i] = (int64_t)i;
        squares[i] = (double)(i * i);
        same[i] = 7;
    }
    made_numbers(&made, 1);
    made_status(&made, 0);
    made_integers(&made, "network.width", width);
    made_reals(&made, "squares", squares);
    made_reals(&made, "pi", pi);
    made_reals(&made, "same", same);
    made_seal(&made);
    OK(compute(&made.file, "{figures: [histogram: {column: squares}, histogram: {column: pi}, "
                           "histogram: {column: pi, bins: 2}, histogram: {column: same}]}"));
    struct chart chart = chart_at(&made, "/figures/histogram");
    CU_ASSERT_EQUAL_FATAL(chart.series[0].count, 7);
    for (size_t b = 0; b < 6; b++)
        CU_ASSERT_EQUAL(chart.series[0].y[b], of_squares[b]);
    CU_ASSERT_DOUBLE_EQUAL(chart.series[0].x[1], 60.1666666667, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(chart.series[0].x[6], 361, 1e-9);
    CU_ASSERT_STRING_EQUAL(chart.caption, "20 of 20 trials have a value; median 90.5");
    chart_release(&chart);
    chart = chart_at(&made, "/figures/histogram_2");
    CU_ASSERT_EQUAL_FATAL(chart.series[0].count, 7);
    for (size_t b = 0; b < 6; b++)
        CU_ASSERT_EQUAL(chart.series[0].y[b], of_pi[b]);
    chart_release(&chart);
    chart = chart_at(&made, "/figures/histogram_3");
    CU_ASSERT_EQUAL_FATAL(chart.series[0].count, 3);
    CU_ASSERT_EQUAL(chart.series[0].y[0], 10); /* below 5; 5 is the upper bin's */
    CU_ASSERT_EQUAL(chart.series[0].y[1], 10);
    chart_release(&chart);
    chart = chart_at(&made, "/figures/histogram_4");
    CU_ASSERT_EQUAL_FATAL(chart.series[0].count, 2);
    CU_ASSERT_EQUAL(chart.series[0].y[0], 20);
    CU_ASSERT_EQUAL(chart.series[0].x[0], 6.5);
    chart_release(&chart);
    made_close(&made);
}

/* Trials that failed are in no bin and in no outline. */
static void test_outlines(void)
{
    struct made made = made_sweep("outlines.h5", 1);
    double sums[2] = {0, 0};

    OK(compute(&made.file, "{figures: [histogram: {column: ssim, by: network.family}]}"));
    struct chart chart = chart_at(&made, "/figures/histogram");
    CU_ASSERT_EQUAL_FATAL(chart.count, 2);
    for (size_t s = 0; s < 2; s++)
        for (size_t k = 0; k < chart.series[s].count; k++)
            sums[s] += chart.series[s].y[k];
    CU_ASSERT_EQUAL(sums[0], 9);
    CU_ASSERT_EQUAL(sums[1], 10);
    CU_ASSERT_EQUAL(chart.series[0].x[1], chart.series[1].x[1]); /* the same bins */
    chart_release(&chart);
    made_close(&made);
}

static void test_agreement(void)
{
    struct made made = made_sweep("agreement.h5", 0);

    OK(compute(&made.file, "{figures: [agreement]}"));
    struct chart chart = chart_at(&made, "/figures/agreement");
    CU_ASSERT_EQUAL_FATAL(chart.count, 1);
    CU_ASSERT_EQUAL_FATAL(chart.series[0].count, POINTS);
    for (size_t p = 0; p < POINTS; p++) {
        CU_ASSERT_DOUBLE_EQUAL(chart.series[0].x[p], 1 - 0.05 * (double)p, 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(chart.series[0].y[p], scores[p] - 0.7, 1e-12);
    }
    CU_ASSERT_STRING_EQUAL(chart.y[0].label, "test SSIM, network − pipeline");
    chart_release(&chart);
    made_close(&made);
}

/* Words at equal steps, numbers between their ends; a point whose trials failed has no line. */
static void test_parallel(void)
{
    struct made made = made_sweep("parallel.h5", 3);
    size_t profiles = 0;

    OK(compute(&made.file, "{figures: [parallel]}"));
    struct chart chart = chart_at(&made, "/figures/parallel");
    for (size_t s = 0; s < chart.count; s++)
        profiles += chart.series[s].role == ROLE_PROFILE;
    CU_ASSERT_EQUAL(profiles, POINTS - 1);
    const struct series *line = find(&chart, "network.family=b network.width=1");
    CU_ASSERT_FATAL(line && line->count == 3);
    CU_ASSERT_EQUAL(line->y[0], 1); /* the second of two words */
    CU_ASSERT_DOUBLE_EQUAL(line->y[1], 0.25, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(line->y[2], (0.80 - 0.50) / (0.90 - 0.50), 1e-12);
    CU_ASSERT_STRING_EQUAL(find(&chart, "axis 1 at 0.000")->label, "alpha");
    CU_ASSERT_STRING_EQUAL(find(&chart, "axis 3")->label, "validation SSIM");
    CU_ASSERT_PTR_NOT_NULL(strstr(chart.caption, "; 1 grid point without a value left out"));
    chart_release(&chart);
    made_close(&made);
}

/* Two classes of 3 + 1 and 2 + 4 images. */
static void test_confusion(void)
{
    struct made made = made_sweep("confusion.h5", 0);
    double counts[] = {3, 1, 2, 4};
    struct hdf5_array square = {HDF5_FLOAT64, 2, {2, 2}, 0, counts};

    OK(hdf5_write(&made.file, "/confusion/00007/network", &square, &error));
    OK(compute(&made.file, "{figures: [confusion]}"));
    struct chart chart = chart_at(&made, "/figures/confusion");
    CU_ASSERT_EQUAL_FATAL(chart.count, 2);
    CU_ASSERT_STRING_EQUAL(chart.series[1].label, "1");
    CU_ASSERT_EQUAL(chart.series[1].y[0], 2);
    CU_ASSERT_EQUAL(chart.series[1].y[1], 4);
    CU_ASSERT_STRING_EQUAL(chart.caption, "trial 7: alpha, width 3; 7 of 10 right; colours: "
                                          "shares of a row");
    chart_release(&chart);
    CU_ASSERT_EQUAL(compute(&made.file, "{figures: [confusion: {trial: 3}]}"), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, "figure 'confusion': trial 3 has no confusion stored");
    made_close(&made);
}

static void write_list(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    CU_ASSERT_FATAL(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* An experiment file, of which the figures are read alone; mistakes have their place. */
static void test_list(void)
{
    char path[SCRATCH_PATH];
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct component_list list;

    write_list(scratch_path(path, "list.yaml"),
               "experiment: x\nfigures:\n  - pareto: {title: t}\n  - curves\nnonsense: 1\n");
    OK(figure_list_read(path, &arena, &list, &found, &error));
    CU_ASSERT_EQUAL(found.count, 0);
    CU_ASSERT_EQUAL_FATAL(list.count, 2);
    CU_ASSERT_STRING_EQUAL(list.items[0].kind->name, "pareto");
    write_list(path, "figures:\n  - scatter: {x: a, y: b, size: [3]}\n  - histogram: {column: a, "
                     "where: [a]}\n");
    OK(figure_list_read(path, &arena, &list, &found, &error));
    CU_ASSERT_EQUAL_FATAL(found.count, 2);
    CU_ASSERT_EQUAL(found.items[0].where.line, 2);
    CU_ASSERT_EQUAL(found.items[1].where.line, 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(found.items[0].message, "expected two numbers"));
    CU_ASSERT_PTR_NOT_NULL(strstr(found.items[1].message, "expected AXIS=VALUE"));
    diagnostics_release(&found);
    found = (struct diagnostics){0};
    write_list(path, "experiment: x\n");
    OK(figure_list_read(path, &arena, &list, &found, &error));
    CU_ASSERT_EQUAL(found.count, 1); /* there are none to draw */
    diagnostics_release(&found);
    arena_release(&arena);
}

void report_figures_suite(void)
{
    CU_pSuite suite = CU_add_suite("report_figures", NULL, NULL);

    CU_add_test(suite, "scatter", test_scatter);
    CU_add_test(suite, "pareto", test_pareto);
    CU_add_test(suite, "histogram", test_histogram);
    CU_add_test(suite, "histograms by a column", test_outlines);
    CU_add_test(suite, "agreement", test_agreement);
    CU_add_test(suite, "parallel", test_parallel);
    CU_add_test(suite, "confusion", test_confusion);
    CU_add_test(suite, "lists of figures", test_list);
}
