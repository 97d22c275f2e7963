/*
 * Stochastic gradient descent with momentum. With gradient g (weight decay w p added, L2) and
 * velocity b = 0 at first,
 *
 *     b = momentum b + g
 *     p = p - rate b                        (heavy ball, Polyak 1964)
 *     p = p - rate (g + momentum b)         (Nesterov, as Sutskever, Martens, Dahl, Hinton 2013)
 *
 * in PyTorch's form, where the rate stands outside the velocity. Cost: one float of state and four
 * to six operations a parameter.
 */
#include "interfaces/training.h"

#include <stddef.h>

struct sgd {
    double momentum;
    bool nesterov;
};

static const struct field fields[] = {
    {"momentum", FIELD_REAL, offsetof(struct sgd, momentum), .maximum = 0.999999,
     .default_value = "0.9", .help = "share of the previous velocity that is kept"},
    {"nesterov", FIELD_BOOLEAN, offsetof(struct sgd, nesterov), .default_value = "false",
     .help = "step along the next velocity instead of the current one"},
    {0},
};

static void sgd_step(const void *config, int64_t step, double learning_rate, double weight_decay,
                     size_t begin, size_t end, size_t total, const uint8_t *decays,
                     const float *gradients, float *parameters, float *state)
{
    const struct sgd *sgd = config;
    float momentum = (float)sgd->momentum, ahead = sgd->nesterov ? momentum : 1;
    float own = sgd->nesterov ? 1 : 0, rate = (float)learning_rate, decay = (float)weight_decay;

    (void)step;
    (void)total;
#pragma omp simd
    for (size_t i = begin; i < end; i++) {
        float g = gradients[i] + (decays[i] ? decay * parameters[i] : 0);
        state[i] = optimizer_moment(momentum * state[i] + g);
        parameters[i] -= rate * (own * g + ahead * state[i]);
    }
}

const struct optimizer optimizer_sgd = {
    .descriptor = {.name = "sgd",
                   .summary = "stochastic gradient descent with momentum",
                   .source = "Polyak 1964; Sutskever, Martens, Dahl, Hinton 2013",
                   .fields = fields,
                   .config_size = sizeof(struct sgd),
                   .version = 2},
    .slots = 1,
    .step = sgd_step,
};
