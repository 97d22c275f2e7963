/* report/: filters against the share left out, others' points, the selected network's ring. */
#include "report/charts/chart.h"
#include "report/charts/gnuplot.h"
#include "results/select.h"
#include "tests/unit/report_results.h"

#include <math.h>

void report_outliers_suite(void);

static const struct series *find(const struct chart *chart, const char *name)
{
    for (size_t s = 0; s < chart->count; s++)
        if (strcmp(chart->series[s].name, name) == 0)
            return &chart->series[s];
    return NULL;
}

enum { TRIALS = 12 };

/* Six filters of two replicates at rates of noise 0.1 and 0.2 (the second none and random alone);
 * each reaches 0.5 on the validation images after as many epochs as its number, but for one. */
static struct made made_filters(const char *name)
{
    static const char *const filters[TRIALS] = {
        "{method: none}",
        "{method: none}",
        "{method: random, fraction: 0.1}",
        "{method: random, fraction: 0.1}",
        "{method: random, fraction: 0.3}",
        "{method: random, fraction: 0.3}",
        "{method: residual_trim, fraction: 0.3}",
        "{method: residual_trim, fraction: 0.3}",
        "{method: oracle}",
        "{method: oracle}",
        "{method: none}",
        "{method: none}",
    };
    static const double rates[TRIALS] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1,
                                         0.1, 0.1, 0.1, 0.1, 0.2, 0.2},
                        dropped[TRIALS] = {0, 0, 10, 10, 30, 30, 30, 30, 12, 14, 0, 0},
                        scores[TRIALS] = {0.60, 0.62, 0.61, 0.61, 0.5, 0.5,
                                          0.7,  0.7,  0.8,  0.8,  0.4, 0.4};
    static const size_t reached[TRIALS] = {1, 1, 2, 3, 2, 9, 1, 1, 0, 1, 3, 3};
    struct made made = made_begin(
        name, TRIALS, "grid: {filter: [1, 2], \"label_noise[0].symmetric.rate\": [1]}\n");
    char path[128];

    made_numbers(&made, 2);
    made_texts(&made, "filter", filters);
    made_reals(&made, "label_noise[0].symmetric.rate", rates);
    made_reals(&made, "filter.dropped", dropped);
    made_constant(&made, "filter.items", 100);
    made_reals(&made, "network.test.ssim", scores);
    made_constant(&made, "pipeline.test.ssim", 0.5);
    made_status(&made, 0);
    for (size_t i = 0; i < TRIALS; i++) {
        double curve[4] = {0.1, 0.2, 0.3, 0.4};
        struct hdf5_array line = {HDF5_FLOAT64, 1, {4}, 0, curve};
        if (reached[i] < 4)
            curve[reached[i]] = 0.5;
        snprintf(path, sizeof path, "/curves/%05zu/validation.ssim", i);
        OK(hdf5_write(&made.file, path, &line, NULL));
    }
    made_seal(&made);
    return made;
}

