/*
 * What a guard saves: the score against the mean cost of an image while the threshold goes from
 * "hand none on" to "hand all on"; the small network, what it hands on to, and the chosen
 * threshold. Where what it hands on to has no cost that is counted, the share handed on is drawn in
 * its place. Of the experiment's `guard:`, from /guard alone.
 */
#include "interfaces/figure.h"
#include "report/charts/drawing.h"
#include "report/figures/performance.h"
#include "results/guard_results.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct guard_settings {
    struct figure_style style;
    int64_t split;
};

static const char *const splits[] = {"test", "validation", NULL};

static const struct field fields[] = {
    {"split", FIELD_CHOICE, offsetof(struct guard_settings, split), .default_value = "test",
     .choices = splits, .help = "images on which the score is measured"},
    FIGURE_STYLE_FIELDS,
    {0}};

/* Means over replicates of one of the arrays of /guard. */
struct guard_column {
    size_t replicates, steps;
    const double *values; /* [replicates][steps] */
};

struct guard_data {
    struct hdf5 *file;
    const char *split;
    struct arena arena;
    const char *by, *small, *other, *metric_name;
    enum metric metric;
    bool agreement, shares; /* x is the share handed on */
};

static enum status read_column(struct guard_data *data, const char *name,
                               struct guard_column *column, struct error *error)
{
    char path[60];

    snprintf(path, sizeof path, "%s/%s", data->split, name);
    PASS(guard_results_numbers(data->file, path, &data->arena, &column->replicates, &column->steps,
                               &column->values, error));
    return STATUS_OK;
}

static enum status interval_at(struct guard_data *data, const struct guard_column *column,
                               size_t step, struct interval *interval, struct error *error)
{
    double *values;

    PASS(arena_new(&data->arena, &values, column->replicates, sizeof *values, error));
    for (size_t r = 0; r < column->replicates; r++)
        values[r] = column->values[r * column->steps + step];
    *interval = statistics_interval(values, column->replicates, 0.95);
    return STATUS_OK;
}

/* The metric that "agreement.ssim" or "ssim" names. */
static enum status find_metric(struct guard_data *data, struct error *error)
{
    static const char agreement[] = "agreement.";
    const char *name = data->metric_name;

    data->agreement = strncmp(name, agreement, sizeof agreement - 1) == 0;
    name += data->agreement ? sizeof agreement - 1 : 0;
    for (int m = 0; m < METRICS; m++)
        if (strcmp(metric_names[m], name) == 0) {
            data->metric = (enum metric)m;
            return STATUS_OK;
        }
    return error_set(error, STATUS_DATA, "/guard/metric: unknown metric '%.100s'", name);
}

static enum status read_data(struct guard_data *data, struct error *error)
{
    struct guard_column cost;
    struct interval other;

    if (!hdf5_is_group(data->file, "/guard"))
        return error_set(error, STATUS_DATA, "the results have no guard");
    PASS(hdf5_read_text(data->file, "/guard/by", &data->arena, &data->by, error));
    PASS(hdf5_read_text(data->file, "/guard/small", &data->arena, &data->small, error));
    PASS(hdf5_read_text(data->file, "/guard/other", &data->arena, &data->other, error));
    PASS(hdf5_read_text(data->file, "/guard/metric", &data->arena, &data->metric_name, error));
    PASS(find_metric(data, error));
    PASS(read_column(data, "other_cost", &cost, error));
    PASS(interval_at(data, &cost, 0, &other, error));
    data->shares = !(other.mean > 0);
    return STATUS_OK;
}

/* The line over the thresholds, as the columns `x` and `y` have them; or one mark. */
static enum status add(struct guard_data *data, struct chart *chart, const char *label,
                       enum series_role role, const char *x, const char *y, struct error *error)
{
    struct guard_column places, scores;
    struct series *series;

    PASS(read_column(data, x, &places, error));
    PASS(read_column(data, y, &scores, error));
    if (places.steps != scores.steps || places.replicates != scores.replicates)
        return error_set(error, STATUS_DATA, "/guard/%s: %s and %s do not go together", data->split,
                         x, y);
    PASS(chart_add(chart, series_roles[role].name, label, role, places.steps, &series, error));
    for (size_t k = 0; k < places.steps; k++) {
        struct interval place, score;
        PASS(interval_at(data, &places, k, &place, error));
        PASS(interval_at(data, &scores, k, &score, error));
        performance_put(series, k, place.mean, score);
    }
    return STATUS_OK;
}

