/* What the training loop is made of: losses, optimisers, learning-rate schedules. */
#ifndef UNDERSTUDY_KINDS_TRAINING_H
#define UNDERSTUDY_KINDS_TRAINING_H

#include "io/schema.h"
#include "math/image.h"

#include <stdint.h>

struct loss {
    struct descriptor descriptor;
    bool classes; /* compares with class numbers; else with target values */
    /*
     * Sum of the losses of `count` items of `size` outputs each, and its gradient times `scale`
     * into dy (=). The value of an item is the mean over its outputs (images) or its
     * cross-entropy (classes). `targets` or `classes` is NULL, as `classes` above says.
     */
    double (*evaluate)(const void *config, int count, size_t size, const float *y,
                       const float *targets, const uint8_t *classes, float scale, float *dy);
};

struct optimizer {
    struct descriptor descriptor;
    int slots; /* floats of state for each parameter */
    /* One step (counted from 1) for parameters [begin, end). `decays[i]` says whether weight decay
     * applies to parameter i. `state` is slots arrays of `total` floats. */
    void (*step)(const void *config, int64_t step, double learning_rate, double weight_decay,
                 size_t begin, size_t end, size_t total, const uint8_t *decays,
                 const float *gradients, float *parameters, float *state);
};

struct schedule {
    struct descriptor descriptor;
    /* Factor on the learning rate at step `step` (from 0) of `steps`. */
    double (*factor)(const void *config, int64_t step, int64_t steps);
};

#endif
