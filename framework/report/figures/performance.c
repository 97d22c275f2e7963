#include "report/figures/performance.h"

#include "results/score_choice.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define ROW(metric, name, title, unit, least, most, sense) [METRIC_##metric + 1] = name,
const char *const performance_metrics[] = {"auto",
#include "math/metrics.def"
                                           NULL};
#undef ROW
const char *const performance_splits[] = {"test", "validation", "train", NULL};

enum metric performance_metric(const struct results *results, int64_t choice)
{
    if (choice != PERFORMANCE_AUTO)
        return (enum metric)(choice - 1);
    static const enum metric mains[] = {METRIC_ACCURACY, METRIC_IOU, METRIC_MAE, METRIC_SSIM};
    char column[64];
    size_t i = 0;

    for (; i + 1 < sizeof mains / sizeof *mains; i++) {
        snprintf(column, sizeof column, "network.test.%s", metric_names[mains[i]]);
        if (results_has(results, column))
            break;
    }
    return mains[i];
}

bool performance_exceeds(int64_t choice, double value)
{
    return choice != PERFORMANCE_AUTO && metric_most[choice - 1] > value;
}

struct axis_words performance_words(enum metric metric)
{
    const char *unit = metric_units[metric]; /* "": that of the answers */

    return (struct axis_words){metric_titles[metric], unit[0] ? unit : "1"};
}

struct axis_limits performance_limits(const struct results *results, int64_t choice)
{
    enum metric metric = performance_metric(results, choice);
    return (struct axis_limits){metric_least[metric], metric_most[metric]};
}

static enum status pipeline_read(struct performance *performance, const struct results *results,
                                 struct error *error)
{
    char column[64];

    snprintf(column, sizeof column, "pipeline.%s.%s", performance->split,
             metric_names[performance->metric]);
    return results_numbers(results, column, &performance->arena, &performance->pipeline, error);
}

static enum status network_read(struct performance *performance, const struct results *results,
                                int64_t numbers, const char *machine, struct error *error)
{
    char name[64];

    snprintf(name, sizeof name, "%s.%s", performance->split, metric_names[performance->metric]);
    return score_read(results, (enum score_numbers)numbers, machine, name, &performance->arena,
                      &performance->int8, &performance->network, error);
}

enum status performance_read(struct performance *performance, const struct results *results,
                             int64_t metric, int64_t split, int64_t numbers, const char *machine,
                             struct error *error)
{
    enum status status = STATUS_OK;
    char degraded[64];

    memset(performance, 0, sizeof *performance);
    struct arena *arena = &performance->arena;
    performance->metric = performance_metric(results, metric);
    performance->split = performance_splits[split];
    TRY(points_read(results, arena, &performance->points, error));
    TRY(network_read(performance, results, numbers, machine, error));
    performance->scores = performance->network;
    TRY(pipeline_read(performance, results, error));
    snprintf(degraded, sizeof degraded, "degraded.%s.%s", performance->split,
             metric_names[performance->metric]);
    if (results_has(results, degraded))
        TRY(results_numbers(results, degraded, arena, &performance->degraded, error));
out:
    if (status != STATUS_OK)
        performance_release(performance);
    return status;
}

void performance_release(struct performance *performance)
{
    arena_release(&performance->arena);
    memset(performance, 0, sizeof *performance);
}

void performance_put(struct series *series, size_t k, double x, struct interval y)
{
    series->x[k] = x;
    series->y[k] = y.mean;
    series->low[k] = y.count > 1 ? y.low : NAN;
    series->high[k] = y.count > 1 ? y.high : NAN;
}

struct line_point {
    double x;
    struct interval y;
};

/* The points of the line that begins with `point`, in ascending x. */
static enum status line_places(const struct performance *performance, const double *x, size_t point,
                               struct line_point *places, size_t *count, struct error *error)
{
    const struct points *points = &performance->points;

    *count = 0;
    for (size_t p = point; p < points->count; p++) {
        struct interval at;
        struct line_point place;
        if (!points_same_line(points, p, point))
            continue;
        PASS(points_interval_at(points, x, p, &at, error));
        PASS(points_interval_at(points, performance->network, p, &place.y, error));
        place.x = at.mean;
        if (isnan(place.x) || isnan(place.y.mean))
            continue;
        size_t k = (*count)++;
        for (; k > 0 && places[k - 1].x > place.x; k--)
            places[k] = places[k - 1];
        places[k] = place;
    }
    return STATUS_OK;
}

static enum series_role line_role(const struct points *points, size_t point)
{
    for (size_t i = 0; i < points->axis_count + points->fixed_count; i++)
        if (strcmp(points->axes[i].name, "train.labels") == 0) {
            const char *labels = points->axes[i].texts[points->first[point]];
            if (strcmp(labels, "manual") == 0)
                return ROLE_MANUAL;
            if (strcmp(labels, "truth") == 0)
                return ROLE_TRUTH;
        }
    return ROLE_NETWORK;
}

