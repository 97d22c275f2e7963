/* report/: tables and the series of figures, against numbers worked out by hand. */
#include "report/charts/axis.h"
#include "report/charts/chart.h"
#include "report/figures/figures.h"
#include "results/results_write.h"
#include "results/table.h"
#include "tests/unit/report_find.h"
#include "tests/unit/report_results.h"

#include <math.h>

void report_suite(void);

static void test_intervals(void)
{
    struct made made = made_denoising("intervals.h5", 0);
    struct chart chart;

    OK(compute(&made.file, "{figures: [performance_vs_computation]}"));
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_computation", &error));
    const struct series *network = find(&chart, "network"), *pipeline = find(&chart, "pipeline");
    CU_ASSERT_EQUAL_FATAL(network->count, 2);
    CU_ASSERT_EQUAL(network->x[0], 1);
    CU_ASSERT_EQUAL(network->x[1], 65536);
    /* Student's t of 0.975 at 2 degrees is 4.30265273; deviation 0.02 over the root of 3 */
    double half = 4.302652729911275 * 0.02 / sqrt(3);
    CU_ASSERT_DOUBLE_EQUAL(network->y[0], 0.72, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(network->low[0], 0.72 - half, 1e-8);
    CU_ASSERT_DOUBLE_EQUAL(network->high[0], 0.72 + half, 1e-8);
    /* 0.80, 0.80, 0.83: mean 0.81, deviation 0.03 / root of 3, so half is t x 0.01 */
    CU_ASSERT_DOUBLE_EQUAL(network->y[1], 0.81, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(network->high[1], 0.81 + 0.04302652729911275, 1e-8);
    /* the pipeline: 0.78, 0.79, 0.80 by replicate, not six values */
    half = 4.302652729911275 * 0.01 / sqrt(3);
    CU_ASSERT_DOUBLE_EQUAL(pipeline->y[0], 0.79, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(pipeline->low[1], 0.79 - half, 1e-8);
    CU_ASSERT_EQUAL(pipeline->x[0], 0.5); /* the 16th root of 65536 beyond the ends */
    CU_ASSERT_EQUAL(pipeline->x[1], 131072);
    CU_ASSERT_STRING_EQUAL(chart.caption,
                           "mean and 95 % interval, 3 replicates; degraded input 0.300");
    chart_release(&chart);
    made_close(&made);
}

/* A figure of times lies below /timing; what a trial lacks is told, the pipeline has its mark. */
static void test_times(void)
{
    static const double seconds[] = {1e-3, 2e-3, 3e-3, 4e-3, NAN, 6e-3};
    struct made made = made_denoising("times.h5", 0);
    char digests[2][65];
    struct chart chart;

    made_times(&made, seconds, 8e-3);
    OK(store_digest(&made.file, digests[0], &error));
    OK(compute(&made.file, "{figures: [performance_vs_computation: {cost: seconds_per_image}]}"));
    CU_ASSERT(!hdf5_exists(&made.file, "/figures"));
    OK(store_digest(&made.file, digests[1], &error));
    CU_ASSERT_STRING_EQUAL(digests[0], digests[1]);
    OK(chart_read(&chart, &made.file, "/timing/figures/performance_vs_computation", &error));
    const struct series *network = find(&chart, "network"), *cost = find(&chart, "pipeline_cost");
    CU_ASSERT_DOUBLE_EQUAL(network->x[0], 2e-3, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(network->x[1], 5e-3, 1e-15); /* of two */
    CU_ASSERT_DOUBLE_EQUAL(cost->x[0], 8e-3, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(cost->y[0], 0.79, 1e-12);
    CU_ASSERT_STRING_EQUAL(cost->label, "pipeline's time");
    CU_ASSERT_STRING_EQUAL(chart.x.label, "measured time per image");
    CU_ASSERT_PTR_NOT_NULL(strstr(
        chart.caption, "; measured on an image of 28 x 28; no time of trial 4: run with --no"));
    chart_release(&chart);
    made_close(&made);
}

/* A selection by times moves the figures that mark it, and no others. */
static void test_selected_by_times(void)
{
    static const double seconds[] = {1e-3, 2e-3, 3e-3, 4e-3, 5e-3, 6e-3};
    struct made made = made_denoising("selected.h5", 0);
    int64_t trials[] = {3, 4, 5};
    struct hdf5_array array = {HDF5_INT64, 1, {3}, 0, trials};
    struct chart chart;

    made_times(&made, seconds, 1);
    OK(hdf5_write_text(&made.file, "/timing/selection/about", "by times", NULL));
    OK(hdf5_write(&made.file, "/timing/selection/trials", &array, NULL));
    OK(compute(&made.file, "{figures: [performance_vs_computation: {hardware: tpu_v1}, curves]}"));
    CU_ASSERT(hdf5_exists(&made.file, "/figures/curves"));
    CU_ASSERT(!hdf5_exists(&made.file, "/figures/performance_vs_computation"));
    OK(chart_read(&chart, &made.file, "/timing/figures/performance_vs_computation", &error));
    CU_ASSERT_EQUAL(find(&chart, "selected")->x[0], 4e-6);
    chart_release(&chart);
    made_close(&made);
}

/* On a machine that runs programs, the pipeline stands on the axis, too. */
static void test_machine_axes(void)
{
    static const double costs[] = {1, 1, 1, 5, 5, 5};
    static const struct {
        const char *cost, *column, *pipeline, *label;
    } cases[] = {
        {"latency_s", "hardware.tpu_v1.latency_s", "hardware.tpu_v1.pipeline.latency_s",
         "time per image, tpu_v1"},
        {"idle_energy_j", "hardware.tpu_v1.idle_energy_j", "hardware.tpu_v1.pipeline.idle_energy_j",
         "energy of idle power per image, tpu_v1"},
        {"dram_bytes", "hardware.tpu_v1.dram_bytes", NULL,
         "traffic to and from DRAM per image, tpu_v1"},
        {"peak_activation_bytes", "network.peak_activation_bytes", NULL,
         "activations alive at once"},
        {"parameter_bytes", "network.parameter_bytes", NULL, "parameters"},
    };
    char yaml[160];
    struct chart chart;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made made = made_denoising("axes.h5", 0);
        made_reals(&made, cases[i].column, costs);
        if (cases[i].pipeline)
            made_constant(&made, cases[i].pipeline, 3);
        made_seal(&made);
        snprintf(yaml, sizeof yaml,
                 "{figures: [performance_vs_computation: {hardware: tpu_v1, cost: %s}]}",
                 cases[i].cost);
        OK(compute(&made.file, yaml));
        OK(chart_read(&chart, &made.file, "/figures/performance_vs_computation", &error));
        CU_ASSERT_EQUAL(find(&chart, "network")->x[1], 5);
        CU_ASSERT_STRING_EQUAL(chart.x.label, cases[i].label);
        if (cases[i].pipeline)
            CU_ASSERT_EQUAL(find(&chart, "pipeline_cost")->x[0], 3);
        chart_release(&chart);
        made_close(&made);
    }
}

static void test_failed_left_out(void)
{
    struct made made = made_denoising("failed.h5", 1u << 2);
    struct chart chart;

    OK(compute(&made.file, "{figures: [performance_vs_computation: {hardware: tpu_v1}, curves]}"));
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_computation", &error));
    const struct series *network = find(&chart, "network");
    CU_ASSERT_EQUAL(network->x[1], 4e-6);
    CU_ASSERT_DOUBLE_EQUAL(network->y[0], 0.71, 1e-12);
    /* two values: t of 0.975 at 1 degree is 12.7062047, deviation 0.01 x root of 2 */
    CU_ASSERT_DOUBLE_EQUAL(network->high[0], 0.71 + 12.706204736432095 * 0.01, 1e-8);
    CU_ASSERT_STRING_EQUAL(chart.x.label, "energy per image, tpu_v1");
    CU_ASSERT_PTR_NOT_NULL(strstr(chart.caption, "3 replicates; 1 of 6 trials failed and is left"));
    chart_release(&chart);
    OK(chart_read(&chart, &made.file, "/figures/curves", &error));
    const struct series *loss = find(&chart, "loss network.width=4");
    CU_ASSERT_EQUAL(loss->count, 3);
    CU_ASSERT_DOUBLE_EQUAL(loss->y[0], 0.505, 1e-12);
    CU_ASSERT_STRING_EQUAL(find(&chart, "score network.width=8")->label, "width 8");
    CU_ASSERT_EQUAL(find(&chart, "pipeline")->y[0], 0.77);
    chart_release(&chart);
    made_close(&made);
}

static void test_all_failed(void)
{
    struct made made = made_denoising("allfailed.h5", 63);
    struct chart chart;

    OK(compute(&made.file, "{figures: [performance_vs_computation, curves, examples]}"));
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_computation", &error));
    CU_ASSERT_EQUAL(chart.count, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(chart.caption, "6 of 6 trials failed"));
    chart_release(&chart);
    made_close(&made);
}

/* One replicate of three is left at each point: no caption promises intervals. */
static void test_no_intervals(void)
{
    static const char *const figures[] = {"/figures/performance_vs_computation", "/figures/curves"};
    struct made made = made_denoising("nointervals.h5", 54);
    struct chart chart;

    OK(compute(&made.file, "{figures: [performance_vs_computation, curves]}"));
    for (size_t i = 0; i < 2; i++) {
        OK(chart_read(&chart, &made.file, figures[i], &error));
        CU_ASSERT_FALSE(chart_has_intervals(&chart));
        CU_ASSERT_PTR_NOT_NULL(
            strstr(chart.caption, "mean of 3 replicates; 4 of 6 trials failed and are left out"));
        chart_release(&chart);
    }
    made_close(&made);
}

static void test_single_trial_csv(void)
{
    static const double network[] = {0.75}, pipeline[] = {0.875}, operations[] = {1000},
                        filters[] = {4000};
    struct made made = made_begin("single.h5", 1, "experiment: one\n");
    struct chart chart;
    struct text csv = {0};

    made_numbers(&made, 1);
    made_reals(&made, "network.test.ssim", network);
    made_reals(&made, "pipeline.test.ssim", pipeline);
    made_operations(&made, "network", operations, 0);
    made_operations(&made, "pipeline", filters, 0);
    made_constant(&made, "degraded.test.ssim", 0.8125);
    made_status(&made, 0);
    made_seal(&made);
    OK(compute(&made.file, "{figures: [performance_vs_computation]}"));
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_computation", &error));
    OK(chart_csv(&chart, &csv, &error));
    static const char head[] = "series,x,y,low,high\r\n"
                               "network,1000,0.75,,\r\n"
                               "pipeline_cost,4000,0.875,,\r\n"
                               "pipeline,";
    CU_ASSERT_EQUAL(strncmp(csv.bytes, head, sizeof head - 1), 0);
    CU_ASSERT_EQUAL(find(&chart, "degraded")->y[1], 0.8125);
    CU_ASSERT_STRING_EQUAL(chart.caption, "1 replicate");
    CU_ASSERT_EQUAL(find(&chart, "pipeline")->count, 2);
    text_release(&csv);
    chart_release(&chart);
    made_close(&made);
}

/* A median only compares: free in multiply-adds, not in operations. */
static void test_operations(void)
{
    static const double scores[] = {0.5, 0.75}, multiply_adds[] = {100, 200}, none[] = {0, 0};
    struct made made = made_begin("operations.h5", 2, "grid: {network.width: [1, 2]}\n");
    static const int64_t width[] = {1, 2};
    struct chart chart;

    made_numbers(&made, 1);
    made_integers(&made, "network.width", width);
    made_reals(&made, "network.test.ssim", scores);
    made_reals(&made, "pipeline.test.ssim", scores);
    made_operations(&made, "network", multiply_adds, 28);
    made_operations(&made, "pipeline", none, 64);
    made_status(&made, 0);
    made_seal(&made);
    OK(compute(&made.file, "{figures: [performance_vs_computation, performance_vs_computation: "
                           "{cost: multiply_adds}]}"));
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_computation", &error));
    CU_ASSERT_STRING_EQUAL(chart.x.label, "operations per image");
    CU_ASSERT_EQUAL(find(&chart, "network")->x[0], 128);
    CU_ASSERT_EQUAL(find(&chart, "network")->x[1], 228);
    CU_ASSERT_EQUAL(find(&chart, "pipeline_cost")->x[0], 64);
    CU_ASSERT_STRING_EQUAL(find(&chart, "pipeline_cost")->label, "pipeline's operations");
    CU_ASSERT_STRING_EQUAL(chart.caption, "1 replicate; pipeline: mean over the grid");
    chart_release(&chart);
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_computation_2", &error));
    CU_ASSERT_STRING_EQUAL(chart.x.label, "multiply-adds per image");
    CU_ASSERT_EQUAL(find(&chart, "network")->x[1], 200);
    for (size_t s = 0; s < chart.count; s++)
        CU_ASSERT_NOT_EQUAL(chart.series[s].role, ROLE_PIPELINE_COST);
    chart_release(&chart);
    made_close(&made);
}

static void test_chart_csv(void)
{
    struct chart chart = {0};
    struct series *series;
    struct text csv = {0};

    OK(chart_add(&chart, "network a/b, \"c\"", "network", ROLE_NETWORK, 2, &series, &error));
    series->x[0] = 1e-6;
    series->y[0] = 0.1;
    series->low[0] = -0.25;
    series->high[0] = 1.0 / 3;
    series->x[1] = 131072;
    OK(chart_csv(&chart, &csv, &error));
    CU_ASSERT_STRING_EQUAL(csv.bytes, "series,x,y,low,high\r\n"
                                      "\"network a_b, \"\"c\"\"\",1e-06,0.1,-0.25,"
                                      "0.3333333333333333\r\n"
                                      "\"network a_b, \"\"c\"\"\",131072,,,\r\n");
    text_release(&csv);
    chart_release(&chart);
}

static void test_table(void)
{
    static const double reals[] = {0.1, NAN};
    static const int64_t integers[] = {-7, 9007199254740993};
    static const char *const texts[] = {"done", "failed: \"x\", µ"};
    struct made made = made_begin("table.h5", 2, "experiment: one\n");
    struct text csv = {0};

    made_integers(&made, "trial", integers);
    made_reals(&made, "network.test.ssim", reals);
    made_texts(&made, "status", texts);
    made_seal(&made);
    OK(report_table(&made.file, false, NULL, 0, &csv, &error));
    CU_ASSERT_STRING_EQUAL(csv.bytes, "trial,network.test.ssim,status\r\n"
                                      "-7,0.1,done\r\n"
                                      "9007199254740993,,\"failed: \"\"x\"\", µ\"\r\n");
    text_release(&csv);
    made_close(&made);
}

static void test_missing_column(void)
{
    struct made made = made_denoising("missing.h5", 0);
    struct results results;
    struct arena arena = {0};
    double *values;

    OK(results_open(&results, &made.file, &error));
    CU_ASSERT_EQUAL(results_numbers(&results, "network.test.sism", &arena, &values, &error),
                    STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(
        error.message,
        "the results have no column 'network.test.sism'; did you mean 'network.test.ssim'?");
    CU_ASSERT_EQUAL(results_numbers(&results, "status", &arena, &values, &error), STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(error.message, "column 'status' holds text; numbers were expected");
    results_release(&results);
    CU_ASSERT_EQUAL(
        compute(&made.file, "{figures: [performance_vs_computation: {hardware: tpu_v2}]}"),
        STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(error.message,
                           "figure 'performance_vs_computation': the results have no column "
                           "'hardware.tpu_v2.energy_j'; did you mean 'hardware.tpu_v1.energy_j'?");
    CU_ASSERT_EQUAL(
        compute(&made.file, "{figures: [performance_vs_computation: {cost: latency_s}]}"),
        STATUS_CONFIG);
    arena_release(&arena);
    made_close(&made);
}

static void test_not_results(void)
{
    struct hdf5 file = {0};
    struct results results;
    struct text csv = {0};
    char path[SCRATCH_PATH];

    OK(hdf5_create(&file, scratch_path(path, "other.h5"), &error));
    CU_ASSERT_EQUAL(results_open(&results, &file, &error), STATUS_DATA);
    CU_ASSERT_EQUAL(report_table(&file, false, NULL, 0, &csv, &error), STATUS_DATA);
    CU_ASSERT_STRING_EQUAL(error.message, "not a results file: it has no group /trials");
    text_release(&csv);
    OK(hdf5_close(&file, &error));
}

static void test_allocation_failures(void)
{
    static const char figures[] =
        "{figures: [performance_vs_computation, curves, examples, performance_vs_data: "
        "{axis: network.width}]}";
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct yaml_node *root;
    struct component_list list;
    enum status status = STATUS_MEMORY;
    size_t failures = 0;

    OK(yaml_parse(&arena, "test", figures, strlen(figures), &root, &found, &error));
    OK(schema_read(list_fields, root, "", &list, &arena, &found, &error));
    for (size_t n = 1; status != STATUS_OK && n < 5000; n++) {
        struct made made = made_denoising("memory.h5", 0);
        memory_fail_at(n);
        status = report_compute(&made.file, &list, &error);
        memory_fail_at(0);
        CU_ASSERT(status == STATUS_OK || status == STATUS_MEMORY);
        failures += status == STATUS_MEMORY;
        made_close(&made);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
    CU_ASSERT(failures > 50);
    diagnostics_release(&found);
    arena_release(&arena);
}

static void check_tics(double low, double high, bool log, const char *unit, const char *wanted,
                       const char *name)
{
    struct axis axis = axis_empty();
    struct text tics = {0}, words = {0};

    axis_include(&axis, low);
    axis_include(&axis, high);
    axis_include(&axis, NAN);
    axis.log = log;
    text_append(&words, "%s", "");
    axis_tics(&axis, unit, NULL, 0, &tics, &words);
    CU_ASSERT_STRING_EQUAL(tics.bytes, wanted);
    CU_ASSERT_STRING_EQUAL(words.bytes, name);
    text_release(&words);
    text_release(&tics);
}

static void test_tics(void)
{
    check_tics(0.79, 0.81, false, "share",
               "\"79.0\" 0.79, \"\" 0.791 1, \"\" 0.792 1, \"\" 0.793 1, \"\" 0.794 1, "
               "\"79.5\" 0.795, \"\" 0.796 1, \"\" 0.797 1, \"\" 0.798 1, \"\" 0.799 1, "
               "\"80.0\" 0.8, \"\" 0.801 1, \"\" 0.802 1, \"\" 0.803 1, \"\" 0.804 1, "
               "\"80.5\" 0.805, \"\" 0.806 1, \"\" 0.807 1, \"\" 0.808 1, \"\" 0.809 1, "
               "\"81.0\" 0.81",
               " (%)");
    check_tics(1, 4, false, "whole", "\"1\" 1, \"2\" 2, \"3\" 3, \"4\" 4", "");
    check_tics(0.9e-6, 11e-6, true, "J",
               "\"\" 9e-07 1, \"1\" 1e-06, \"\" 2e-06 1, \"3\" 3e-06, \"\" 4e-06 1, \"\" 5e-06 1, "
               "\"\" 6e-06 1, \"\" 7e-06 1, \"\" 8e-06 1, \"\" 9e-06 1, \"10\" 1e-05",
               " (µJ)");
}

void report_suite(void)
{
    CU_pSuite suite = CU_add_suite("report", NULL, NULL);
    CU_add_test(suite, "times", test_times);
    CU_add_test(suite, "a selection by times", test_selected_by_times);
    CU_add_test(suite, "costs on machines, and memory", test_machine_axes);
    CU_add_test(suite, "intervals over replicates are Student's", test_intervals);
    CU_add_test(suite, "failed trials are left out and counted", test_failed_left_out);
    CU_add_test(suite, "figures of trials that all failed are empty", test_all_failed);
    CU_add_test(suite, "no interval, none promised", test_no_intervals);
    CU_add_test(suite, "one trial has no interval", test_single_trial_csv);
    CU_add_test(suite, "operations count comparisons too", test_operations);
    CU_add_test(suite, "a figure's CSV is exact", test_chart_csv);
    CU_add_test(suite, "the table's CSV is exact", test_table);
    CU_add_test(suite, "a missing column is named with its neighbour", test_missing_column);
    CU_add_test(suite, "other files are no results", test_not_results);
    CU_add_test(suite, "every failed allocation is told, nothing leaks", test_allocation_failures);
    CU_add_test(suite, "tics stand at round numbers", test_tics);
}
