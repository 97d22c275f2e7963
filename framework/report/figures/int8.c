/*
 * What 8-bit integers cost: for each grid point the change of the network's score in integers
 * against that in float32, over the replicates. With fine-tuning (`train.quantize`) on the axes,
 * both scores of a fine-tuned network are compared with that in float32 before: the grid point
 * where all else is the same.
 */
#include "interfaces/figure.h"
#include "report/charts/drawing.h"
#include "report/figures/performance.h"
#include "results/trial_filter.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

struct int8_settings {
    struct figure_style style;
    int64_t metric, split;
    struct text_list where;
};

static const struct field fields[] = {
    {"metric", FIELD_CHOICE, offsetof(struct int8_settings, metric), .default_value = "auto",
     .choices = performance_metrics, .help = "score; auto: the task's own"},
    {"split", FIELD_CHOICE, offsetof(struct int8_settings, split), .default_value = "test",
     .choices = performance_splits, .help = "images on which the score is measured"},
    WHERE_FIELD(struct int8_settings),
    FIGURE_STYLE_FIELDS,
    {0}};

static bool is_fine_tuning(const struct axis_column *axis)
{
    static const char path[] = "train.quantize";

    return strncmp(axis->name, path, sizeof path - 1) == 0;
}

/* Is `before` the grid point of the same training, without the fine-tuning of `point`? */
static bool is_before(const struct points *points, size_t before, size_t point)
{
    for (size_t a = 0; a < points->axis_count; a++) {
        const struct axis_column *axis = &points->axes[a];
        const char *text = axis->texts[points->first[before]];
        const char *wanted = is_fine_tuning(axis) ? "~" : axis->texts[points->first[point]];
        if (strcmp(text, wanted) != 0)
            return false;
    }
    return true;
}

/* The grid point whose float32 scores count; its own where there is no other. */
static size_t find_before(const struct points *points, size_t point)
{
    for (size_t p = 0; p < points->count; p++)
        if (is_before(points, p, point))
            return p;
    return point;
}

/* The change against `before`, replicate by replicate. */
static enum status find_change(const struct points *points, const double *scores,
                               const double *float32, size_t point, size_t before,
                               struct arena *arena, struct interval *change, struct error *error)
{
    double *values;

    PASS(arena_new(arena, &values, points->trials, sizeof *values, error));
    for (size_t i = points->first[point]; i < points->first[point + 1]; i++) {
        values[i] = NAN;
        for (size_t k = points->first[before]; k < points->first[before + 1]; k++)
            if (points->replicate[k] == points->replicate[i] && points->done[k])
                values[i] = scores[i] - float32[k];
    }
    return points_interval_at(points, values, point, change, error);
}

struct int8_scores {
    const struct points *points;
    const double *int8, *float32;
};

/* Grid points stand side by side, at 1, 2, … in the order of the plan. Of float32 there is a mark
 * where fine-tuning changed it. */
static enum status add_changes(const struct int8_scores *scores, bool int8, struct chart *chart,
                               struct error *error)
{
    const struct points *points = scores->points;
    struct series *series;
    size_t kept = 0;

    PASS(chart_add(chart, int8 ? "int8" : "float32", int8 ? "in 8-bit integers" : "in float32",
                   int8 ? ROLE_INT8 : ROLE_FLOAT32, points->count, &series, error));
    for (size_t p = 0; p < points->count; p++) {
        size_t before = find_before(points, p);
        struct interval change;
        if (!int8 && before == p)
            continue;
        PASS(find_change(points, int8 ? scores->int8 : scores->float32, scores->float32, p, before,
                         &chart->arena, &change, error));
        if (!isnan(change.mean))
            performance_put(series, kept++, (double)(p + 1), change);
    }
    series->count = kept;
    if (kept == 0)
        chart->count--;
    return STATUS_OK;
}

/* "; 1: depth 4, 2: depth 8" */
static void name_points(const struct points *points, struct text *text)
{
    for (size_t p = 0; p < points->count && points->axis_count; p++) {
        text_append(text, "; %zu: ", p + 1);
        points_label(points, p, true, text);
    }
}

static enum status describe(const struct performance *performance,
                            const struct int8_settings *settings, struct chart *chart,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct performance both = *performance;
    struct text remark = {0};

    both.int8 = false; /* the key tells which is which */
    text_append(&remark, "; change against the network as it was trained, in float32");
    where_remark(&performance->points, &settings->where, &remark);
    name_points(&performance->points, &remark);
    TRY(text_status(&remark, error));
    TRY(performance_describe(&both, remark.bytes, chart, error));
    chart->x = (struct axis_words){"network", "whole"};
    TRY(arena_print(&chart->arena, &chart->y[0].label, error, "change of %s",
                    performance_words(performance->metric).label));
out:
    text_release(&remark);
    return status;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct int8_settings *settings = config;
    struct performance performance = {0}, whole = {0};
    struct chart chart = {0};

    TRY(performance_read(&whole, results, settings->metric, settings->split, SCORE_FLOAT32, NULL,
                         error));
    TRY(performance_read(&performance, results, settings->metric, settings->split, SCORE_INT8, NULL,
                         error));
    struct points *points = &performance.points;
    for (size_t a = 0; a < points->axis_count; a++)
        points->axes[a].line = true;
    TRY(where_keep(points, &settings->where, &performance.arena, error));
    struct int8_scores scores = {points, performance.network, whole.network};
    TRY(add_changes(&scores, true, &chart, error));
    TRY(add_changes(&scores, false, &chart, error));
    TRY(describe(&performance, settings, &chart, error));
    TRY(chart_write(&chart, file, group, error));
out:
    chart_release(&chart);
    performance_release(&whole);
    performance_release(&performance);
    return status;
}

static enum status shape(const void *config, const struct results *results, struct drawing *drawing,
                         struct error *error)
{
    (void)config;
    (void)results;
    (void)error;
    drawing->tics_at_values = true;
    drawing->bounded = true;
    drawing->scores = axis_no_limits; /* changes, of either sign */
    return STATUS_OK;
}

static const char *objection(const void *config, int64_t examples)
{
    (void)examples;
    return where_objection(&((const struct int8_settings *)config)->where);
}

const struct figure figure_int8 = {
    .descriptor = {.name = "int8",
                   .summary = "change of the score in 8-bit integers, before and after fine-tuning",
                   .fields = fields,
                   .config_size = sizeof(struct int8_settings),
                   .version = 2},
    .truth = true,
    .int8 = true,
    .serves = SERVES_ALL,
    .objection = objection,
    .compute = compute,
    .template = "int8.gp",
    .shape = shape,
};
