/* Values without order, and shapes that networks are made for. */
#ifndef UNDERSTUDY_TESTS_UNIT_NETWORK_NOISE_H
#define UNDERSTUDY_TESTS_UNIT_NETWORK_NOISE_H

#include "graph/program.h"

#include <string.h>

static const struct shape small = {1, 8, 8}, digit = {1, 28, 28}, classes = {10, 1, 1};

static void fill_noise(float *values, size_t count, uint64_t seed)
{
    struct random_stream stream =
        random_stream((struct random_key){.seed = seed}, RANDOM_GENERATE, 0);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)random_uniform(&stream);
}

#endif
