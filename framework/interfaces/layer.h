/*
 * Layers: pure functions over a shard of images; pointers and sizes in, shapes known beforehand.
 *
 * A layer says what shape comes out, which parameters it has, what it counts, and how to go forward
 * and backward. It holds no state of its own: everything is in the call.
 */
#ifndef UNDERSTUDY_INTERFACES_LAYER_H
#define UNDERSTUDY_INTERFACES_LAYER_H

#include "base/random.h"
#include "interfaces/engine.h"
#include "interfaces/hardware.h"
#include "interfaces/primitive.h"
#include "io/schema/schema.h"
#include "math/image.h"

enum { LAYER_MAX_INPUTS = 2, LAYER_MAX_PARAMETERS = 2 };

enum initialisation {
    INITIAL_ZERO,
    INITIAL_ONE,
    INITIAL_HE,     /* normal, variance 2 / fan_in (He, Zhang, Ren, Sun 2015) */
    INITIAL_DIRAC,  /* the first filters pass one channel each on, the others as INITIAL_HE
                       (Zagoruyko, Komodakis 2017) */
    INITIAL_WHITEN, /* taken from the training images, see graph/whiten.h */
};

struct layer_parameter {
    const char *name; /* "weights", "bias", "scale" */
    int dims[4];      /* unused ones are 1 */
    enum initialisation initial;
    int fan_in;
    bool decay; /* weight decay applies */
    float rate; /* of learning, relative to the others'; 0: not trained. The gradient is multiplied
                   by it, which Adam takes no notice of but for 0. */
};

struct layer_plan { /* filled by `plan`, from configuration and shapes */
    struct layer_parameter parameters[LAYER_MAX_PARAMETERS];
    int parameter_count;
    size_t statistics; /* floats that training measures and inference uses (batch normalisation):
                          means first, as many variances after them */
    double momentum;   /* share of a new measurement in the running statistics */
    size_t saved;      /* floats kept from forward to backward, for the whole batch */
    size_t scratch;    /* floats, contents not kept */
};

struct layer_call {
    const void *config;
    const struct engine *engine;
    int batch, inputs;
    struct shape in[LAYER_MAX_INPUTS], out;
    bool training;                    /* batch statistics are taken, draws are made */
    const float *x[LAYER_MAX_INPUTS]; /* [batch][in] */
    float *y;                         /* [batch][out]; forward writes it, backward may read it */
    const float *dy;                  /* [batch][out] */
    float *dx[LAYER_MAX_INPUTS];      /* [batch][in], += ; NULL: not wanted */
    const float *parameters[LAYER_MAX_PARAMETERS];
    float *gradients[LAYER_MAX_PARAMETERS]; /* += */
    const float *statistics;                /* running, read when !training */
    float *batch_statistics;                /* written when training */
    float *saved, *scratch;
    struct random_stream stream; /* for layers that draw, keyed by step, shard and node */
};

struct layer {
    struct descriptor descriptor;
    int inputs; /* how many it takes: 1 or 2 */
    /* Inference may write its output over an input of the same size: each value follows from those
     * of its own place, or of its own pixel. */
    bool in_place;
    enum status (*shape)(const void *config, const struct shape *in, struct shape *out,
                         struct error *error);
    /* NULL: no parameters, nothing saved, no scratch. `engine` may be NULL: then `scratch` is not
     * asked for. */
    void (*plan)(const void *config, int batch, const struct shape *in, struct shape out,
                 const struct engine *engine, struct layer_plan *plan);
    void (*forward)(const struct layer_call *call);
    void (*backward)(const struct layer_call *call);
    /* Which primitive it is, for engines that take it over; NULL: none. `*primitive` is {0} before.
     */
    void (*primitive)(const void *config, const struct shape *in, struct shape out,
                      struct primitive *primitive);
    /* Work on one image: everything of struct layer_work but the name. */
    void (*count)(const void *config, const struct shape *in, struct shape out,
                  struct layer_work *work);
};
DESCRIPTOR_OF(layer);

#endif