static enum status line_add(const struct points *points, size_t point,
                            const struct line_point *places, size_t count, struct chart *chart,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct text name = {0}, label = {0}, place = {0};
    struct series *series;

    points_name(points, point, true, &place);
    text_append(&name, "network%s%s", place.length ? " " : "", place.length ? place.bytes : "");
    text_clear(&place);
    points_label(points, point, true, &place);
    text_append(&label, "network%s%s", place.length ? ", " : "", place.length ? place.bytes : "");
    TRY(text_status(&place, error));
    TRY(text_status(&name, error));
    TRY(text_status(&label, error));
    TRY(chart_add(chart, name.bytes, label.bytes, line_role(points, point), count, &series, error));
    series->point = point;
    for (size_t k = 0; k < count; k++)
        performance_put(series, k, places[k].x, places[k].y);
out:
    text_release(&place);
    text_release(&label);
    text_release(&name);
    return status;
}

enum status performance_lines(const struct performance *performance, const double *x,
                              struct chart *chart, struct error *error)
{
    enum status status = STATUS_OK;
    const struct points *points = &performance->points;
    struct line_point *places = NULL;

    TRY(memory_new(&places, points->count, sizeof *places, error));
    for (size_t p = 0; p < points->count; p++) {
        bool seen = false;
        size_t count;
        for (size_t q = 0; q < p && !seen; q++)
            seen = points_same_line(points, p, q);
        if (seen)
            continue;
        TRY(line_places(performance, x, p, places, &count, error));
        if (count)
            TRY(line_add(points, p, places, count, chart, error));
    }
out:
    memory_free(places);
    return status;
}

enum status performance_describe(const struct performance *performance, const char *remark,
                                 struct chart *chart, struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};
    const char *images = strcmp(performance->split, "test") == 0    ? "test"
                         : strcmp(performance->split, "train") == 0 ? "training"
                                                                    : "validation";

    points_caption(&performance->points, chart_has_intervals(chart), &text);
    points_unscored_remark(points_unscored(&performance->points, performance->scores), &text);
    text_append(&text, "%s%s", performance->int8 ? "; int8 scores" : "", remark);
    TRY(text_keep(&text, &chart->arena, &chart->caption, error));
    text_clear(&text);
    chart->y[0] = performance_words(performance->metric);
    text_append(&text, "%s %s", images, chart->y[0].label);
    TRY(text_keep(&text, &chart->arena, &chart->y[0].label, error));
out:
    text_release(&text);
    return status;
}

enum status performance_across(const struct results *results, const struct points *points,
                               const char *column, struct chart *chart, struct text *remark,
                               struct error *error)
{
    struct axis axis = axis_empty();
    enum agreement agreement;
    struct interval score;
    struct series *series;
    double *values;

    if (!results_has(results, column))
        return STATUS_OK;
    PASS(results_numbers(results, column, &chart->arena, &values, error));
    PASS(points_interval(points, values, NULL, &score, error));
    if (isnan(score.mean))
        return STATUS_OK;
    PASS(points_agreement(points, values, &agreement, error));
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
    PASS(chart_add(chart, "pipeline", "pipeline", ROLE_PIPELINE, 2, &series, error));
    performance_put(series, 0, axis.low, score);
    performance_put(series, 1, axis.high, score);
    return STATUS_OK;
}

#define AT(member) offsetof(struct performance_reference, member)

const struct field performance_reference_fields[] = {
    {"label", FIELD_TEXT, AT(label), .default_value = "published",
     .help = "name of the points, for the key"},
    {"x", FIELD_REALS, AT(x), .minimum = 0, .maximum = 1e300, .default_value = "[]",
     .help = "places on the horizontal axis, in its base unit"},
    {"pipeline", FIELD_REALS, AT(pipeline), .minimum = -1000, .maximum = 1000,
     .default_value = "[]", .help = "the pipeline's scores there, as 0.789; psnr in dB"},
    {"network", FIELD_REALS, AT(network), .minimum = -1000, .maximum = 1000, .default_value = "[]",
     .help = "the network's scores there"},
    {0}};

const char *performance_reference_objection(const struct performance_reference *reference)
{
    size_t count = reference->x.count;

    if ((reference->pipeline.count && reference->pipeline.count != count) ||
        (reference->network.count && reference->network.count != count))
        return "reference: there must be as many scores as values of x";
    if (count && !reference->pipeline.count && !reference->network.count)
        return "reference: values of x without scores of pipeline or network";
    return NULL;
}

static enum status add_reference(const struct performance_reference *reference,
                                 enum series_role role, const char *who,
                                 const struct real_list *scores, struct chart *chart,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    struct text label = {0};
    struct series *series;

    if (scores->count == 0)
        return STATUS_OK;
    TRY(text_print(&label, error, "%s, %s", reference->label, who));
    TRY(chart_add(chart, series_roles[role].name, label.bytes, role, scores->count, &series,
                  error));
    for (size_t i = 0; i < scores->count; i++) {
        struct interval score = {scores->items[i], NAN, NAN, 1};
        performance_put(series, i, reference->x.items[i], score);
    }
out:
    text_release(&label);
    return status;
}

enum status performance_references(const struct performance_reference *reference,
                                   struct chart *chart, struct error *error)
{
    PASS(add_reference(reference, ROLE_REFERENCE_PIPELINE, "pipeline", &reference->pipeline, chart,
                       error));
    return add_reference(reference, ROLE_REFERENCE_NETWORK, "network", &reference->network, chart,
                         error);
}
