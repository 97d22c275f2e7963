/*
 * Scores against minutes of training: on the validation images after each epoch, one line a grid
 * point, and on the test images at the end. A score to be reached is drawn across, and the end of
 * the first epoch that reached it is marked. Times are those of the machine that ran the
 * experiment: no digest covers them.
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

struct score_vs_minutes_settings {
    struct figure_style style;
    int64_t metric;
    double target;
    struct text_list where;
};

static const struct field fields[] = {
    {"metric", FIELD_CHOICE, offsetof(struct score_vs_minutes_settings, metric),
     .default_value = "auto", .choices = performance_metrics,
     .help = "score; auto: the task's own"},
    {"target", FIELD_REAL, offsetof(struct score_vs_minutes_settings, target), .minimum = 0,
     .maximum = 1000, .default_value = "0",
     .help = "mark where the validation score passes this value (0.94; psnr in dB); 0: no mark"},
    WHERE_FIELD(struct score_vs_minutes_settings),
    FIGURE_STYLE_FIELDS,
    {0}};

static const char *objection(const void *config, int64_t examples)
{
    const struct score_vs_minutes_settings *settings = config;
    bool free = performance_exceeds(settings->metric, 1);

    (void)examples;
    const char *wrong = where_objection(&settings->where);
    if (wrong)
        return wrong;
    return settings->target > 1 && !free ? "the target is above 1, which this metric cannot pass"
                                         : NULL;
}

static bool timed(const void *config)
{
    (void)config;
    return true;
}

struct figure_data {
    const struct score_vs_minutes_settings *settings;
    enum metric metric;
    struct points points;
    struct curve *scores, *minutes; /* [trials], of equal lengths */
    double *test;                   /* [trials]; NULL: not recorded */
    struct line_styles lines;
    size_t untimed; /* trials that are done and have no times */
};

static enum status read_data(struct figure_data *data, const struct results *results,
                             struct arena *arena, struct error *error)
{
    char name[64];

    PASS(points_read(results, arena, &data->points, error));
    for (size_t i = 0; i < data->points.axis_count; i++)
        data->points.axes[i].line = true;
    PASS(where_keep(&data->points, &data->settings->where, arena, error));
    snprintf(name, sizeof name, "validation.%s", metric_names[data->metric]);
    PASS(curves_read(results, &data->points, "/curves", name, arena, &data->scores, error));
    PASS(curves_read(results, &data->points, "/timing/curves", "train.seconds", arena,
                     &data->minutes, error));
    for (size_t i = 0; i < data->points.trials; i++) {
        struct curve *score = &data->scores[i], *time = &data->minutes[i];
        double *minutes;
        data->untimed += data->points.done[i] && time->count == 0;
        score->count = score->count < time->count ? score->count : time->count;
        PASS(arena_new(arena, &minutes, time->count, sizeof *minutes, error));
        for (size_t e = 0; e < time->count; e++)
            minutes[e] = time->values[e] / 60;
        time->values = minutes;
    }
    snprintf(name, sizeof name, "network.test.%s", metric_names[data->metric]);
    if (results_has(results, name))
        PASS(results_numbers(results, name, arena, &data->test, error));
    return STATUS_OK;
}

/* The first place where the line is at the target or better; its count where it never is. */
static size_t passed_at(const struct series *series, enum metric metric, double target)
{
    size_t k = 0;

    while (k < series->count && !(target > 0 && metric_reaches(metric, series->y[k], target)))
        k++;
    return k;
}

static void append_minutes(struct text *text, double minutes)
{
    text_append(text, "%.*f min", minutes < 1 ? 3 : minutes < 100 ? 1 : 0, minutes);
}

static void append_target(struct text *text, const struct figure_data *data)
{
    const char *unit = performance_words(data->metric).unit;

    if (strcmp(unit, "share") == 0)
        text_append(text, "%g %%", 100 * data->settings->target);
    else
        text_append(text, "%g%s%s", data->settings->target, strcmp(unit, "1") ? " " : "",
                    strcmp(unit, "1") ? unit : "");
}

/* A series of one place that belongs to the line `line`, and looks like it. */
static enum status add_mark(struct chart *chart, const struct series *line, enum series_role role,
                            double x, struct interval y, struct error *error)
{
    enum status status = STATUS_OK;
    struct text name = {0};
    struct series *series;

    TRY(text_print(&name, error, "%s%s", series_roles[role].name,
                   line->name + strlen(series_roles[line->role].name)));
    TRY(chart_add(chart, name.bytes, line->label, role, 1, &series, error));
    TRY(chart_style(chart, series, line->colour, line->dash, error));
    performance_put(series, 0, x, y);
out:
    text_release(&name);
    return status;
}

/* Where the line passed the target: a mark, and words in the key where it has some of its own. */
static enum status mark_passing(const struct figure_data *data, struct chart *chart,
                                struct series *line, struct error *error)
{
    enum status status = STATUS_OK;
    size_t k = passed_at(line, data->metric, data->settings->target);
    struct text words = {0};

