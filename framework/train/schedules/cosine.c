/*
 * Half a cosine from the full learning rate down to the fraction `final` of it:
 *
 *     factor(s) = final + (1 - final) (1 + cos(pi s / S)) / 2
 *
 * at step s of S: 1 at the first step, and nearing `final` at the last (it would be reached at s =
 * S, so that the last step still moves where `final` is 0). Reference: Loshchilov, Hutter, "SGDR:
 * stochastic gradient descent with warm restarts", ICLR 2017; here without restarts.
 */
#include "kinds/training.h"

#include <math.h>
#include <stddef.h>

struct cosine {
    double final;
};

static const struct field fields[] = {
    {"final", FIELD_REAL, offsetof(struct cosine, final), .maximum = 1, .fallback = "0",
     .help = "share of the learning rate that is left at the end"},
    {0},
};

static double cosine_factor(const void *config, int64_t step, int64_t steps)
{
    const struct cosine *cosine = config;
    static const double pi = 3.14159265358979323846;
    double wave = (1 + cos(pi * (double)step / (double)steps)) / 2;
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
