/*
 * Filters of noisy labels: the score of the network against the share of labels that was left out,
 * one line a filter, the controls (no filter, random, oracle) in lines of their own kind. Below,
 * how many epochs the training took until the validation images reached a given score: the hope was
 * that removing outliers makes training converge sooner.
 *
 * The share is what was left out, not what was asked for: filters without a `fraction` stand where
 * they belong. A grid of more than filters and fractions is cut down by `where`.
 */
#include "interfaces/figure.h"
#include "report/charts/axis.h"
#include "report/charts/drawing.h"
#include "report/figures/curve_series.h"
#include "report/figures/performance.h"
#include "results/trial_filter.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct outliers_settings {
    struct figure_style style;
    int64_t metric, split;
    double target;
    struct text_list where;
};

static const struct field fields[] = {
    {"metric", FIELD_CHOICE, offsetof(struct outliers_settings, metric), .default_value = "auto",
     .choices = performance_metrics, .help = "score; auto: the task's own"},
    {"split", FIELD_CHOICE, offsetof(struct outliers_settings, split), .default_value = "test",
     .choices = performance_splits, .help = "images on which the score is measured"},
    {"target", FIELD_REAL, offsetof(struct outliers_settings, target), .minimum = 0,
     .maximum = 1000, .default_value = "0",
     .help =
         "score on the validation images, such as 0.9 (psnr: dB): epochs until it is reached are "
         "drawn below; 0: not drawn"},
    WHERE_FIELD(struct outliers_settings),
    FIGURE_STYLE_FIELDS,
    {0}};

static const char *objection(const void *config, int64_t examples)
{
    const struct outliers_settings *settings = config;
    bool free = performance_exceeds(settings->metric, 1);

    (void)examples;
    const char *wrong = where_objection(&settings->where);
    if (wrong)
        return wrong;
    return settings->target > 1 && !free ? "the target is above 1, which this metric cannot reach"
                                         : NULL;
}

/* "{method: random, fraction: 0.1}" as "random". */
static enum status method_of(const char *filter, struct arena *arena, const char **method,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;

    *method = "none";
    TRY(yaml_parse(arena, "filter", filter, strlen(filter), &root, &found, error));
    const struct yaml_node *named = found.count ? NULL : yaml_get(root, "method");
    if (named && named->kind == YAML_SCALAR)
        *method = named->text;
out:
    diagnostics_release(&found);
    return status;
}

/* Whole filters as values of an axis are told apart by their methods; fractions are not lines. */
static enum status mark_lines(struct performance *performance, struct error *error)
{
    struct points *points = &performance->points;

    for (size_t i = 0; i < points->axis_count; i++) {
        struct axis_column *axis = &points->axes[i];
        axis->line = strcmp(axis->name, "filter.fraction") != 0;
        if (strcmp(axis->name, "filter") != 0)
            continue;
        axis->name = "filter.method";
        for (size_t t = 0; t < points->trials; t++)
            PASS(method_of(axis->texts[t], &performance->arena, &axis->texts[t], error));
    }
    return STATUS_OK;
}

static enum status read_shares(const struct results *results, struct arena *arena, double **shares,
                               struct error *error)
{
    double *dropped, *items;

    PASS(results_numbers(results, "filter.dropped", arena, &dropped, error));
    PASS(results_numbers(results, "filter.items", arena, &items, error));
    PASS(arena_new(arena, shares, results->trials, sizeof **shares, error));
    for (size_t i = 0; i < results->trials; i++)
        (*shares)[i] = dropped[i] / items[i];
    return STATUS_OK;
}

/* The epoch after which each trial's validation score is first at the target; NaN at all replicates
 * of a point where one never is, for a mean of the others would flatter it. */
static enum status read_epochs(const struct results *results, struct performance *performance,
                               double target, double **epochs, size_t *missed, struct error *error)
{
    const struct points *points = &performance->points;
    struct curve *curves;
    char name[64];

    snprintf(name, sizeof name, "validation.%s", metric_names[performance->metric]);
    PASS(curves_read(results, points, "/curves", name, &performance->arena, &curves, error));
    PASS(curves_reach(curves, points->trials, performance->metric, target, &performance->arena,
                      epochs, error));
    for (size_t p = 0; p < points->count; p++) {
        bool all = true, any = false;
        for (size_t i = points->first[p]; i < points->first[p + 1]; i++) {
            any = any || points->done[i];
            all = all && (!points->done[i] || !isnan((*epochs)[i]));
        }
        for (size_t i = points->first[p]; !all && i < points->first[p + 1]; i++)
            (*epochs)[i] = NAN;
        *missed += any && !all;
    }
    return STATUS_OK;
}

/* Controls have roles of their own. */
static enum series_role role_of(const struct points *points, const struct series *line)
{
    static const enum series_role controls[] = {ROLE_NONE, ROLE_RANDOM, ROLE_ORACLE};

    for (size_t a = 0; a < points->axis_count; a++) {
        const struct axis_column *axis = &points->axes[a];
        if (!axis->line || strcmp(axis->name, "filter.method") != 0)
            continue;
        for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
            if (strcmp(axis->texts[points->first[line->point]], series_roles[controls[i]].name) ==
                0)
                return controls[i];
    }
    return ROLE_NETWORK;
}

