/* What the fuzz targets of image formats share. */
#ifndef UNDERSTUDY_TESTS_FUZZ_IMAGE_FUZZ_H
#define UNDERSTUDY_TESTS_FUZZ_IMAGE_FUZZ_H

#include "base/memory.h"
#include "io/images/imagefile.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_PIXELS = 1 << 18 }; /* larger images only cost time */

/* Decode as numbers: every one must be told, and be finite or NaN; of classes, be one. */
static inline void fuzz_numbers(struct span file)
{
    static const double unknown[] = {255, -1}, factors[] = {0.5}, values[] = {0, 254, 7};
    static const struct imagefile_numbers numbers[] = {{3, NULL, unknown, 2, NULL, 0},
                                                       {0, NULL, unknown, 1, factors, 1},
                                                       {3, values, unknown, 2, NULL, 0}};

    for (size_t turn = 0; turn < sizeof numbers / sizeof *numbers; turn++) {
        struct error error;
        struct image image = {0};
        if (imagefile_shape(file, IMAGEFILE_STORED, &image.shape, &error) != STATUS_OK)
            return;
        size_t count = shape_size(image.shape);
        if (count == 0 || count > FUZZ_PIXELS ||
            memory_new(&image.pixels, count, sizeof *image.pixels, &error) != STATUS_OK)
            return;
        for (size_t i = 0; i < count; i++)
            image.pixels[i] = (float)INFINITY;
        if (imagefile_decode_numbers(file, &numbers[turn], image, NULL, &error) == STATUS_OK)
            for (size_t i = 0; i < count; i++)
                if (isinf(image.pixels[i]) || (turn != 1 && image.pixels[i] > 2))
                    abort();
        memory_free(image.pixels);
    }
}

/* Decode to grey, to colour and as stored, on the whole scale and on a part of it: every value must
 * be told, be finite, and lie in [0, 1] unless the file has floats and its whole scale is asked
 * for. */
static inline void fuzz_image(struct span file)
{
    static const struct imagefile_scale scales[] = {{0, 0}, {7, 200.5}};
    static const int channels[] = {1, 3, 0};

    fuzz_numbers(file);
    for (int turn = 0; turn < 6; turn++) {
        struct error error;
        struct image image = {0};
        struct imagefile_found found;
        if (imagefile_shape(file, channels[turn % 3], &image.shape, &error) != STATUS_OK)
            continue;
        size_t count = shape_size(image.shape);
        if (count == 0 || count > FUZZ_PIXELS)
            return;
        if (memory_new(&image.pixels, count, sizeof *image.pixels, &error) != STATUS_OK)
            return;
        for (size_t i = 0; i < count; i++)
            image.pixels[i] = (float)NAN;
        if (imagefile_decode_scaled(file, scales[turn / 3], image, &found, &error) == STATUS_OK) {
            bool free = found.real && turn < 3;
            for (size_t i = 0; i < count; i++)
                if (free ? !isfinite(image.pixels[i])
                         : !(image.pixels[i] >= 0 && image.pixels[i] <= 1))
                    abort();
        }
        memory_free(image.pixels);
    }
}

#endif
