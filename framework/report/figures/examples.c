/*
 * Example sheet: what the numbers look like. For images, a row each: clean, degraded, pipeline,
 * network, with the SSIM of each against the clean one. Masks lie over the input, with wrong pixels
 * in red and the mean IoU below; maps are drawn in colours, with the mean absolute error. For
 * classes and numbers, the images with what is true and what pipeline and network gave. Where there
 * is no ground truth, the network's are compared with the pipeline's.
 */
#include "interfaces/figure.h"
#include "report/charts/contact_sheet.h"
#include "report/charts/drawing.h"
#include "report/charts/example_answers.h"
#include "results/grid_means.h"

#include "math/quality.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct examples_settings {
    struct figure_style style;
    int64_t images, trial, cut;
    double gain;
};

static const char *const cuts[] = {"auto", "always", "never", NULL};
enum { CUT_AUTO, CUT_ALWAYS };
enum { LARGE_SIDE = 64 }; /* of images that have a magnified cut by themselves */

static const struct field fields[] = {
    {"images", FIELD_INTEGER, offsetof(struct examples_settings, images), .minimum = 1,
     .maximum = 100, .default_value = "6", .help = "images shown, if that many are stored"},
    {"trial", FIELD_INTEGER, offsetof(struct examples_settings, trial), .minimum = -1,
     .maximum = 1e9, .default_value = "-1",
     .help =
         "trial whose outputs are shown; -1: the first of the network that 'select' chose, or of "
         "the last grid point"},
    {"gain", FIELD_REAL, offsetof(struct examples_settings, gain), .minimum = 0, .maximum = 1000,
     .default_value = "3", .unsaid = true,
     .help =
         "of images: the difference between the network's and the clean one, or the pipeline's, "
         "is shown so many times as bright; 0: it is not shown"},
    {"cut", FIELD_CHOICE, offsetof(struct examples_settings, cut), .default_value = "auto",
     .choices = cuts, .unsaid = true,
     .help =
         "of images: below each, the part where the network is off most, 4 times as large; auto: "
         "of images with 64 pixels a side or more"},
    FIGURE_STYLE_FIELDS,
    {0}};

static const char *const class_labels[] = {"true", "pipeline", "network"};
static const char *const answer_titles[] = {"true", "input", "pipeline", "network"};
/* Images side by side: names of classes need more room than numbers. */
enum { ACROSS = 6, ACROSS_NAMED = 4, MOST_NUMBERS = 4, SERIES_NAME = 40 };

/* "network", or of several numbers "network 1". */
static void number_series(const struct examples *examples, int who, size_t number,
                          char name[SERIES_NAME])
{
    if (examples->number_count > 1)
        snprintf(name, SERIES_NAME, "%s %zu", class_labels[who], number + 1);
    else
        snprintf(name, SERIES_NAME, "%s", class_labels[who]);
}

/* What stands below each answer, by the kind of answers. */
static const struct axis_words judged_by[DRAWN_KINDS] = {
    [DRAWN_AS_IMAGE] = {"SSIM", "1"},     [DRAWN_AS_MASK] = {"mean IoU", "1"},
    [DRAWN_AS_MAP] = {"error", "1"},      [DRAWN_AS_CLASS] = {"class", "1"},
    [DRAWN_AS_NUMBERS] = {"number", "1"},
};

