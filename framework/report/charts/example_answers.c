#include "report/charts/example_answers.h"

#include "data/registry.h"
#include "interfaces/dataset.h"
#include "math/mask_metrics.h"
#include "math/number_metrics.h"
#include "math/quality.h"
#include "report/charts/overlay.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first column, and the image that others are compared with. */
int examples_first(const struct examples *examples)
{
    return examples->judged ? 0 : 1;
}

int examples_reference(const struct examples *examples)
{
    return examples->judged ? 0 : 2;
}

/* A set of one image; a view. */
static struct image_set one_image(struct image *image, size_t offsets[2])
{
    offsets[0] = 0;
    offsets[1] = shape_size(image->shape);
    return (struct image_set){1, &image->shape, offsets, image->pixels};
}

/* An answer that is shown against what is true, or the pipeline's: SSIM, mean IoU or mean absolute
 * error; NaN where there is no such score, as for an image smaller than SSIM's window. */
enum status examples_score(const struct examples *examples, int which, size_t k, float *scratch,
                           double *value, struct error *error)
{
    struct image answer = examples_image(examples, which, k);
    struct image reference = examples_image(examples, examples_reference(examples), k);
    bool large =
        answer.shape.height >= QUALITY_SSIM_SIDE && answer.shape.width >= QUALITY_SSIM_SIDE;
    size_t offsets[2], others[2];
    struct image_set answers = one_image(&answer, offsets), truth = one_image(&reference, others);
    struct scores scores;

    *value = (double)NAN;
    if (examples->kind == DRAWN_AS_MASK) {
        PASS(metrics_masks(&answers, &truth, METRICS_MAX_CLASSES, 1, &scores, NULL, error));
        *value = metrics_value(&scores, METRIC_IOU);
    } else if (examples->kind == DRAWN_AS_MAP) {
        PASS(metrics_numbers(&answers, &truth, answer.shape.channels, 1, &scores, NULL, error));
        *value = metrics_value(&scores, METRIC_MAE);
    } else if (large) {
        *value = quality_ssim(answer, reference, scratch);
    }
    return STATUS_OK;
}

/* The least and the largest number of what is true of image k, or the pipeline's. */
static void limits_of(const struct examples *examples, size_t k, float *low, float *high)
{
    struct image map = examples_image(examples, examples_reference(examples), k);

    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < shape_plane(map.shape); i++) {
        *low = map.pixels[i] < *low ? map.pixels[i] : *low;
        *high = map.pixels[i] > *high ? map.pixels[i] : *high;
    }
}

/* Image k as it is shown; `room` [3][largest height][largest width]. */
struct image examples_shown(const struct examples *examples, const struct examples_palette *palette,
                            int which, size_t k, float *room)
{
    struct image image = examples_image(examples, which, k);
    struct image reference = {{0, 0, 0}, NULL};
    struct image out = {{3, image.shape.height, image.shape.width}, room};
    float low, high;

    if (which == 1 || examples->kind == DRAWN_AS_IMAGE)
        return image;
    if (examples->kind == DRAWN_AS_MASK) {
        if (which != examples_reference(examples))
            reference = examples_image(examples, examples_reference(examples), k);
        overlay_mask(examples_image(examples, 1, k), image, reference, palette->colours,
                     palette->count, out);
        return out;
    }
    limits_of(examples, k, &low, &high);
    overlay_map(image, low, high, out);
    return out;
}

/* What the data set calls its classes; NULL: it does not. */
static const char *const *names_of_set(const struct points *points)
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

enum status examples_class_names(const struct results *results, struct examples *examples,
                                 const struct points *points, const char *const **names,
                                 struct error *error)
{
    const char **recorded;

    *names = names_of_set(points);
    if (*names || examples->kind != DRAWN_AS_CLASS)
        return STATUS_OK;
    PASS(recorded_names(results, examples, &recorded, error));
    *names = recorded;
    return STATUS_OK;
}

/* The colours that a trial's data set gave its classes, "#000000, #e69f00"; none where it gave
 * none. */
enum status examples_colours(const struct results *results, struct examples *examples,
                             struct examples_palette *palette, struct error *error)
{
    const char **columns;

    if (examples->kind != DRAWN_AS_MASK || !results_has(results, "dataset.colours"))
        return STATUS_OK;
    PASS(results_texts(results, "dataset.colours", &examples->arena, &columns, error));
    const char *at = columns[examples->trial];
    PASS(arena_new(&examples->arena, &palette->colours, strlen(at) / 7 + 1,
                   sizeof *palette->colours, error));
    for (; (at = strchr(at, '#')); at++)
        palette->colours[palette->count++] = (uint32_t)strtoul(at + 1, NULL, 16) & 0xffffff;
    return STATUS_OK;
}

/* "cat", where class 3 has that name, else "3". */
void examples_class(const char *const *names, double class, char text[EXAMPLES_CLASS])
{
    size_t count = 0;

    while (names && names[count])
        count++;
    if (class >= 0 && class < (double)count)
        snprintf(text, EXAMPLES_CLASS, "%.31s", names[(size_t) class]);
    else
        snprintf(text, EXAMPLES_CLASS, "%.0f", class);
}
