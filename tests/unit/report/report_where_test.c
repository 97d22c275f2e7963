/* report/where: figures of some of an experiment's trials. */
#include "results/trial_filter.h"

#include "report/charts/chart.h"
#include "tests/unit/report_results.h"

#include <math.h>

void report_where_suite(void);

static const struct series *find(const struct chart *chart, const char *name)
{
    for (size_t s = 0; s < chart->count; s++)
        if (strcmp(chart->series[s].name, name) == 0)
            return &chart->series[s];
    return NULL;
}

/* The width that is held is no part of a line's name; the other width is not there. */
static void lines_of_some_trials(void)
{
    struct made made = made_denoising("where.h5", 0);
    struct chart chart;

    OK(compute(&made.file,
               "{figures: [curves: {where: [network.width=8]}, performance_vs_computation: {where: "
               "[network.width=4.0]}, performance_vs_data: {axis: network.width, where: "
               "[network.width=8]}]}"));
    OK(chart_read(&chart, &made.file, "/figures/curves", &error));
    const struct series *score = find(&chart, "score");
    CU_ASSERT_PTR_NOT_NULL_FATAL(score);
    CU_ASSERT_DOUBLE_EQUAL(score->y[0], 0.54, 1e-12);
    CU_ASSERT_EQUAL(chart.count, 3); /* with the loss and the pipeline */
    CU_ASSERT_PTR_NOT_NULL(strstr(chart.caption, "; network.width=8"));
    chart_release(&chart);
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_computation", &error));
    const struct series *line = find(&chart, "network");
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    CU_ASSERT_EQUAL_FATAL(line->count, 1);
    CU_ASSERT_EQUAL(line->x[0], 1);
    CU_ASSERT_DOUBLE_EQUAL(line->y[0], 0.72, 1e-12);
    CU_ASSERT_STRING_EQUAL(line->label, "network");
    CU_ASSERT_PTR_NOT_NULL(strstr(chart.caption, "; network.width=4.0"));
    chart_release(&chart);
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_data", &error));
    line = find(&chart, "network");
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    CU_ASSERT_EQUAL_FATAL(line->count, 1);
    CU_ASSERT_EQUAL(line->x[0], 8);
    CU_ASSERT_PTR_NOT_NULL(strstr(chart.caption, "; network.width=8"));
    chart_release(&chart);
    made_close(&made);
}

/* Three sources of labels at two sizes; the filter is a mapping. */
static struct made made_sources(const char *name)
{
    static const char *const labels[] = {"pipeline", "pipeline", "manual",
                                         "manual",   "truth",    "truth"},
                             *const filters[] = {"none", "{method: random, fraction: 0.1}",
                                                 "none", "{method: random, fraction: 0.1}",
                                                 "none", "{method: oracle}"};
    static const int64_t manual[] = {10, 1000, 10, 1000, 10, 1000};
    static const double scores[] = {0.5, 0.6, 0.3, 0.4, 0.9, 0.95},
                        minutes[] = {60, 120, 180, 240, 300, 360};
    struct made made = made_begin(name, 6,
                                  "grid: {filter: [1], train.labels: [1], dataset.manual: [1, 2]}\n"
                                  "labels: {train.labels: {values: {manual: labels by hand}}}\n");
    char path[128];

    made_numbers(&made, 1);
    made_texts(&made, "filter", filters);
    made_texts(&made, "train.labels", labels);
    made_integers(&made, "dataset.manual", manual);
    made_reals(&made, "network.test.ssim", scores);
    made_constant(&made, "pipeline.test.ssim", 0.5);
    made_status(&made, 0);
    for (size_t i = 0; i < 6; i++) {
        double values[2] = {scores[i], minutes[i]};
        struct hdf5_array one = {HDF5_FLOAT64, 1, {1}, 0, &values[0]};
        struct hdf5_array seconds = {HDF5_FLOAT64, 1, {1}, 0, &values[1]};
        snprintf(path, sizeof path, "/curves/%05zu/validation.ssim", i);
        OK(hdf5_write(&made.file, path, &one, NULL));
        snprintf(path, sizeof path, "/timing/curves/%05zu/train.seconds", i);
        OK(hdf5_write(&made.file, path, &seconds, NULL));
    }
    made_seal(&made);
    return made;
}