/* Lines by method; x is what was left out; no filter goes across; the controls have their roles. */
static void shares_and_scores(void)
{
    struct made made = made_filters("outliers.h5");
    struct chart chart;

    OK(compute(&made.file,
               "{figures: [outliers: {where: [\"label_noise[0].symmetric.rate=0.10\"]}]}"));
    OK(chart_read(&chart, &made.file, "/figures/outliers", &error));
    CU_ASSERT_EQUAL(chart.count, 4);
    const struct series *none = find(&chart, "network filter.method=none"),
                        *random = find(&chart, "network filter.method=random"),
                        *oracle = find(&chart, "network filter.method=oracle"),
                        *trim = find(&chart, "network filter.method=residual_trim");
    CU_ASSERT_FATAL(none && random && oracle && trim);
    CU_ASSERT_EQUAL(none->role, ROLE_NONE);
    CU_ASSERT_STRING_EQUAL(none->label, "no filter");
    CU_ASSERT_EQUAL_FATAL(none->count, 2);
    CU_ASSERT(none->x[0] < 0 && none->x[1] > 0.3);
    CU_ASSERT_DOUBLE_EQUAL(none->y[1], 0.61, 1e-12);
    CU_ASSERT_EQUAL(random->role, ROLE_RANDOM);
    CU_ASSERT_EQUAL_FATAL(random->count, 2);
    CU_ASSERT_DOUBLE_EQUAL(random->x[0], 0.1, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(random->x[1], 0.3, 1e-12);
    CU_ASSERT_EQUAL(oracle->role, ROLE_ORACLE);
    CU_ASSERT_DOUBLE_EQUAL(oracle->x[0], 0.13, 1e-12);
    CU_ASSERT_EQUAL(trim->role, ROLE_NETWORK);
    CU_ASSERT_STRING_EQUAL(trim->label, "residual_trim");
    CU_ASSERT_PTR_NOT_NULL(strstr(chart.caption, "label_noise[0].symmetric.rate=0.10"));
    CU_ASSERT_STRING_EQUAL(chart.x.unit, "share");
    chart_release(&chart);
    made_close(&made);
}

/* Without `where`, the rates are lines of their own. */
static void other_axes_are_lines(void)
{
    struct made made = made_filters("lines.h5");
    struct chart chart;

    OK(compute(&made.file, "{figures: [outliers]}"));
    OK(chart_read(&chart, &made.file, "/figures/outliers", &error));
    CU_ASSERT_EQUAL(chart.count, 5);
    CU_ASSERT_PTR_NOT_NULL(
        find(&chart, "network filter.method=none label_noise[0].symmetric.rate=0.2"));
    CU_ASSERT_PTR_NULL(chart.y[1].label);
    chart_release(&chart);
    made_close(&made);
}

/* The first epoch at the target, counted from 1; a point that one replicate never brings there has
 * none, which the caption says. */
static void epochs_to_the_target(void)
{
    struct made made = made_filters("epochs.h5");
    struct chart chart;

    OK(compute(
        &made.file,
        "{figures: [outliers: {target: 0.5, where: [\"label_noise[0].symmetric.rate=0.1\"]}]}"));
    OK(chart_read(&chart, &made.file, "/figures/outliers", &error));
    const struct series *none = find(&chart, "epochs filter.method=none"),
                        *random = find(&chart, "epochs filter.method=random"),
                        *oracle = find(&chart, "epochs filter.method=oracle");
    CU_ASSERT_FATAL(none && random && oracle);
    CU_ASSERT_EQUAL(none->role, ROLE_EPOCHS_NONE);
    CU_ASSERT_EQUAL(none->y[0], 2);
    CU_ASSERT_EQUAL_FATAL(random->count, 1);
    CU_ASSERT_EQUAL(random->y[0], 3.5);
    CU_ASSERT_EQUAL(oracle->y[0], 1.5);
    CU_ASSERT_STRING_EQUAL(chart.y[1].label, "epochs to 0.5");
    CU_ASSERT_PTR_NOT_NULL(strstr(chart.caption, "1 grid point never got there"));
    chart_release(&chart);
    made_close(&made);
}

static void where_must_fit(void)
{
    static const struct {
        const char *figures, *message;
    } cases[] = {
        {"{figures: [outliers: {where: [network.width=4]}]}",
         "figure 'outliers': where: 'network.width' is not an axis of the grid"},
        {"{figures: [outliers: {where: [\"label_noise[0].symmetric.rate=0.3\"]}]}",
         "figure 'outliers': where: no trial has label_noise[0].symmetric.rate=0.3"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made made = made_filters("where.h5");
        char text[400];
        CU_ASSERT_EQUAL(compute(&made.file, cases[i].figures), STATUS_CONFIG);
        error_text(&error, text, sizeof text);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, cases[i].message));
        made_close(&made);
    }
}

