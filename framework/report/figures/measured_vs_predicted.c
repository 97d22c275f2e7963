/*
 * Measured against predicted time of an image: a mark for each network and each pipeline of the
 * grid, the machine's cost model on one axis, the clock of the computer that ran the experiment on
 * the other. On the diagonal both are equal. The caption has how well the order and the size agree:
 * Spearman's rank correlation, and the median of |predicted - measured| / measured.
 */
#include "interfaces/figure.h"
#include "report/charts/drawing.h"
#include "report/figures/figure_sheet.h"
#include "results/grid_means.h"
#include "results/trial_filter.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

struct measured_settings {
    struct figure_style style;
    const char *hardware;
    struct text_list where;
};

static const struct field fields[] = {
    {"hardware", FIELD_TEXT, offsetof(struct measured_settings, hardware),
     .help = "machine whose predictions are shown: this computer, as 'understudy bench host' "
             "describes it"},
    WHERE_FIELD(struct measured_settings),
    FIGURE_STYLE_FIELDS,
    {0}};

static const char *objection(const void *config, int64_t examples)
{
    (void)examples;
    return where_objection(&((const struct measured_settings *)config)->where);
}

static bool timed(const void *config)
{
    (void)config;
    return true;
}

static const struct side {
    const char *name, *label, *predicted;
    enum series_role role;
} sides[] = {{"pipeline", "pipelines", "pipeline.latency_s", ROLE_REFERENCE_PIPELINE},
             {"network", "networks", "latency_s", ROLE_REFERENCE_NETWORK}};

static void describe(const struct series *series, struct text *caption, double *errors)
{
    for (size_t k = 0; k < series->count; k++)
        errors[k] = fabs(series->x[k] - series->y[k]) / series->y[k];
    if (series->count == 0)
        text_append(caption, "; no %s with both times", series->label);
    else
        text_append(caption, "; %zu %s: rank correlation %.2f, median error %.0f %%", series->count,
                    series->label, statistics_rank_correlation(series->x, series->y, series->count),
                    100 * statistics_median(errors, series->count));
}

/* The marks of one side: grid points that have both times. */
static enum status add_side(const struct results *results, const struct points *points,
                            const struct side *side, const char *machine, struct chart *chart,
                            struct text *caption, struct error *error)
{
    char predicted_name[320], measured_name[64];
    double *predicted, *measured, *errors;
    struct interval x, y;
    struct series *series;
    size_t count = 0;

    snprintf(predicted_name, sizeof predicted_name, "hardware.%s.%s", machine, side->predicted);
    snprintf(measured_name, sizeof measured_name, "timing.%s.seconds_per_image", side->name);
    if (!results_has(results, predicted_name)) {
        text_append(caption, "; %s runs no %s", machine, side->label);
        return STATUS_OK;
    }
    PASS(results_numbers(results, predicted_name, &chart->arena, &predicted, error));
    PASS(results_numbers(results, measured_name, &chart->arena, &measured, error));
    PASS(chart_add(chart, side->name, side->label, side->role, points->count, &series, error));
    for (size_t p = 0; p < points->count; p++) {
        PASS(points_interval_at(points, predicted, p, &x, error));
        PASS(points_interval_at(points, measured, p, &y, error));
        if (!(x.mean > 0 && y.mean > 0))
            continue;
        series->x[count] = x.mean;
        series->y[count++] = y.mean;
    }
    series->count = count;
    PASS(arena_new(&chart->arena, &errors, count, sizeof *errors, error));
    describe(series, caption, errors);
    return STATUS_OK;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct measured_settings *settings = config;
    struct figure_sheet sheet = {0};

    sheet.chart.y[0] = (struct axis_words){"measured time per image", "s"};
    sheet.chart.x.unit = "s";
    TRY(arena_print(&sheet.chart.arena, &sheet.chart.x.label, error, "predicted time per image, %s",
                    settings->hardware));
    TRY(figure_sheet_begin(&sheet, results, &settings->where, error));
    points_caption(&sheet.points, false, &sheet.caption);
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        TRY(add_side(results, &sheet.points, &sides[i], settings->hardware, &sheet.chart,
                     &sheet.caption, error));
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
    drawing->log_x = drawing->log_y = true;
    return STATUS_OK;
}

const struct figure figure_measured_vs_predicted = {
    .descriptor = {.name = "measured_vs_predicted",
                   .summary = "measured times of networks and pipelines against a cost model's",
                   .fields = fields,
                   .config_size = sizeof(struct measured_settings),
                   .version = 1},
    .serves = SERVES_ALL,
    .timed = timed,
    .objection = objection,
    .compute = compute,
    .template = "measured_vs_predicted.gp",
    .shape = shape,
};
