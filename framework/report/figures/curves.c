/* Training curves: loss and validation score by epoch, one line a grid point, mean over its
 * replicates. */
#include "kinds/figure.h"
#include "report/axis.h"
#include "report/drawing.h"
#include "report/lines.h"
#include "report/performance.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct settings {
    int64_t metric;
};

static const struct field fields[] = {
    {"metric", FIELD_CHOICE, offsetof(struct settings, metric), .fallback = "auto",
     .choices = performance_metrics,
     .help = "score on the validation images; auto: the task's own (ssim, accuracy)"},
    {0}};

struct curve {
    size_t count;
    const double *values;
};

/* One curve of every trial that is done; a trial that has none gets an empty one. */
static enum status curves_read(const struct results *results, const struct points *points,
                               const char *name, struct arena *arena, struct curve **curves,
                               struct error *error)
{
    enum status status = STATUS_OK;
    char path[160];

    TRY(arena_new(arena, curves, points->trials, sizeof **curves, error));
    for (size_t i = 0; i < points->trials; i++) {
        struct hdf5_array array = {0};
        snprintf(path, sizeof path, "/curves/%05zu/%s", i, name);
        if (!points->done[i] || !hdf5_exists(results->file, path))
            continue;
        TRY(hdf5_read(results->file, path, arena, &array, error));
        if (array.rank != 1 || array.type != HDF5_FLOAT64)
            TRY(error_set(error, STATUS_DATA, "%s is not a list of numbers", path));
        (*curves)[i] = (struct curve){array.dims[0], array.values};
    }
out:
    return status;
}

/* The curves of one role, "score" or "loss", and how their lines are told apart. */
struct curves {
    const struct points *points;
    const struct lines *lines;
    const struct curve *trials; /* [trials] */
    const char *role;
};

static size_t point_epochs(const struct points *points, const struct curve *curves, size_t point)
{
    size_t epochs = 0;
    for (size_t i = points->first[point]; i < points->first[point + 1]; i++)
        epochs = curves[i].count > epochs ? curves[i].count : epochs;
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
        for (size_t i = first[point]; i < first[point + 1]; i++)
            if (e < curves->trials[i].count && isfinite(curves->trials[i].values[e]))
                values[count++] = curves->trials[i].values[e];
        struct interval at = statistics_interval(values, count, 0.95);
        if (count == 0)
            at.mean = NAN;
        if (!lines_banded(curves->lines, point))
            at.count = 0;
        performance_put(series, e, (double)(e + 1), at);
    }
out:
    memory_free(values);
    return status;
}

static enum status add_point(const struct curves *curves, size_t point, struct chart *chart,
                             struct error *error)
{
    enum status status = STATUS_OK;
    const struct points *points = curves->points;
    struct text name = {0}, label = {0}, colour = {0}, dash = {0};
    size_t epochs = point_epochs(points, curves->trials, point);
    struct series *series;

    if (epochs == 0)
        return STATUS_OK;
    text_append(&name, "%s%s", curves->role, points->axis_count ? " " : "");
    points_name(points, point, true, &name);
    points_label(points, point, true, &label);
    text_append(&label, "%s", points->axis_count ? "" : "network");
    text_append(&colour, "%s", "");
    text_append(&dash, "%s", "");
    lines_style(curves->lines, points, point, &colour, &dash);
    TRY(text_status(&name, error));
    TRY(text_status(&label, error));
    TRY(text_status(&colour, error));
    TRY(text_status(&dash, error));
    TRY(chart_add(chart, name.bytes, label.bytes, curves->role, epochs, &series, error));
    TRY(chart_style(chart, series, colour.bytes, dash.bytes, error));
    TRY(fill_series(curves, point, series, error));
out:
    text_release(&dash);
    text_release(&colour);
    text_release(&label);
    text_release(&name);
    return status;
}

static enum status add_curves(const struct points *points, const struct curve *scores,
                              const struct curve *losses, struct chart *chart, struct lines *lines,
                              struct error *error)
{
    enum status status = STATUS_OK;
    const struct curves roles[] = {{points, lines, scores, "score"},
                                   {points, lines, losses, "loss"}};
    bool *drawn = NULL;

    TRY(memory_new(&drawn, points->count, sizeof *drawn, error));
    for (size_t p = 0; p < points->count; p++)
        drawn[p] = point_epochs(points, scores, p) || point_epochs(points, losses, p);
    *lines = lines_choose(points, drawn);
    for (size_t r = 0; r < sizeof roles / sizeof *roles; r++)
        for (size_t p = 0; p < points->count; p++)
            TRY(add_point(&roles[r], p, chart, error));
out:
    memory_free(drawn);
    return status;
}

