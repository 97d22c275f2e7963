/*
 * Example sheet: what the numbers look like. For images, a row each: clean, degraded, pipeline,
 * network, with the SSIM of each against the clean one. For classification, the images with the
 * true class and those that the pipeline and the network gave.
 */
#include "kinds/dataset.h"
#include "kinds/figure.h"
#include "kinds/registry.h"
#include "report/drawing.h"
#include "report/points.h"
#include "report/select.h"
#include "report/sheet.h"

#include "math/quality.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct settings {
    int64_t images, trial;
};

static const struct field fields[] = {
    {"images", FIELD_INTEGER, offsetof(struct settings, images), .minimum = 1, .maximum = 100,
     .fallback = "6", .help = "images shown, if that many are stored"},
    {"trial", FIELD_INTEGER, offsetof(struct settings, trial), .minimum = -1, .maximum = 1e9,
     .fallback = "-1",
     .help =
         "trial whose outputs are shown; -1: the first of the network that 'select' chose, or of "
         "the last grid point"},
    {0}};

enum { VARIANTS = 4 };

/* The sheet's columns and, in classification, its lines of text. */
static const char *const image_names[VARIANTS] = {"clean", "degraded", "pipeline", "network"};
static const char *const class_names[] = {"class", "pipeline_class", "network_class"};
static const char *const class_labels[] = {"true", "pipeline", "network"};
/* Images side by side: names of classes need more room than numbers. */
enum { CLASSES = 3, ACROSS = 6, ACROSS_NAMED = 4 };

struct examples {
    struct arena arena;
    size_t trial, count; /* count: images shown */
    bool classify;
    struct shape shape;
    const float *images[VARIANTS];   /* [count][shape]; in classification [1] alone */
    const uint8_t *classes[CLASSES]; /* [count] */
};

static bool stored(const struct results *results, size_t trial)
{
    char path[64];
    snprintf(path, sizeof path, "/examples/%05zu/degraded", trial);
    return hdf5_exists(results->file, path);
}

static enum status choose_trial(const struct results *results, const struct points *points,
                                int64_t wanted, struct arena *arena, size_t *trial,
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct selection selection;

    if (wanted >= 0 && (size_t)wanted < points->trials && stored(results, (size_t)wanted)) {
        *trial = (size_t)wanted;
        return STATUS_OK;
    }
    if (wanted >= 0)
        return error_set(error, STATUS_CONFIG, "trial %lld has no examples stored",
                         (long long)wanted);
    TRY(selection_read(&selection, results->file, arena, error));
    if (selection.count && stored(results, (size_t)selection.trials[0])) {
        *trial = (size_t)selection.trials[0];
        goto out;
    }
    /* the last that has them: failed trials have none */
    for (size_t p = points->count; p-- > 0;)
        for (size_t i = points->first[p]; i < points->first[p + 1]; i++)
            if (points->done[i] && stored(results, i)) {
                *trial = i;
                return STATUS_OK;
            }
    if (points->failed == points->trials) {
        *trial = points->trials; /* nothing to show, which is no mistake of the figure's */
        return STATUS_OK;
    }
    return error_set(error, STATUS_CONFIG,
                     "no examples are stored; set 'store.examples' to the number of images");
out:
    return status;
}

static enum status read_images(const struct results *results, struct examples *examples, int which,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_array array = {0};
    char path[64];

    snprintf(path, sizeof path, "/examples/%05zu/%s", examples->trial, image_names[which]);
    TRY(hdf5_read(results->file, path, &examples->arena, &array, error));
    if (array.type != HDF5_FLOAT32 || array.rank != 4 || (array.dims[1] != 1 && array.dims[1] != 3))
        TRY(error_set(error, STATUS_DATA, "%s does not hold grey or colour images", path));
    struct shape shape = {(int)array.dims[1], (int)array.dims[2], (int)array.dims[3]};
    if (!examples->shape.channels)
        examples->shape = shape;
    if (!shape_equal(shape, examples->shape) || array.dims[0] < examples->count)
        TRY(error_set(error, STATUS_DATA, "%s does not have the shape of the other images", path));
    examples->images[which] = array.values;
out:
    return status;
}

