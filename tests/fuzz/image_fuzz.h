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

/* Decode to grey, to colour and as stored, on the whole scale and on a part of it: every value must
 * be told, be finite, and lie in [0, 1] unless the file has floats and its whole scale is asked
 * for. */
static void fuzz_image(struct span file)
{
    static const struct imagefile_scale scales[] = {{0, 0}, {7, 200.5}};
    static const int channels[] = {1, 3, 0};

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
