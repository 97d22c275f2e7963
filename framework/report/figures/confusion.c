/*
 * The confusion matrix: how often each class was named for each, by the network or the pipeline of
 * one trial. A row is a true class, its colours are shares of the row. The counts are what `store:
 * {confusion: {}}` kept: of images, or of masks' pixels.
 */
#include "interfaces/figure.h"
#include "report/charts/drawing.h"
#include "report/charts/example_answers.h"
#include "results/grid_means.h"

#include <stdio.h>

struct confusion_settings {
    struct figure_style style;
    int64_t of, trial;
};

static const char *const answerers[] = {"network", "pipeline", NULL};

static const struct field fields[] = {
    {"of", FIELD_CHOICE, offsetof(struct confusion_settings, of), .default_value = "network",
     .choices = answerers, .help = "whose answers"},
    {"trial", FIELD_INTEGER, offsetof(struct confusion_settings, trial), .minimum = -1,
     .maximum = 1e9, .default_value = "-1",
     .help = "trial whose answers are shown; -1: the first of the network that 'select' chose, or "
             "of the last grid point"},
    FIGURE_STYLE_FIELDS,
    {0}};

static enum status read_counts(const struct results *results, size_t trial, const char *who,
                               struct arena *arena, size_t *side, const double **counts,
                               struct error *error)
{
    struct hdf5_array array = {0};
    char path[64];

    snprintf(path, sizeof path, "/confusion/%05zu/%s", trial, who);
    PASS(hdf5_read(results->file, path, arena, &array, error));
    if (array.type != HDF5_FLOAT64 || array.rank != 2 || array.dims[0] != array.dims[1])
        return error_set(error, STATUS_DATA, "%s is not a square of counts", path);
    *side = array.dims[0];
    *counts = array.values;
    return STATUS_OK;
}

/* A series for each true class: how often each was named. */
static enum status add_rows(const struct results *results, const struct points *points,
                            size_t trial, size_t side, const double *counts, struct chart *chart,
                            double *right, double *total, struct error *error)
{
    enum status status = STATUS_OK;
    struct examples named = {.kind = DRAWN_AS_CLASS, .trial = trial};
    const char *const *names;
    struct series *series;
    char text[EXAMPLES_CLASS];

    TRY(examples_class_names(results, &named, points, &names, error));
    for (size_t row = 0; row < side; row++) {
        examples_class(names, (double)row, text);
        TRY(chart_add(chart, text, text, ROLE_CELLS, side, &series, error));
        for (size_t k = 0; k < side; k++) {
            series->x[k] = (double)k;
            series->y[k] = counts[row * side + k];
            *total += series->y[k];
            *right += k == row ? series->y[k] : 0;
        }
    }
out:
    arena_release(&named.arena);
    return status;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct confusion_settings *settings = config;
    const char *who = answerers[settings->of];
    struct points points = {0};
    struct chart chart = {0};
    struct text caption = {0};
    const double *counts = NULL;
    size_t trial, side = 0;
    double right = 0, total = 0;

    TRY(points_read(results, &chart.arena, &points, error));
    TRY(examples_trial(results, &points, settings->trial, "confusion", &chart.arena, &trial,
                       error));
    chart.x =
        (struct axis_words){settings->of ? "named by the pipeline" : "named by the network", "1"};
    chart.y[0] = (struct axis_words){"true class", "1"};
    if (trial == points.trials) {
        text_append(&caption, "all %zu trials failed", trial);
    } else {
        TRY(read_counts(results, trial, who, &chart.arena, &side, &counts, error));
        TRY(add_rows(results, &points, trial, side, counts, &chart, &right, &total, error));
        points_label_trial(&points, trial, &caption);
        text_append(&caption, "; %.0f of %.0f right; colours: shares of a row", right, total);
    }
    TRY(text_keep(&caption, &chart.arena, &chart.caption, error));
    TRY(chart_write(&chart, file, group, error));
out:
    text_release(&caption);
    chart_release(&chart);
    return status;
}

const struct figure figure_confusion = {
    .descriptor = {.name = "confusion",
                   .summary = "how often each class was named for each",
                   .fields = fields,
                   .config_size = sizeof(struct confusion_settings),
                   .version = 1},
    .truth = true,
    .selects = true,
    .confusion = true,
    .serves = SERVES_SCORES | SERVES_MASKS,
    .compute = compute,
    .template = "confusion.gp",
};