/* A line across, unless the grid holds different pipelines: their mean would be nobody's score. */
static enum status add_pipeline(const struct results *results, const struct points *points,
                                const char *metric, struct arena *arena, struct chart *chart,
                                struct text *remark, struct error *error)
{
    enum status status = STATUS_OK;
    struct axis axis = axis_empty();
    enum agreement agreement;
    struct interval score;
    struct series *series;
    char column[64];
    double *values;

    snprintf(column, sizeof column, "pipeline.validation.%s", metric);
    if (!results_has(results, column))
        return STATUS_OK;
    TRY(results_numbers(results, column, arena, &values, error));
    TRY(points_interval(points, values, NULL, &score, error));
    if (isnan(score.mean))
        return STATUS_OK;
    TRY(points_agreement(points, values, &agreement, error));
    if (agreement == POINTS_DIFFER) {
        text_append(remark, "; no line for the pipeline: its score varies over the grid");
        return STATUS_OK;
    }
    if (agreement == POINTS_AGREE)
        text_append(remark, "; pipeline: mean over the grid");
    for (size_t s = 0; s < chart->count; s++)
        for (size_t k = 0; k < chart->series[s].count; k++)
            axis_include(&axis, chart->series[s].x[k]);
    axis_finish(&axis, false);
    TRY(chart_add(chart, "pipeline", "pipeline", "pipeline", 2, &series, error));
    performance_put(series, 0, axis.low, score);
    performance_put(series, 1, axis.high, score);
out:
    return status;
}

static enum status describe(const struct points *points, const struct lines *lines,
                            const char *metric, const char *remark, struct chart *chart,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};

    chart->x = (struct axis_words){"epoch", "whole"};
    chart->y[1] = (struct axis_words){"training loss", "1"};
    chart->y[0] = performance_words(metric);
    text_append(&text, "validation %s", chart->y[0].label);
    TRY(text_status(&text, error));
    TRY(arena_copy(&chart->arena, text.bytes, text.length, &chart->y[0].label, error));
    text_clear(&text);
    points_caption(points, lines->by != LINES_BY_AXES, &text);
    if (lines->by == LINES_BY_SAMPLE)
        text_append(&text, "; grey: the other %zu grid points%s", lines->count - 3,
                    points->replicates > 1 ? ", without intervals" : "");
    text_append(&text, "%s", remark);
    TRY(text_status(&text, error));
    TRY(arena_copy(&chart->arena, text.bytes, text.length, &chart->caption, error));
out:
    text_release(&text);
    return status;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct settings *settings = config;
    const char *metric = performance_metric(results, settings->metric);
    struct arena arena = {0};
    struct points points = {0};
    struct chart chart = {0};
    struct text remark = {0};
    struct curve *losses, *scores;
    struct lines lines;
    char name[64];

    TRY(points_read(results, &arena, &points, error));
    for (size_t i = 0; i < points.axis_count; i++)
        points.axes[i].line = true;
    snprintf(name, sizeof name, "validation.%s", metric);
    TRY(curves_read(results, &points, name, &arena, &scores, error));
    TRY(curves_read(results, &points, "train.loss", &arena, &losses, error));
    TRY(add_curves(&points, scores, losses, &chart, &lines, error));
    TRY(add_pipeline(results, &points, metric, &arena, &chart, &remark, error));
    TRY(text_status(&remark, error));
    TRY(describe(&points, &lines, metric, remark.bytes ? remark.bytes : "", &chart, error));
    TRY(chart_write(&chart, file, group, error));
out:
    text_release(&remark);
    chart_release(&chart);
    arena_release(&arena);
    return status;
}

static enum status draw(const void *config, const struct results *results, const char *group,
                        const char *home, const char *base, struct error *error)
{
    struct drawing drawing = {.template = "curves.gp", .home = home, .base = base};

    (void)config;
    return drawing_stored(&drawing, results->file, group, error);
}

const struct figure figure_curves = {
    .descriptor = {.name = "curves",
                   .summary = "training loss and validation score by epoch",
                   .fields = fields,
                   .config_size = sizeof(struct settings),
                   .version = 1},
    .denoise = true,
    .classify = true,
    .compute = compute,
    .draw = draw,
};