/* A network or the pipeline alone; among shares it stands at the end. */
static enum status add_alone(struct guard_data *data, struct chart *chart, bool small,
                             struct error *error)
{
    const char *label = small ? data->small : data->other;
    enum series_role role = small                                      ? ROLE_GUARD_SMALL
                            : strcmp(data->other, "the pipeline") == 0 ? ROLE_PIPELINE_COST
                                                                       : ROLE_GUARD_OTHER;

    PASS(add(data, chart, label, role, small ? "small_cost" : "other_cost",
             small ? "small_score" : "other_score", error));
    if (data->shares)
        chart->series[chart->count - 1].x[0] = small ? 0 : 1;
    return STATUS_OK;
}

/* As many images handed on at random: a straight line from the small network to both. */
static enum status add_random(struct guard_data *data, struct chart *chart, struct error *error)
{
    static const char *const names[] = {"small_cost", "other_cost", "small_score", "other_score"};
    struct interval means[4];
    struct series *series;

    for (int i = 0; i < 4; i++) {
        struct guard_column column;
        PASS(read_column(data, names[i], &column, error));
        PASS(interval_at(data, &column, 0, &means[i], error));
    }
    PASS(chart_add(chart, series_roles[ROLE_GUARD_RANDOM].name, "handed on at random",
                   ROLE_GUARD_RANDOM, 2, &series, error));
    for (size_t k = 0; k < 2; k++)
        performance_put(series, k,
                        data->shares ? (double)k : means[0].mean + (double)k * means[1].mean,
                        (struct interval){.mean = means[2 + k].mean,
                                          .low = means[2 + k].mean,
                                          .high = means[2 + k].mean,
                                          .count = 1});
    return STATUS_OK;
}

/* Files of older versions do not have it. */
static enum status add_best(struct guard_data *data, struct chart *chart, struct error *error)
{
    char path[60];

    snprintf(path, sizeof path, "/guard/%s/best_score", data->split);
    if (data->shares || !hdf5_exists(data->file, path))
        return STATUS_OK;
    return add(data, chart, "handed on by the truth", ROLE_GUARD_BEST, "best_cost", "best_score",
               error);
}

static enum status describe(struct guard_data *data, struct chart *chart, struct error *error)
{
    struct guard_column column;
    size_t done = 0;

    PASS(read_column(data, "chosen_score", &column, error));
    for (size_t r = 0; r < column.replicates; r++)
        done += isfinite(column.values[r]) ? 1 : 0;
    chart->x = data->shares ? (struct axis_words){"share handed on", "share"}
                            : (struct axis_words){"multiply-adds per image", "count"};
    chart->y[0] = performance_words(data->metric);
    if (data->agreement)
        PASS(arena_print(&chart->arena, &chart->y[0].label, error, "agreement, %s",
                         chart->y[0].label));
    return arena_print(&chart->arena, &chart->caption, error,
                       "mean%s, %zu replicate%s; guard by %s, threshold by the validation images; "
                       "%s images",
                       done > 1 ? " and 95 % interval" : "", done, done == 1 ? "" : "s", data->by,
                       data->split);
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct guard_settings *settings = config;
    struct guard_data data = {.file = results->file, .split = splits[settings->split]};
    struct chart chart = {0};

    TRY(read_data(&data, error));
    TRY(add(&data, &chart, "guarded", ROLE_GUARDED, data.shares ? "share" : "cost", "score",
            error));
    TRY(add_best(&data, &chart, error));
    TRY(add_random(&data, &chart, error));
    TRY(add_alone(&data, &chart, true, error));
    TRY(add_alone(&data, &chart, false, error));
    TRY(add(&data, &chart, "chosen threshold", ROLE_SELECTED,
            data.shares ? "chosen_share" : "chosen_cost", "chosen_score", error));
    TRY(describe(&data, &chart, error));
    TRY(chart_write(&chart, file, group, error));
out:
    chart_release(&chart);
    arena_release(&data.arena);
    return status;
}

static enum status shape(const void *config, const struct results *results, struct drawing *drawing,
                         struct error *error)
{
    enum status status = STATUS_OK;
    const struct guard_settings *settings = config;
    struct guard_data data = {.file = results->file, .split = splits[settings->split]};

    TRY(read_data(&data, error));
    drawing->bounded = true;
    drawing->scores = (struct axis_limits){metric_least[data.metric], metric_most[data.metric]};
out:
    arena_release(&data.arena);
    return status;
}

const struct figure figure_guard = {
    .descriptor = {.name = "guard",
                   .summary = "score against mean cost while the guard's threshold changes",
                   .fields = fields,
                   .config_size = sizeof(struct guard_settings),
                   .version = 1},
    .guard = true,
    .serves = SERVES_ALL,
    .compute = compute,
    .template = "guard.gp",
    .shape = shape,
};
