/* docs/scores.md, for what reads results: a value that is not finite, in each place in turn. Files
 * of older versions hold such scores. */
#include "report/charts/chart.h"
#include "report/paper/paper.h"
#include "tests/unit/report_results.h"

#include <math.h>

void report_scores_suite(void);

enum { TRIALS = 6 };

static const double others[] = {NAN, INFINITY, -INFINITY};

/* What is drawn is finite, or NaN, which leaves a gap. */
static void check_chart(struct made *made, const char *group, const char *remark)
{
    struct chart chart;

    OK(chart_read(&chart, &made->file, group, &error));
    for (size_t s = 0; s < chart.count; s++)
        for (size_t k = 0; k < chart.series[s].count; k++) {
            CU_ASSERT(!isinf(chart.series[s].y[k]) && !isinf(chart.series[s].x[k]));
            CU_ASSERT(!isinf(chart.series[s].low[k]) && !isinf(chart.series[s].high[k]));
        }
    CU_ASSERT_PTR_NOT_NULL(strstr(chart.caption, remark));
    chart_release(&chart);
}

/* The mean is of the others, the interval counts them, the caption says so. */
static void figures_leave_it_out(void)
{
    for (size_t place = 0; place < TRIALS; place++)
        for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
            double network[TRIALS], first[TRIALS] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, sum = 0;
            struct chart chart;
            memcpy(network, made_scores, sizeof network);
            network[place] = first[place] = others[k];
            struct made made = made_scored("planted.h5", 0, network, first);
            OK(compute(&made.file, "{figures: [performance_vs_computation, curves]}"));
            check_chart(&made, "/figures/performance_vs_computation",
                        "; 1 trial without a finite score left out");
            check_chart(&made, "/figures/curves", "; 1 epoch without a finite score left out");
            OK(chart_read(&chart, &made.file, "/figures/performance_vs_computation", &error));
            for (size_t i = place / 3 * 3; i < place / 3 * 3 + 3; i++)
                sum += i == place ? 0 : network[i];
            CU_ASSERT_STRING_EQUAL(chart.series[0].name, "network");
            CU_ASSERT_DOUBLE_EQUAL(chart.series[0].y[place / 3], sum / 2, 1e-12);
            chart_release(&chart);
            made_close(&made);
        }
}

