/*
 * Does a network copy the pipeline, or surpass it? The difference of the scores, network less
 * pipeline, against the network's agreement with the pipeline's answers: a mark for each grid
 * point, mean and interval over replicates. Below 0 the pipeline is better.
 */
#include "interfaces/figure.h"
#include "report/charts/drawing.h"
#include "report/figures/figure_column.h"
#include "report/figures/figure_sheet.h"
#include "report/figures/performance.h"
#include "results/trial_filter.h"

#include <math.h>
#include <stdio.h>

struct agreement_settings {
    struct figure_style style;
    int64_t metric, split;
    const char *by;
    struct text_list where;
};

static const struct field fields[] = {
    {"metric", FIELD_CHOICE, offsetof(struct agreement_settings, metric), .default_value = "auto",
     .choices = performance_metrics, .help = "score; auto: the task's own"},
    {"split", FIELD_CHOICE, offsetof(struct agreement_settings, split), .default_value = "test",
     .choices = performance_splits, .help = "images on which both are measured"},
    {"by", FIELD_TEXT, offsetof(struct agreement_settings, by), .default_value = "\"\"",
     .help = "column whose values have a colour each, as network.width; empty: one colour"},
    WHERE_FIELD(struct agreement_settings),
    FIGURE_STYLE_FIELDS,
    {0}};

static const char *objection(const void *config, int64_t examples)
{
    (void)examples;
    return where_objection(&((const struct agreement_settings *)config)->where);
}

/* Network less pipeline, trial by trial. */
static enum status read_difference(const struct results *results, const struct points *points,
                                   const char *score, struct arena *arena,
                                   struct figure_column *column, struct error *error)
{
    char network[128], pipeline[128];
    double *other;

    snprintf(network, sizeof network, "network.%s", score);
    snprintf(pipeline, sizeof pipeline, "pipeline.%s", score);
    PASS(figure_column_read(results, points, network, arena, column, error));
    PASS(results_numbers(results, pipeline, arena, &other, error));
    for (size_t i = 0; i < points->trials; i++)
        column->values[i] -= other[i];
    return arena_print(arena, &column->words.label, error, "%s, network − pipeline",
                       column->words.label);
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct agreement_settings *settings = config;
    const char *metric = metric_names[performance_metric(results, settings->metric)];
    const char *split = performance_splits[settings->split];
    struct figure_sheet sheet = {0};
    struct figure_column x, y;
    char name[96];

    TRY(figure_sheet_begin(&sheet, results, &settings->where, error));
    snprintf(name, sizeof name, "network.%s.agreement.%s", split, metric);
    TRY(figure_column_read(results, &sheet.points, name, &sheet.chart.arena, &x, error));
    snprintf(name, sizeof name, "%s.%s", split, metric);
    TRY(read_difference(results, &sheet.points, name, &sheet.chart.arena, &y, error));
    TRY(figure_column_marks(results, &sheet.points, &x, &y, settings->by, ROLE_MARKS, &sheet.chart,
                            error));
    sheet.chart.x = x.words;
    sheet.chart.y[0] = y.words;
    points_caption(&sheet.points, chart_has_intervals(&sheet.chart), &sheet.caption);
    TRY(figure_sheet_end(&sheet, &settings->where, file, group, error));
out:
    figure_sheet_release(&sheet);
    return status;
}

static enum status shape(const void *config, const struct results *results, struct drawing *drawing,
                         struct error *error)
{
    (void)config;
    (void)results;
    (void)error;
    drawing->bounded = true;
    drawing->scores = axis_no_limits; /* differences, of either sign */
    drawing->zero_y = true;
    return STATUS_OK;
}

const struct figure figure_agreement = {
    .descriptor = {.name = "agreement",
                   .summary = "gain over the pipeline against agreement with it",
                   .fields = fields,
                   .config_size = sizeof(struct agreement_settings),
                   .version = 1},
    .truth = true,
    .serves = SERVES_ALL,
    .objection = objection,
    .compute = compute,
    .template = "marks.gp",
    .shape = shape,
};
