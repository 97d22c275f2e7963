/*
 * Layers for tests: configurations from text, buffers of the right sizes, and calls, without a
 * network around them. Shared by the property tests, the golden tests and the benchmark.
 */
#ifndef UNDERSTUDY_TESTS_PROPERTY_LAYER_CASES_H
#define UNDERSTUDY_TESTS_PROPERTY_LAYER_CASES_H

#include "interfaces/layer.h"

struct layer_case {
    const char *layer;
    const char *settings; /* "filters=4 kernel=3"; what is not named has its default */
    int batch;
    struct shape in;     /* of every input */
    struct shape second; /* of the second, where it is another */
};

extern const struct layer_case layer_cases[];
extern const size_t layer_case_count;

/* One layer set up for one engine; everything owned. */
struct layer_bench {
    const struct layer *layer;
    const struct engine *engine;
    union {
        double alignment;
        unsigned char bytes[256];
    } config;
    int batch;
    struct shape in[LAYER_MAX_INPUTS], out;
    struct layer_plan plan;
    bool training;
    size_t in_size[LAYER_MAX_INPUTS], out_size; /* floats of the whole batch */
    size_t parameter_size[LAYER_MAX_PARAMETERS];
    float *x[LAYER_MAX_INPUTS], *dx[LAYER_MAX_INPUTS], *y, *dy;
    float *parameters[LAYER_MAX_PARAMETERS], *gradients[LAYER_MAX_PARAMETERS];
    float *statistics, *batch_statistics, *saved, *scratch;
    void *blocks[32];
    int block_count;
};

/* Defaults, then `settings`; aborts on a name that does not exist: a test that is wrong. */
void layer_configure(const struct descriptor *descriptor, const char *settings, void *config);
/* Buffers start `offset` floats after a 64-byte boundary. Training mode is set where the layer
 * is another in training. */
MUST_CHECK enum status layer_bench_new(struct layer_bench *bench, const struct layer_case *item,
                                       const struct engine *engine, size_t offset,
                                       struct error *error);
void layer_bench_release(struct layer_bench *bench);
/* Inputs, parameters and dy from `seed`. Inputs are distinct multiples of a step, none near zero,
 * so that small changes cross no kink. */
void layer_bench_fill(struct layer_bench *bench, uint64_t seed);
void layer_bench_forward(struct layer_bench *bench);
/* Gradients start at zero. */
void layer_bench_backward(struct layer_bench *bench);

#endif
