/* Rectified linear unit: y = max(x, 0) (Nair, Hinton 2010). Values that are not numbers pass, so
 * that a training that diverges is noticed. */
#include "networks/layers/elementwise.h"

static void relu_forward(const struct layer_call *call)
{
    size_t count = elementwise_values(call);
    const float *x = call->x[0];
    float *y = call->y;

#pragma omp simd
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] < 0 ? 0 : x[i];
}

static void relu_backward(const struct layer_call *call)
{
    size_t count = elementwise_values(call);
    const float *y = call->y, *dy = call->dy;
    float *dx = call->dx[0];

    if (!dx)
        return;
#pragma omp simd
    for (size_t i = 0; i < count; i++) {
        float gradient = dy[i]; /* read in any case: without a branch */
        dx[i] += y[i] > 0 ? gradient : 0;
    }
}

static void relu_count(const void *config, const struct shape *in, struct shape out,
                       struct layer_work *work)
{
    (void)config, (void)in;
    elementwise_count((struct operations){.comparisons = 1}, out, work);
}

static void relu_primitive(const void *config, const struct shape *in, struct shape out,
                           struct primitive *primitive)
{
    (void)config, (void)in, (void)out;
    primitive->kind = PRIMITIVE_ELEMENTWISE;
    primitive->activation = ACTIVATION_RELU;
}

const struct layer layer_relu = {
    .descriptor = {.name = "relu",
                   .summary = "rectified linear unit, max(x, 0)",
                   .source = "Nair, Hinton, Rectified linear units improve restricted Boltzmann "
                             "machines, ICML 2010",
                   .version = 1},
    .inputs = 1,
    .in_place = true,
    .shape = same_shape,
    .forward = relu_forward,
    .backward = relu_backward,
    .primitive = relu_primitive,
    .count = relu_count,
};