/* A line of the figure; no filter is a line across. */
static enum status add_line(const struct points *points, const struct series *line, bool epochs,
                            const struct axis *axis, struct chart *chart, struct error *error)
{
    enum status status = STATUS_OK;
    enum series_role role = role_of(points, line);
    bool none = role == ROLE_NONE;
    struct text name = {0}, label = {0};
    struct series *series;

    points_label(points, line->point, true, &label);
    if (label.length == 0)
        text_append(&label, "network");
    else if (none && strcmp(label.bytes, "none") == 0)
        TRY(text_print(&label, error, "no filter"));
    /* "network AXIS=VALUE" becomes "epochs AXIS=VALUE" */
    text_append(&name, "%s%s", epochs ? "epochs" : "network", line->name + strlen("network"));
    TRY(text_status(&name, error));
    TRY(text_status(&label, error));
    TRY(chart_add(chart, name.bytes, label.bytes, epochs ? role + ROLE_EPOCHS_NETWORK : role,
                  none ? 2 : line->count, &series, error));
    for (size_t k = 0; k < series->count; k++) {
        size_t from = none ? 0 : k;
        series->x[k] = !none ? line->x[k] : k ? axis->high : axis->low;
        series->y[k] = line->y[from];
        series->low[k] = line->low[from];
        series->high[k] = line->high[from];
    }
out:
    text_release(&label);
    text_release(&name);
    return status;
}

/* Lines of `values`, which stand for the network's score. */
static enum status add_lines(struct performance *performance, double *values, const double *shares,
                             bool epochs, struct axis *axis, struct chart *chart,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct chart lines = {0};

    performance->network = values;
    TRY(performance_lines(performance, shares, &lines, error));
    if (!epochs) {
        *axis = axis_empty();
        axis_include(axis, 0);
        for (size_t s = 0; s < lines.count; s++)
            for (size_t k = 0; k < lines.series[s].count; k++)
                axis_include(axis, lines.series[s].x[k]);
        axis_finish(axis, false);
    }
    for (size_t s = 0; s < lines.count; s++)
        TRY(add_line(&performance->points, &lines.series[s], epochs, axis, chart, error));
out:
    chart_release(&lines);
    return status;
}

static enum status describe(const struct performance *performance,
                            const struct outliers_settings *settings, size_t missed,
                            struct chart *chart, struct error *error)
{
    enum status status = STATUS_OK;
    struct text remark = {0};
    bool share = performance->metric == METRIC_ACCURACY;

    where_remark(&performance->points, &settings->where, &remark);
    if (missed)
        text_append(&remark, "; %zu grid point%s never got there and %s no epochs", missed,
                    missed > 1 ? "s" : "", missed > 1 ? "have" : "has");
    TRY(text_status(&remark, error));
    TRY(performance_describe(performance, remark.bytes ? remark.bytes : "", chart, error));
    chart->x = (struct axis_words){"labels left out", "share"};
    if (settings->target <= 0)
        goto out;
    TRY(text_print(&remark, error, "epochs to %g%s",
                   share ? 100 * settings->target : settings->target, share ? " %" : ""));
    chart->y[1].unit = "whole";
    TRY(arena_copy(&chart->arena, remark.bytes, remark.length, &chart->y[1].label, error));
out:
    text_release(&remark);
    return status;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct outliers_settings *settings = config;
    struct performance performance = {0};
    struct chart chart = {0};
    struct axis axis;
    double *shares, *epochs;
    size_t missed = 0;

    TRY(performance_read(&performance, results, settings->metric, settings->split, SCORE_FLOAT32,
                         NULL, error));
    TRY(mark_lines(&performance, error));
    TRY(where_keep(&performance.points, &settings->where, &performance.arena, error));
    TRY(read_shares(results, &performance.arena, &shares, error));
    TRY(add_lines(&performance, performance.network, shares, false, &axis, &chart, error));
    if (settings->target > 0) {
        TRY(read_epochs(results, &performance, settings->target, &epochs, &missed, error));
        TRY(add_lines(&performance, epochs, shares, true, &axis, &chart, error));
    }
    TRY(describe(&performance, settings, missed, &chart, error));
    TRY(chart_write(&chart, file, group, error));
out:
    chart_release(&chart);
    performance_release(&performance);
    return status;
}

static enum status shape(const void *config, const struct results *results, struct drawing *drawing,
                         struct error *error)
{
    const struct outliers_settings *settings = config;

    (void)error;
    drawing->zero_x = true;
    drawing->bounded = true;
    drawing->scores = performance_limits(results, settings->metric);
    return STATUS_OK;
}

const struct figure figure_outliers = {
    .descriptor = {.name = "outliers",
                   .summary = "score and speed of convergence against the share of labels left out",
                   .fields = fields,
                   .config_size = sizeof(struct outliers_settings),
                   .version = 1},
    .truth = true,
    .serves = SERVES_ALL,
    .objection = objection,
    .compute = compute,
    .template = "outliers.gp",
    .shape = shape,
};
