/*
 * Cutout: a square of the input is blanked, so that no single part of it can be relied on. The
 * square's centre is any pixel, each as likely as another; what of it lies beyond the edge is lost.
 * In denoising the label keeps what the input loses. Reference: DeVries, Taylor, "Improved
 * regularization of convolutional neural networks with cutout", 2017.
 */
#include "interfaces/augmentation.h"

#include <stddef.h>

enum { FILL_ZERO, FILL_MEAN };

struct cutout {
    int64_t size, fill;
};

static const char *const fills[] = {[FILL_ZERO] = "zero", [FILL_MEAN] = "mean", NULL};

static const struct field fields[] = {
    {"size", FIELD_INTEGER, offsetof(struct cutout, size), .minimum = 1, .maximum = 1000,
     .default_value = "8", .unit = "pixels", .help = "side of the square"},
    {"fill", FIELD_CHOICE, offsetof(struct cutout, fill), .default_value = "zero", .choices = fills,
     .help = "value of the square: zero, or the image's mean in each channel"},
    {0},
};

static enum status cutout_check(const void *config, struct shape shape, struct error *error)
{
    const struct cutout *cutout = config;

    if (cutout->size >= shape.height || cutout->size >= shape.width)
        return error_set(error, STATUS_CONFIG,
                         "'cutout' of %lld x %lld pixels leaves nothing of images of %d x %d",
                         (long long)cutout->size, (long long)cutout->size, shape.height,
                         shape.width);
    return STATUS_OK;
}

static float mean_of(const float *values, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (double)values[i];
    return (float)(sum / (double)count);
}

/* Where the square begins and ends along an axis. */
static void draw_span(struct random_stream *stream, int size, int length, int *begin, int *end)
{
    int first = (int)random_below(stream, (uint32_t)length) - size / 2;

    *begin = first > 0 ? first : 0;
    *end = first + size < length ? first + size : length;
}

static void cutout_apply(const struct augmentation_call *call, struct image image)
{
    const struct cutout *cutout = call->config;
    size_t width = (size_t)image.shape.width, plane = width * (size_t)image.shape.height;
    int top, bottom, left, right;

    draw_span(call->stream, (int)cutout->size, image.shape.height, &top, &bottom);
    draw_span(call->stream, (int)cutout->size, image.shape.width, &left, &right);
    for (size_t c = 0; c < (size_t)image.shape.channels; c++) {
        float *pixels = image.pixels + c * plane;
        float fill = cutout->fill == FILL_MEAN ? mean_of(pixels, plane) : 0;
        for (int y = top; y < bottom; y++)
            for (int x = left; x < right; x++)
                pixels[(size_t)y * width + (size_t)x] = fill;
    }
}

const struct augmentation augmentation_cutout = {
    .descriptor = {.name = "cutout",
                   .summary = "blank a square of the input",
                   .source = "DeVries, Taylor 2017",
                   .fields = fields,
                   .config_size = sizeof(struct cutout),
                   .version = 1},
    .input_only = true,
    .check = cutout_check,
    .apply = cutout_apply,
};
