#include "report/charts/example_images.h"

#include "base/memory.h"
#include "io/hdf5/hdf5_values.h"
#include "results/select.h"

#include <stdio.h>
#include <string.h>

const char *const example_images[] = {"clean", "degraded", "pipeline", "network"};

static const char *group_of(const struct examples *examples)
{
    return examples->cases ? "cases" : "examples";
}

static bool stored(const struct results *results, const char *what, size_t trial)
{
    char path[64];
    snprintf(path, sizeof path, "/%s/%05zu", what, trial);
    return hdf5_exists(results->file, path);
}

enum status examples_trial(const struct results *results, const struct points *points,
                           int64_t wanted, const char *what, struct arena *arena, size_t *trial,
                           struct error *error)
{
    struct selection selection;

    if (wanted >= 0 && (size_t)wanted < points->trials && stored(results, what, (size_t)wanted)) {
        *trial = (size_t)wanted;
        return STATUS_OK;
    }
    if (wanted >= 0)
        return error_set(error, STATUS_CONFIG, "trial %lld has no %s stored", (long long)wanted,
                         what);
    PASS(selection_read(&selection, results->file, arena, error));
    if (selection.count && stored(results, what, (size_t)selection.trials[0])) {
        *trial = (size_t)selection.trials[0];
        return STATUS_OK;
    }
    /* the last that has them: failed trials have none */
    for (size_t p = points->count; p-- > 0;)
        for (size_t i = points->first[p]; i < points->first[p + 1]; i++)
            if (points->done[i] && stored(results, what, i)) {
                *trial = i;
                return STATUS_OK;
            }
    if (points->failed == points->trials) {
        *trial = points->trials; /* nothing to show, which is no mistake of the figure's */
        return STATUS_OK;
    }
    return error_set(error, STATUS_CONFIG, "the results keep no %s%s", what,
                     strcmp(what, "examples") == 0
                         ? "; set 'store.examples' to the number of images"
                     : strcmp(what, "confusion") == 0 ? "; run with 'store: {confusion: {}}'"
                                                      : "");
}

/* Image k of `set`, whose values are its own. */
static enum status place_image(struct image_set *set, size_t k, const size_t *dims, float *values,
                               const char *path, struct error *error)
{
    for (size_t i = 0; i < 3; i++)
        if (dims[i] < 1 || dims[i] > INT32_MAX)
            return error_set(error, STATUS_DATA, "%s does not hold images", path);
    set->shapes[k] = (struct shape){(int)dims[0], (int)dims[1], (int)dims[2]};
    set->offsets[k] = (size_t)(values - set->pixels);
    return STATUS_OK;
}

/* Images of one size, in one array. */
static enum status read_alike(const struct results *results, const char *path,
                              struct examples *examples, struct image_set *set, struct error *error)
{
    struct hdf5_array array = {0};

    PASS(hdf5_read(results->file, path, &examples->arena, &array, error));
    if (array.type != HDF5_FLOAT32 || array.rank != 4)
        return error_set(error, STATUS_DATA, "%s does not hold images", path);
    if (array.dims[0] != examples->stored)
        return error_set(error, STATUS_DATA, "%s does not have as many images as the others", path);
    set->pixels = array.values;
    size_t size = array.dims[1] * array.dims[2] * array.dims[3];
    for (size_t k = 0; k < examples->stored; k++)
        PASS(place_image(set, k, array.dims + 1, set->pixels + k * size, path, error));
    return STATUS_OK;
}

/* Images of several sizes, each in an array of its own: PATH/00000 … Their values are put together,
 * as a set's are. */
static enum status read_each(const struct results *results, const char *path,
                             struct examples *examples, struct image_set *set, struct error *error)
{
    struct hdf5_array *arrays;
    size_t total = 0;
    char own[PATH_ROOM];

    PASS(arena_new(&examples->arena, &arrays, examples->stored, sizeof *arrays, error));
    for (size_t k = 0; k < examples->stored; k++) {
        path_print(own, "%s/%05zu", path, k);
        PASS(hdf5_read(results->file, own, &examples->arena, &arrays[k], error));
        if (arrays[k].type != HDF5_FLOAT32 || arrays[k].rank != 3)
            return error_set(error, STATUS_DATA, "%s is not an image", own);
        total += hdf5_value_count(&arrays[k]);
    }
    PASS(arena_new(&examples->arena, &set->pixels, total, sizeof(float), error));
    total = 0;
    for (size_t k = 0; k < examples->stored; k++) {
        size_t size = hdf5_value_count(&arrays[k]);
        PASS(place_image(set, k, arrays[k].dims, set->pixels + total, path, error));
        memcpy(set->pixels + total, arrays[k].values, size * sizeof(float));
        total += size;
    }
    return STATUS_OK;
}

static enum status read_images(const struct results *results, struct examples *examples, int which,
                               struct error *error)
{
    struct image_set *set = &examples->images[which];
    const struct image_set *others = &examples->images[1];
    char path[64];

    snprintf(path, sizeof path, "/%s/%05zu/%s", group_of(examples), examples->trial,
             drawn_names[examples->kind][which]);
    set->count = examples->stored;
    PASS(arena_new(&examples->arena, &set->shapes, set->count, sizeof *set->shapes, error));
    PASS(arena_new(&examples->arena, &set->offsets, set->count + 1, sizeof *set->offsets, error));
    if (hdf5_is_group(results->file, path))
        PASS(read_each(results, path, examples, set, error));
    else
        PASS(read_alike(results, path, examples, set, error));
    for (size_t k = 0; k < set->count; k++)
        if (set->shapes[k].height != others->shapes[k].height ||
            set->shapes[k].width != others->shapes[k].width ||
            (examples->kind == DRAWN_AS_IMAGE && !shape_equal(set->shapes[k], others->shapes[k])))
            return error_set(error, STATUS_DATA, "%s does not have the shape of the other images",
                             path);
    return STATUS_OK;
}

