/* The learning rate as it is given, from the first step to the last. */
#include "interfaces/training.h"

static double constant_factor(const void *config, int64_t step, int64_t steps, int64_t epochs)
{
    (void)config;
    (void)step;
    (void)steps;
    (void)epochs;
    return 1;
}

const struct schedule schedule_constant = {
    .descriptor = {.name = "constant",
                   .summary = "the same learning rate throughout",
                   .version = 1},
    .factor = constant_factor,
};
