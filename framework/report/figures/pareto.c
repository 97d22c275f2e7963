/*
 * The Pareto front of score against cost: a mark for each grid point, and the line of those that no
 * other equals or beats at less cost. By default scores are those on the validation images, for a
 * front of test scores would be picked by luck.
 */
#include "interfaces/figure.h"
#include "report/charts/drawing.h"
#include "report/figures/figure_column.h"
#include "report/figures/figure_sheet.h"
#include "report/figures/performance.h"
#include "results/trial_filter.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct pareto_settings {
    struct figure_style style;
    const char *score, *cost, *by;
    struct text_list where;
};

static const struct field fields[] = {
    {"score", FIELD_TEXT, offsetof(struct pareto_settings, score), .default_value = "\"\"",
     .help = "column of a score, as network.test.ssim; empty: the first on the validation images"},
    {"cost", FIELD_TEXT, offsetof(struct pareto_settings, cost),
     .default_value = "network.multiply_adds",
     .help = "column of a cost, the less the better, as network.parameters, energy_j, "
             "timing.network.seconds_per_image"},
    {"by", FIELD_TEXT, offsetof(struct pareto_settings, by), .default_value = "\"\"",
     .help = "column whose values have a colour each, as network.family; empty: one colour"},
    WHERE_FIELD(struct pareto_settings),
    FIGURE_STYLE_FIELDS,
    {0}};

static const char *objection(const void *config, int64_t examples)
{
    (void)examples;
    return where_objection(&((const struct pareto_settings *)config)->where);
}

static bool timed(const void *config)
{
    return figure_column_is_time(((const struct pareto_settings *)config)->cost);
}

struct front_place {
    double cost, score;
};

/* Is the mark as good as none other at as little cost? Of equal marks, all are. */
static bool is_on_front(const struct chart *chart, size_t marks, enum metric metric,
                        struct front_place place)
{
    for (size_t s = 0; s < marks; s++)
        for (size_t k = 0; k < chart->series[s].count; k++) {
            double gain = metric_goodness(metric, chart->series[s].y[k]) -
                          metric_goodness(metric, place.score);
            double cost = chart->series[s].x[k];
            if (gain >= 0 && cost <= place.cost && (gain > 0 || cost < place.cost))
                return false;
        }
    return true;
}

/* The marks of the front, the cheapest first. */
static enum status add_front(struct chart *chart, enum metric metric, struct error *error)
{
    struct series *front;
    size_t marks = chart->count, total = 0, count = 0;

    for (size_t s = 0; s < marks; s++)
        total += chart->series[s].count;
    PASS(chart_add(chart, "front", "Pareto front", ROLE_FRONT, total, &front, error));
    for (size_t s = 0; s < marks; s++)
        for (size_t k = 0; k < chart->series[s].count; k++) {
            struct front_place place = {chart->series[s].x[k], chart->series[s].y[k]};
            if (!is_on_front(chart, marks, metric, place))
                continue;
            size_t at = count++;
            for (; at > 0 && front->x[at - 1] > place.cost; at--) {
                front->x[at] = front->x[at - 1];
                front->y[at] = front->y[at - 1];
            }
            front->x[at] = place.cost;
            front->y[at] = place.score;
        }
    front->count = count;
    return STATUS_OK;
}

/* The pipeline's score, as a line across. */
static enum status add_pipeline(const struct results *results, const struct points *points,
                                const struct figure_column *score, struct chart *chart,
                                struct text *caption, struct error *error)
{
    char name[96];

    if (strncmp(score->name, "network.", 8) != 0)
        return STATUS_OK;
    snprintf(name, sizeof name, "pipeline.%s", score->name + 8);
    return performance_across(results, points, name, chart, caption, error);
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct pareto_settings *settings = config;
    struct figure_sheet sheet = {0};
    struct figure_column score, cost;

    TRY(figure_sheet_begin(&sheet, results, &settings->where, error));
    TRY(figure_column_read(results, &sheet.points, figure_column_score(results, settings->score),
                           &sheet.chart.arena, &score, error));
    if (!score.scored)
        TRY(error_set(error, STATUS_CONFIG, "'%s' is no score; expected as network.test.ssim",
                      score.name));
    TRY(figure_column_read(results, &sheet.points, settings->cost, &sheet.chart.arena, &cost,
                           error));
    TRY(figure_column_marks(results, &sheet.points, &cost, &score, settings->by, ROLE_MARKS,
                            &sheet.chart, error));
    TRY(add_front(&sheet.chart, score.metric, error));
    sheet.chart.x = cost.words;
    sheet.chart.y[0] = score.words;
    points_caption(&sheet.points, chart_has_intervals(&sheet.chart), &sheet.caption);
    TRY(add_pipeline(results, &sheet.points, &score, &sheet.chart, &sheet.caption, error));
    TRY(figure_sheet_end(&sheet, &settings->where, file, group, error));
out:
    figure_sheet_release(&sheet);
    return status;
}

static enum status shape(const void *config, const struct results *results, struct drawing *drawing,
                         struct error *error)
{
    const struct pareto_settings *settings = config;

    (void)error;
    drawing->log_x = true;
    figure_column_bound(results, figure_column_score(results, settings->score), drawing);
    return STATUS_OK;
}

const struct figure figure_pareto = {
    .descriptor = {.name = "pareto",
                   .summary = "score against cost, with the front that no other network beats",
                   .fields = fields,
                   .config_size = sizeof(struct pareto_settings),
                   .version = 1},
    .serves = SERVES_ALL,
    .timed = timed,
    .objection = objection,
    .compute = compute,
    .template = "marks.gp",
    .shape = shape,
};
