/* An image as one vector, in the order [channel][row][column]; the values do not move. */
#include "networks/layers/elementwise.h"

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
    memcpy(call->y, call->x[0], elementwise_values(call) * sizeof(float));
}

static void flatten_backward(const struct layer_call *call)
{
    if (call->dx[0])
        accumulate(call->dy, elementwise_values(call), call->dx[0]);
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
    .in_place = true,
    .shape = flatten_shape,
    .forward = flatten_forward,
    .backward = flatten_backward,
    .count = flatten_count,
};
