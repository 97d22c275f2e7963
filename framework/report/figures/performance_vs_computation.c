/*
 * Performance against computation: does a larger network do better, and where does the pipeline
 * stand? One line of networks for each value of an axis that is a word (a family) or leaves the
 * cost as it is; the pipeline and the degraded input as lines across.
 */
#include "interfaces/figure.h"
#include "report/charts/axis.h"
#include "report/charts/drawing.h"
#include "report/figures/performance.h"
#include "results/select.h"
#include "results/times.h"
#include "results/trial_filter.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum cost {
    COST_AUTO,
    COST_OPERATIONS,
    COST_MULTIPLY_ADDS,
    COST_ENERGY,
    COST_LATENCY,
    COST_IDLE_ENERGY,
    COST_DRAM,
    COST_SECONDS,
    COST_PARAMETERS,
    COST_PARAMETER_BYTES,
    COST_PEAK_BYTES,
};
static const char *const costs[] = {[COST_AUTO] = "auto",
                                    [COST_OPERATIONS] = "operations",
                                    [COST_MULTIPLY_ADDS] = "multiply_adds",
                                    [COST_ENERGY] = "energy_j",
                                    [COST_LATENCY] = "latency_s",
                                    [COST_IDLE_ENERGY] = "idle_energy_j",
                                    [COST_DRAM] = "dram_bytes",
                                    [COST_SECONDS] = "seconds_per_image",
                                    [COST_PARAMETERS] = "parameters",
                                    [COST_PARAMETER_BYTES] = "parameter_bytes",
                                    [COST_PEAK_BYTES] = "peak_activation_bytes",
                                    NULL};

/* What the axis is called, and the pipeline's mark on it; NULL: pipelines have none. */
static const struct {
    struct axis_words words;
    const char *pipeline;
} axes[] = {
    [COST_OPERATIONS] = {{"operations per image", "count"}, "pipeline's operations"},
    [COST_MULTIPLY_ADDS] = {{"multiply-adds per image", "count"}, "pipeline's multiply-adds"},
    [COST_ENERGY] = {{"energy per image", "J"}, "pipeline's energy"},
    [COST_LATENCY] = {{"time per image", "s"}, "pipeline's time"},
    [COST_IDLE_ENERGY] = {{"energy of idle power per image", "J"}, "pipeline's energy"},
    [COST_DRAM] = {{"traffic to and from DRAM per image", "B"}, NULL},
    [COST_SECONDS] = {{"measured time per image", "s"}, "pipeline's time"},
    [COST_PARAMETERS] = {{"parameters", "count"}, NULL},
    [COST_PARAMETER_BYTES] = {{"parameters", "B"}, NULL},
    [COST_PEAK_BYTES] = {{"activations alive at once", "B"}, NULL},
};

/* The kinds that are counted, as columns below "network." and "pipeline.". */
static const char *const kinds[] = {"multiply_adds", "additions", "multiplications",
                                    "comparisons",   "divisions", "exponentials",
                                    "lookups"};
enum { KINDS = sizeof kinds / sizeof *kinds };

struct performance_vs_computation_settings {
    struct figure_style style;
    const char *hardware;
    int64_t metric, cost, split, score;
    struct performance_reference reference;
    struct text_list where;
};

static const struct field fields[] = {
    {"hardware", FIELD_TEXT, offsetof(struct performance_vs_computation_settings, hardware),
     .default_value = "\"\"",
     .help = "machine whose cost is shown; empty: operations, whatever the machine"},
    {"metric", FIELD_CHOICE, offsetof(struct performance_vs_computation_settings, metric),
     .default_value = "auto", .choices = performance_metrics,
     .help = "score; auto: the task's own"},
    {"cost", FIELD_CHOICE, offsetof(struct performance_vs_computation_settings, cost),
     .default_value = "auto", .choices = costs,
     .help = "cost of one image; operations: all kinds, a multiply-add as one; seconds_per_image: "
             "measured, so that the figure differs from run to run; auto: energy_j on a machine, "
             "operations without one"},
    {"split", FIELD_CHOICE, offsetof(struct performance_vs_computation_settings, split),
     .default_value = "test", .choices = performance_splits,
     .help = "images on which the score is measured"},
    {"score", FIELD_CHOICE, offsetof(struct performance_vs_computation_settings, score),
     .default_value = "auto", .choices = score_numbers, .unsaid = true,
     .help = "with the section 'quantize': the networks' scores in float32, or in 8-bit integers; "
             "auto: int8 for the cost on a machine whose values are one byte"},
    {"reference", FIELD_RECORD, offsetof(struct performance_vs_computation_settings, reference),
     .default_value = "{}", .fields = performance_reference_fields,
     .help = "published points to mark"},
    WHERE_FIELD(struct performance_vs_computation_settings),
    FIGURE_STYLE_FIELDS,
    {0}};

