/*
 * Adam: a step of about the same length for every parameter, whatever its gradient's scale. With
 * gradient g, step t from 1, and m = v = 0 at first,
 *
 *     m = beta1 m + (1 - beta1) g           v = beta2 v + (1 - beta2) g^2
 *     p = p - rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon).
 *
 * The divisors undo the bias towards the zeros that m and v start from. Weight decay w is
 *
 *     adam:     g = g + w p, beforehand (L2), so that it is adapted like the gradient
 *     adamw:    p = (1 - rate w) p, apart from the gradient (decoupled)
 *
 * as in PyTorch. References: Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015;
 * Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR 2019. Cost: two floats of state
 * and some fifteen operations a parameter.
 */
#include "base/vectors.h"
#include "interfaces/training.h"

#include <math.h>
#include <stddef.h>

struct adam {
    double beta1, beta2, epsilon;
};

static const struct field fields[] = {
    {"beta1", FIELD_REAL, offsetof(struct adam, beta1), .maximum = 0.999999, .default_value = "0.9",
     .help = "decay of the mean of gradients"},
    {"beta2", FIELD_REAL, offsetof(struct adam, beta2), .maximum = 0.999999,
     .default_value = "0.999", .help = "decay of the mean of squared gradients"},
    {"epsilon", FIELD_REAL, offsetof(struct adam, epsilon), .minimum = 1e-16, .maximum = 1,
     .default_value = "1e-8", .help = "added to the divisor, against division by zero"},
    {0},
};

/* By squaring: multiplications alone, so that no library's pow() has a say in the bits. */
static double power(double base, int64_t exponent)
{
    double result = 1;
    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2)
            result *= base;
        base *= base;
    }
    return result;
}

/* `l2` is added to the gradient of parameters that decay; they are multiplied by `kept` first. */
WIDE_VECTORS
static void update(const struct adam *adam, int64_t step, double learning_rate, float l2,
                   float kept, size_t begin, size_t end, const uint8_t *decays,
                   const float *gradients, float *parameters, float *m, float *v)
{
    float beta1 = (float)adam->beta1, rest1 = (float)(1 - adam->beta1);
    float beta2 = (float)adam->beta2, rest2 = (float)(1 - adam->beta2);
    float epsilon = (float)adam->epsilon;
    float rate = (float)(learning_rate / (1 - power(adam->beta1, step)));
    float root = (float)sqrt(1 - power(adam->beta2, step));

#pragma omp simd
    for (size_t i = begin; i < end; i++) {
        float g = gradients[i] + (decays[i] ? l2 * parameters[i] : 0);
        float p = decays[i] ? kept * parameters[i] : parameters[i];
        m[i] = optimizer_moment(beta1 * m[i] + rest1 * g);
        v[i] = optimizer_moment(beta2 * v[i] + rest2 * g * g);
        parameters[i] = p - rate * m[i] / (sqrtf(v[i]) / root + epsilon);
    }
}

static void adam_step(const void *config, int64_t step, double learning_rate, double weight_decay,
                      size_t begin, size_t end, size_t total, const uint8_t *decays,
                      const float *gradients, float *parameters, float *state)
{
    update(config, step, learning_rate, (float)weight_decay, 1, begin, end, decays, gradients,
           parameters, state, state + total);
}

static void adamw_step(const void *config, int64_t step, double learning_rate, double weight_decay,
                       size_t begin, size_t end, size_t total, const uint8_t *decays,
                       const float *gradients, float *parameters, float *state)
{
    update(config, step, learning_rate, 0, (float)(1 - learning_rate * weight_decay), begin, end,
           decays, gradients, parameters, state, state + total);
}

const struct optimizer optimizer_adam = {
    .descriptor = {.name = "adam",
                   .summary = "Adam, adaptive moments, with L2 weight decay",
                   .source = "Kingma, Ba 2015",
                   .fields = fields,
                   .config_size = sizeof(struct adam),
                   .version = 2},
    .slots = 2,
    .step = adam_step,
};

const struct optimizer optimizer_adamw = {
    .descriptor = {.name = "adamw",
                   .summary = "Adam with decoupled weight decay",
                   .source = "Loshchilov, Hutter 2019",
                   .fields = fields,
                   .config_size = sizeof(struct adam),
                   .version = 2},
    .slots = 2,
    .step = adamw_step,
};
