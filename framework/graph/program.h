/*
 * Programs and executors: a network made ready for an engine, and what carries a shard through it.
 *
 * A program is the network's graph with everything decided for shards of one size: which nodes the
 * engine takes over and in which layouts, which relu is done by the node before it, where values
 * have to be reordered, how long each buffer lives. It is shared by all threads. An executor is a
 * program with the buffers of one thread: one block of memory, sized beforehand.
 *
 *     program_new → program_pack → executor_new → (fill executor.input) executor_forward →
 *     (fill executor.output_gradient) executor_backward → … → executor_release → program_release
 */
#ifndef UNDERSTUDY_GRAPH_PROGRAM_H
#define UNDERSTUDY_GRAPH_PROGRAM_H

#include "graph/buffers.h"
#include "graph/network.h"

enum program_use {
    PROGRAM_TRAIN,   /* forward and backward; all values are kept in between */
    PROGRAM_INFER,   /* forward; buffers are shared, only the output stays */
    PROGRAM_OBSERVE, /* forward; every node's values can be looked at */
};

struct program_node {
    const struct kernel *kernel; /* NULL: the layer's own functions, on plain values */
    bool fused;                  /* a relu that the node before it does; both share buffers */
    bool inlined;                /* does such a relu: its kernel, or the executor in place */
    bool unread;                 /* no node reads it, and it is not the output */
    bool adds[LAYER_MAX_INPUTS]; /* its dx comes on top of what later nodes gave */
    enum precision precision;    /* that it computes in */
    struct layout layout;
    bool copied; /* its values are wanted plain, too, and are not */
    const struct kernel *to_plain, *from_plain;
    size_t packed;                 /* offset, bytes */
    size_t saved;                  /* offset among what is saved, bytes */
    size_t values, gradient, copy; /* buffers */
};

struct program {
    const struct network *network;
    const struct engine *engine;
    int batch;
    enum program_use use;
    enum precision precision;

    void *kernel_context; /* the engine's, owns the kernels; NULL where it makes none */
    struct program_node *nodes;
    struct buffer_plan buffers;
    unsigned char *packed; /* all nodes' packed parameters */
    size_t packed_bytes, saved_bytes, scratch_bytes;
    size_t spare_bytes, spare_plain_bytes; /* for a dx on its way, in a layout and plain */
    size_t bytes;                          /* of an executor's memory */
};

/* STATUS_UNAVAILABLE where the engine cannot do `precision` here, or has no kernel in it for a
 * layer with parameters: none is computed in another precision. Layers without (pooling, softmax …)
 * may be, and so is the last one of networks that give numbers: nodes[].precision. The engine has
 * been started. The network stays the caller's and has to live as long. */
MUST_CHECK enum status program_new(struct program *program, const struct network *network,
                                   const struct engine *engine, enum precision precision, int batch,
                                   enum program_use use, struct error *error);
void program_release(struct program *program);

/*
 * Bring parameters (and running statistics, when not training) into the engine's layouts: after
 * every change of them, before a forward. Nodes may be packed by several threads at once.
 */
void program_pack_node(const struct program *program, size_t node, const float *parameters,
                       const float *statistics);
void program_pack(const struct program *program, const float *parameters, const float *statistics);

struct executor_node {
    void *values, *gradient, *saved; /* `saved`: a kernel's or a layer's */
    float *copy;                     /* plain values; `values` itself where those are plain */
    struct bound_kernel *bound, *to_plain, *from_plain;
};

struct executor {
    const struct program *program;
    void *memory; /* the one block, program->bytes */
    bool owns;
    struct executor_node *nodes;
    float *input;            /* [batch][input]: the caller fills it */
    const float *output;     /* [batch][output], after a forward */
    float *output_gradient;  /* [batch][output]: the output's gradient, the caller fills it */
    float *batch_statistics; /* [network->statistics], when training */
    float *scratch;
    void *spare[LAYER_MAX_INPUTS];
    float *spare_plain[LAYER_MAX_INPUTS];
};

/* `memory`: a zeroed block of program->bytes that stays the caller's, or NULL. */
MUST_CHECK enum status executor_new(struct executor *executor, const struct program *program,
                                    void *memory, struct error *error);
void executor_release(struct executor *executor);

/* Both end between two nodes once a stop was asked for (base/interrupt.h): who calls them looks
 * before what they gave is used. */
/* `step` keys the draws of layers that draw. `statistics` are read when not training. */
void executor_forward(struct executor *executor, const float *parameters, const float *statistics,
                      struct random_key key, uint64_t step);
/* After a training forward: gradients[network->parameters] = of the parameters. */
void executor_backward(struct executor *executor, const float *parameters, float *gradients);

/* False, with the first such node in *node, when values of the last forward are not finite. Not in
 * PROGRAM_INFER. */
bool executor_finite(const struct executor *executor, size_t *node);

#endif
