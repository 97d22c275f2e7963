/*
 * Half a cosine from the full learning rate down to the fraction `final` of it, after a warm-up of
 * W = `warmup` S steps of S in which the rate grows evenly:
 *
 *     factor(s) = (s + 1) / (W + 1)                                          for s < W
 *     factor(s) = final + (1 - final) (1 + cos(pi (s - W) / (S - W))) / 2    from there on
 *
 * 1 at the first step after the warm-up, and nearing `final` at the last (it would be reached at s
 * = S, so that the last step still moves where `final` is 0). References: Loshchilov, Hutter,
 * "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, here without restarts; warm-up
 * by Goyal et al., "Accurate, large minibatch SGD", 2017.
 */
#include "interfaces/training.h"

#include <math.h>
#include <stddef.h>

struct cosine {
    double final, warmup;
};

static const struct field fields[] = {
    {"final", FIELD_REAL, offsetof(struct cosine, final), .maximum = 1, .default_value = "0",
     .help = "share of the learning rate that is left at the end"},
    {"warmup", FIELD_REAL, offsetof(struct cosine, warmup), .maximum = 0.99, .default_value = "0",
     .help = "share of the steps in which the learning rate grows from 0 to its full height"},
    {0},
};

static double cosine_factor(const void *config, int64_t step, int64_t steps, int64_t epochs)
{
    const struct cosine *cosine = config;
    static const double pi = 3.14159265358979323846;
    double warmup = cosine->warmup * (double)steps, s = (double)step;

    (void)epochs;
    if (s < warmup)
        return (s + 1) / (warmup + 1);
    double wave = (1 + cos(pi * (s - warmup) / ((double)steps - warmup))) / 2;
    return cosine->final + (1 - cosine->final) * wave;
}

const struct schedule schedule_cosine = {
    .descriptor = {.name = "cosine",
                   .summary = "half a cosine, from the full learning rate down to a share of it",
                   .source = "Loshchilov, Hutter 2017",
                   .fields = fields,
                   .config_size = sizeof(struct cosine),
                   .version = 1},
    .factor = cosine_factor,
};
