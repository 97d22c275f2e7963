/*
 * Parallel coordinates (Inselberg 1985): the grid's axes and a score stand side by side, a line for
 * each grid point goes through its values. The colour is that of the score. Values that are words
 * stand at equal steps, numbers between the least and the largest.
 */
#include "interfaces/figure.h"
#include "report/charts/drawing.h"
#include "report/figures/figure_column.h"
#include "report/figures/figure_sheet.h"
#include "results/trial_filter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parallel_settings {
    struct figure_style style;
    const char *score;
    struct text_list columns, where;
};

static const struct field fields[] = {
    {"score", FIELD_TEXT, offsetof(struct parallel_settings, score), .default_value = "\"\"",
     .help = "column of the last axis, which gives the colour; empty: the first score on the "
             "validation images"},
    {"columns", FIELD_TEXTS, offsetof(struct parallel_settings, columns), .default_value = "[]",
     .help = "columns of the other axes, from left to right; empty: the axes of the grid"},
    WHERE_FIELD(struct parallel_settings),
    FIGURE_STYLE_FIELDS,
    {0}};

static const char *objection(const void *config, int64_t examples)
{
    (void)examples;
    return where_objection(&((const struct parallel_settings *)config)->where);
}

static bool timed(const void *config)
{
    const struct parallel_settings *settings = config;
    bool is_timed = figure_column_is_time(settings->score);

    for (size_t i = 0; i < settings->columns.count; i++)
        is_timed |= figure_column_is_time(settings->columns.items[i]);
    return is_timed;
}

/* One of the axes: where each grid point lies on it, from 0 to 1. */
struct coordinate_axis {
    const char *label;
    double *places; /* [points]; NaN: it has no value */
};

/* What stands beside the axis, at this place. */
static enum status add_value(struct chart *chart, size_t number, double place, const char *text,
                             struct error *error)
{
    struct series *series;
    char name[64];

    snprintf(name, sizeof name, "axis %zu at %.3f", number, place);
    PASS(chart_add(chart, name, text, ROLE_AXIS_VALUE, 1, &series, error));
    series->x[0] = (double)number;
    series->y[0] = place;
    return STATUS_OK;
}

/* Numbers: the means of the points between the least and the largest. */
static enum status place_numbers(const struct points *points, const struct figure_column *column,
                                 size_t number, struct coordinate_axis *axis, struct chart *chart,
                                 struct error *error)
{
    struct axis range = axis_empty();
    struct interval mean;
    char text[32];

    for (size_t p = 0; p < points->count; p++) {
        PASS(points_interval_at(points, column->values, p, &mean, error));
        axis->places[p] = mean.mean;
        axis_include(&range, mean.mean);
    }
    if (range.low > range.high)
        return STATUS_OK;
    double span = range.high - range.low;
    for (size_t p = 0; p < points->count; p++)
        axis->places[p] =
            span > 0 ? (axis->places[p] - range.low) / span : axis->places[p] - range.low + 0.5;
    snprintf(text, sizeof text, "%.4g", range.low);
    PASS(add_value(chart, number, span > 0 ? 0 : 0.5, text, error));
    snprintf(text, sizeof text, "%.4g", range.high);
    return span > 0 ? add_value(chart, number, 1, text, error) : STATUS_OK;
}

/* Words: at equal steps, in the order of the grid. */
static enum status place_words(const struct points *points, const char *name,
                               const char *const *texts, size_t number,
                               struct coordinate_axis *axis, struct chart *chart,
                               struct error *error)
{
    const char **words;
    size_t count = 0;

    PASS(arena_new(&chart->arena, &words, points->count, sizeof *words, error));
    for (size_t p = 0; p < points->count; p++) {
        const char *text = texts[points->first[p]];
        size_t k = 0;
        while (k < count && strcmp(words[k], text) != 0)
            k++;
        words[k] = text;
        count = k == count ? count + 1 : count;
        axis->places[p] = (double)k;
    }
    double step = count > 1 ? 1.0 / (double)(count - 1) : 0;
    for (size_t p = 0; p < points->count; p++)
        axis->places[p] = count > 1 ? axis->places[p] * step : 0.5;
    for (size_t k = 0; k < count; k++) {
        const char *label = points_value_label(points, name, words[k]);
        PASS(add_value(chart, number, count > 1 ? (double)k * step : 0.5, label ? label : words[k],
                       error));
    }
    return STATUS_OK;
}

