/*
 * Turned images: by none, one, two or three quarters, each as likely as another. Pixels fall on
 * pixels, so that nothing is interpolated and the noise stays as it is; images must be square.
 */
#include "interfaces/augmentation.h"

#include <string.h>

static enum status rotate90_check(const void *config, struct shape shape, struct error *error)
{
    (void)config;
    if (shape.height != shape.width)
        return error_set(error, STATUS_CONFIG,
                         "'rotate90' turns square images; these are of %d x %d pixels",
                         shape.height, shape.width);
    return STATUS_OK;
}

static void rotate90_apply(const struct augmentation_call *call, struct image image)
{
    size_t side = (size_t)image.shape.width, last = side - 1, plane = side * side;
    uint32_t turns = random_below(call->stream, 4);

    if (turns == 0)
        return;
    memcpy(call->scratch, image.pixels, shape_size(image.shape) * sizeof(float));
    for (size_t c = 0; c < (size_t)image.shape.channels; c++) {
        const float *from = call->scratch + c * plane;
        float *to = image.pixels + c * plane;
        for (size_t y = 0; y < side; y++)
            for (size_t x = 0; x < side; x++)
                to[y * side + x] = turns == 1   ? from[x * side + last - y]
                                   : turns == 2 ? from[(last - y) * side + last - x]
                                                : from[(last - x) * side + y];
    }
}

const struct augmentation augmentation_rotate90 = {
    .descriptor = {.name = "rotate90",
                   .summary = "turn square images by multiples of 90 degrees",
                   .version = 1},
    .check = rotate90_check,
    .apply = rotate90_apply,
};
