/*
 * Gaussian error linear unit: y = x Phi(x), dy/dx = Phi(x) + x phi(x), with the normal
 * distribution Phi(x) = (1 + erf(x / sqrt(2))) / 2 and its density phi (not the approximation by a
 * hyperbolic tangent). Phi is taken from phi, which the gradient needs anyway:
 *
 *     1 - Phi(x) = phi(x) (b1 t + … + b5 t^5) for x >= 0,   t = 1 / (1 + 0.2316419 x)
 *
 * with an error below 7.5e-8, about a rounding of float (Abramowitz, Stegun, Handbook of
 * mathematical functions, 1964, 26.2.17); far below zero nothing cancels.
 */
#include "math/exponential.h"
#include "networks/layers/elementwise.h"

#include <math.h>

static inline float density(float x)
{
    return 0.398942280F * exponential(-0.5F * (x * x));
}

/* Phi(x), from phi(x). */
static inline float distribution(float x, float phi)
{
    float t = 1 / (1 + 0.2316419F * fabsf(x)), tail = 1.330274429F;

    tail = tail * t - 1.821255978F;
    tail = tail * t + 1.781477937F;
    tail = tail * t - 0.356563782F;
    tail = tail * t + 0.319381530F;
    tail *= t * phi;
    return x < 0 ? tail : 1 - tail;
}

static void gelu_forward(const struct layer_call *call)
{
    size_t count = elementwise_values(call);
    const float *x = call->x[0];
    float *y = call->y;

#pragma omp simd
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] * distribution(x[i], density(x[i]));
}

static void gelu_backward(const struct layer_call *call)
{
    size_t count = elementwise_values(call);
    const float *x = call->x[0], *dy = call->dy;
    float *dx = call->dx[0];

    if (!dx)
        return;
#pragma omp simd
    for (size_t i = 0; i < count; i++) {
        float phi = density(x[i]);
        dx[i] += dy[i] * (distribution(x[i], phi) + x[i] * phi);
    }
}

static void gelu_count(const void *config, const struct shape *in, struct shape out,
                       struct layer_work *work)
{
    struct operations each = {.exponentials = 1,
                              .multiply_adds = 5,
                              .multiplications = 6,
                              .additions = 1,
                              .comparisons = 2, /* the sign, and the magnitude */
                              .divisions = 1};

    (void)config, (void)in;
    elementwise_count(each, out, work);
}

static void gelu_primitive(const void *config, const struct shape *in, struct shape out,
                           struct primitive *primitive)
{
    (void)config, (void)in, (void)out;
    primitive->kind = PRIMITIVE_ELEMENTWISE;
    primitive->activation = ACTIVATION_GELU;
}

const struct layer layer_gelu = {
    .descriptor = {.name = "gelu",
                   .summary = "Gaussian error linear unit, x Phi(x), exact",
                   .source = "Hendrycks, Gimpel, Gaussian error linear units, 2016 "
                             "(arXiv:1606.08415)",
                   .version = 1},
    .inputs = 1,
    .in_place = true,
    .shape = same_shape,
    .forward = gelu_forward,
    .backward = gelu_backward,
    .primitive = gelu_primitive,
    .count = gelu_count,
};