static void roles_and_keys(void)
{
    struct made made = made_sources("sources.h5");
    struct chart chart;

    OK(compute(&made.file,
               "{figures: [performance_vs_data: {where: [train.labels=manual, filter=none]}, "
               "score_vs_minutes: {where: [filter.method=random, filter.fraction=0.10]}]}"));
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_data", &error));
    const struct series *line = find(&chart, "network");
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    CU_ASSERT_EQUAL(line->role, ROLE_MANUAL);
    CU_ASSERT_EQUAL_FATAL(line->count, 1);
    CU_ASSERT(line->x[0] == 10 && line->y[0] == 0.3);
    CU_ASSERT_PTR_NOT_NULL(strstr(chart.caption, "; labels by hand; filter=none"));
    chart_release(&chart);
    OK(chart_read(&chart, &made.file, "/timing/figures/score_vs_minutes", &error));
    size_t lines = 0;
    for (size_t s = 0; s < chart.count; s++)
        if (chart.series[s].role == ROLE_SCORE) {
            CU_ASSERT(chart.series[s].x[0] == 2 || chart.series[s].x[0] == 4);
            lines++;
        }
    CU_ASSERT_EQUAL(lines, 2);
    chart_release(&chart);
    made_close(&made);
}

static void what_does_not_fit(void)
{
    static const char *const cases[][2] = {
        {"{figures: [curves: {where: [network.depth=4]}]}",
         "figure 'curves': where: 'network.depth' is not an axis of the grid"},
        {"{figures: [performance_vs_computation: {where: [network.width=5]}]}",
         "figure 'performance_vs_computation': where: no trial has network.width=5"},
        {"{figures: [performance_vs_data: {axis: network.width, where: [network.width=8, "
         "network.width=5]}]}",
         "figure 'performance_vs_data': where: no trial has network.width=5"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made made = made_denoising("unfit.h5", 0);
        char text[400];
        CU_ASSERT_EQUAL(compute(&made.file, cases[i][0]), STATUS_CONFIG);
        error_text(&error, text, sizeof text);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, cases[i][1]));
        made_close(&made);
    }
}

/* An empty list is not printed: the plans of figures without it, and their digests, stay. */
static void unsaid_where_empty(void)
{
    static const char *const written[] = {"{figures: [curves]}",
                                          "{figures: [curves: {where: [network.width=8]}]}"};
    struct text texts[2] = {{0}, {0}};

    for (int i = 0; i < 2; i++) {
        struct arena arena = {0};
        struct diagnostics found = {0};
        struct yaml_node *root;
        struct component_list list;
        OK(yaml_parse(&arena, "test", written[i], strlen(written[i]), &root, &found, &error));
        OK(schema_read(list_fields, root, "", &list, &arena, &found, &error));
        CU_ASSERT_EQUAL(found.count, 0);
        schema_print(list_fields, &list, 0, &texts[i]);
        diagnostics_release(&found);
        arena_release(&arena);
    }
    CU_ASSERT_STRING_EQUAL(texts[0].bytes, "figures:\n  - curves: {metric: auto}\n");
    CU_ASSERT_STRING_EQUAL(texts[1].bytes,
                           "figures:\n  - curves: {metric: auto, where: [\"network.width=8\"]}\n");
    text_release(&texts[0]);
    text_release(&texts[1]);
}

/* That all trials with a value failed is told in the caption; the other figures are there. */
static void all_failed(void)
{
    struct made made = made_denoising("failed.h5", 07);
    struct chart chart;

    OK(compute(&made.file,
               "{figures: [curves: {where: [network.width=4]}, "
               "performance_vs_computation: {where: [network.width=4]}, "
               "performance_vs_data: {axis: network.width, where: [network.width=4]}]}"));
    OK(chart_read(&chart, &made.file, "/figures/performance_vs_computation", &error));
    CU_ASSERT_PTR_NULL(find(&chart, "network"));
    CU_ASSERT_PTR_NOT_NULL(strstr(chart.caption, "3 of 6 trials failed"));
    chart_release(&chart);
    made_close(&made);
}

void report_where_suite(void)
{
    CU_pSuite suite = CU_add_suite("report_where", NULL, NULL);

    CU_add_test(suite, "figures of some trials", lines_of_some_trials);
    CU_add_test(suite, "roles, and keys of mappings", roles_and_keys);
    CU_add_test(suite, "what does not fit", what_does_not_fit);
    CU_add_test(suite, "trials that all failed", all_failed);
    CU_add_test(suite, "an empty where is not printed", unsaid_where_empty);
}
