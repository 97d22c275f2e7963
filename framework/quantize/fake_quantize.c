#include "quantize/fake_quantize.h"

#include "base/vectors.h"

#include <math.h>

static enum status keep_shape(const void *config, const struct shape *in, struct shape *out,
                              struct error *error)
{
    (void)config, (void)error;
    *out = in[0];
    return STATUS_OK;
}

static size_t values_of(const struct layer_call *call)
{
    return (size_t)call->batch * shape_size(call->out);
}

/* q before it is clamped. */
static inline float level_of(float x, float scale, float zero)
{
    return roundf(x / scale) + zero;
}

WIDE_VECTORS static void round_values(const float *x, size_t count, float scale, float zero,
                                      float *y)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++) {
        float level = level_of(x[i], scale, zero);
        level = level < QUANTIZED_LOW ? QUANTIZED_LOW : level;
        level = level > QUANTIZED_HIGH ? QUANTIZED_HIGH : level;
        y[i] = scale * (level - zero);
    }
}

WIDE_VECTORS static void add_slopes(const float *x, const float *dy, size_t count, float scale,
                                    float zero, float *dx)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++) {
        float level = level_of(x[i], scale, zero);
        dx[i] += level < QUANTIZED_LOW || level > QUANTIZED_HIGH ? 0 : dy[i];
    }
}

static void fake_quantize_forward(const struct layer_call *call)
{
    const struct quantization *how = call->config;

    round_values(call->x[0], values_of(call), how->scale, (float)how->zero, call->y);
}

static void fake_quantize_backward(const struct layer_call *call)
{
    const struct quantization *how = call->config;

    if (call->dx[0])
        add_slopes(call->x[0], call->dy, values_of(call), how->scale, (float)how->zero,
                   call->dx[0]);
}

static void fake_quantize_count(const void *config, const struct shape *in, struct shape out,
                                struct layer_work *work)
{
    (void)config;
    work->inputs = (double)shape_size(in[0]);
    work->outputs = (double)shape_size(out);
}

const struct layer layer_fake_quantize = {
    .descriptor = {.name = "fake_quantize",
                   .summary = "rounds values as 8-bit integers would",
                   .source = "Jacob et al., CVPR 2018",
                   .config_size = sizeof(struct quantization),
                   .version = 1},
    .inputs = 1,
    .shape = keep_shape,
    .forward = fake_quantize_forward,
    .backward = fake_quantize_backward,
    .count = fake_quantize_count,
};
