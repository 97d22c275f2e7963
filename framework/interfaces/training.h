/* What the training loop is made of: losses, optimisers, learning-rate schedules. */
#ifndef UNDERSTUDY_INTERFACES_TRAINING_H
#define UNDERSTUDY_INTERFACES_TRAINING_H

#include "io/schema/schema.h"
#include "math/image.h"

#include <float.h>
#include <math.h>
#include <stdint.h>

/* A piece of the state of a training: of the same size whenever the same training is done. */
struct train_part {
    void *data;
    size_t size; /* bytes */
};

enum { TRAIN_MOST_PARTS = 16 };

/* What a loss compares the network's outputs with. */
enum loss_targets {
    LOSS_VALUES,  /* values of the outputs' shape: images, features, numbers; NaN: not known */
    LOSS_IMAGES,  /* images alone */
    LOSS_CLASSES, /* class numbers, of items or of each pixel */
    LOSS_MASKS,   /* class numbers of each pixel */
    LOSS_SCORES,  /* class scores where there are any, else class numbers */
};

struct loss_call {
    const void *config;
    int count;          /* items */
    struct shape shape; /* of an item's outputs */
    const float *y;     /* [count][shape] */
    /* [count][shape]; of masks [count][height][width]: class numbers, NaN where the class is not
     * known. NULL: `classes` is what there is. */
    const float *targets;
    const uint8_t *classes; /* [count]; NULL: `targets` is */
    float scale;            /* factor on the gradient */
    float *dy;              /* [count][shape], = */
    float *scratch;         /* of the loss's size, contents not kept */
};

struct loss {
    struct descriptor descriptor;
    enum loss_targets targets;
    /* Can outputs of this shape be compared with this target (NULL for class numbers)? Asked for
     * every item before the first step; and in the plan, without targets, where the shape is known.
     * STATUS_CONFIG or STATUS_DATA where not. NULL: always. */
    enum status (*check)(const void *config, struct shape shape, const float *target,
                         struct error *error);
    /* Floats of scratch memory; NULL: none. */
    size_t (*scratch)(struct shape shape);
    /*
     * Sum of the items' losses, and its gradient times `scale` into dy. The value of an item is the
     * mean over its outputs whose targets are known (images, numbers; 0 where none is), or its
     * cross-entropy (classes; of masks the mean over known pixels, 0 where none is). Not a number
     * where an output that counts is not.
     */
    double (*evaluate)(const struct loss_call *call);
};
DESCRIPTOR_OF(loss);

struct optimizer {
    struct descriptor descriptor;
    int slots; /* floats of state for each parameter */
    /* One step (counted from 1) for parameters [begin, end). `decays[i]` says whether weight decay
     * applies to parameter i. `state` is slots arrays of `total` floats. */
    void (*step)(const void *config, int64_t step, double learning_rate, double weight_decay,
                 size_t begin, size_t end, size_t total, const uint8_t *decays,
                 const float *gradients, float *parameters, float *state);
};
DESCRIPTOR_OF(optimizer);

/* A moving average of gradients, for the state. Where nothing comes any more, as in a dead unit, it
 * would shrink to subnormal numbers, which processors calculate with a hundred times more slowly:
 * it becomes 0 before. */
static inline float optimizer_moment(float average)
{
    return fabsf(average) < FLT_MIN ? 0 : average;
}

struct schedule {
    struct descriptor descriptor;
    /* Settings that do not go together are STATUS_CONFIG; NULL: they all do. */
    enum status (*check)(const void *config, struct error *error);
    /* Factor on the learning rate at step `step` (from 0) of `steps`, of which each of the `epochs`
     * has the same number. */
    double (*factor)(const void *config, int64_t step, int64_t steps, int64_t epochs);
};
DESCRIPTOR_OF(schedule);

#endif
