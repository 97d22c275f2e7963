#include "report/charts/drawing_axes.h"

#include "base/memory.h"
#include "math/statistics.h"
#include "report/charts/gnuplot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines drawn through the whole width end where the axis ends: the range is not widened for them.
 */
static bool spans(const struct series *series)
{
    return series_roles[series->role].across;
}

static bool in_panel(const struct series *series, int panel)
{
    return drawing_panel(series) == panel;
}

/* By the unit: no share lies beyond 0 … 1, no count, time or energy below 0. */
static struct axis_limits limits_of(const struct axis_words *words)
{
    static const char *const positive[] = {"count", "whole", "J", "s", "min", "B"};

    if (strcmp(words->unit, "share") == 0)
        return (struct axis_limits){0, 1};
    for (size_t i = 0; i < sizeof positive / sizeof *positive; i++)
        if (strcmp(words->unit, positive[i]) == 0)
            return (struct axis_limits){0, INFINITY};
    return axis_no_limits;
}

struct axis_limits drawing_limits(const struct drawing *drawing, const struct chart *chart,
                                  int panel)
{
    return panel == 0 && drawing->scores ? *drawing->scores : limits_of(&chart->y[panel]);
}

/* Make sure that an axis of whole numbers shows a few. */
static void widen_whole(struct axis *axis, const struct axis_words *words)
{
    bool whole = strcmp(words->unit, "whole") == 0 || strcmp(words->unit, "count") == 0;

    if (!whole || axis->log || axis->high - axis->low >= 2)
        return;
    axis->low = floor(axis->low);
    axis->high = ceil(axis->high);
}

static struct axis x_axis(const struct drawing *drawing, const struct chart *chart)
{
    struct axis_limits limits = limits_of(&chart->x);
    struct axis axis = axis_empty();

    if (drawing->zero_x)
        axis_include(&axis, 0);
    for (int spanning = 0; spanning < 2; spanning++) {
        for (size_t s = 0; s < chart->count; s++) {
            const struct series *series = &chart->series[s];
            for (size_t k = 0; k < series->count; k++)
                if (drawing_panel(series) < 0 || spans(series) != spanning)
                    continue;
                else if (spanning)
                    axis_extend(&axis, axis_hold(&limits, series->x[k]));
                else
                    axis_include(&axis, series->x[k]);
        }
        if (spanning)
            continue;
        axis_finish_within(&axis, drawing->log_x, &limits);
        widen_whole(&axis, &chart->x);
    }
    return axis;
}

/* An interval that leaves what can be is drawn up to there. */
static struct axis y_axis(const struct drawing *drawing, const struct chart *chart, int panel)
{
    struct axis_limits limits = drawing_limits(drawing, chart, panel);
    struct axis axis = axis_empty();

    for (size_t s = 0; s < chart->count; s++)
        for (size_t k = 0; k < chart->series[s].count && in_panel(&chart->series[s], panel); k++) {
            axis_include(&axis, chart->series[s].y[k]);
            axis_include(&axis, axis_hold(&limits, chart->series[s].low[k]));
            axis_include(&axis, axis_hold(&limits, chart->series[s].high[k]));
        }
    bool log = panel == 0 ? drawing->log_y : strcmp(chart->y[1].unit, "whole") != 0;
    axis_finish_within(&axis, log, &limits);
    widen_whole(&axis, &chart->y[panel]);
    return axis;
}

/* The different values of x, ascending. */
static enum status x_values(const struct chart *chart, double **values, size_t *count,
                            struct error *error)
{
    size_t total = 0, n = 0;

    *count = 0;
    for (size_t s = 0; s < chart->count; s++)
        total += chart->series[s].count;
    PASS(memory_new(values, total, sizeof **values, error));
    for (size_t s = 0; s < chart->count; s++)
        for (size_t k = 0; k < chart->series[s].count; k++)
            if (!spans(&chart->series[s]) && axis_shows(chart->series[s].x[k]))
                (*values)[n++] = chart->series[s].x[k];
    if (n)
        qsort(*values, n, sizeof **values, statistics_compare);
    for (size_t i = 0; i < n; i++)
        if (*count == 0 || (*values)[i] != (*values)[*count - 1])
            (*values)[(*count)++] = (*values)[i];
    return STATUS_OK;
}

static void set_member(struct text *script, const char *axis, const char *member, double value)
{
    char name[32];
    snprintf(name, sizeof name, "%s_%s", axis, member);
    gnuplot_set_real(script, name, value);
}

/* Tics without the labels in their quotes. */
static void append_marks(const char *tics, struct text *marks)
{
    bool label = false;
    for (const char *at = tics; *at; at++) {
        if (*at == '"')
            label = !label;
        if (!label || *at == '"')
            text_append_bytes(marks, at, 1);
    }
}

/* Characters of the longest label in the tics' quotes. */
static size_t tics_width(const char *tics)
{
    size_t widest = 0, width = 0;
    bool label = false;

    for (const char *at = tics; *at; at++) {
        if (*at == '"') {
            label = !label;
            width = 0;
        } else if (label) {
            width++;
        }
        widest = width > widest ? width : widest;
    }
    return widest;
}

static enum status set_axis(struct text *script, const char *id, const struct axis *axis,
                            const struct axis_words *words, const double *at, size_t count,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct text tics = {0}, marks = {0}, name = {0};
    char variable[32];

    text_append(&name, "%s", words->label);
    text_append(&tics, "%s", "");
    axis_tics(axis, words->unit, at, count, &tics, &name);
    TRY(text_status(&tics, error));
    text_append(&marks, "%s", "");
    append_marks(tics.bytes, &marks);
    TRY(text_status(&marks, error));
    TRY(text_status(&name, error));
    set_member(script, id, "low", axis->low);
    set_member(script, id, "high", axis->high);
    set_member(script, id, "log", axis->log);
    set_member(script, id, "width", (double)tics_width(tics.bytes));
    snprintf(variable, sizeof variable, "%s_tics", id);
    gnuplot_set_text(script, variable, tics.bytes);
    snprintf(variable, sizeof variable, "%s_marks", id);
    gnuplot_set_text(script, variable, marks.bytes);
    snprintf(variable, sizeof variable, "%s_label", id);
    gnuplot_set_text(script, variable, name.bytes);
out:
    text_release(&name);
    text_release(&marks);
    text_release(&tics);
    return status;
}

enum status drawing_axes(struct text *script, const struct drawing *drawing,
                         const struct chart *chart, struct error *error)
{
    enum status status = STATUS_OK;
    static const char *const ids[CHART_PANELS] = {"y", "y2"};
    struct axis axis = x_axis(drawing, chart);
    double *at = NULL;
    size_t count = 0;

    if (drawing->tics_at_values)
        TRY(x_values(chart, &at, &count, error));
    TRY(set_axis(script, "x", &axis, &chart->x, at, count, error));
    for (int panel = 0; panel < CHART_PANELS; panel++) {
        if (!chart->y[panel].label)
            continue;
        struct axis_limits limits = drawing_limits(drawing, chart, panel);
        axis = y_axis(drawing, chart, panel);
        TRY(set_axis(script, ids[panel], &axis, &chart->y[panel], NULL, 0, error));
        set_member(script, ids[panel], "least", fmax(limits.least, -1e300));
        set_member(script, ids[panel], "most", fmin(limits.most, 1e300));
    }
out:
    memory_free(at);
    return status;
}