static enum cost cost_of(const struct performance_vs_computation_settings *settings)
{
    if (settings->cost == COST_AUTO)
        return settings->hardware[0] ? COST_ENERGY : COST_OPERATIONS;
    return (enum cost)settings->cost;
}

static bool counted(enum cost cost)
{
    return cost == COST_OPERATIONS || cost == COST_MULTIPLY_ADDS;
}

static bool of_machine(enum cost cost)
{
    return cost >= COST_ENERGY && cost <= COST_DRAM;
}

static bool timed(const void *config)
{
    return cost_of(config) == COST_SECONDS;
}

static const char *objection(const void *config, int64_t examples)
{
    const struct performance_vs_computation_settings *settings = config;

    (void)examples;
    if (of_machine(cost_of(settings)) && !settings->hardware[0])
        return "energy, latency and traffic need a machine; name it in 'hardware'";
    const char *wrong = where_objection(&settings->where);
    return wrong ? wrong : performance_reference_objection(&settings->reference);
}

/* Operations of `who` in each trial: of all kinds, or multiply-adds alone. */
static enum status read_operations(const struct results *results, const char *who, enum cost cost,
                                   struct arena *arena, double **x, struct error *error)
{
    PASS(arena_new(arena, x, results->trials, sizeof **x, error));
    for (size_t k = 0; k < (cost == COST_OPERATIONS ? KINDS : 1); k++) {
        char column[64];
        double *values;
        snprintf(column, sizeof column, "%s.%s", who, kinds[k]);
        PASS(results_numbers(results, column, arena, &values, error));
        for (size_t i = 0; i < results->trials; i++)
            (*x)[i] += values[i];
    }
    return STATUS_OK;
}

/* What an image costs `who` in each trial, "network" or "pipeline"; *x NULL: the results do not
 * have it. */
static enum status read_cost(const struct performance_vs_computation_settings *settings,
                             const struct results *results, const struct points *points,
                             const char *who, struct arena *arena, struct times *times, double **x,
                             struct error *error)
{
    const enum cost cost = cost_of(settings);
    const bool pipeline = strcmp(who, "pipeline") == 0;
    char column[300];

    *x = NULL;
    if (pipeline && !axes[cost].pipeline)
        return STATUS_OK;
    if (counted(cost))
        return read_operations(results, who, cost, arena, x, error);
    if (cost == COST_SECONDS)
        return times_read(results, points, who, arena, times, x, error);
    if (of_machine(cost) && !settings->hardware[0])
        return error_set(error, STATUS_CONFIG, "cost %s needs a machine; name it in 'hardware'",
                         costs[cost]);
    if (of_machine(cost))
        snprintf(column, sizeof column, "hardware.%s.%s%s", settings->hardware,
                 pipeline ? "pipeline." : "", costs[cost]);
    else
        snprintf(column, sizeof column, "%s.%s", who, costs[cost]);
    if (pipeline && !results_has(results, column))
        return STATUS_OK;
    return results_numbers(results, column, arena, x, error);
}

/* Has a trial of it to be shown? */
static bool is_shown(const struct points *points, size_t point)
{
    for (size_t i = points->first[point]; i < points->first[point + 1]; i++)
        if (points->done[i])
            return true;
    return false;
}

/* Do points a and b differ in axis `only`, and in no other? */
static bool differ_only_in(const struct points *points, size_t a, size_t b, size_t only)
{
    for (size_t i = 0; i < points->axis_count + points->fixed_count; i++) {
        const char *const *texts = points->axes[i].texts;
        bool same = strcmp(texts[points->first[a]], texts[points->first[b]]) == 0;
        if (same == (i == only))
            return false;
    }
    return true;
}

