/*
 * Numbers against what is true: a mark for each test image, or of maps for a sample of the pixels,
 * the pipeline's and the network's; on the diagonal both are equal. It shows what a mean error
 * hides: a bias, a number that is cut off, a network that always answers the mean.
 */
#include "data/registry.h"
#include "interfaces/dataset.h"
#include "interfaces/figure.h"
#include "io/hdf5/hdf5_values.h"
#include "report/charts/drawing.h"
#include "report/charts/example_images.h"
#include "results/grid_means.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct numbers_settings {
    struct figure_style style;
    int64_t number, trial;
};

static const struct field fields[] = {
    {"number", FIELD_INTEGER, offsetof(struct numbers_settings, number), .minimum = 0,
     .maximum = 255, .default_value = "0", .help = "which of several numbers, from 0"},
    {"trial", FIELD_INTEGER, offsetof(struct numbers_settings, trial), .minimum = -1,
     .maximum = 1e9, .default_value = "-1",
     .help = "trial whose network is shown; -1: the first of the network that 'select' chose, or "
             "of the last grid point"},
    FIGURE_STYLE_FIELDS,
    {0}};

static enum status read_column(const struct results *results, size_t trial, const char *who,
                               size_t number, struct arena *arena, size_t *count, float **values,
                               struct error *error)
{
    struct hdf5_array array = {0};
    char path[64];

    snprintf(path, sizeof path, "/numbers/%05zu/%s", trial, who);
    PASS(hdf5_read(results->file, path, arena, &array, error));
    if (array.type != HDF5_FLOAT32 || array.rank != 2)
        return error_set(error, STATUS_DATA, "%s does not hold rows of numbers", path);
    if (number >= array.dims[1])
        return error_set(error, STATUS_CONFIG, "number: there is no number %zu; expected 0 to %zu",
                         number, array.dims[1] - 1);
    PASS(arena_new(arena, values, array.dims[0], sizeof **values, error));
    for (size_t k = 0; k < array.dims[0]; k++)
        (*values)[k] = ((const float *)array.values)[k * array.dims[1] + number];
    *count = array.dims[0];
    return STATUS_OK;
}

/* The number-th of "count, area"; "" where there are not as many. */
static void take_word(const char *list, size_t number, char *word, size_t room)
{
    for (; number > 0 && list; number--) {
        list = strstr(list, ", ");
        list = list ? list + 2 : NULL;
    }
    snprintf(word, room, "%.*s", list ? (int)strcspn(list, ",") : 0, list ? list : "");
}

/* What a column of the results, or else the data set itself, calls the number or its unit. */
static enum status find_word(const struct results *results, const struct points *points,
                             const char *column, size_t trial, size_t number, bool unit,
                             struct arena *arena, char *word, size_t room, struct error *error)
{
    const struct descriptor *dataset =
        points->dataset ? registry_find(registry_datasets(), points->dataset) : NULL;
    const char *const *own = NULL;
    const char **texts;

    word[0] = '\0';
    if (results_has(results, column)) {
        PASS(results_texts(results, column, arena, &texts, error));
        take_word(texts[trial], number, word, room);
        return STATUS_OK;
    }
    if (dataset)
        own = unit ? dataset_of(dataset)->number_units : dataset_of(dataset)->number_names;
    for (size_t i = 0; own && own[i]; i++)
        if (i == number)
            snprintf(word, room, "%s", own[i]);
    return STATUS_OK;
}

static enum status label_axes(const struct results *results, const struct points *points,
                              size_t trial, size_t number, struct chart *chart, struct error *error)
{
    char name[64], unit[64];

    PASS(find_word(results, points, "dataset.numbers", trial, number, false, &chart->arena, name,
                   sizeof name, error));
    PASS(find_word(results, points, "dataset.units", trial, number, true, &chart->arena, unit,
                   sizeof unit, error));
    if (!name[0])
        snprintf(name, sizeof name, "number");
    chart->x.unit = chart->y[0].unit = "1";
    PASS(arena_print(&chart->arena, &chart->x.label, error, "true %s%s%s%s", name,
                     unit[0] ? " (" : "", unit, unit[0] ? ")" : ""));
    return arena_print(&chart->arena, &chart->y[0].label, error, "%s as answered%s%s%s", name,
                       unit[0] ? " (" : "", unit, unit[0] ? ")" : "");
}

static enum status add_answers(const struct results *results, size_t trial, size_t number,
                               const float *truth, size_t rows, struct chart *chart,
                               struct error *error)
{
    static const struct {
        const char *who;
        enum series_role role;
    } shown[] = {{"pipeline", ROLE_REFERENCE_PIPELINE}, {"network", ROLE_REFERENCE_NETWORK}};
    struct series *series;
    float *answers;
    size_t count;

    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        PASS(read_column(results, trial, shown[i].who, number, &chart->arena, &count, &answers,
                         error));
        if (count != rows)
            return error_set(error, STATUS_DATA, "trial %zu: %zu true numbers, %zu of the %s",
                             trial, rows, count, shown[i].who);
        size_t kept = 0;
        for (size_t k = 0; k < rows; k++)
            kept += isfinite(truth[k]) && isfinite(answers[k]);
        PASS(chart_add(chart, shown[i].who, shown[i].who, shown[i].role, kept, &series, error));
        for (size_t k = 0, at = 0; k < rows; k++)
            if (isfinite(truth[k]) && isfinite(answers[k])) {
                series->x[at] = (double)truth[k];
                series->y[at++] = (double)answers[k];
            }
    }
    return STATUS_OK;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct numbers_settings *settings = config;
    struct text text = {0};
    struct points points = {0};
    struct chart chart = {0};
    size_t trial, rows, number = (size_t)settings->number;
    float *truth;

    TRY(points_read(results, &chart.arena, &points, error));
    TRY(examples_trial(results, &points, settings->trial, "numbers", &chart.arena, &trial, error));
    TRY(label_axes(results, &points, trial < points.trials ? trial : 0, number, &chart, error));
    if (trial == points.trials) {
        text_append(&text, "all %zu trials failed", points.trials);
    } else {
        TRY(read_column(results, trial, "truth", number, &chart.arena, &rows, &truth, error));
        TRY(add_answers(results, trial, number, truth, rows, &chart, error));
        text_append(&text, "test split, %zu values; ", rows);
        points_label_trial(&points, trial, &text);
    }
    TRY(text_keep(&text, &chart.arena, &chart.caption, error));
    TRY(chart_write(&chart, file, group, error));
out:
    text_release(&text);
    chart_release(&chart);
    return status;
}

const struct figure figure_numbers_vs_truth = {
    .descriptor = {.name = "numbers_vs_truth",
                   .summary = "numbers that pipeline and network gave against true ones",
                   .fields = fields,
                   .config_size = sizeof(struct numbers_settings),
                   .version = 1},
    .truth = true,
    .selects = true,
    .serves = SERVES_NUMBERS | SERVES_MAPS,
    .compute = compute,
    .template = "numbers_vs_truth.gp",
};
