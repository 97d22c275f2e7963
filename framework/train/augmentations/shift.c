/*
 * Shifted images: by up to so many pixels along each axis, each shift as likely as any other. What
 * moves in at the edge is the image's mirror image, or black. Reference: Krizhevsky, Sutskever,
 * Hinton 2012 (random crops of padded images, which is the same).
 */
#include "interfaces/augmentation.h"
#include "math/border.h"

#include <stddef.h>
#include <string.h>

enum { FILL_REFLECT, FILL_ZERO };

struct shift {
    int64_t pixels, fill;
};

static const char *const fills[] = {[FILL_REFLECT] = "reflect", [FILL_ZERO] = "zero", NULL};

static const struct field fields[] = {
    {"pixels", FIELD_INTEGER, offsetof(struct shift, pixels), .minimum = 0, .maximum = 1000,
     .default_value = "4", .unit = "pixels", .help = "largest shift in each direction"},
    {"fill", FIELD_CHOICE, offsetof(struct shift, fill), .default_value = "reflect",
     .choices = fills, .help = "what fills the gap at the edge: the reflected image, or zeros"},
    {0},
};

static enum status shift_check(const void *config, struct shape shape, struct error *error)
{
    const struct shift *shift = config;

    if (shift->pixels >= shape.height || shift->pixels >= shape.width)
        return error_set(error, STATUS_CONFIG,
                         "'shift' by up to %lld pixels moves images of %d x %d out of view",
                         (long long)shift->pixels, shape.height, shape.width);
    return STATUS_OK;
}

/* A row moved by `dx`; `from` NULL: of blanks. */
static void move_row(const float *from, int width, int dx, bool reflect, float blank, float *to)
{
    for (int x = 0; x < width; x++) {
        int source = x - dx;
        if (reflect)
            source = border_reflect(source, width);
        to[x] = from && source >= 0 && source < width ? from[source] : blank;
    }
}

static void shift_apply(const struct augmentation_call *call, struct image image)
{
    const struct shift *shift = call->config;
    int width = image.shape.width, height = image.shape.height, pixels = (int)shift->pixels;
    size_t plane = (size_t)width * (size_t)height;
    bool reflect = shift->fill == FILL_REFLECT;
    int dy = (int)random_below(call->stream, (uint32_t)(2 * pixels + 1)) - pixels;
    int dx = (int)random_below(call->stream, (uint32_t)(2 * pixels + 1)) - pixels;

    memcpy(call->scratch, image.pixels, shape_size(image.shape) * sizeof(float));
    for (size_t c = 0; c < (size_t)image.shape.channels; c++)
        for (int y = 0; y < height; y++) {
            int source = reflect ? border_reflect(y - dy, height) : y - dy;
            bool inside = source >= 0 && source < height;
            const float *from = call->scratch + c * plane;
            move_row(inside ? from + (size_t)source * (size_t)width : NULL, width, dx, reflect,
                     call->blank, image.pixels + c * plane + (size_t)y * (size_t)width);
        }
}

const struct augmentation augmentation_shift = {
    .descriptor = {.name = "shift",
                   .summary = "shift images by some pixels",
                   .source = "Krizhevsky, Sutskever, Hinton 2012",
                   .fields = fields,
                   .config_size = sizeof(struct shift),
                   .version = 1},
    .check = shift_check,
    .apply = shift_apply,
};
