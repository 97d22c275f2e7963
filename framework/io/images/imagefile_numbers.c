/* Samples that are numbers: NumPy's files of them, and what is known of each pixel. */
#include "io/files/npy.h"
#include "io/images/imagefile_formats.h"

#include "base/interrupt.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- .npy */

bool npy_is(struct span file)
{
    return file.length >= NPY_PRELUDE && memcmp(file.data, "\x93NUMPY", 6) == 0;
}

/* *values: where they begin. */
static enum status open_npy(struct span file, struct npy *npy, const unsigned char **values,
                            struct error *error)
{
    size_t length;
    struct error fault;
    enum status status = npy_header_length(file.data, file.length, &length, &fault);

    if (status == STATUS_OK && length > file.length)
        status = error_set(&fault, STATUS_DATA, "an .npy array that ends within its header");
    if (status == STATUS_OK)
        status = npy_parse(file.data, length, npy, &fault);
    if (status != STATUS_OK)
        return error_set(error, STATUS_DATA, "%s: %s", file.name, fault.message);
    *values = file.data + length;
    if (file.length - length == npy->count * npy->size)
        return STATUS_OK;
    char what[256];
    npy_describe(npy, what, sizeof what);
    return error_set(error, STATUS_DATA, "%s: %s; expected %zu bytes of values, found %zu",
                     file.name, what, npy->count * npy->size, file.length - length);
}

enum status npy_header_of(struct span file, struct imagefile_header *header, struct error *error)
{
    struct npy npy;
    const unsigned char *values;
    char shape[200];

    PASS(open_npy(file, &npy, &values, error));
    npy_describe_shape(npy.dims, npy.rank, shape, sizeof shape);
    if (npy.rank != 2 && npy.rank != 3)
        return error_set(error, STATUS_DATA,
                         "%s: an array of shape %s; expected [height, width] or [channels, height, "
                         "width]",
                         file.name, shape);
    PASS(imagefile_size(file, npy.dims[npy.rank - 1], npy.dims[npy.rank - 2], &header->shape,
                        error));
    size_t channels = npy.rank == 3 ? npy.dims[0] : 1;
    if (channels < 1 || channels > IMAGEFILE_CHANNELS ||
        channels * shape_plane(header->shape) > IMAGEFILE_SAMPLES)
        return error_set(error, STATUS_DATA,
                         "%s: an array of shape %s; expected 1 to %d channels, and at most %d "
                         "values in all",
                         file.name, shape, IMAGEFILE_CHANNELS, IMAGEFILE_SAMPLES);
    header->shape.channels = (int)channels;
    return STATUS_OK;
}

enum status npy_decode(struct span file, struct imagefile_target *target, struct error *error)
{
    struct npy npy;
    const unsigned char *values;

    PASS(open_npy(file, &npy, &values, error));
    PASS(interrupt_check(error));
    npy_floats(&npy, values, target->image.pixels);
    for (size_t i = 0; i < npy.count; i++)
        if (isinf(target->image.pixels[i]))
            return error_set(error, STATUS_DATA,
                             "%s: value %zu is infinite, or beyond single precision", file.name, i);
    return STATUS_OK;
}

/* ---- what they stand for */

static bool is_unknown(const struct imagefile_numbers *numbers, float sample)
{
    for (size_t i = 0; i < numbers->unknown_count; i++)
        if (sample == (float)numbers->unknown[i])
            return true;
    return isnan(sample);
}

/* The class that a sample stands for; -1: none. */
static int class_of(const struct imagefile_numbers *numbers, float sample)
{
    if (!numbers->values)
        return sample >= 0 && sample < (float)numbers->classes && sample == floorf(sample)
                   ? (int)sample
                   : -1;
    for (int c = 0; c < numbers->classes; c++)
        if (sample == (float)numbers->values[c])
            return c;
    return -1;
}

/* "0 to 1", or "0, 255" */
static void print_expected(const struct imagefile_numbers *numbers, char text[120])
{
    size_t used = 0;

    if (!numbers->values)
        snprintf(text, 120, "0 to %d", numbers->classes - 1);
    for (int c = 0; numbers->values && c < numbers->classes && used < 120; c++)
        used +=
            (size_t)snprintf(text + used, 120 - used, "%s%g", c ? ", " : "", numbers->values[c]);
}

/* "a.png: pixel (3, 4) is 7; expected 0 to 1, or 255, which is ignored" */
static enum status no_class(struct span file, const struct imagefile_numbers *numbers,
                            struct image image, size_t place, struct error *error)
{
    char ignored[120] = "", expected[120];
    size_t used = 0, width = (size_t)image.shape.width;

    for (size_t i = 0; i < numbers->unknown_count && used < sizeof ignored; i++)
        used += (size_t)snprintf(ignored + used, sizeof ignored - used, ", or %g%s",
                                 numbers->unknown[i],
                                 i + 1 == numbers->unknown_count ? ", which is ignored" : "");
    print_expected(numbers, expected);
    return error_set(error, STATUS_DATA, "%s: pixel (%zu, %zu) is %g; expected %s%s", file.name,
                     place % width, place / width, (double)image.pixels[place], expected, ignored);
}

enum status imagefile_number(struct span file, const struct imagefile_numbers *numbers,
                             struct image image, struct error *error)
{
    size_t plane = shape_plane(image.shape), count = shape_size(image.shape), known = 0;

    for (size_t i = 0; i < count; i++) {
        float *sample = &image.pixels[i];
        if (is_unknown(numbers, *sample)) {
            *sample = NAN;
            continue;
        }
        known++;
        int class = numbers->classes ? class_of(numbers, *sample) : 0;
        if (class < 0)
            return no_class(file, numbers, image, i, error);
        if (numbers->classes)
            *sample = (float)class;
        if (numbers->factor_count)
            *sample = (float)((double)*sample *
                              numbers->factors[numbers->factor_count > 1 ? i / plane : 0]);
        if (isinf(*sample))
            return error_set(error, STATUS_DATA,
                             "%s: pixel (%zu, %zu), scaled, is beyond single precision", file.name,
                             i % plane % (size_t)image.shape.width,
                             i % plane / (size_t)image.shape.width);
    }
    if (known)
        return STATUS_OK;
    return error_set(error, STATUS_DATA,
                     "%s: no pixel is known; take the file out, or say what its numbers mean",
                     file.name);
}