static enum status read_classes(const struct results *results, struct examples *examples, int which,
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_array array = {0};
    char path[64];

    snprintf(path, sizeof path, "/examples/%05zu/%s", examples->trial, class_names[which]);
    TRY(hdf5_read(results->file, path, &examples->arena, &array, error));
    if (array.type != HDF5_UINT8 || array.rank != 1 || array.dims[0] < examples->count)
        TRY(error_set(error, STATUS_DATA, "%s does not hold %zu classes", path, examples->count));
    examples->classes[which] = array.values;
out:
    return status;
}

/* The number of images that are stored and asked for. */
static enum status count_images(const struct results *results, struct examples *examples,
                                int64_t wanted, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_array array = {0};
    char path[64];

    snprintf(path, sizeof path, "/examples/%05zu/degraded", examples->trial);
    TRY(hdf5_read(results->file, path, &examples->arena, &array, error));
    examples->count = array.rank == 4 ? array.dims[0] : 0;
    if (examples->count > (size_t)wanted)
        examples->count = (size_t)wanted;
out:
    return status;
}

static enum status examples_read(struct examples *examples, const struct settings *settings,
                                 const struct results *results, const struct points *points,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    char path[64];

    TRY(choose_trial(results, points, settings->trial, &examples->arena, &examples->trial, error));
    if (examples->trial == points->trials)
        return STATUS_OK;
    TRY(count_images(results, examples, settings->images, error));
    snprintf(path, sizeof path, "/examples/%05zu/%s", examples->trial, class_names[0]);
    examples->classify = hdf5_exists(results->file, path);
    if (examples->classify) {
        TRY(read_images(results, examples, 1, error));
        for (int i = 0; i < CLASSES; i++)
            TRY(read_classes(results, examples, i, error));
    } else {
        for (int i = 0; i < VARIANTS; i++)
            TRY(read_images(results, examples, i, error));
    }
out:
    return status;
}

static struct image image_at(const struct examples *examples, int which, size_t k)
{
    struct image image = {examples->shape, NULL};
    /* quality and sheet only look; the arena's memory is ours */
    memcpy(&image.pixels, &examples->images[which], sizeof image.pixels);
    image.pixels += k * shape_size(examples->shape);
    return image;
}

static enum status add_scores(const struct examples *examples, struct chart *chart,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct series *series;
    float *scratch = NULL;

    if (examples->shape.height < 11 || examples->shape.width < 11)
        return STATUS_OK; /* smaller than SSIM's window */
    TRY(memory_new(&scratch, quality_ssim_scratch(examples->shape), sizeof *scratch, error));
    for (int v = 1; v < VARIANTS; v++) {
        TRY(chart_add(chart, image_names[v], image_names[v], "label", examples->count, &series,
                      error));
        for (size_t k = 0; k < examples->count; k++) {
            series->x[k] = (double)k;
            series->y[k] =
                quality_ssim(image_at(examples, v, k), image_at(examples, 0, k), scratch);
        }
    }
out:
    memory_free(scratch);
    return status;
}

static enum status add_classes(const struct examples *examples, struct chart *chart,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct series *series;

    for (int v = 0; v < CLASSES; v++) {
        TRY(chart_add(chart, class_labels[v], class_labels[v], "label", examples->count, &series,
                      error));
        for (size_t k = 0; k < examples->count; k++) {
            series->x[k] = (double)k;
            series->y[k] = examples->classes[v][k];
        }
    }
out:
    return status;
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
        text_append(&text, "%strial %zu%s%s", examples->classify ? "" : "SSIM below each image; ",
                    examples->trial, place.length ? ": " : "", place.length ? place.bytes : "");
    }
    TRY(text_status(&place, error));
    TRY(text_status(&text, error));
    TRY(arena_copy(&chart->arena, text.bytes, text.length, &chart->caption, error));
    chart->x = (struct axis_words){"image", "1"};
    chart->y[0] = (struct axis_words){examples->classify ? "class" : "SSIM", "1"};