    if (k == line->count)
        return STATUS_OK;
    struct interval score = {line->y[k], NAN, NAN, 1};
    double minute = line->x[k];
    if (data->lines.by != LINE_STYLES_BY_AXES && line->colour[0]) {
        text_append(&words, "%s, validation ", line->colour);
        append_target(&words, data);
        text_append(&words, " after ");
        append_minutes(&words, minute);
        TRY(text_status(&words, error));
        TRY(chart_style(chart, line, words.bytes, line->dash, error));
    }
    struct series copy = *line; /* adding moves the series */
    TRY(add_mark(chart, &copy, ROLE_PASSED, minute, score, error));
out:
    text_release(&words);
    return status;
}

/* The test score at the end of training. */
static enum status mark_end(const struct figure_data *data, size_t point, struct chart *chart,
                            const struct series *line, struct error *error)
{
    const size_t *first = data->points.first;
    struct interval score;
    double minutes = 0;
    size_t count = 0;

    if (!data->test)
        return STATUS_OK;
    for (size_t i = first[point]; i < first[point + 1]; i++) {
        const struct curve *time = &data->minutes[i];
        if (time->count == 0)
            continue;
        minutes += time->values[time->count - 1];
        count++;
    }
    PASS(points_interval_at(&data->points, data->test, point, &score, error));
    if (count && !isnan(score.mean))
        PASS(add_mark(chart, line, ROLE_TEST, minutes / (double)count, score, error));
    return STATUS_OK;
}

static enum status add_lines(struct figure_data *data, struct chart *chart, struct error *error)
{
    enum status status = STATUS_OK;
    const struct points *points = &data->points;
    const struct curves curves = {points, &data->lines, data->scores, data->minutes, ROLE_SCORE};
    bool *drawn = NULL;

    TRY(memory_new(&drawn, points->count, sizeof *drawn, error));
    for (size_t p = 0; p < points->count; p++)
        drawn[p] = curves_epochs(&curves, p) > 0;
    TRY(curves_styles(points, data->scores, data->metric, drawn, &data->lines, error));
    for (size_t p = 0; p < points->count; p++) {
        struct series *line;
        size_t index = chart->count;
        TRY(curves_add(&curves, p, chart, &line, error));
        if (!line)
            continue;
        TRY(mark_passing(data, chart, line, error));
        struct series copy = chart->series[index];
        TRY(mark_end(data, p, chart, &copy, error));
    }
out:
    memory_free(drawn);
    return status;
}

/* The target, through the whole width. */
static enum status add_target(const struct figure_data *data, struct chart *chart,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct axis axis = axis_empty();
    struct interval at = {data->settings->target, NAN, NAN, 1};
    struct text label = {0};
    struct series *series;

    if (data->settings->target <= 0)
        return STATUS_OK;
    axis_include(&axis, 0);
    for (size_t s = 0; s < chart->count; s++)
        for (size_t k = 0; k < chart->series[s].count; k++)
            axis_include(&axis, chart->series[s].x[k]);
    axis_finish(&axis, false);
    append_target(&label, data);
    TRY(text_status(&label, error));
    TRY(chart_add(chart, "target", label.bytes, ROLE_TARGET, 2, &series, error));
    TRY(chart_style(chart, series, "", "", error));
    performance_put(series, 0, axis.low, at);
    performance_put(series, 1, axis.high, at);
out:
    text_release(&label);
    return status;
}

static enum status describe(const struct figure_data *data, struct chart *chart,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};

    chart->x = (struct axis_words){"training, without evaluation", "min"};
    chart->y[0] = performance_words(data->metric);
    TRY(arena_print(&chart->arena, &chart->y[0].label, error, "validation %s", chart->y[0].label));
    text_clear(&text);
    curves_caption(&data->points, &data->lines, data->scores, chart, &text);
    if (data->test)
        points_unscored_remark(points_unscored(&data->points, data->test), &text);
    if (data->untimed)
        text_append(&text, "; %zu trial%s without times left out", data->untimed,
                    data->untimed > 1 ? "s" : "");
    where_remark(&data->points, &data->settings->where, &text);
    TRY(text_keep(&text, &chart->arena, &chart->caption, error));
out:
    text_release(&text);
    return status;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    struct figure_data data = {.settings = config};
    struct arena arena = {0};
    struct chart chart = {0};

    data.metric = performance_metric(results, data.settings->metric);
    TRY(read_data(&data, results, &arena, error));
    TRY(add_lines(&data, &chart, error));
    TRY(add_target(&data, &chart, error));
    TRY(describe(&data, &chart, error));
    TRY(chart_write(&chart, file, group, error));
out:
    chart_release(&chart);
    arena_release(&arena);
    return status;
}

static enum status shape(const void *config, const struct results *results, struct drawing *drawing,
                         struct error *error)
{
    const struct score_vs_minutes_settings *settings = config;

    (void)error;
    drawing->zero_x = true;
    drawing->bounded = true;
    drawing->scores = performance_limits(results, settings->metric);
    return STATUS_OK;
}

const struct figure figure_score_vs_minutes = {
    .descriptor = {.name = "score_vs_minutes",
                   .summary = "validation and test score against minutes of training",
                   .fields = fields,
                   .config_size = sizeof(struct score_vs_minutes_settings),
                   .version = 1},
    .truth = true,
    .serves = SERVES_ALL,
    .timed = timed,
    .objection = objection,
    .compute = compute,
    .template = "score_vs_minutes.gp",
    .shape = shape,
};
