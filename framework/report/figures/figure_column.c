#include "report/figures/figure_column.h"

#include "findings/board.h"
#include "report/figures/performance.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const places[] = {"network.test.", "network.", "hardware.MACHINE.", NULL};

bool figure_column_is_time(const char *name)
{
    return strncmp(name, "timing.", 7) == 0;
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);

    return length >= tail && strcmp(name + length - tail, end) == 0;
}

const char *figure_column_score(const struct results *results, const char *given)
{
    const char *first = NULL;

    if (!given[0])
        first = board_first_score(results, "network.validation.");
    if (!given[0] && !first)
        first = board_first_score(results, "network.validation.agreement.");
    return first ? first : given;
}

/* By the ends of names, as the table of trials is written; no label: the column's name. */
static const struct {
    const char *end, *label, *unit;
} kinds[] = {{"energy_j", "energy per image", "J"},
             {"latency_s", "predicted time per image", "s"},
             {"seconds_per_image", "measured time per image", "s"},
             {"_s", NULL, "s"},
             {".seconds", NULL, "s"},
             {"dram_bytes", "traffic to and from DRAM per image", "B"},
             {"_bytes", NULL, "B"},
             {"network.multiply_adds", "multiply-adds per image", "count"},
             {"network.parameters", "parameters", "count"},
             {"multiply_adds", NULL, "count"},
             {"additions", NULL, "count"},
             {"comparisons", NULL, "count"},
             {"multiplications", NULL, "count"},
             {"divisions", NULL, "count"},
             {"exponentials", NULL, "count"},
             {"lookups", NULL, "count"},
             {"filter.dropped", NULL, "count"},
             {"filter.items", NULL, "count"},
             {"filter.errors", NULL, "count"},
             {"filter.precision", NULL, "share"},
             {"filter.recall", NULL, "share"}};

/* "energy per image, tpu_v1", in joules. */
static enum status words_of(const char *name, struct arena *arena, struct axis_words *words,
                            struct error *error)
{
    const char *machine = strncmp(name, "hardware.", 9) == 0 ? name + 9 : NULL;
    size_t i = 0, count = sizeof kinds / sizeof *kinds;

    while (i < count && !ends_with(name, kinds[i].end))
        i++;
    *words = (struct axis_words){name, i < count ? kinds[i].unit : "1"};
    if (i == count || !kinds[i].label)
        return STATUS_OK;
    return arena_print(arena, &words->label, error, "%s%s%.*s", kinds[i].label, machine ? ", " : "",
                       machine ? (int)strcspn(machine, ".") : 0, machine ? machine : "");
}

/* "test SSIM", "pipeline's validation SSIM", "agreement, test SSIM". */
static enum status score_label(const struct figure_column *column, struct arena *arena,
                               const char **label, struct error *error)
{
    const char *split = strstr(column->name, ".validation.") ? "validation"
                        : strstr(column->name, ".train.")    ? "training"
                                                             : "test";
    const char *whose = strncmp(column->name, "pipeline.", 9) == 0   ? "pipeline's "
                        : strncmp(column->name, "degraded.", 9) == 0 ? "input's "
                                                                     : "";

    return arena_print(arena, label, error, "%s%s%s %s%s", whose,
                       strstr(column->name, ".agreement.") ? "agreement, " : "", split,
                       metric_titles[column->metric],
                       strstr(column->name, ".int8.") ? ", int8" : "");
}

enum status figure_column_read(const struct results *results, const struct points *points,
                               const char *name, struct arena *arena, struct figure_column *column,
                               struct error *error)
{
    const char *found = board_column(results, name, places);

    memset(column, 0, sizeof *column);
    column->name =
        found && (!figure_column_is_time(found) || figure_column_is_time(name)) ? found : name;
    PASS(results_numbers(results, column->name, arena, &column->values, error));
    column->scored = metric_of_column(column->name, &column->metric);
    const char *label = points_axis_label(points, column->name);
    if (column->scored) {
        column->words = performance_words(column->metric);
        return score_label(column, arena, &column->words.label, error);
    }
    PASS(words_of(column->name, arena, &column->words, error));
    column->words.label = label ? label : column->words.label;
    return STATUS_OK;
}

void figure_column_bound(const struct results *results, const char *name, struct drawing *drawing)
{
    const char *found = board_column(results, name, places);
    enum metric metric;

    drawing->bounded = found && metric_of_column(found, &metric);
    if (drawing->bounded)
        drawing->scores = (struct axis_limits){metric_least[metric], metric_most[metric]};
}

/* A series of the points for which `texts` says the same as of point `first`. */
static enum status add_group(const struct points *points, const char *const *texts, size_t first,
                             const struct figure_column *x, const struct figure_column *y,
                             const char *label, enum series_role role, struct chart *chart,
                             struct error *error)
{
    struct interval at, value;
    struct series *series;
    size_t count = 0;

    PASS(chart_add(chart, label, label, role, points->count, &series, error));
    for (size_t p = first; p < points->count; p++) {
        if (texts && strcmp(texts[points->first[p]], texts[points->first[first]]) != 0)
            continue;
        PASS(points_interval_at(points, x->values, p, &at, error));
        PASS(points_interval_at(points, y->values, p, &value, error));
        if (!isnan(at.mean) && !isnan(value.mean))
            performance_put(series, count++, at.mean, value);
    }
    series->count = count;
    return STATUS_OK;
}

enum status figure_column_marks(const struct results *results, const struct points *points,
                                const struct figure_column *x, const struct figure_column *y,
                                const char *by, enum series_role role, struct chart *chart,
                                struct error *error)
{
    const char **texts, *value, *label;

    if (!by[0])
        return add_group(points, NULL, 0, x, y, "networks", role, chart, error);
    PASS(results_texts(results, by, &chart->arena, &texts, error));
    for (size_t p = 0; p < points->count; p++) {
        bool seen = false;
        for (size_t q = 0; q < p && !seen; q++)
            seen = strcmp(texts[points->first[q]], texts[points->first[p]]) == 0;
        if (seen)
            continue;
        value = texts[points->first[p]];
        label = points_value_label(points, by, value);
        if (label)
            PASS(arena_copy(&chart->arena, label, strlen(label), &value, error));
        PASS(add_group(points, texts, p, x, y, value[0] ? value : "none", role, chart, error));
    }
    return STATUS_OK;
}
