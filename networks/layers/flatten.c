/* An image as one vector, in the order [channel][row][column]; the values do not move. */
#include "kinds/layer.h"

#include <string.h>

static enum status flatten_shape(const void *config, const struct shape *in, struct shape *out,
                                 struct error *error)
{
    (void)config, (void)error;
    *out = (struct shape){(int)shape_size(in[0]), 1, 1};
    return STATUS_OK;
}

static void flatten_forward(const struct layer_call *call)
{
    memcpy(call->y, call->x[0], (size_t)call->batch * shape_size(call->out) * sizeof(float));
}

static void flatten_backward(const struct layer_call *call)
{
    size_t count = (size_t)call->batch * shape_size(call->out);
    const float *dy = call->dy;
    float *dx = call->dx[0];

    if (!dx)
        return;
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        dx[i] += dy[i];
}

/* Planar images lie flat in memory already: no machine has to do anything. */
static void flatten_count(const void *config, const struct shape *in, struct shape out,
                          struct layer_work *work)
{
    (void)config, (void)in, (void)out, (void)work;
}

const struct layer layer_flatten = {
    .descriptor = {.name = "flatten",
                   .summary = "an image as one vector, for dense layers",
                   .version = 1},
    .inputs = 1,
    .shape = flatten_shape,
    .forward = flatten_forward,
    .backward = flatten_backward,
    .count = flatten_count,
};
