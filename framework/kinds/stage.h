/*
 * Stages of a pipeline. A stage turns one image into another (or into features, or class scores),
 * after it was fitted on the hand-labelled images if it learns. It knows no files, networks,
 * splits.
 */
#ifndef UNDERSTUDY_KINDS_STAGE_H
#define UNDERSTUDY_KINDS_STAGE_H

#include "base/random.h"
#include "io/schema.h"
#include "kinds/operations.h"
#include "math/image.h"

enum content {
    CONTENT_IMAGE,    /* pixels */
    CONTENT_FEATURES, /* (length, 1, 1) */
    CONTENT_SCORES,   /* (classes, 1, 1); the largest is the label */
};

/* The hand-labelled images, as the stage before left them. */
struct stage_examples {
    const struct image_set *inputs;
    const uint8_t *classes; /* [inputs->count]; NULL in denoising */
    int class_count;        /* 0 in denoising */
    struct random_key key;  /* for draws with purpose RANDOM_FIT */
};

struct stage {
    struct descriptor descriptor;
    enum content input, output;
    /* Shape of the output for an input of shape `in`; STATUS_CONFIG when it cannot take it. */
    enum status (*shape)(const void *config, struct shape in, int class_count, struct shape *out,
                         struct error *error);
    /* Stages that learn: make *state from examples (owned by the caller, given to `release`).
     * NULL: nothing to learn. A function of config, examples and key alone: any number of threads
     * gives the same bits. */
    enum status (*fit)(const void *config, const struct stage_examples *examples, void **state,
                       struct error *error);
    void (*release)(void *state);
    /* Floats of scratch memory for one image; NULL: none. */
    size_t (*scratch)(const void *config, struct shape in);
    /* One image in, one out (already of the right shape). May run on several images at once; must
     * not allocate, except inside a library. */
    void (*run)(const void *config, const void *state, struct image in, struct image out,
                float *scratch);
    /* What `run` does to one image. `state` may be NULL: then an upper bound. */
    struct operations (*count)(const void *config, struct shape in, int class_count);
};

#endif
