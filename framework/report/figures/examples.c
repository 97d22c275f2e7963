/*
 * Example sheet: what the numbers look like. For images, a row each: clean, degraded, pipeline,
 * network, with the SSIM of each against the clean one. For classification, the images with the
 * true class and those that the pipeline and the network gave. Where there is no ground truth, the
 * network's are compared with the pipeline's.
 */
#include "data/registry.h"
#include "interfaces/dataset.h"
#include "interfaces/figure.h"
#include "report/charts/contact_sheet.h"
#include "report/charts/drawing.h"
#include "report/charts/example_images.h"
#include "results/grid_means.h"

#include "math/quality.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct examples_settings {
    int64_t images, trial;
};

static const struct field fields[] = {
    {"images", FIELD_INTEGER, offsetof(struct examples_settings, images), .minimum = 1,
     .maximum = 100, .default_value = "6", .help = "images shown, if that many are stored"},
    {"trial", FIELD_INTEGER, offsetof(struct examples_settings, trial), .minimum = -1,
     .maximum = 1e9, .default_value = "-1",
     .help =
         "trial whose outputs are shown; -1: the first of the network that 'select' chose, or of "
         "the last grid point"},
    {0}};

static const char *const class_labels[] = {"true", "pipeline", "network"};
/* Images side by side: names of classes need more room than numbers. */
enum { ACROSS = 6, ACROSS_NAMED = 4 };

/* The first column, and the image that others are compared with. */
static int first_of(const struct examples *examples)
{
    return examples->judged ? 0 : 1;
}

static int reference_of(const struct examples *examples)
{
    return examples->judged ? 0 : 2;
}

/* SSIM of an image that is shown against the clean one, or the pipeline's; NaN where it is smaller
 * than SSIM's window. */
static double score(const struct examples *examples, int which, size_t k, float *scratch)
{
    struct image image = examples_image(examples, which, k);
    bool large = image.shape.height >= QUALITY_SSIM_SIDE && image.shape.width >= QUALITY_SSIM_SIDE;

    return large ? quality_ssim(image, examples_image(examples, reference_of(examples), k), scratch)
                 : (double)NAN;
}

static enum status add_scores(const struct examples *examples, struct chart *chart,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct shape largest = examples_largest(examples);
    struct series *series;
    float *scratch = NULL;

    if (largest.height < QUALITY_SSIM_SIDE || largest.width < QUALITY_SSIM_SIDE)
        return STATUS_OK;
    TRY(memory_new(&scratch, quality_ssim_scratch(largest), sizeof *scratch, error));
    for (int v = reference_of(examples) + 1; v < EXAMPLE_IMAGES; v++) {
        TRY(chart_add(chart, example_images[v], example_images[v], ROLE_LABEL, examples->count,
                      &series, error));
        for (size_t k = 0; k < examples->count; k++) {
            series->x[k] = (double)k;
            series->y[k] = score(examples, v, k, scratch);
        }
    }
out:
    memory_free(scratch);
    return status;
}

static enum status add_classes(const struct examples *examples, struct chart *chart,
                               struct error *error)
{
    struct series *series;

    for (int v = first_of(examples); v < EXAMPLE_CLASSES; v++) {
        PASS(chart_add(chart, class_labels[v], class_labels[v], ROLE_LABEL, examples->count,
                       &series, error));
        for (size_t k = 0; k < examples->count; k++) {
            series->x[k] = (double)k;
            series->y[k] = examples->classes[v][examples->shown[k]];
        }
    }
    return STATUS_OK;
}

static enum status describe(const struct examples *examples, const struct points *points,
                            struct chart *chart, struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0}, place = {0};

    if (examples->trial == points->trials) {
        text_append(&text, "all %zu trials failed", points->trials);
    } else {
        size_t point = 0;
        while (points->first[point + 1] <= examples->trial)
            point++;
        points_label(points, point, false, &place);
        text_append(&text, "%strial %zu%s%s",
                    !examples->judged ? "no ground truth: the network beside the pipeline; "
                    : examples->named ? ""
                                      : "SSIM below each image; ",
                    examples->trial, place.length ? ": " : "", place.length ? place.bytes : "");
    }
    if (examples->sizes > 1)
        text_append(&text, "; images of %zu sizes, to one scale", examples->sizes);
    int channels = examples_largest(examples).channels;
    if (channels != 1 && channels != 3 && examples->count)
        text_append(&text, "; the first of %d channels", channels);
    TRY(text_status(&place, error));
    TRY(text_keep(&text, &chart->arena, &chart->caption, error));
    chart->x = (struct axis_words){"image", "1"};
    chart->y[0] = (struct axis_words){examples->named ? "class" : "SSIM", "1"};
out:
    text_release(&place);
    text_release(&text);
    return status;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    const struct examples_settings *settings = config;
    struct examples examples = {0};
    struct points points = {0};
    struct chart chart = {0};

    TRY(points_read(results, &examples.arena, &points, error));
    TRY(examples_read(&examples, results, &points, settings->trial, settings->images, error));
    if (examples.count && examples.named)
        TRY(add_classes(&examples, &chart, error));
    else if (examples.count)
        TRY(add_scores(&examples, &chart, error));
    TRY(describe(&examples, &points, &chart, error));
    TRY(chart_write(&chart, file, group, error));
out:
    chart_release(&chart);
    arena_release(&examples.arena);
    return status;
}

/* The stored score of image k in series `name`; NaN where there is none. */
static double score_of(const struct chart *chart, const char *name, size_t k)
{
    for (size_t s = 0; s < chart->count; s++)
        if (strcmp(chart->series[s].name, name) == 0 && k < chart->series[s].count)
            return chart->series[s].y[k];
    return NAN;
}

