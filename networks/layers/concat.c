/* Two inputs of the same height and width, one behind the other along the channels. */
#include "networks/layers/elementwise.h"

#include <limits.h>
#include <string.h>

static enum status concat_shape(const void *config, const struct shape *in, struct shape *out,
                                struct error *error)
{
    (void)config;
    if (in[0].height != in[1].height || in[0].width != in[1].width)
        return error_set(error, STATUS_CONFIG,
                         "the inputs of concat have different sizes: %d x %d and %d x %d pixels",
                         in[0].height, in[0].width, in[1].height, in[1].width);
    if (in[0].channels > INT_MAX - in[1].channels)
        return error_set(error, STATUS_CONFIG, "%d and %d channels are too many", in[0].channels,
                         in[1].channels);
    *out = (struct shape){in[0].channels + in[1].channels, in[0].height, in[0].width};
    return STATUS_OK;
}

static void concat_forward(const struct layer_call *call)
{
    float *y = call->y;

    for (size_t n = 0; n < (size_t)call->batch; n++)
        for (int k = 0; k < 2; k++) {
            size_t size = shape_size(call->in[k]);
            memcpy(y, call->x[k] + n * size, size * sizeof *y);
            y += size;
        }
}

/* One input after the other: both may be the same node. */
static void concat_backward(const struct layer_call *call)
{
    const float *dy = call->dy;

    for (size_t n = 0; n < (size_t)call->batch; n++)
        for (int k = 0; k < 2; k++) {
            size_t size = shape_size(call->in[k]);
            if (call->dx[k])
                accumulate(dy, size, call->dx[k] + n * size);
            dy += size;
        }
}

/* Copies alone. */
static void concat_count(const void *config, const struct shape *in, struct shape out,
                         struct layer_work *work)
{
    (void)config, (void)in;
    work->inputs = work->outputs = (double)shape_size(out);
}

static void concat_primitive(const void *config, const struct shape *in, struct shape out,
                             struct primitive *primitive)
{
    (void)config, (void)in, (void)out;
    primitive->kind = PRIMITIVE_CONCAT;
}

const struct layer layer_concat = {
    .descriptor = {.name = "concat",
                   .summary = "two inputs, joined along the channels",
                   .source = "Ronneberger, Fischer, Brox, U-Net, MICCAI 2015",
                   .version = 1},
    .inputs = 2,
    .shape = concat_shape,
    .forward = concat_forward,
    .backward = concat_backward,
    .primitive = concat_primitive,
    .count = concat_count,
};