out:
    text_release(&place);
    text_release(&text);
    return status;
}

static enum status compute(const void *config, const struct results *results, struct hdf5 *file,
                           const char *group, struct error *error)
{
    enum status status = STATUS_OK;
    struct examples examples = {0};
    struct points points = {0};
    struct chart chart = {0};

    TRY(points_read(results, &examples.arena, &points, error));
    TRY(examples_read(&examples, config, results, &points, error));
    if (examples.count && examples.classify)
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

static void draw_image_rows(struct sheet *sheet, const struct examples *examples,
                            const struct chart *chart)
{
    char text[32];

    for (int v = 0; v < VARIANTS; v++)
        sheet_title(sheet, (size_t)v, image_names[v]);
    for (size_t k = 0; k < examples->count; k++)
        for (int v = 0; v < VARIANTS; v++) {
            double score = score_of(chart, image_names[v], k);
            sheet_image(sheet, k, (size_t)v, image_at(examples, v, k));
            snprintf(text, sizeof text, "%.3f", score);
            if (!isnan(score))
                sheet_text(sheet, k, (size_t)v, 0, text, false);
        }
}

/* What the data set calls its classes; NULL: it does not. */
static const char *const *names_of_classes(const struct points *points)
{
    const struct descriptor *dataset =
        points->dataset ? registry_find(registry_datasets(), points->dataset) : NULL;

    return dataset ? ((const struct dataset *)(const void *)dataset)->class_names : NULL;
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

static void draw_classes(struct sheet *sheet, const struct examples *examples,
                         const struct chart *chart, const char *const *names)
{
    char text[64], name[32];

    for (size_t k = 0; k < examples->count; k++) {
        size_t row = k / sheet->columns, column = k % sheet->columns;
        double truth = score_of(chart, class_labels[0], k);
        sheet_image(sheet, row, column, image_at(examples, 1, k));
        for (int v = 0; v < CLASSES; v++) {
            double class = score_of(chart, class_labels[v], k);
            print_class(names, class, name);
            snprintf(text, sizeof text, "%s %s", class_labels[v], name);
            sheet_text(sheet, row, column, v, text, class != truth);
        }
    }
}

static enum status draw(const void *config, const struct results *results, const char *group,
                        const char *home, const char *base, struct error *error)
{
    enum status status = STATUS_OK;
    struct drawing drawing = {.template = "examples.gp", .home = home, .base = base};
    struct examples examples = {0};
    struct points points = {0};
    struct chart chart = {0};
    struct sheet sheet = {0};

    TRY(chart_read(&chart, results->file, group, error));
    TRY(points_read(results, &examples.arena, &points, error));
    TRY(examples_read(&examples, config, results, &points, error));
    const char *const *names = names_of_classes(&points);
    size_t most = names ? ACROSS_NAMED : ACROSS;
    size_t across = examples.count < most ? examples.count : most;
    if (examples.classify)
        TRY(sheet_begin(&sheet, examples.shape, (examples.count + most - 1) / most, across, false,
                        CLASSES, error));
    else
        TRY(sheet_begin(&sheet, examples.shape, examples.count, VARIANTS, true, 1, error));
    if (examples.classify)
        draw_classes(&sheet, &examples, &chart, names);
    else
        draw_image_rows(&sheet, &examples, &chart);
    TRY(sheet_draw(&sheet, &drawing, &chart, error));
out:
    sheet_release(&sheet);
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
                   .summary = "example images beside what pipeline and network make of them",
                   .fields = fields,
                   .config_size = sizeof(struct settings),
                   .version = 1},
    .denoise = true,
    .images = true,
    .classify = true,
    .objection = objection,
    .compute = compute,
    .draw = draw,
};