static enum status add_axis(const struct results *results, const struct points *points,
                            const char *name, size_t number, struct coordinate_axis *axis,
                            struct chart *chart, struct error *error)
{
    struct series *series;
    struct figure_column column;
    struct error is_text = {0};
    const char **texts, *label = points_axis_label(points, name);
    char id[48];

    PASS(arena_new(&chart->arena, &axis->places, points->count, sizeof *axis->places, error));
    bool words =
        results_has(results, name) &&
        results_numbers(results, name, &chart->arena, &column.values, &is_text) != STATUS_OK;
    axis->label = label ? label : name;
    if (words) {
        PASS(results_texts(results, name, &chart->arena, &texts, error));
        PASS(place_words(points, name, texts, number, axis, chart, error));
    } else {
        PASS(figure_column_read(results, points, name, &chart->arena, &column, error));
        axis->label = column.words.label;
        PASS(place_numbers(points, &column, number, axis, chart, error));
    }
    snprintf(id, sizeof id, "axis %zu", number);
    PASS(chart_add(chart, id, axis->label, ROLE_AXIS_NAME, 1, &series, error));
    series->x[0] = (double)number;
    series->y[0] = 1;
    return STATUS_OK;
}

/* A line for each point that has a place on every axis. */
static enum status add_profiles(const struct points *points, const struct coordinate_axis *axes,
                                size_t count, struct chart *chart, size_t *left_out,
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct text name = {0}, label = {0};
    struct series *series;

    for (size_t p = 0; p < points->count; p++) {
        bool whole = true;
        for (size_t a = 0; a < count; a++)
            whole &= !isnan(axes[a].places[p]);
        *left_out += !whole;
        if (!whole)
            continue;
        text_clear(&name);
        text_clear(&label);
        points_name(points, p, false, &name);
        points_label(points, p, false, &label);
        TRY(text_status(&name, error));
        TRY(text_status(&label, error));
        TRY(chart_add(chart, name.length ? name.bytes : "point", label.length ? label.bytes : "",
                      ROLE_PROFILE, count, &series, error));
        for (size_t a = 0; a < count; a++) {
            series->x[a] = (double)a + 1;
            series->y[a] = axes[a].places[p];
        }
    }
out:
    text_release(&label);
    text_release(&name);
    return status;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct parallel_settings *settings = config;
    struct figure_sheet sheet = {0};
    struct coordinate_axis *axes;
    size_t left_out = 0;

    TRY(figure_sheet_begin(&sheet, results, &settings->where, error));
    size_t given = settings->columns.count, others = given ? given : sheet.points.axis_count;
    TRY(arena_new(&sheet.chart.arena, &axes, others + 1, sizeof *axes, error));
    for (size_t a = 0; a < others; a++)
        TRY(add_axis(results, &sheet.points,
                     given ? settings->columns.items[a] : sheet.points.axes[a].name, a + 1,
                     &axes[a], &sheet.chart, error));
    TRY(add_axis(results, &sheet.points, figure_column_score(results, settings->score), others + 1,
                 &axes[others], &sheet.chart, error));
    TRY(add_profiles(&sheet.points, axes, others + 1, &sheet.chart, &left_out, error));
    sheet.chart.x = (struct axis_words){"axis", "whole"};
    sheet.chart.y[0] = (struct axis_words){"place on the axis", "1"};
    points_caption(&sheet.points, false, &sheet.caption);
    text_append(&sheet.caption, "; colour: %s", axes[others].label);
    if (left_out)
        text_append(&sheet.caption, "; %zu grid point%s without a value left out", left_out,
                    left_out == 1 ? "" : "s");
    TRY(figure_sheet_end(&sheet, &settings->where, file, group, error));
out:
    figure_sheet_release(&sheet);
    return status;
}

const struct figure figure_parallel = {
    .descriptor = {.name = "parallel",
                   .summary = "the axes of the grid and a score side by side, a line a grid point",
                   .source = "Inselberg, The plane with parallel coordinates, 1985",
                   .fields = fields,
                   .config_size = sizeof(struct parallel_settings),
                   .version = 1},
    .serves = SERVES_ALL,
    .timed = timed,
    .objection = objection,
    .compute = compute,
    .template = "parallel.gp",
};
