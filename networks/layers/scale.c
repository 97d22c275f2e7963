/* A constant factor: y = f x, for instance before a softmax, to begin with small scores. */
#include "networks/layers/elementwise.h"

struct scale {
    double factor;
};

static const struct field fields[] = {{"factor", FIELD_REAL, offsetof(struct scale, factor),
                                       .minimum = -1e6, .maximum = 1e6,
                                       .help = "factor for every value"},
                                      {0}};

static void scale_forward(const struct layer_call *call)
{
    const struct scale *scale = call->config;
    size_t count = elementwise_values(call);
    float factor = (float)scale->factor, *y = call->y;
    const float *x = call->x[0];

#pragma omp simd
    for (size_t i = 0; i < count; i++)
        y[i] = factor * x[i];
}

static void scale_backward(const struct layer_call *call)
{
    const struct scale *scale = call->config;
    size_t count = elementwise_values(call);
    float factor = (float)scale->factor, *dx = call->dx[0];
    const float *dy = call->dy;

    if (!dx)
        return;
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        dx[i] += factor * dy[i];
}

static void scale_count(const void *config, const struct shape *in, struct shape out,
                        struct layer_work *work)
{
    (void)config, (void)in;
    elementwise_count((struct operations){.multiply_adds = 1}, out, work);
}

const struct layer layer_scale = {
    .descriptor = {.name = "scale",
                   .summary = "multiplies every value by a constant",
                   .source = "Hinton, Vinyals, Dean, Distilling the knowledge in a neural network, "
                             "2015 (temperature)",
                   .fields = fields,
                   .config_size = sizeof(struct scale),
                   .version = 1},
    .inputs = 1,
    .in_place = true,
    .shape = same_shape,
    .forward = scale_forward,
    .backward = scale_backward,
    .count = scale_count,
};
