/* Sum of two inputs of the same shape: the skip connection (He, Zhang, Ren, Sun 2016). */
#include "networks/layers/elementwise.h"

static enum status add_shape(const void *config, const struct shape *in, struct shape *out,
                             struct error *error)
{
    (void)config;
    if (!shape_equal(in[0], in[1]))
        return error_set(error, STATUS_CONFIG,
                         "the inputs of add have different shapes: %d x %d x %d and %d x %d x %d",
                         in[0].channels, in[0].height, in[0].width, in[1].channels, in[1].height,
                         in[1].width);
    *out = in[0];
    return STATUS_OK;
}

static void add_forward(const struct layer_call *call)
{
    size_t count = elementwise_values(call);
    const float *a = call->x[0], *b = call->x[1];
    float *y = call->y;

#pragma omp simd
    for (size_t i = 0; i < count; i++)
        y[i] = a[i] + b[i];
}

/* One input after the other: both may be the same node. */
static void add_backward(const struct layer_call *call)
{
    for (int k = 0; k < 2; k++)
        if (call->dx[k])
            accumulate(call->dy, elementwise_values(call), call->dx[k]);
}

static void add_count(const void *config, const struct shape *in, struct shape out,
                      struct layer_work *work)
{
    (void)config, (void)in;
    elementwise_count((struct operations){.additions = 1}, out, work);
    work->inputs *= 2;
}

static void add_primitive(const void *config, const struct shape *in, struct shape out,
                          struct primitive *primitive)
{
    (void)config, (void)in, (void)out;
    primitive->kind = PRIMITIVE_ADD;
}

const struct layer layer_add = {
    .descriptor = {.name = "add",
                   .summary = "sum of two inputs of the same shape",
                   .source = "He, Zhang, Ren, Sun, Deep residual learning, CVPR 2016",
                   .version = 1},
    .inputs = 2,
    .in_place = true,
    .shape = add_shape,
    .forward = add_forward,
    .backward = add_backward,
    .primitive = add_primitive,
    .count = add_count,
};
