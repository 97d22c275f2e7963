/*
 * One cycle: the learning rate grows evenly from the share `start` of it to its full height, P =
 * `warmup` S - 1 steps in, then falls to the share `final` at the last step, along half a cosine or
 * a line:
 *
 *     factor(s) = start + (1 - start) s / P                      up to s = P
 *     factor(s) = final + (1 - final) (1 + cos(pi t)) / 2        t = (s - P) / (S - 1 - P)
 *     factor(s) = final + (1 - final) (1 - t)                    where `down` is linear
 *
 * A rate far too high for the end is passed through on the way, which is quick and regularises.
 * Reference: Smith, Topin, "Super-convergence: very fast training of neural networks using large
 * learning rates", 2017. Steps and defaults as in PyTorch's OneCycleLR (start 1 / div_factor, final
 * start / final_div_factor), whose anneal_strategy="linear" this is with `down: linear`.
 */
#include "interfaces/training.h"

#include <math.h>
#include <stddef.h>

enum { DOWN_COSINE, DOWN_LINEAR };

struct one_cycle {
    double warmup, start, final;
    int64_t down;
};

static const char *const ways[] = {[DOWN_COSINE] = "cosine", [DOWN_LINEAR] = "linear", NULL};

static const struct field fields[] = {
    {"warmup", FIELD_REAL, offsetof(struct one_cycle, warmup), .maximum = 1, .default_value = "0.3",
     .help = "share of the steps in which the learning rate grows"},
    {"start", FIELD_REAL, offsetof(struct one_cycle, start), .maximum = 1, .default_value = "0.04",
     .help = "share of the learning rate at the first step"},
    {"final", FIELD_REAL, offsetof(struct one_cycle, final), .maximum = 1, .default_value = "4e-6",
     .help = "share of the learning rate at the last step"},
    {"down", FIELD_CHOICE, offsetof(struct one_cycle, down), .default_value = "cosine",
     .choices = ways, .help = "how it falls: half a cosine, or a line"},
    {0},
};

static double one_cycle_factor(const void *config, int64_t step, int64_t steps, int64_t epochs)
{
    const struct one_cycle *cycle = config;
    static const double pi = 3.14159265358979323846;
    double last = (double)steps - 1, s = (double)step;
    double peak = cycle->warmup * (double)steps - 1;

    (void)epochs;
    peak = peak < 0 ? 0 : peak;
    if (s <= peak)
        return peak > 0 ? cycle->start + (1 - cycle->start) * s / peak : 1;
    double t = (s - peak) / (last - peak);
    double left = cycle->down == DOWN_COSINE ? (1 + cos(pi * t)) / 2 : 1 - t;
    return cycle->final + (1 - cycle->final) * left;
}

const struct schedule schedule_one_cycle = {
    .descriptor = {.name = "one_cycle",
                   .summary = "up to the full learning rate, then down to almost zero",
                   .source = "Smith, Topin 2017",
                   .fields = fields,
                   .config_size = sizeof(struct one_cycle),
                   .version = 1},
    .factor = one_cycle_factor,
};