/* Lines are told apart by words, and by numbers that change the score at the same cost. */
static void mark_lines(struct points *points, const double *x)
{
    for (size_t i = 0; i < points->axis_count; i++) {
        size_t pairs = 0, equal = 0;
        for (size_t a = 0; a < points->count; a++)
            for (size_t b = 0; b < a; b++)
                if (is_shown(points, a) && is_shown(points, b) && differ_only_in(points, a, b, i)) {
                    pairs++;
                    equal += x[points->first[a]] == x[points->first[b]];
                }
        points->axes[i].line = points->axes[i].text || (pairs && equal == pairs);
    }
}

/* The network that `select:` chose: a mark around its own. */
static enum status add_selected(const struct results *results, struct performance *performance,
                                const double *x, struct chart *chart, struct error *error)
{
    const struct points *points = &performance->points;
    struct selection selection;
    struct interval at, score;
    struct series *series;
    size_t p = 0;

    PASS(selection_read(&selection, results->file, &performance->arena, error));
    if (selection.count == 0)
        return STATUS_OK;
    while (points->first[p + 1] <= (size_t)selection.trials[0])
        p++;
    PASS(points_interval_at(points, x, p, &at, error));
    PASS(points_interval_at(points, performance->network, p, &score, error));
    if (isnan(at.mean) || isnan(score.mean))
        return STATUS_OK;
    score.count = 0; /* its bar is there already */
    PASS(chart_add(chart, "selected", "right-sized network", ROLE_SELECTED, 1, &series, error));
    performance_put(series, 0, at.mean, score);
    return STATUS_OK;
}

/* A line across the whole width: the axis's ends are what drawing_run() will make of the marks. */
static enum status add_across(enum series_role role, const char *label, struct interval y,
                              const struct axis *axis, struct chart *chart, struct error *error)
{
    struct series *series;
    enum status status = chart_add(chart, series_roles[role].name, label, role, 2, &series, error);
    if (status != STATUS_OK)
        return status;
    performance_put(series, 0, axis->low, y);
    performance_put(series, 1, axis->high, y);
    return STATUS_OK;
}

/* The pipeline's own cost, of the same kind as the networks'. */
static enum status add_pipeline_cost(const struct performance_vs_computation_settings *settings,
                                     const struct results *results, struct performance *performance,
                                     struct interval y, struct chart *chart, struct error *error)
{
    struct times times = {0};
    struct interval at;
    struct series *series;
    double *x;

    PASS(read_cost(settings, results, &performance->points, "pipeline", &performance->arena, &times,
                   &x, error));
    if (!x)
        return STATUS_OK;
    PASS(points_interval(&performance->points, x, NULL, &at, error));
    if (!(at.mean > 0))
        return STATUS_OK; /* it has no operation of this kind, or nobody knows */
    PASS(chart_add(chart, "pipeline_cost", axes[cost_of(settings)].pipeline, ROLE_PIPELINE_COST, 1,
                   &series, error));
    performance_put(series, 0, at.mean, y);
    series->low[0] = series->high[0] = NAN; /* the band shows them */
    return STATUS_OK;
}

/* The degraded input's line, or a remark in words if it is so far off that it would squeeze the
 * others. */
static enum status add_degraded(struct performance *performance, const struct axis *x,
                                struct chart *chart, struct text *remark, struct error *error)
{
    struct axis y = axis_empty();
    struct interval degraded;

    if (!performance->degraded)
        return STATUS_OK;
    PASS(points_interval(&performance->points, performance->degraded, NULL, &degraded, error));
    if (isnan(degraded.mean))
        return STATUS_OK;
    for (size_t s = 0; s < chart->count; s++)
        for (size_t k = 0; k < chart->series[s].count; k++) {
            axis_include(&y, chart->series[s].y[k]);
            axis_include(&y, chart->series[s].low[k]);
            axis_include(&y, chart->series[s].high[k]);
        }
    double off = y.low - degraded.mean > 0 ? y.low - degraded.mean : degraded.mean - y.high;
    if (off > 1.5 * (y.high - y.low)) {
        bool decibels = performance->metric == METRIC_PSNR;
        text_append(remark, "; degraded input %.*f%s", decibels ? 1 : 3, degraded.mean,
                    decibels ? " dB" : "");
    } else {
        degraded.count = 0; /* a thin line, without a band */
        PASS(add_across(ROLE_DEGRADED, "degraded input", degraded, x, chart, error));
    }
    return STATUS_OK;
}

