/*
 * One column of the table of trials against another: a mark for each grid point, mean and interval
 * over its replicates. The caption has Spearman's rank correlation of the means.
 */
#include "interfaces/figure.h"
#include "report/charts/drawing.h"
#include "report/figures/figure_column.h"
#include "report/figures/figure_sheet.h"
#include "results/trial_filter.h"

#include <string.h>

struct scatter_settings {
    struct figure_style style;
    const char *x, *y, *by;
    struct text_list where;
};

static const struct field fields[] = {
    {"x", FIELD_TEXT, offsetof(struct scatter_settings, x),
     .help = "column of the table of trials, as network.test.ssim, or its end, as ssim, "
             "multiply_adds, energy_j; 'understudy table' lists them"},
    {"y", FIELD_TEXT, offsetof(struct scatter_settings, y), .help = "the same, upwards"},
    {"by", FIELD_TEXT, offsetof(struct scatter_settings, by), .default_value = "\"\"",
     .help = "column whose values have a colour each, as network.family; empty: one colour"},
    WHERE_FIELD(struct scatter_settings),
    FIGURE_STYLE_FIELDS,
    {0}};

static const char *objection(const void *config, int64_t examples)
{
    (void)examples;
    return where_objection(&((const struct scatter_settings *)config)->where);
}

static bool timed(const void *config)
{
    const struct scatter_settings *settings = config;
    return figure_column_is_time(settings->x) || figure_column_is_time(settings->y);
}

/* How well the means of all marks agree in order. */
static enum status append_correlation(const struct chart *chart, struct text *caption,
                                      struct error *error)
{
    double *x, *y;
    size_t count = 0;

    for (size_t s = 0; s < chart->count; s++)
        count += chart->series[s].count;
    PASS(memory_new(&x, 2 * count + 1, sizeof *x, error));
    y = x + count;
    count = 0;
    for (size_t s = 0; s < chart->count; s++)
        for (size_t k = 0; k < chart->series[s].count; k++) {
            x[count] = chart->series[s].x[k];
            y[count++] = chart->series[s].y[k];
        }
    double correlation = count > 1 ? statistics_rank_correlation(x, y, count) : (double)NAN;
    text_append(caption, "; %zu grid points", count);
    if (!isnan(correlation))
        text_append(caption, ", rank correlation %.2f", correlation);
    memory_free(x);
    return STATUS_OK;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct scatter_settings *settings = config;
    struct figure_sheet sheet = {0};
    struct figure_column x, y;

    TRY(figure_sheet_begin(&sheet, results, &settings->where, error));
    TRY(figure_column_read(results, &sheet.points, settings->x, &sheet.chart.arena, &x, error));
    TRY(figure_column_read(results, &sheet.points, settings->y, &sheet.chart.arena, &y, error));
    TRY(figure_column_marks(results, &sheet.points, &x, &y, settings->by, ROLE_MARKS, &sheet.chart,
                            error));
    sheet.chart.x = x.words;
    sheet.chart.y[0] = y.words;
    points_caption(&sheet.points, chart_has_intervals(&sheet.chart), &sheet.caption);
    TRY(append_correlation(&sheet.chart, &sheet.caption, error));
    TRY(figure_sheet_end(&sheet, &settings->where, file, group, error));
out:
    figure_sheet_release(&sheet);
    return status;
}

static enum status shape(const void *config, const struct results *results, struct drawing *drawing,
                         struct error *error)
{
    const struct scatter_settings *settings = config;

    (void)error;
    figure_column_bound(results, settings->y, drawing);
    return STATUS_OK;
}

const struct figure figure_scatter = {
    .descriptor = {.name = "scatter",
                   .summary = "one column of the table of trials against another",
                   .fields = fields,
                   .config_size = sizeof(struct scatter_settings),
                   .version = 1},
    .serves = SERVES_ALL,
    .timed = timed,
    .objection = objection,
    .compute = compute,
    .template = "marks.gp",
    .shape = shape,
};