/* Marks of what others published, a ring around what was selected. */
static void marks_of_others_and_of_the_selected(void)
{
    struct made made = made_denoising("marks.h5", 0);
    int64_t trials[] = {3, 4, 5};
    struct hdf5_array array = {HDF5_INT64, 1, {3}, 0, trials};
    struct chart chart;

    OK(hdf5_write_text(&made.file, "/selection/about", "chosen", NULL));
    OK(hdf5_write(&made.file, "/selection/trials", &array, NULL));
    OK(compute(&made.file, "{figures: [performance_vs_computation: {reference: {label: the talk, "
                           "x: [10, 1000], network: [0.7, 0.75], pipeline: [0.5, 0.6]}}]}"));
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_computation", &error));
    const struct series *ring = find(&chart, "selected"),
                        *network = find(&chart, "reference_network"),
                        *pipeline = find(&chart, "reference_pipeline");
    CU_ASSERT_FATAL(ring && network && pipeline);
    CU_ASSERT_EQUAL(ring->x[0], 65536);
    CU_ASSERT_DOUBLE_EQUAL(ring->y[0], 0.81, 1e-12);
    CU_ASSERT_STRING_EQUAL(network->label, "the talk, network");
    CU_ASSERT_EQUAL(network->x[1], 1000);
    CU_ASSERT_EQUAL(network->y[1], 0.75);
    CU_ASSERT(isnan(network->low[1]));
    CU_ASSERT_EQUAL(pipeline->y[0], 0.5);
    chart_release(&chart);
    made_close(&made);
}

/* A network on true labels at one place alone is a line through all of them. */
static void truth_goes_across(void)
{
    static const char *const labels[] = {"pipeline", "pipeline", "truth"};
    static const int64_t manual[] = {10, 1000, 1000};
    static const double scores[] = {0.5, 0.6, 0.9};
    struct made made =
        made_begin("truth.h5", 3, "grid: {train.labels: [1], dataset.manual: [1, 2]}\n");
    struct chart chart;

    made_numbers(&made, 1);
    made_texts(&made, "train.labels", labels);
    made_integers(&made, "dataset.manual", manual);
    made_reals(&made, "network.test.ssim", scores);
    made_constant(&made, "pipeline.test.ssim", 0.5);
    made_status(&made, 0);
    made_seal(&made);
    OK(compute(&made.file, "{figures: [performance_vs_data]}"));
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_data", &error));
    const struct series *truth = find(&chart, "network train.labels=truth");
    CU_ASSERT_PTR_NOT_NULL_FATAL(truth);
    CU_ASSERT_EQUAL(truth->role, ROLE_TRUTH_ACROSS);
    CU_ASSERT_EQUAL_FATAL(truth->count, 2);
    CU_ASSERT(truth->x[0] == 10 && truth->x[1] == 1000);
    CU_ASSERT(truth->y[0] == 0.9 && truth->y[1] == 0.9);
    chart_release(&chart);
    made_close(&made);
}

static void count_path(void *context, const char *path)
{
    size_t *count = context;
    *count += path != NULL;
}

static void all_are_drawn(void)
{
    struct made made = made_filters("drawn_filters.h5");
    char directory[SCRATCH_PATH];
    size_t told = 0;

    OK(compute(&made.file, "{figures: [outliers, outliers: {target: 0.5}, performance_vs_data: "
                           "{axis: filter.dropped, reference: {x: [3], network: [0.6]}}]}"));
    if (gnuplot_run("set terminal pdfcairo\nset terminal pngcairo\n", &error) == STATUS_OK) {
        const struct report_drawing drawing = {.home = ".",
                                               .directory = scratch_path(directory, "outliers"),
                                               .say = count_path,
                                               .context = &told};
        OK(report_draw(&made.file, &drawing, &error));
        CU_ASSERT_EQUAL(told, 9);
    } else {
        printf("skipped: there is no gnuplot with cairo here\n");
    }
    made_close(&made);
}

void report_outliers_suite(void)
{
    CU_pSuite suite = CU_add_suite("report_outliers", NULL, NULL);

    CU_add_test(suite, "filters by the share that they left out", shares_and_scores);
    CU_add_test(suite, "other axes are lines", other_axes_are_lines);
    CU_add_test(suite, "epochs to a target", epochs_to_the_target);
    CU_add_test(suite, "where must fit the grid", where_must_fit);
    CU_add_test(suite, "others' points, and a ring around the selected network",
                marks_of_others_and_of_the_selected);
    CU_add_test(suite, "a network on true labels goes across", truth_goes_across);
    CU_add_test(suite, "all are drawn", all_are_drawn);
}
