/* What the fuzz targets of image formats share. */
#ifndef UNDERSTUDY_TESTS_FUZZ_IMAGE_FUZZ_H
#define UNDERSTUDY_TESTS_FUZZ_IMAGE_FUZZ_H

#include "base/memory.h"
#include "io/images/imagefile.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_PIXELS = 1 << 18 }; /* larger images only cost time */

/* Decode to grey and to colour, on the whole scale and on a part of it: every value must be told,
 * and lie in [0, 1]. */
static void fuzz_image(struct span file)
{
    static const struct imagefile_scale scales[] = {{0, 0}, {7, 200.5}};

    for (int turn = 0; turn < 4; turn++) {
        int channels = turn % 2 ? 3 : 1;
        struct error error;
        struct image image = {0};
        if (imagefile_shape(file, channels, &image.shape, &error) != STATUS_OK)
            return;
        size_t count = shape_size(image.shape);
        if (count == 0 || count > FUZZ_PIXELS)
            return;
        if (memory_new(&image.pixels, count, sizeof *image.pixels, &error) != STATUS_OK)
            return;
        for (size_t i = 0; i < count; i++)
            image.pixels[i] = -1;
        if (imagefile_decode_scaled(file, scales[turn / 2], image, NULL, &error) == STATUS_OK)
            for (size_t i = 0; i < count; i++)
                if (!(image.pixels[i] >= 0 && image.pixels[i] <= 1))
                    abort();
        memory_free(image.pixels);
    }
}

#endif
