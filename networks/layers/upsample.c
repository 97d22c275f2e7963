/* Enlargement by a whole factor with the nearest value: each pixel becomes a square of its copies.
 * Backward, a pixel's gradient is the sum over its square. */
#include "interfaces/layer.h"

#include <limits.h>
#include <string.h>

struct upsample {
    int64_t factor;
};

static const struct field fields[] = {{"factor", FIELD_INTEGER, offsetof(struct upsample, factor),
                                       .minimum = 1, .maximum = 16, .default_value = "2",
                                       .help = "factor for height and width"},
                                      {0}};

static enum status upsample_shape(const void *config, const struct shape *in, struct shape *out,
                                  struct error *error)
{
    const struct upsample *upsample = config;
    int factor = (int)upsample->factor;

    if (in[0].height > INT_MAX / factor || in[0].width > INT_MAX / factor)
        return error_set(error, STATUS_CONFIG, "%d times %d x %d pixels is too large", factor,
                         in[0].height, in[0].width);
    *out = (struct shape){in[0].channels, in[0].height * factor, in[0].width * factor};
    return STATUS_OK;
}

static void upsample_forward(const struct layer_call *call)
{
    const struct upsample *upsample = call->config;
    size_t factor = (size_t)upsample->factor, width = (size_t)call->in[0].width;
    size_t rows = (size_t)call->batch * (size_t)call->in[0].channels * (size_t)call->in[0].height;
    size_t wide = width * factor;

    for (size_t r = 0; r < rows; r++) {
        const float *x = call->x[0] + r * width;
        float *y = call->y + r * factor * wide;
        for (size_t i = 0; i < wide; i++)
            y[i] = x[i / factor];
        for (size_t k = 1; k < factor; k++)
            memcpy(y + k * wide, y, wide * sizeof *y);
    }
}

static void upsample_backward(const struct layer_call *call)
{
    const struct upsample *upsample = call->config;
    size_t factor = (size_t)upsample->factor, width = (size_t)call->in[0].width;
    size_t rows = (size_t)call->batch * (size_t)call->in[0].channels * (size_t)call->in[0].height;
    size_t wide = width * factor;

    if (!call->dx[0])
        return;
    for (size_t r = 0; r < rows; r++) {
        const float *dy = call->dy + r * factor * wide;
        float *dx = call->dx[0] + r * width;
        for (size_t i = 0; i < width; i++) {
            float sum = 0;
            for (size_t k = 0; k < factor; k++)
                for (size_t j = 0; j < factor; j++)
                    sum += dy[k * wide + i * factor + j];
            dx[i] += sum;
        }
    }
}

/* Copies alone. */
static void upsample_count(const void *config, const struct shape *in, struct shape out,
                           struct layer_work *work)
{
    (void)config;
    work->inputs = (double)shape_size(in[0]);
    work->outputs = (double)shape_size(out);
}

static void upsample_primitive(const void *config, const struct shape *in, struct shape out,
                               struct primitive *primitive)
{
    (void)config, (void)in, (void)out;
    primitive->kind = PRIMITIVE_UPSAMPLE;
}

const struct layer layer_upsample = {
    .descriptor = {.name = "upsample",
                   .summary = "enlargement with the nearest value",
                   .fields = fields,
                   .config_size = sizeof(struct upsample),
                   .version = 1},
    .inputs = 1,
    .shape = upsample_shape,
    .forward = upsample_forward,
    .backward = upsample_backward,
    .primitive = upsample_primitive,
    .count = upsample_count,
};
