#include "report/charts/drawing_axes.h"

#include "base/memory.h"
#include "math/statistics.h"
#include "report/charts/axis_unit.h"
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

static const struct figure_style plain_style;

/* What the user wants of the axes: x, and y of both panels. */
static const struct axis_style *style_of(const struct drawing *drawing, int panel)
{
    const struct figure_style *style = drawing->style ? drawing->style : &plain_style;

    return panel < 0 ? &style->x : panel == 0 ? &style->y : &style->y2;
}

static bool is_log(const struct axis_style *style, bool usual)
{
    return style->scale == AXIS_AUTO ? usual : style->scale == AXIS_LOG;
}

/* The range that the user wants, in his unit. */
static void set_range(const struct axis_style *style, const struct axis_words *words,
                      struct axis *axis)
{
    double factor = 1;

    if (style->range.count != 2)
        return;
    if (style->unit && style->unit[0])
        axis_unit_factor(words->unit, style->unit, &factor);
    axis->low = style->range.items[0] / factor;
    axis->high = style->range.items[1] / factor;
    axis->log = axis->log && axis->low > 0;
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
    const struct axis_style *style = style_of(drawing, -1);
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
        axis_finish_within(&axis, is_log(style, drawing->log_x), &limits);
        widen_whole(&axis, &chart->x);
    }
    set_range(style, &chart->x, &axis);
    return axis;
}

/* Are all means of the panel positive, so that it can be logarithmic? */
static bool all_positive(const struct chart *chart, int panel)
{
    for (size_t s = 0; s < chart->count; s++)
        for (size_t k = 0; k < chart->series[s].count && in_panel(&chart->series[s], panel); k++)
            if (chart->series[s].y[k] <= 0)
                return false;
    return true;
}

/* An interval that leaves what can be is drawn up to there; on a logarithmic axis one that reaches
 * 0 is drawn to the foot. */
static enum status find_panel(const struct drawing *drawing, const struct chart *chart, int panel,
                              struct drawn_panel *drawn, struct error *error)
{
    const struct axis_style *style = style_of(drawing, panel);
    bool usual = panel == 0 ? drawing->log_y : strcmp(chart->y[1].unit, "whole") != 0;
    bool log = is_log(style, usual) && all_positive(chart, panel);
    struct axis_limits limits =
        panel == 0 && drawing->bounded ? drawing->scores : limits_of(&chart->y[panel]);
    struct axis axis = axis_empty();

    PASS(fence_find(chart, panel, log, &drawn->fence, error));
    if (drawing->zero_y && panel == 0)
        axis_include(&axis, 0);
    for (size_t s = 0; s < chart->count; s++) {
        const struct series *series = &chart->series[s];
        for (size_t k = 0; k < series->count && in_panel(series, panel); k++) {
            if (!fence_holds(&drawn->fence, series, k))
                continue;
            axis_include(&axis, series->y[k]);
            if (!log || series->low[k] > 0)
                axis_include(&axis, axis_hold(&limits, series->low[k]));
            axis_include(&axis, axis_hold(&limits, series->high[k]));
        }
    }
    axis_finish_within(&axis, log, &limits);
    widen_whole(&axis, &chart->y[panel]);
    set_range(style, &chart->y[panel], &axis);
    if (axis.log)
        limits.least = fmax(limits.least, axis.low);
    drawn->axis = axis;
    drawn->limits = limits;
    return STATUS_OK;
}

enum status drawing_axes_find(const struct drawing *drawing, const struct chart *chart,
                              struct drawn_axes *axes, struct error *error)
{
    double factor;

    memset(axes, 0, sizeof *axes);
    axes->x = x_axis(drawing, chart);
    for (int panel = -1; panel < CHART_PANELS; panel++) {
        const char *unit = panel < 0 ? chart->x.unit : chart->y[panel].unit;
        const char *wanted = style_of(drawing, panel)->unit;
        if (panel >= 0 && !chart->y[panel].label)
            continue;
        if (panel >= 0)
            PASS(find_panel(drawing, chart, panel, &axes->panels[panel], error));
        axes->strange_unit |= wanted && wanted[0] && !axis_unit_factor(unit, wanted, &factor);
    }
    return STATUS_OK;
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
        } else if (label && (*at & 0xc0) != 0x80) { /* no further byte of a character */
            width++;
        }
        widest = width > widest ? width : widest;
    }
    return widest;
}

/* Tics of an axis in the unit that the user wants: what they are called, where they are. */
static void append_tics(const struct axis *axis, const struct axis_words *words,
                        const struct axis_style *style, const double *at, size_t count,
                        struct text *tics, struct text *name)
{
    double factor;

    bool own = style->unit && style->unit[0] && axis_unit_factor(words->unit, style->unit, &factor);
    text_append(name, "%s", style->label && style->label[0] ? style->label : words->label);
    if (own)
        axis_tics_in(axis, style->unit, factor, tics, name);
    else
        axis_tics(axis, words->unit, at, count, tics, name);
}

static enum status set_axis(struct text *script, const char *id, const struct axis *axis,
                            const struct axis_words *words, const struct axis_style *style,
                            const double *at, size_t count, struct error *error)
{
    enum status status = STATUS_OK;
    struct text tics = {0}, marks = {0}, name = {0};
    char variable[32];

    text_append(&tics, "%s", "");
    append_tics(axis, words, style, at, count, &tics, &name);
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

enum status drawing_axes_set(struct text *script, const struct drawing *drawing,
                             const struct chart *chart, const struct drawn_axes *axes,
                             struct error *error)
{
    enum status status = STATUS_OK;
    static const char *const ids[CHART_PANELS] = {"y", "y2"};
    double *at = NULL;
    size_t count = 0;

    if (drawing->tics_at_values)
        TRY(x_values(chart, &at, &count, error));
    TRY(set_axis(script, "x", &axes->x, &chart->x, style_of(drawing, -1), at, count, error));
    for (int panel = 0; panel < CHART_PANELS; panel++) {
        const struct drawn_panel *drawn = &axes->panels[panel];
        if (!chart->y[panel].label)
            continue;
        TRY(set_axis(script, ids[panel], &drawn->axis, &chart->y[panel], style_of(drawing, panel),
                     NULL, 0, error));
        set_member(script, ids[panel], "least", fmax(drawn->limits.least, -1e300));
        set_member(script, ids[panel], "most", fmin(drawn->limits.most, 1e300));
    }
out:
    memory_free(at);
    return status;
}
