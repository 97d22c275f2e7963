#include "report/figures/curve_series.h"

#include "base/memory.h"
#include "report/figures/performance.h"

#include <math.h>
#include <stdio.h>

enum status curves_read(const struct results *results, const struct points *points,
                        const char *group, const char *name, struct arena *arena,
                        struct curve **curves, struct error *error)
{
    char path[160];

    PASS(arena_new(arena, curves, points->trials, sizeof **curves, error));
    for (size_t i = 0; i < points->trials; i++) {
        struct hdf5_array array = {0};
        snprintf(path, sizeof path, "%s/%05zu/%s", group, i, name);
        if (!points->done[i] || !hdf5_exists(results->file, path))
            continue;
        PASS(hdf5_read(results->file, path, arena, &array, error));
        if (array.rank != 1 || array.type != HDF5_FLOAT64)
            return error_set(error, STATUS_DATA, "%s is not a list of numbers", path);
        (*curves)[i] = (struct curve){array.dims[0], array.values};
    }
    return STATUS_OK;
}

enum status curves_reach(const struct curve *curves, size_t trials, enum metric metric,
                         double target, struct arena *arena, double **epochs, struct error *error)
{
    PASS(arena_new(arena, epochs, trials, sizeof **epochs, error));
    for (size_t i = 0; i < trials; i++) {
        size_t e = 0;
        while (e < curves[i].count && !metric_reaches(metric, curves[i].values[e], target))
            e++;
        (*epochs)[i] = e < curves[i].count ? (double)(e + 1) : NAN;
    }
    return STATUS_OK;
}

/* Of the replicates that have one, the mean of their last scores; NaN where none is finite. */
static double last_score(const struct points *points, const struct curve *scores, size_t point)
{
    double sum = 0;
    size_t count = 0;

    for (size_t i = points->first[point]; i < points->first[point + 1]; i++) {
        if (scores[i].count == 0)
            continue;
        sum += scores[i].values[scores[i].count - 1];
        count++;
    }
    return count && isfinite(sum) ? sum / (double)count : (double)NAN;
}

enum status curves_styles(const struct points *points, const struct curve *scores,
                          enum metric metric, const bool *drawn, struct line_styles *lines,
                          struct error *error)
{
    double *worth;

    PASS(memory_new(&worth, points->count, sizeof *worth, error));
    for (size_t p = 0; p < points->count; p++)
        worth[p] = metric_goodness(metric, last_score(points, scores, p));
    *lines = line_styles_choose(points, drawn, worth);
    memory_free(worth);
    return STATUS_OK;
}

size_t curves_epochs(const struct curves *curves, size_t point)
{
    const size_t *first = curves->points->first;
    size_t epochs = 0;

    for (size_t i = first[point]; i < first[point + 1]; i++)
        epochs = curves->trials[i].count > epochs ? curves->trials[i].count : epochs;
    return epochs;
}

/* Mean and interval over the replicates that got that far, by epoch. */
static enum status fill_series(const struct curves *curves, size_t point, struct series *series,
                               struct error *error)
{
    enum status status = STATUS_OK;
    const size_t *first = curves->points->first;
    double *values = NULL;

    TRY(memory_new(&values, first[point + 1] - first[point], sizeof *values, error));
    for (size_t e = 0; e < series->count; e++) {
        size_t count = 0;
        double places = 0;
        for (size_t i = first[point]; i < first[point + 1]; i++) {
            if (e >= curves->trials[i].count || !isfinite(curves->trials[i].values[e]))
                continue;
            places += curves->places ? curves->places[i].values[e] : (double)(e + 1);
            values[count++] = curves->trials[i].values[e];
        }
        struct interval at = statistics_interval(values, count, 0.95);
        if (count == 0)
            at.mean = NAN;
        if (!line_styles_banded(curves->lines, point))
            at.count = 0;
        performance_put(series, e, count ? places / (double)count : (double)(e + 1), at);
    }
out:
    memory_free(values);
    return status;
}

enum status curves_add(const struct curves *curves, size_t point, struct chart *chart,
                       struct series **series, struct error *error)
{
    enum status status = STATUS_OK;
    const struct points *points = curves->points;
    struct text name = {0}, label = {0}, colour = {0}, dash = {0};
    size_t epochs = curves_epochs(curves, point);

    *series = NULL;
    if (epochs == 0)
        return STATUS_OK;
    text_append(&name, "%s%s", series_roles[curves->role].name, points->axis_count ? " " : "");
    points_name(points, point, true, &name);
    points_label(points, point, true, &label);
    text_append(&label, "%s", points->axis_count ? "" : "network");
    text_append(&colour, "%s", "");
    text_append(&dash, "%s", "");
    line_styles_style(curves->lines, points, point, &colour, &dash);
    TRY(text_status(&name, error));
    TRY(text_status(&label, error));
    TRY(text_status(&colour, error));
    TRY(text_status(&dash, error));
    TRY(chart_add(chart, name.bytes, label.bytes, curves->role, epochs, series, error));
    TRY(chart_style(chart, *series, colour.bytes, dash.bytes, error));
    TRY(fill_series(curves, point, *series, error));
out:
    text_release(&dash);
    text_release(&colour);
    text_release(&label);
    text_release(&name);
    return status;
}

static size_t unscored_epochs(const struct curve *scores, size_t trials)
{
    size_t count = 0;

    for (size_t i = 0; i < trials; i++)
        for (size_t e = 0; e < scores[i].count; e++)
            count += isfinite(scores[i].values[e]) ? 0 : 1;
    return count;
}

void curves_caption(const struct points *points, const struct line_styles *lines,
                    const struct curve *scores, const struct chart *chart, struct text *text)
{
    size_t unscored = unscored_epochs(scores, points->trials);

    points_caption(points, lines->by != LINE_STYLES_BY_AXES && chart_has_intervals(chart), text);
    if (lines->by == LINE_STYLES_BY_SAMPLE)
        text_append(
            text,
            "; in colour: the best, the middle and the worst by their last score; grey: the "
            "other %zu grid points%s",
            lines->count - 3, points->replicates > 1 ? ", without intervals" : "");
    if (unscored)
        text_append(text, "; %zu epoch%s without a finite score left out", unscored,
                    unscored == 1 ? "" : "s");
}