static void draw_image_rows(struct contact_sheet *sheet, const struct examples *examples,
                            const struct chart *chart)
{
    char text[32];

    int first = first_of(examples);

    for (int v = first; v < EXAMPLE_IMAGES; v++)
        contact_sheet_title(sheet, (size_t)(v - first),
                            v == first && !examples->judged ? "input" : example_images[v]);
    for (size_t k = 0; k < examples->count; k++)
        for (int v = first; v < EXAMPLE_IMAGES; v++) {
            double score = score_of(chart, example_images[v], k);
            contact_sheet_image(sheet, k, (size_t)(v - first), examples_image(examples, v, k));
            snprintf(text, sizeof text, "%.3f", score);
            if (!isnan(score))
                contact_sheet_text(sheet, k, (size_t)(v - first), 0, text, false);
        }
}

/* What the data set calls its classes; NULL: it does not. */
static const char *const *names_of_classes(const struct points *points)
{
    const struct descriptor *dataset =
        points->dataset ? registry_find(registry_datasets(), points->dataset) : NULL;

    return dataset ? dataset_of(dataset)->class_names : NULL;
}

/* The names that a trial's data set gave its classes, "cat, dog", ended by NULL; NULL: none. */
static enum status recorded_names(const struct results *results, struct examples *examples,
                                  const char ***names, struct error *error)
{
    const char **columns, *at;
    size_t count = 0;

    *names = NULL;
    if (!results_has(results, "dataset.classes"))
        return STATUS_OK;
    PASS(results_texts(results, "dataset.classes", &examples->arena, &columns, error));
    at = columns[examples->trial];
    PASS(arena_new(&examples->arena, names, strlen(at) / 2 + 2, sizeof **names, error));
    for (size_t length; *at; at += length + (at[length] ? 2 : 0)) {
        const char *end = strstr(at, ", ");
        length = end ? (size_t)(end - at) : strlen(at);
        PASS(arena_copy(&examples->arena, at, length, &(*names)[count++], error));
    }
    return STATUS_OK;
}

/* "cat", where class 3 has that name, else "3". */
static void print_class(const char *const *names, double class, char text[32])
{
    size_t count = 0;

    while (names && names[count])
        count++;
    if (class >= 0 && class < (double)count)
        snprintf(text, 32, "%.31s", names[(size_t) class]);
    else
        snprintf(text, 32, "%.0f", class);
}

static void draw_classes(struct contact_sheet *sheet, const struct examples *examples,
                         const struct chart *chart, const char *const *names)
{
    char text[64], name[32];
    int first = first_of(examples);

    for (size_t k = 0; k < examples->count; k++) {
        size_t row = k / sheet->columns, column = k % sheet->columns;
        double truth = score_of(chart, class_labels[first], k);
        contact_sheet_image(sheet, row, column, examples_image(examples, 1, k));
        for (int v = first; v < EXAMPLE_CLASSES; v++) {
            double class = score_of(chart, class_labels[v], k);
            print_class(names, class, name);
            snprintf(text, sizeof text, "%s %s", class_labels[v], name);
            contact_sheet_text(sheet, row, column, v - first, text, class != truth);
        }
    }
}

static enum status draw(const void *config, const struct results *results, const char *group,
                        const char *home, const char *base, struct error *error)
{
    enum status status = STATUS_OK;
    const struct examples_settings *settings = config;
    struct drawing drawing = {.template = "examples.gp", .home = home, .base = base};
    struct examples examples = {0};
    struct points points = {0};
    struct chart chart = {0};
    struct contact_sheet sheet = {0};
    const char **recorded;

    TRY(chart_read(&chart, results->file, group, error));
    TRY(points_read(results, &examples.arena, &points, error));
    TRY(examples_read(&examples, results, &points, settings->trial, settings->images, error));
    const char *const *names = names_of_classes(&points);
    if (!names && examples.named) {
        TRY(recorded_names(results, &examples, &recorded, error));
        names = recorded;
    }
    size_t most = names ? ACROSS_NAMED : ACROSS;
    size_t across = examples.count < most ? examples.count : most;
    struct shape shape = examples_largest(&examples);
    if (examples.named)
        TRY(contact_sheet_begin(&sheet, shape, (examples.count + most - 1) / most, across, false,
                                EXAMPLE_CLASSES - first_of(&examples), error));
    else
        TRY(contact_sheet_begin(&sheet, shape, examples.count,
                                (size_t)(EXAMPLE_IMAGES - first_of(&examples)), true, 1, error));
    if (examples.named)
        draw_classes(&sheet, &examples, &chart, names);
    else
        draw_image_rows(&sheet, &examples, &chart);
    TRY(contact_sheet_draw(&sheet, &drawing, &chart, error));
out:
    contact_sheet_release(&sheet);
    chart_release(&chart);
    arena_release(&examples.arena);
    return status;
}

static const char *objection(const void *config, int64_t examples)
{
    (void)config;
    return examples == 0 ? "there are no images to show: store.examples is 0" : NULL;
}

const struct figure figure_examples = {
    .descriptor = {.name = "examples",
                   .summary = "example images with the outputs of pipeline and network",
                   .fields = fields,
                   .config_size = sizeof(struct examples_settings),
                   .version = 1},
    .serves = SERVES_IMAGES | SERVES_SCORES,
    .images = true,
    .objection = objection,
    .compute = compute,
    .draw = draw,
};