/* A row of classes or numbers; `which` counts as in struct examples. */
static enum status read_row(const struct results *results, struct examples *examples, int which,
                            struct error *error)
{
    struct hdf5_array array = {0};
    bool classes = examples->kind == DRAWN_AS_CLASS;
    char path[64];

    snprintf(path, sizeof path, "/%s/%05zu/%s", group_of(examples), examples->trial,
             drawn_names[examples->kind][which ? which + 1 : 0]);
    PASS(hdf5_read(results->file, path, &examples->arena, &array, error));
    if (array.type != (classes ? HDF5_UINT8 : HDF5_FLOAT32) || array.rank != (classes ? 1 : 2) ||
        array.dims[0] != examples->stored)
        return error_set(error, STATUS_DATA, "%s does not hold %zu %s", path, examples->stored,
                         classes ? "classes" : "rows of numbers");
    if (classes) {
        examples->classes[which] = array.values;
        return STATUS_OK;
    }
    if (examples->number_count && examples->number_count != array.dims[1])
        return error_set(error, STATUS_DATA, "%s has %zu numbers a row, others %zu", path,
                         array.dims[1], examples->number_count);
    examples->number_count = array.dims[1];
    examples->numbers[which] = array.values;
    return STATUS_OK;
}

/* The number of images that are stored. */
static enum status count_images(const struct results *results, struct examples *examples,
                                struct error *error)
{
    struct hdf5_array array = {0};
    const char **names;
    char path[64];

    snprintf(path, sizeof path, "/%s/%05zu/degraded", group_of(examples), examples->trial);
    if (hdf5_is_group(results->file, path)) {
        PASS(hdf5_list(results->file, path, &examples->arena, &names, &examples->stored, error));
        return STATUS_OK;
    }
    PASS(hdf5_read(results->file, path, &examples->arena, &array, error));
    examples->stored = array.rank == 4 ? array.dims[0] : 0;
    return STATUS_OK;
}

/* One image of each size first, then the others, until there are as many as wanted; shown in the
 * order in which they are stored. */
static enum status choose_images(struct examples *examples, size_t wanted, struct error *error)
{
    enum status status = STATUS_OK;
    struct shape_share *sizes = NULL;
    bool *chosen;
    size_t left = wanted < examples->stored ? wanted : examples->stored;

    TRY(image_set_shapes(&examples->images[1], &sizes, &examples->sizes, error));
    TRY(arena_new(&examples->arena, &chosen, examples->stored, sizeof *chosen, error));
    TRY(arena_new(&examples->arena, &examples->shown, left, sizeof *examples->shown, error));
    for (size_t k = 0; k < examples->sizes && left; k++, left--)
        chosen[sizes[k].first] = true;
    for (size_t i = 0; i < examples->stored && left; i++)
        if (!chosen[i]) {
            chosen[i] = true;
            left--;
        }
    for (size_t i = 0; i < examples->stored; i++)
        if (chosen[i])
            examples->shown[examples->count++] = i;
out:
    memory_free(sizes);
    return status;
}

/* Is this stored of the kind that is set? */
static bool has(const struct results *results, const struct examples *examples, int which)
{
    char path[64];

    snprintf(path, sizeof path, "/%s/%05zu/%s", group_of(examples), examples->trial,
             drawn_names[examples->kind][which]);
    return hdf5_exists(results->file, path);
}

enum status examples_read(struct examples *examples, const struct results *results,
                          const struct points *points, int64_t trial, int64_t images,
                          struct error *error)
{
    PASS(examples_trial(results, points, trial, group_of(examples), &examples->arena,
                        &examples->trial, error));
    if (examples->trial == points->trials)
        return STATUS_OK;
    PASS(count_images(results, examples, error));
    while (examples->kind + 1 < DRAWN_KINDS && !has(results, examples, 2))
        examples->kind++;
    if (!has(results, examples, 2)) /* what is missing is told of images */
        examples->kind = DRAWN_AS_IMAGE;
    examples->named = examples->kind == DRAWN_AS_CLASS || examples->kind == DRAWN_AS_NUMBERS;
    examples->judged = has(results, examples, 0);
    PASS(read_images(results, examples, 1, error));
    for (int i = !examples->judged; examples->named && i < EXAMPLE_CLASSES; i++)
        PASS(read_row(results, examples, i, error));
    for (int i = !examples->judged; !examples->named && i < EXAMPLE_IMAGES; i++)
        if (i != 1)
            PASS(read_images(results, examples, i, error));
    return choose_images(examples, (size_t)images, error);
}

struct image examples_image(const struct examples *examples, int which, size_t k)
{
    return image_set_at(&examples->images[which], examples->shown[k]);
}

struct shape examples_largest(const struct examples *examples)
{
    struct shape largest = {0, 0, 0};

    for (size_t k = 0; k < examples->count; k++) {
        struct shape shape = examples_image(examples, 1, k).shape;
        largest.channels = shape.channels;
        largest.height = shape.height > largest.height ? shape.height : largest.height;
        largest.width = shape.width > largest.width ? shape.width : largest.width;
    }
    return largest;
}
