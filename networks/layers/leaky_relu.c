/* Leaky rectified linear unit: y = x above zero, slope x below (Maas, Hannun, Ng 2013). Values that
 * are not numbers pass. */
#include "networks/layers/elementwise.h"

struct leaky_relu {
    double slope;
};

static const struct field fields[] = {{"slope", FIELD_REAL, offsetof(struct leaky_relu, slope),
                                       .minimum = 0, .maximum = 1, .default_value = "0.01",
                                       .help = "factor for values below zero"},
                                      {0}};

static float slope_of(const struct layer_call *call)
{
    const struct leaky_relu *leaky_relu = call->config;
    return (float)leaky_relu->slope;
}

static void leaky_relu_forward(const struct layer_call *call)
{
    size_t count = elementwise_values(call);
    float slope = slope_of(call), *y = call->y;
    const float *x = call->x[0];

#pragma omp simd
    for (size_t i = 0; i < count; i++) {
        float below = x[i] * slope; /* computed in any case: without a branch */
        y[i] = x[i] < 0 ? below : x[i];
    }
}

/* At zero the gradient is that from below, as PyTorch has it. */
static void leaky_relu_backward(const struct layer_call *call)
{
    size_t count = elementwise_values(call);
    float slope = slope_of(call), *dx = call->dx[0];
    const float *x = call->x[0], *dy = call->dy;

    if (!dx)
        return;
#pragma omp simd
    for (size_t i = 0; i < count; i++) {
        float above = dy[i], below = dy[i] * slope;
        dx[i] += x[i] > 0 ? above : below;
    }
}

static void leaky_relu_count(const void *config, const struct shape *in, struct shape out,
                             struct layer_work *work)
{
    (void)config, (void)in;
    elementwise_count((struct operations){.comparisons = 1, .multiplications = 1}, out, work);
}

static void leaky_relu_primitive(const void *config, const struct shape *in, struct shape out,
                                 struct primitive *primitive)
{
    const struct leaky_relu *leaky_relu = config;

    (void)in, (void)out;
    primitive->kind = PRIMITIVE_ELEMENTWISE;
    primitive->activation = ACTIVATION_LEAKY_RELU;
    primitive->alpha = leaky_relu->slope;
}

const struct layer layer_leaky_relu = {
    .descriptor = {.name = "leaky_relu",
                   .summary = "rectified linear unit with a slope below zero",
                   .source = "Maas, Hannun, Ng, Rectifier nonlinearities improve neural network "
                             "acoustic models, ICML 2013",
                   .fields = fields,
                   .config_size = sizeof(struct leaky_relu),
                   .version = 1},
    .inputs = 1,
    .in_place = true,
    .shape = same_shape,
    .forward = leaky_relu_forward,
    .backward = leaky_relu_backward,
    .primitive = leaky_relu_primitive,
    .count = leaky_relu_count,
};
