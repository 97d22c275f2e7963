/*
 * Performance against the amount of training data: how many hand-made labels does it take? The
 * pipeline's own score, and one line of networks for each source of labels: the pipeline, the
 * manual labels alone, or the truth (the upper bound).
 */
#include "interfaces/figure.h"
#include "math/statistics.h"
#include "report/charts/drawing.h"
#include "report/figures/performance.h"
#include "results/trial_filter.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct performance_vs_data_settings {
    struct figure_style style;
    const char *axis;
    int64_t metric, split;
    struct performance_reference reference;
    struct text_list where;
};

static const struct field fields[] = {
    {"axis", FIELD_TEXT, offsetof(struct performance_vs_data_settings, axis),
     .default_value = "dataset.manual", .help = "axis of the grid that counts the training data"},
    {"metric", FIELD_CHOICE, offsetof(struct performance_vs_data_settings, metric),
     .default_value = "auto", .choices = performance_metrics,
     .help = "score; auto: the task's own"},
    {"split", FIELD_CHOICE, offsetof(struct performance_vs_data_settings, split),
     .default_value = "test", .choices = performance_splits,
     .help = "images on which the score is measured"},
    {"reference", FIELD_RECORD, offsetof(struct performance_vs_data_settings, reference),
     .default_value = "{}", .fields = performance_reference_fields,
     .help = "published points to mark"},
    WHERE_FIELD(struct performance_vs_data_settings),
    FIGURE_STYLE_FIELDS,
    {0}};

/* The pipeline's score at each of the different values of x. */
static enum status add_pipeline(const struct performance *performance, const double *x,
                                struct chart *chart, struct error *error)
{
    enum status status = STATUS_OK;
    const struct points *points = &performance->points;
    double *places = NULL;
    struct interval *scores = NULL;
    bool *chosen = NULL;
    size_t count = 0, kept = 0;
    struct series *series;

    TRY(memory_new(&places, points->count, sizeof *places, error));
    TRY(memory_new(&scores, points->count, sizeof *scores, error));
    TRY(memory_new(&chosen, points->count, sizeof *chosen, error));
    for (size_t p = 0; p < points->count; p++)
        if (!isnan(x[points->first[p]]))
            places[count++] = x[points->first[p]];
    if (count)
        qsort(places, count, sizeof *places, statistics_compare);
    for (size_t i = 0; i < count; i++) {
        if (i && places[i] == places[i - 1])
            continue;
        double place = places[i];
        for (size_t p = 0; p < points->count; p++)
            chosen[p] = x[points->first[p]] == place;
        TRY(points_interval(points, performance->pipeline, chosen, &scores[kept], error));
        if (isnan(scores[kept].mean))
            continue;
        places[kept++] = place; /* kept never runs ahead of i */
    }
    if (kept == 0)
        goto out;
    TRY(chart_add(chart, "pipeline", "pipeline", ROLE_PIPELINE_LINE, kept, &series, error));
    for (size_t k = 0; k < kept; k++)
        performance_put(series, k, places[k], scores[k]);
out:
    memory_free(chosen);
    memory_free(scores);
    memory_free(places);
    return status;
}

/* Networks on true labels that were trained at one place alone, since they do not depend on x, are
 * a line through all of it. */
static enum status widen_truth(struct chart *chart, struct error *error)
{
    double low = INFINITY, high = -INFINITY;

    for (size_t s = 0; s < chart->count; s++)
        for (size_t k = 0; k < chart->series[s].count; k++) {
            low = chart->series[s].x[k] < low ? chart->series[s].x[k] : low;
            high = chart->series[s].x[k] > high ? chart->series[s].x[k] : high;
        }
    for (size_t s = 0; s < chart->count; s++) {
        struct series *series = &chart->series[s];
        double *numbers;
        if (series->role != ROLE_TRUTH || series->count != 1 || !(low < high))
            continue;
        PASS(arena_new(&chart->arena, &numbers, 8, sizeof *numbers, error));
        for (size_t k = 0; k < 2; k++) {
            numbers[k] = k ? high : low;
            numbers[2 + k] = series->y[0];
            numbers[4 + k] = series->low[0];
            numbers[6 + k] = series->high[0];
        }
        series->x = numbers;
        series->y = numbers + 2;
        series->low = numbers + 4;
        series->high = numbers + 6;
        series->count = 2;
        series->role = ROLE_TRUTH_ACROSS;
    }
    return STATUS_OK;
}

static struct axis_words words_of(const struct points *points, const char *axis)
{
    static const struct {
        const char *axis, *label;
    } known[] = {
        {"dataset.manual", "images with manual labels"},
        {"dataset.unlabelled", "images labelled by the pipeline"},
    };
    const char *label = points_axis_label(points, axis);
    struct axis_words words = {label ? label : axis, "count"};
    for (size_t i = 0; !label && i < sizeof known / sizeof *known; i++)
        if (strcmp(axis, known[i].axis) == 0)
            words.label = known[i].label;
    return words;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct performance_vs_data_settings *settings = config;
    struct performance performance = {0};
    struct chart chart = {0};
    struct text remark = {0};
    double *x;

    TRY(performance_read(&performance, results, settings->metric, settings->split, SCORE_FLOAT32,
                         NULL, error));
    TRY(results_numbers(results, settings->axis, &performance.arena, &x, error));
    for (size_t i = 0; i < performance.points.axis_count; i++)
        performance.points.axes[i].line =
            strcmp(performance.points.axes[i].name, settings->axis) != 0;
    TRY(where_keep(&performance.points, &settings->where, &performance.arena, error));
    TRY(performance_lines(&performance, x, &chart, error));
    TRY(add_pipeline(&performance, x, &chart, error));
    TRY(widen_truth(&chart, error));
    TRY(performance_references(&settings->reference, &chart, error));
    chart.x = words_of(&performance.points, settings->axis);
    where_remark(&performance.points, &settings->where, &remark);
    TRY(text_status(&remark, error));
    TRY(performance_describe(&performance, remark.bytes ? remark.bytes : "", &chart, error));
    TRY(chart_write(&chart, file, group, error));
out:
    text_release(&remark);
    chart_release(&chart);
    performance_release(&performance);
    return status;
}

static enum status shape(const void *config, const struct results *results, struct drawing *drawing,
                         struct error *error)
{
    const struct performance_vs_data_settings *settings = config;

    (void)error;
    drawing->log_x = true;
    drawing->tics_at_values = true;
    drawing->bounded = true;
    drawing->scores = performance_limits(results, settings->metric);
    return STATUS_OK;
}

static const char *objection(const void *config, int64_t examples)
{
    const struct performance_vs_data_settings *settings = config;

    (void)examples;
    const char *wrong = where_objection(&settings->where);
    return wrong ? wrong : performance_reference_objection(&settings->reference);
}

const struct figure figure_performance_vs_data = {
    .descriptor = {.name = "performance_vs_data",
                   .summary = "score of networks and pipeline against the amount of training data",
                   .fields = fields,
                   .config_size = sizeof(struct performance_vs_data_settings),
                   .version = 1},
    .truth = true,
    .serves = SERVES_ALL,
    .objection = objection,
    .compute = compute,
    .template = "performance.gp",
    .shape = shape,
};
