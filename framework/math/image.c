#include "math/image.h"

#include "base/interrupt.h"
#include "base/memory.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t shape_size(struct shape shape)
{
    return (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
}

size_t shape_plane(struct shape shape)
{
    return (size_t)shape.height * (size_t)shape.width;
}

bool shape_equal(struct shape a, struct shape b)
{
    return a.channels == b.channels && a.height == b.height && a.width == b.width;
}

static enum status shape_check(struct shape shape, struct error *error)
{
    size_t plane, all;
    if (shape.channels < 0 || shape.height < 0 || shape.width < 0 ||
        !memory_multiply((size_t)shape.height, (size_t)shape.width, &plane) ||
        !memory_multiply(plane, (size_t)shape.channels, &all) || all > INT_MAX)
        return error_set(error, STATUS_MEMORY, "an image of %d x %d x %d values is too large",
                         shape.channels, shape.height, shape.width);
    return STATUS_OK;
}

const char *image_name(struct image_names names, size_t index, char text[IMAGE_NAME])
{
    if (names.files)
        snprintf(text, IMAGE_NAME, "%s", names.files[index]);
    else
        snprintf(text, IMAGE_NAME, "image %zu",
                 names.numbers ? (size_t)names.numbers[index] : index);
    return text;
}

enum status image_set_new(struct image_set *set, size_t count, const struct shape *shapes,
                          struct error *error)
{
    enum status status = STATUS_OK;

    memset(set, 0, sizeof *set);
    TRY(interrupt_check(error)); /* before what may be gigabytes */
    TRY(memory_new(&set->shapes, count, sizeof *set->shapes, error));
    TRY(memory_new(&set->offsets, count + 1, sizeof *set->offsets, error));
    for (size_t i = 0; i < count; i++) {
        TRY(shape_check(shapes[i], error));
        set->shapes[i] = shapes[i];
        if (__builtin_add_overflow(set->offsets[i], shape_size(shapes[i]), &set->offsets[i + 1]))
            TRY(error_set(error, STATUS_MEMORY, "a set of %zu images is too large", count));
    }
    TRY(memory_new(&set->pixels, set->offsets[count], sizeof *set->pixels, error));
    set->count = count;
out:
    if (status != STATUS_OK)
        image_set_release(set);
    return status;
}

enum status image_set_new_uniform(struct image_set *set, size_t count, struct shape shape,
                                  struct error *error)
{
    enum status status = STATUS_OK;
    struct shape *shapes = NULL;

    memset(set, 0, sizeof *set);
    TRY(memory_new(&shapes, count, sizeof *shapes, error));
    for (size_t i = 0; i < count; i++)
        shapes[i] = shape;
    TRY(image_set_new(set, count, shapes, error));
out:
    memory_free(shapes);
    return status;
}

enum status image_set_select(struct image_set *set, const struct image_set *from,
                             const uint32_t *indices, size_t count, struct error *error)
{
    enum status status = STATUS_OK;
    struct shape *shapes = NULL;

    memset(set, 0, sizeof *set);
    TRY(memory_new(&shapes, count, sizeof *shapes, error));
    for (size_t i = 0; i < count; i++)
        shapes[i] = from->shapes[indices[i]];
    TRY(image_set_new(set, count, shapes, error));
    for (size_t i = 0; i < count; i++)
        memcpy(set->pixels + set->offsets[i], from->pixels + from->offsets[indices[i]],
               shape_size(shapes[i]) * sizeof(float));
out:
    memory_free(shapes);
    return status;
}

enum status image_set_copy(struct image_set *set, const struct image_set *from, struct error *error)
{
    enum status status = image_set_new(set, from->count, from->shapes, error);
    if (status == STATUS_OK && from->count)
        memcpy(set->pixels, from->pixels, from->offsets[from->count] * sizeof(float));
    return status;
}

void image_set_release(struct image_set *set)
{
    memory_free(set->shapes);
    memory_free(set->offsets);
    memory_free(set->pixels);
    memset(set, 0, sizeof *set);
}

struct image image_set_at(const struct image_set *set, size_t index)
{
    struct image image = {set->shapes[index], set->pixels + set->offsets[index]};
    return image;
}

bool image_set_uniform(const struct image_set *set)
{
    for (size_t i = 1; i < set->count; i++)
        if (!shape_equal(set->shapes[i], set->shapes[0]))
            return false;
    return true;
}

static int compare_shares(const void *a, const void *b)
{
    const struct shape_share *x = a, *y = b;
    const int steps[] = {x->shape.channels - y->shape.channels, x->shape.height - y->shape.height,
                         x->shape.width - y->shape.width, x->first < y->first ? -1 : 1};
    size_t k = 0;

    while (k < 3 && steps[k] == 0)
        k++;
    return steps[k];
}

enum status image_set_shapes(const struct image_set *set, struct shape_share **shares,
                             size_t *count, struct error *error)
{
    size_t kept = 0;

    *shares = NULL;
    *count = 0;
    PASS(memory_new(shares, set->count, sizeof **shares, error));
    for (size_t i = 0; i < set->count; i++)
        (*shares)[i] = (struct shape_share){set->shapes[i], 1, i};
    if (set->count)
        qsort(*shares, set->count, sizeof **shares, compare_shares);
    for (size_t i = 0; i < set->count; i++)
        if (kept && shape_equal((*shares)[kept - 1].shape, (*shares)[i].shape))
            (*shares)[kept - 1].count++;
        else
            (*shares)[kept++] = (*shares)[i];
    *count = kept;
    return STATUS_OK;
}