static enum status add_pipeline(const struct performance_vs_computation_settings *settings,
                                const struct results *results, struct performance *performance,
                                struct axis *axis, struct chart *chart, struct text *remark,
                                struct error *error)
{
    enum agreement agreement;
    struct interval pipeline;

    *axis = axis_empty();
    PASS(points_interval(&performance->points, performance->pipeline, NULL, &pipeline, error));
    PASS(points_agreement(&performance->points, performance->pipeline, &agreement, error));
    if (agreement != POINTS_EQUAL)
        text_append(remark, "; pipeline: mean over the grid");
    if (!isnan(pipeline.mean))
        PASS(add_pipeline_cost(settings, results, performance, pipeline, chart, error));
    for (size_t s = 0; s < chart->count; s++)
        for (size_t k = 0; k < chart->series[s].count; k++)
            axis_include(axis, chart->series[s].x[k]);
    axis_finish(axis, true);
    if (!isnan(pipeline.mean))
        PASS(add_across(ROLE_PIPELINE, "pipeline", pipeline, axis, chart, error));
    return STATUS_OK;
}

/* Test images of several sizes cost more and less than the mean that is drawn; times are those of
 * one size, and may be missing. */
static enum status remark_sizes(const struct results *results, enum cost cost,
                                const struct times *times, struct arena *arena, struct text *remark,
                                struct error *error)
{
    double *sizes, most = 1;

    if (cost == COST_SECONDS)
        text_append(remark, "; measured%s", times->how);
    times_remark(times, remark);
    if (cost == COST_SECONDS || !results_has(results, "test.sizes"))
        return STATUS_OK;
    PASS(results_numbers(results, "test.sizes", arena, &sizes, error));
    for (size_t i = 0; i < results->trials; i++)
        most = sizes[i] > most ? sizes[i] : most;
    text_append(remark, "; costs: means over test images of %.0f sizes", most);
    return STATUS_OK;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct performance_vs_computation_settings *settings = config;
    const enum cost cost = cost_of(settings);
    struct performance performance = {0};
    struct chart chart = {0};
    struct text remark = {0};
    struct times times = {0};
    struct axis axis;
    double *x;

    TRY(performance_read(&performance, results, settings->metric, settings->split, settings->score,
                         of_machine(cost) ? settings->hardware : NULL, error));
    TRY(read_cost(settings, results, &performance.points, "network", &performance.arena, &times, &x,
                  error));
    chart.x = axes[cost].words;
    if (of_machine(cost))
        TRY(arena_print(&chart.arena, &chart.x.label, error, "%s, %s", chart.x.label,
                        settings->hardware));
    TRY(where_keep(&performance.points, &settings->where, &performance.arena, error));
    mark_lines(&performance.points, x);
    TRY(performance_lines(&performance, x, &chart, error));
    TRY(add_selected(results, &performance, x, &chart, error));
    TRY(performance_references(&settings->reference, &chart, error));
    TRY(add_pipeline(settings, results, &performance, &axis, &chart, &remark, error));
    TRY(add_degraded(&performance, &axis, &chart, &remark, error));
    TRY(remark_sizes(results, cost, &times, &performance.arena, &remark, error));
    where_remark(&performance.points, &settings->where, &remark);
    TRY(text_status(&remark, error));
    TRY(performance_describe(&performance, remark.bytes ? remark.bytes : "", &chart, error));
    TRY(chart_write(&chart, file, group, error));
out:
    text_release(&remark);
    chart_release(&chart);
    performance_release(&performance);
    return status;
}

static enum status shape(const void *config, const struct results *results, struct drawing *drawing,
                         struct error *error)
{
    const struct performance_vs_computation_settings *settings = config;

    (void)error;
    drawing->log_x = true;
    drawing->bounded = true;
    drawing->scores = performance_limits(results, settings->metric);
    return STATUS_OK;
}

const struct figure figure_performance_vs_computation = {
    .descriptor = {.name = "performance_vs_computation",
                   .summary = "score of networks and pipeline against operations, energy, time or "
                              "memory",
                   .fields = fields,
                   .config_size = sizeof(struct performance_vs_computation_settings),
                   .version = 1},
    .truth = true,
    .selects = true,
    .timed = timed,
    .serves = SERVES_ALL,
    .objection = objection,
    .compute = compute,
    .template = "performance.gp",
    .shape = shape,
};
