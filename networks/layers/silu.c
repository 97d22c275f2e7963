/* Sigmoid linear unit, also called swish: y = x s with s = 1 / (1 + e^-x), and
 * dy/dx = s (1 + x (1 - s)). */
#include "math/exponential.h"
#include "networks/layers/elementwise.h"

static void silu_forward(const struct layer_call *call)
{
    size_t count = elementwise_values(call);
    const float *x = call->x[0];
    float *y = call->y;

#pragma omp simd
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] * logistic(x[i]);
}

static void silu_backward(const struct layer_call *call)
{
    size_t count = elementwise_values(call);
    const float *x = call->x[0], *dy = call->dy;
    float *dx = call->dx[0];

    if (!dx)
        return;
#pragma omp simd
    for (size_t i = 0; i < count; i++) {
        float s = logistic(x[i]);
        dx[i] += dy[i] * (s * (1 + x[i] * (1 - s)));
    }
}

static void silu_count(const void *config, const struct shape *in, struct shape out,
                       struct layer_work *work)
{
    struct operations each = {
        .exponentials = 1, .additions = 1, .divisions = 1, .multiplications = 1};

    (void)config, (void)in;
    elementwise_count(each, out, work);
}

static void silu_primitive(const void *config, const struct shape *in, struct shape out,
                           struct primitive *primitive)
{
    (void)config, (void)in, (void)out;
    primitive->kind = PRIMITIVE_ELEMENTWISE;
    primitive->activation = ACTIVATION_SILU;
}

const struct layer layer_silu = {
    .descriptor = {.name = "silu",
                   .summary = "sigmoid linear unit, x / (1 + e^-x)",
                   .source = "Elfwing, Uchibe, Doya, Sigmoid-weighted linear units, Neural "
                             "Networks 2018",
                   .version = 1},
    .inputs = 1,
    .in_place = true,
    .shape = same_shape,
    .forward = silu_forward,
    .backward = silu_backward,
    .primitive = silu_primitive,
    .count = silu_count,
};