/* The networks' scores in integers go with a machine of one byte a value, and are asked for. */
static void figures_in_integers(void)
{
    static const struct {
        const char *figure;
        bool int8;
    } cases[] = {
        {"{figures: [performance_vs_computation: {hardware: tpu_v1}]}", true},
        {"{figures: [performance_vs_computation: {hardware: tpu_v1, score: float32}]}", false},
        {"{figures: [performance_vs_computation: {hardware: tpu_v1, cost: operations}]}", false},
        {"{figures: [performance_vs_computation: {score: int8}]}", true},
        {"{figures: [performance_vs_computation]}", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made made = made_scored("int8.h5", 0, made_scores, NULL);
        struct chart chart;
        made_constant(&made, "network.int8.test.ssim", 0.65);
        made_constant(&made, "hardware.tpu_v1.bytes_per_value", 1);
        made_seal(&made);
        OK(compute(&made.file, cases[i].figure));
        OK(chart_read(&chart, &made.file, "/figures/performance_vs_computation", &error));
        CU_ASSERT_EQUAL(chart.series[0].y[0] < 0.66, cases[i].int8);
        CU_ASSERT_EQUAL(!!strstr(chart.caption, "; int8 scores"), cases[i].int8);
        chart_release(&chart);
        made_close(&made);
    }
}

/* Changes of each replicate, against float32 before the fine-tuning. */
static void changes_in_integers(void)
{
    static const char *const tuning[] = {"~", "~", "{}", "{}"};
    static const double whole[] = {0.70, 0.72, 0.73, 0.71}, integers[] = {0.69, 0.72, 0.71, 0.74};
    static const double expected[] = {-0.005, 0.015, 0.01}; /* int8 of both, float32 of the last */
    struct made made = made_begin("tuned.h5", 4, "grid: {train.quantize: [~, {}]}\n");
    struct chart chart;

    made_numbers(&made, 2);
    made_texts(&made, "train.quantize", tuning);
    made_reals(&made, "network.test.ssim", whole);
    made_reals(&made, "network.int8.test.ssim", integers);
    made_constant(&made, "pipeline.test.ssim", 0.6);
    made_status(&made, 0);
    made_seal(&made);
    OK(compute(&made.file, "{figures: [int8: {metric: ssim}]}"));
    OK(chart_read(&chart, &made.file, "/figures/int8", &error));
    CU_ASSERT_EQUAL_FATAL(chart.count, 2);
    CU_ASSERT_EQUAL_FATAL(chart.series[0].count, 2);
    CU_ASSERT_EQUAL_FATAL(chart.series[1].count, 1);
    for (size_t i = 0; i < 2; i++)
        CU_ASSERT_DOUBLE_EQUAL(chart.series[0].y[i], expected[i], 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(chart.series[1].y[0], expected[2], 1e-12);
    CU_ASSERT_EQUAL(chart.series[1].x[0], 2);
    CU_ASSERT(chart.series[1].low[0] < -0.1 && chart.series[1].high[0] > 0.1); /* of two alone */
    CU_ASSERT_PTR_NOT_NULL(strstr(chart.caption, "; 1: quantize ~; 2: quantize {}"));
    chart_release(&chart);
    made_close(&made);
}

/* A point without any score is not drawn. */
static void nothing_finite_nothing_drawn(void)
{
    const double network[TRIALS] = {NAN, INFINITY, NAN, 0.8, 0.8, 0.8};
    struct made made = made_scored("gone.h5", 0, network, NULL);
    struct chart chart;

    OK(compute(&made.file, "{figures: [performance_vs_computation]}"));
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_computation", &error));
    CU_ASSERT(chart.series[0].count == 1 && chart.series[0].x[0] == 65536);
    CU_ASSERT_PTR_NOT_NULL(strstr(chart.caption, "; 3 trials without a finite score left out"));
    chart_release(&chart);
    made_close(&made);
}

/* The first mistake in the number that `fields` describe, of planted.h5; "" where there is none. */
static void number_mistake(const char *fields, char told[300], char text[64])
{
    char path[SCRATCH_PATH], folder[SCRATCH_PATH];
    struct diagnostics found = {0};
    struct paper paper;
    FILE *file = fopen(scratch_path(path, "planted.yaml"), "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fprintf(file, "results: [planted]\nnumbers:\n  - {name: X, results: planted, %s}\n", fields);
    CU_ASSERT_EQUAL_FATAL(fclose(file), 0);
    scratch_path(folder, "");
    folder[strlen(folder) - 1] = '\0';
    OK(paper_load(&paper, path, folder, &found, &error));
    snprintf(told, 300, "%.299s", found.count ? found.items[0].message : "");
    snprintf(text, 64, "%.63s", paper.number_count ? paper.numbers[0].text : "");
    paper_release(&paper);
    diagnostics_release(&found);
}

/* Means, intervals, tests and extremes of some of the trials alone are mistakes; counts count. */
static void numbers_of_the_paper_refuse_it(void)
{
    static const char *const reductions[] = {"mean",    "interval", "low", "high",
                                             "minimum", "maximum",  "sum", "p_value"};
    static const char digest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    char fields[200], told[300], text[64];

    for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
        double network[TRIALS];
        memcpy(network, made_scores, sizeof network);
        network[4] = others[k];
        struct made made = made_scored("planted.h5", 0, network, NULL);
        OK(hdf5_attribute_text(&made.file, "/", "content_sha256", digest, &error));
        OK(hdf5_attribute_text(&made.file, "/", "experiment", "planted", &error));
        made_close(&made);
        for (size_t r = 0; r < sizeof reductions / sizeof *reductions; r++) {
            snprintf(fields, sizeof fields, "column: network.test.ssim, reduce: %s", reductions[r]);
            number_mistake(fields, told, text);
            CU_ASSERT_PTR_NOT_NULL(strstr(told, "some of the trials have no finite value there"));
        }
        number_mistake("column: network.test.ssim, minus: pipeline.test.ssim", told, text);
        CU_ASSERT_PTR_NOT_NULL(strstr(told, "no finite value"));
        number_mistake("column: network.test.ssim, where: {network.width: 4}, against: "
                       "{network.width: 8}",
                       told, text);
        CU_ASSERT_PTR_NOT_NULL(strstr(told, "no finite value"));
        number_mistake("column: network.test.ssim, where: {network.width: 4}, digits: 2", told,
                       text);
        CU_ASSERT(told[0] == '\0' && strcmp(text, "0.72") == 0);
        number_mistake("column: network.test.ssim, reduce: count, digits: 0", told, text);
        CU_ASSERT(told[0] == '\0' && strcmp(text, "5") == 0);
    }
}

void report_scores_suite(void)
{
    CU_pSuite suite = CU_add_suite("report_scores", NULL, NULL);
    CU_add_test(suite, "figures leave it out, and say so", figures_leave_it_out);
    CU_add_test(suite, "nothing finite, nothing drawn", nothing_finite_nothing_drawn);
    CU_add_test(suite, "numbers of the paper refuse it", numbers_of_the_paper_refuse_it);
    CU_add_test(suite, "figures of scores in integers", figures_in_integers);
    CU_add_test(suite, "changes in integers, after training and fine-tuning", changes_in_integers);
}
