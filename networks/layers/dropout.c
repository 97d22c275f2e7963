/*
 * Dropout: in training each value is set to zero with probability `rate`, and the others are
 * divided by 1 - rate, so that the mean stays; in inference nothing happens. The factors are kept
 * for the backward pass.
 */
#include "networks/layers/elementwise.h"

#include <string.h>

struct dropout {
    double rate;
};

static const struct field fields[] = {{"rate", FIELD_REAL, offsetof(struct dropout, rate),
                                       .minimum = 0, .maximum = 0.99, .default_value = "0.5",
                                       .help = "share of the values set to zero in training"},
                                      {0}};

static void dropout_plan(const void *config, int batch, const struct shape *in, struct shape out,
                         const struct engine *engine, struct layer_plan *plan)
{
    (void)config, (void)in, (void)engine;
    plan->saved = (size_t)batch * shape_size(out);
}

static void dropout_forward(const struct layer_call *call)
{
    const struct dropout *dropout = call->config;
    size_t count = elementwise_values(call);
    struct random_stream stream = call->stream;
    uint32_t below = (uint32_t)(dropout->rate * 0x1p32);
    float scale = (float)(1 / (1 - dropout->rate)), *factors = call->saved, *y = call->y;
    const float *x = call->x[0];

    if (!call->training) {
        memcpy(y, x, count * sizeof *y);
        return;
    }
    for (size_t i = 0; i < count; i++)
        factors[i] = random_u32(&stream) < below ? 0 : scale;
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] * factors[i];
}

static void dropout_backward(const struct layer_call *call)
{
    size_t count = elementwise_values(call);
    const float *dy = call->dy, *factors = call->saved;
    float *dx = call->dx[0];

    if (!dx)
        return;
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        dx[i] += dy[i] * factors[i];
}

/* In inference, which is what is counted, no machine has to do anything. */
static void dropout_count(const void *config, const struct shape *in, struct shape out,
                          struct layer_work *work)
{
    (void)config, (void)in, (void)out, (void)work;
}

const struct layer layer_dropout = {
    .descriptor = {.name = "dropout",
                   .summary = "sets values to zero at random in training",
                   .source = "Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, Dropout, "
                             "JMLR 2014",
                   .fields = fields,
                   .config_size = sizeof(struct dropout),
                   .version = 1},
    .inputs = 1,
    .in_place = true,
    .shape = same_shape,
    .plan = dropout_plan,
    .forward = dropout_forward,
    .backward = dropout_backward,
    .count = dropout_count,
};
