/* Training curves: loss and validation score by epoch, one line a grid point, mean over its
 * replicates. */
#include "interfaces/figure.h"
#include "report/charts/axis.h"
#include "report/charts/drawing.h"
#include "report/figures/curve_series.h"
#include "report/figures/performance.h"
#include "results/trial_filter.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

struct curves_settings {
    struct figure_style style;
    int64_t metric;
    struct text_list where;
};

static const struct field fields[] = {
    {"metric", FIELD_CHOICE, offsetof(struct curves_settings, metric), .default_value = "auto",
     .choices = performance_metrics,
     .help = "score on the validation images; auto: the task's own"},
    WHERE_FIELD(struct curves_settings),
    FIGURE_STYLE_FIELDS,
    {0}};

static enum status add_curves(const struct points *points, const struct curve *scores,
                              const struct curve *losses, enum metric metric, struct chart *chart,
                              struct line_styles *lines, struct error *error)
{
    enum status status = STATUS_OK;
    const struct curves roles[] = {{points, lines, scores, NULL, ROLE_SCORE},
                                   {points, lines, losses, NULL, ROLE_LOSS}};
    struct series *series;
    bool *drawn = NULL;

    TRY(memory_new(&drawn, points->count, sizeof *drawn, error));
    for (size_t p = 0; p < points->count; p++)
        drawn[p] = curves_epochs(&roles[0], p) || curves_epochs(&roles[1], p);
    TRY(curves_styles(points, scores, metric, drawn, lines, error));
    for (size_t r = 0; r < sizeof roles / sizeof *roles; r++)
        for (size_t p = 0; p < points->count; p++)
            TRY(curves_add(&roles[r], p, chart, &series, error));
out:
    memory_free(drawn);
    return status;
}

/* Where there is no ground truth, the curves are of agreement with the pipeline. */
static bool has_truth(const struct results *results, enum metric metric)
{
    char column[64];

    snprintf(column, sizeof column, "network.validation.%s", metric_names[metric]);
    if (results_has(results, column))
        return true;
    snprintf(column, sizeof column, "network.validation.agreement.%s", metric_names[metric]);
    return !results_has(results, column);
}

static enum status add_pipeline(const struct results *results, const struct points *points,
                                enum metric metric, struct chart *chart, struct text *remark,
                                struct error *error)
{
    char column[64];

    snprintf(column, sizeof column, "pipeline.validation.%s", metric_names[metric]);
    return performance_across(results, points, column, chart, remark, error);
}

static enum status describe(const struct points *points, const struct line_styles *lines,
                            const struct curve *scores, enum metric metric, bool judged,
                            const char *remark, struct chart *chart, struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};

    chart->x = (struct axis_words){"epoch", "whole"};
    chart->y[1] = (struct axis_words){"training loss", "1"};
    chart->y[0] = performance_words(metric);
    TRY(arena_print(&chart->arena, &chart->y[0].label, error, "%s%s",
                    judged ? "validation " : "agreement, ", chart->y[0].label));
    text_clear(&text);
    curves_caption(points, lines, scores, chart, &text);
    text_append(&text, "%s%s", judged ? "" : "; agreement with the pipeline, validation images",
                remark);
    TRY(text_keep(&text, &chart->arena, &chart->caption, error));
out:
    text_release(&text);
    return status;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct curves_settings *settings = config;
    enum metric metric = performance_metric(results, settings->metric);
    struct arena arena = {0};
    struct points points = {0};
    struct chart chart = {0};
    struct text remark = {0};
    struct curve *losses, *scores;
    struct line_styles lines;
    char name[64];

    TRY(points_read(results, &arena, &points, error));
    for (size_t i = 0; i < points.axis_count; i++)
        points.axes[i].line = true;
    TRY(where_keep(&points, &settings->where, &arena, error));
    bool judged = has_truth(results, metric);
    snprintf(name, sizeof name, "validation.%s%s", judged ? "" : "agreement.",
             metric_names[metric]);
    TRY(curves_read(results, &points, "/curves", name, &arena, &scores, error));
    TRY(curves_read(results, &points, "/curves", "train.loss", &arena, &losses, error));
    TRY(add_curves(&points, scores, losses, metric, &chart, &lines, error));
    TRY(add_pipeline(results, &points, metric, &chart, &remark, error));
    where_remark(&points, &settings->where, &remark);
    TRY(text_status(&remark, error));
    TRY(describe(&points, &lines, scores, metric, judged, remark.bytes ? remark.bytes : "", &chart,
                 error));
    TRY(chart_write(&chart, file, group, error));
out:
    text_release(&remark);
    chart_release(&chart);
    arena_release(&arena);
    return status;
}

static const char *objection(const void *config, int64_t examples)
{
    const struct curves_settings *settings = config;

    (void)examples;
    return where_objection(&settings->where);
}

static enum status shape(const void *config, const struct results *results, struct drawing *drawing,
                         struct error *error)
{
    const struct curves_settings *settings = config;

    (void)error;
    drawing->two_panels = true;
    drawing->bounded = true;
    drawing->scores = performance_limits(results, settings->metric);
    return STATUS_OK;
}

const struct figure figure_curves = {
    .descriptor = {.name = "curves",
                   .summary = "training loss and validation score by epoch",
                   .fields = fields,
                   .config_size = sizeof(struct curves_settings),
                   .version = 1},
    .serves = SERVES_ALL,
    .objection = objection,
    .compute = compute,
    .template = "curves.gp",
    .shape = shape,
};
