/*
 * What a stage does, as a row of few primitive steps, for programs that know no stages: exporters
 * write each kind of step in their own language.
 *
 * Steps are arithmetic in float32, in the order that is given here, unless it says double: who
 * follows it gets the stage's bits.
 */
#ifndef UNDERSTUDY_INTERFACES_STAGE_GRAPH_H
#define UNDERSTUDY_INTERFACES_STAGE_GRAPH_H

#include "base/memory.h"
#include "math/image.h"

enum stage_step_kind {
    STEP_MIX,      /* of each pixel: y[o] = (w[o][0] x[0] + w[o][1] x[1]) + … over the channels */
    STEP_POWER,    /* factor * powf(x > 0 ? x : 0, exponent) */
    STEP_SELECT,   /* x > level ? above : below, each a constant, or x itself */
    STEP_RANGE,    /* double: (x - smallest) / (largest - smallest), of the whole image */
    STEP_MOMENTS,  /* double: (x - mean) / standard deviation, of the whole image */
    STEP_RESAMPLE, /* weighted sums of some rows, then, of what these gave, of some columns */
    STEP_BLUR,     /* w[0] x + w[1] (x[-1] + x[1]) + …, along columns first, then along rows; the
                      image is mirrored beyond its border (math/border.h) */
};
enum { STEP_KINDS = STEP_BLUR + 1 };

/* By STEP_RANGE and STEP_MOMENTS, all values become 0 unless what they are divided by is more than
 * this times the magnitude of what is taken off: double, and for those who compute in float32. */
#define STEP_FLAT 1e-12
#define STEP_FLAT_FLOAT32 1e-6

/* What the pixels of one side are made of. Sums begin with the first; one alone is copied. */
struct step_taps {
    int first, count;
    size_t place; /* of its first weight */
};

struct step_side {
    struct step_taps *taps; /* [size of the output] */
    float *weights;
    size_t weight_count;
};

struct stage_step {
    enum stage_step_kind kind;
    const char *stage; /* whose it is, for people; who asks the stage fills it in */
    struct shape in, out;
    const float *weights;   /* STEP_MIX: [out.channels][in.channels]; STEP_BLUR: [radius + 1], from
                               the centre */
    float factor, exponent; /* STEP_POWER */
    float level, above, below;      /* STEP_SELECT … */
    bool keeps_above, keeps_below;  /* … x itself, in place of the constant */
    struct step_side rows, columns; /* STEP_RESAMPLE */
    int radius;                     /* STEP_BLUR */
};

enum { STAGE_GRAPH_MOST = 32 };

/* Starts as {.arena = …}, which owns what steps point to. */
struct stage_graph {
    struct arena *arena;
    struct stage_step steps[STAGE_GRAPH_MOST];
    size_t count;
};

/* Append a step. STATUS_UNAVAILABLE where there are too many. */
MUST_CHECK enum status stage_graph_add(struct stage_graph *graph, struct stage_step step,
                                       struct error *error);
/* A copy of floats that lives as long as the graph. */
MUST_CHECK enum status stage_graph_floats(struct stage_graph *graph, const float *values,
                                          size_t count, const float **copy, struct error *error);
/* A side of `out` pixels, of at most `weights` weights in all; nothing in it yet. */
MUST_CHECK enum status stage_graph_side(struct stage_graph *graph, int out, size_t weights,
                                        struct step_side *side, struct error *error);
/* The next weight of pixel `place`, which takes input pixel `from`. Pixels and their inputs come in
 * ascending order. */
void step_side_add(struct step_side *side, int place, int from, float weight);
/* Is each of `out` pixels a copy of one? */
bool step_side_copies(const struct step_side *side, int out);

#endif