static enum status add_scores(const struct examples *examples, struct chart *chart,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct shape largest = examples_largest(examples);
    struct series *series;
    float *scratch = NULL;

    bool large = largest.height >= QUALITY_SSIM_SIDE && largest.width >= QUALITY_SSIM_SIDE;
    if (examples->kind == DRAWN_AS_IMAGE && !large)
        return STATUS_OK;
    TRY(memory_new(&scratch, large ? quality_ssim_scratch(largest) : 1, sizeof *scratch, error));
    for (int v = examples_reference(examples) + 1; v < EXAMPLE_IMAGES; v++) {
        if (v == 1 && examples->kind != DRAWN_AS_IMAGE)
            continue; /* the input is no answer */
        TRY(chart_add(chart, example_images[v], example_images[v], ROLE_LABEL, examples->count,
                      &series, error));
        for (size_t k = 0; k < examples->count; k++) {
            series->x[k] = (double)k;
            TRY(examples_score(examples, v, k, scratch, &series->y[k], error));
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

    for (int v = examples_first(examples); v < EXAMPLE_CLASSES; v++) {
        PASS(chart_add(chart, class_labels[v], class_labels[v], ROLE_LABEL, examples->count,
                       &series, error));
        for (size_t k = 0; k < examples->count; k++) {
            series->x[k] = (double)k;
            series->y[k] = examples->classes[v][examples->shown[k]];
        }
    }
    return STATUS_OK;
}

/* A series for each number of each who gave them: "network 1". */
static enum status add_numbers(const struct examples *examples, struct chart *chart,
                               struct error *error)
{
    struct series *series;
    char name[SERIES_NAME];

    for (int v = examples_first(examples); v < EXAMPLE_CLASSES; v++)
        for (size_t n = 0; n < examples->number_count; n++) {
            number_series(examples, v, n, name);
            PASS(chart_add(chart, name, name, ROLE_LABEL, examples->count, &series, error));
            for (size_t k = 0; k < examples->count; k++) {
                series->x[k] = (double)k;
                series->y[k] =
                    (double)examples->numbers[v][examples->shown[k] * examples->number_count + n];
            }
        }
    return STATUS_OK;
}

static const char *about(const struct examples *examples)
{
    if (!examples->judged)
        return "no ground truth: the network beside the pipeline; ";
    switch (examples->kind) {
    case DRAWN_AS_IMAGE: return "SSIM below each image; ";
    case DRAWN_AS_MASK: return "wrong pixels red, unknown ones dark; mean IoU below each image; ";
    case DRAWN_AS_MAP:
        return "black: not known; a row has the scale of what is true; mean absolute error "
               "where there is an answer; ";
    case DRAWN_AS_CLASS:
    case DRAWN_AS_NUMBERS: break;
    }
    return "";
}

static enum status describe(const struct examples *examples, const struct points *points,
                            struct chart *chart, struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};

    if (examples->trial == points->trials) {
        text_append(&text, "all %zu trials failed", points->trials);
    } else {
        text_append(&text, "%s", about(examples));
        points_label_trial(points, examples->trial, &text);
    }
    if (examples->sizes > 1)
        text_append(&text, "; images of %zu sizes, to one scale", examples->sizes);
    int channels = examples_largest(examples).channels;
    if (channels != 1 && channels != 3 && examples->count)
        text_append(&text, "; the first of %d channels", channels);
    TRY(text_keep(&text, &chart->arena, &chart->caption, error));
    chart->x = (struct axis_words){"image", "1"};
    chart->y[0] = judged_by[examples->kind];
out:
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
    if (examples.count && examples.kind == DRAWN_AS_CLASS)
        TRY(add_classes(&examples, &chart, error));
    else if (examples.count && examples.kind == DRAWN_AS_NUMBERS)
        TRY(add_numbers(&examples, &chart, error));
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

/* What stands beside and below the images of a sheet. */
struct details {
    const struct examples *examples;
    float gain; /* 0: no difference */
    bool cut;
    float *room; /* [3][height][width] of the largest */
};

static struct details details_of(const struct examples_settings *settings,
                                 const struct examples *examples)
{
    struct shape shape = examples_largest(examples);
    bool image = examples->kind == DRAWN_AS_IMAGE && examples->count;
    bool large = shape.height >= LARGE_SIDE && shape.width >= LARGE_SIDE;
    bool wanted = settings->cut == CUT_ALWAYS || (settings->cut == CUT_AUTO && large);

    return (struct details){examples, image ? (float)settings->gain : 0, image && wanted, NULL};
}

/* One row: what is shown of image k in each column, the whole or a cut of it. */
static void draw_row(struct contact_sheet *sheet, const struct details *details,
                     const struct examples_palette *palette, size_t row, size_t k,
                     const struct detail_cut *cut, float *room)
{
    const struct examples *examples = details->examples;
    int first = examples_first(examples), reference = examples_reference(examples);

    for (int v = first; v < EXAMPLE_IMAGES + (details->gain > 0); v++) {
        struct image image =
            v < EXAMPLE_IMAGES
                ? examples_shown(examples, palette, v, k, room)
                : detail_difference(examples_image(examples, EXAMPLE_IMAGES - 1, k),
                                    examples_image(examples, reference, k), details->gain, room);
        contact_sheet_image(sheet, row, (size_t)(v - first),
                            cut ? detail_magnify(image, cut, details->room) : image);
    }
}

/* Below the last row of image k. */
static void draw_scores(struct contact_sheet *sheet, const struct examples *examples,
                        const struct chart *chart, size_t row, size_t k)
{
    int first = examples_first(examples);
    char text[32];

    for (int v = first; v < EXAMPLE_IMAGES; v++) {
        double score = score_of(chart, example_images[v], k);
        snprintf(text, sizeof text, examples->kind == DRAWN_AS_MAP ? "%.3g" : "%.3f", score);
        if (!isnan(score))
            contact_sheet_text(sheet, row, (size_t)(v - first), 0, text, false);
    }
}

static void draw_titles(struct contact_sheet *sheet, const struct details *details)
{
    const struct examples *examples = details->examples;
    const char *const *titles = examples->kind == DRAWN_AS_IMAGE ? example_images : answer_titles;
    int first = examples_first(examples);
    char text[64];

    for (int v = first; v < EXAMPLE_IMAGES; v++)
        contact_sheet_title(sheet, (size_t)(v - first),
                            v == first && !examples->judged ? "input" : titles[v]);
    snprintf(text, sizeof text, "%s × %.3g", examples->judged ? "error" : "difference",
             (double)details->gain);
    if (details->gain > 0)
        contact_sheet_title(sheet, (size_t)(EXAMPLE_IMAGES - first), text);
}

static void draw_image_rows(struct contact_sheet *sheet, const struct details *details,
                            const struct examples_palette *palette, const struct chart *chart,
                            float *room)
{
    const struct examples *examples = details->examples;
    int first = examples_first(examples), reference = examples_reference(examples);
    size_t row = 0;

    draw_titles(sheet, details);
    for (size_t k = 0; k < examples->count; k++, row++) {
        struct image answer = examples_image(examples, EXAMPLE_IMAGES - 1, k);
        struct detail_cut cut;
        draw_row(sheet, details, palette, row, k, NULL, room);
        if (details->cut) {
            cut = detail_choose(answer, examples_image(examples, reference, k));
            for (int v = first; v < EXAMPLE_IMAGES + (details->gain > 0); v++)
                contact_sheet_frame(sheet, row, (size_t)(v - first), answer.shape, &cut);
            draw_row(sheet, details, palette, ++row, k, &cut, room);
        }
        draw_scores(sheet, examples, chart, row, k);
    }
}

static void draw_numbers(struct contact_sheet *sheet, const struct examples *examples,
                         const struct chart *chart)
{
    char text[96], name[SERIES_NAME];
    int first = examples_first(examples);

    for (size_t k = 0; k < examples->count; k++) {
        size_t row = k / sheet->columns, column = k % sheet->columns;
        contact_sheet_image(sheet, row, column, examples_image(examples, 1, k));
        for (int v = first; v < EXAMPLE_CLASSES; v++) {
            size_t used = (size_t)snprintf(text, sizeof text, "%s", class_labels[v]);
            for (size_t n = 0; n < examples->number_count && n < MOST_NUMBERS; n++) {
                number_series(examples, v, n, name);
                used += (size_t)snprintf(text + used, sizeof text - used, "%s %.4g", n ? "," : "",
                                         score_of(chart, name, k));
            }
            contact_sheet_text(sheet, row, column, v - first, text, false);
        }
    }
}

static void draw_classes(struct contact_sheet *sheet, const struct examples *examples,
                         const struct chart *chart, const char *const *names)
{
    char text[64], name[32];
    int first = examples_first(examples);

    for (size_t k = 0; k < examples->count; k++) {
        size_t row = k / sheet->columns, column = k % sheet->columns;
        double truth = score_of(chart, class_labels[first], k);
        contact_sheet_image(sheet, row, column, examples_image(examples, 1, k));
        for (int v = first; v < EXAMPLE_CLASSES; v++) {
            double class = score_of(chart, class_labels[v], k);
            examples_class(names, class, name);
            snprintf(text, sizeof text, "%s %s", class_labels[v], name);
            contact_sheet_text(sheet, row, column, v - first, text, class != truth);
        }
    }
}

static enum status draw(const void *config, const struct results *results,
                        const struct drawing *drawing, struct error *error)
{
    enum status status = STATUS_OK;
    const struct examples_settings *settings = config;
    struct examples examples = {0};
    struct points points = {0};
    struct chart chart = {0};
    struct contact_sheet sheet = {0};
    struct examples_palette palette = {0};
    const char *const *names;
    float *room;

    TRY(chart_read(&chart, drawing->file, drawing->group, error));
    TRY(points_read(results, &examples.arena, &points, error));
    TRY(examples_read(&examples, results, &points, settings->trial, settings->images, error));
    TRY(examples_class_names(results, &examples, &points, &names, error));
    size_t most = names || examples.kind == DRAWN_AS_NUMBERS ? ACROSS_NAMED : ACROSS;
    size_t across = examples.count < most ? examples.count : most;
    struct shape shape = examples_largest(&examples);
    struct details details = details_of(settings, &examples);
    bool dark = settings->style.theme == THEME_DARK;
    if (examples.named)
        TRY(contact_sheet_begin(&sheet, shape, (examples.count + most - 1) / most, across, false,
                                EXAMPLE_CLASSES - examples_first(&examples), dark, error));
    else
        TRY(contact_sheet_begin(
            &sheet, shape, examples.count * (details.cut ? 2 : 1),
            (size_t)(EXAMPLE_IMAGES - examples_first(&examples) + (details.gain > 0)), true, 1,
            dark, error));
    TRY(examples_colours(results, &examples, &palette, error));
    TRY(arena_new(&examples.arena, &room, 3 * shape_plane(shape) + 1, sizeof *room, error));
    TRY(arena_new(&examples.arena, &details.room, 3 * shape_plane(shape) + 1, sizeof *room, error));
    if (examples.kind == DRAWN_AS_CLASS)
        draw_classes(&sheet, &examples, &chart, names);
    else if (examples.named)
        draw_numbers(&sheet, &examples, &chart);
    else
        draw_image_rows(&sheet, &details, &palette, &chart, room);
    TRY(contact_sheet_draw(&sheet, drawing, &chart, error));
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
    .selects = true,
    .serves = SERVES_ALL,
    .images = true,
    .objection = objection,
    .compute = compute,
    .template = "examples.gp",
    .draw = draw,
};
