/* Logistic sigmoid: y = 1 / (1 + e^-x), dy/dx = y (1 - y). */
#include "math/exponential.h"
#include "networks/layers/elementwise.h"

static void sigmoid_forward(const struct layer_call *call)
{
    size_t count = elementwise_values(call);
    const float *x = call->x[0];
    float *y = call->y;

#pragma omp simd
    for (size_t i = 0; i < count; i++)
        y[i] = logistic(x[i]);
}

static void sigmoid_backward(const struct layer_call *call)
{
    size_t count = elementwise_values(call);
    const float *y = call->y, *dy = call->dy;
    float *dx = call->dx[0];

    if (!dx)
        return;
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        dx[i] += dy[i] * (y[i] * (1 - y[i]));
}

static void sigmoid_count(const void *config, const struct shape *in, struct shape out,
                          struct layer_work *work)
{
    (void)config, (void)in;
    elementwise_count((struct operations){.exponentials = 1, .additions = 1, .divisions = 1}, out,
                      work);
}

static void sigmoid_primitive(const void *config, const struct shape *in, struct shape out,
                              struct primitive *primitive)
{
    (void)config, (void)in, (void)out;
    primitive->kind = PRIMITIVE_ELEMENTWISE;
    primitive->activation = ACTIVATION_SIGMOID;
}

const struct layer layer_sigmoid = {
    .descriptor = {.name = "sigmoid",
                   .summary = "logistic sigmoid, 1 / (1 + e^-x)",
                   .source = "Rumelhart, Hinton, Williams, Learning representations by "
                             "back-propagating errors, Nature 1986",
                   .version = 1},
    .inputs = 1,
    .in_place = true,
    .shape = same_shape,
    .forward = sigmoid_forward,
    .backward = sigmoid_backward,
    .primitive = sigmoid_primitive,
    .count = sigmoid_count,
};
