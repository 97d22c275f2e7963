/*
 * Networks: a graph of layers with shapes known, and what carries a shard of images through it.
 *
 * All parameters of a network are one flat array, so are the statistics (running means of batch
 * normalisation): optimisers, checkpoints and gradient sums need to know no layers.
 */
#ifndef UNDERSTUDY_NETWORK_NETWORK_H
#define UNDERSTUDY_NETWORK_NETWORK_H

#include "network/family.h"

struct network_node {
    const char *name;
    const struct layer *layer;
    const void *config;
    int inputs[LAYER_MAX_INPUTS]; /* -1: the network's input */
    struct shape in[LAYER_MAX_INPUTS], out;
    struct layer_parameter parameters[LAYER_MAX_PARAMETERS];
    int parameter_count;
    size_t parameter_offset[LAYER_MAX_PARAMETERS];
    size_t statistics, statistics_offset;
    double momentum; /* of the running statistics */
    size_t last_use; /* the last node that reads its output; its own index where none does */
    int slot;        /* which of the shared buffers holds its output in a lean executor */
};

struct network {
    struct arena arena; /* names, nodes, configurations */
    struct network_node *nodes;
    size_t count;
    struct shape input, output;    /* output: of the last node */
    size_t parameters, statistics; /* floats in all */
    int slots;                     /* buffers that a lean executor needs */
    size_t slot_size;              /* floats of such a buffer, for one image */
};

/*
 * Build a family's network for inputs of shape `input` and targets of shape `target` (an image, or
 * (classes, 1, 1)). STATUS_CONFIG where shapes do not fit ("dncnn: conv3: …") or the output's shape
 * is not the target's. The same family and parameters at another input size give the same
 * parameters, as long as the network is fully convolutional; the caller compares `parameters`.
 */
MUST_CHECK enum status network_new(struct network *network, const struct component *family,
                                   struct shape input, struct shape target, struct error *error);
/*
 * The same from nodes given directly; what network_new() does once the family is expanded.
 * `network` is {0} but for its arena, which may hold the specs already: names and configurations
 * are not copied. On failure the caller releases.
 */
MUST_CHECK enum status network_build(struct network *network, const struct node_spec *specs,
                                     size_t count, struct shape input, struct shape target,
                                     struct error *error);
void network_release(struct network *network);

/* Initial parameters and statistics (mean 0, variance 1); draws by RANDOM_WEIGHTS, node by node. */
void network_initialise(const struct network *network, struct random_key key, float *parameters,
                        float *statistics);
/* Floats of a parameter. */
size_t layer_parameter_size(const struct layer_parameter *parameter);
/* Floats of all parameters of a node. */
size_t network_node_parameters(const struct network_node *node);
/* decays[i] = 1 where weight decay applies to parameter i. */
void network_decays(const struct network *network, uint8_t *decays);
/* work[count]: each node's work on one image. */
void network_work(const struct network *network, struct layer_work *work);
/* Sum of all nodes' operations. */
struct operations network_operations(const struct network *network);

/* Carries up to `batch` images through the network, on one thread. One allocation. */
struct executor {
    const struct network *network;
    const struct engine *engine;
    int batch;
    bool training;
    void *memory;            /* the one block, owned */
    float **activations;     /* [count], each [batch][out], inside the block */
    float **gradients;       /* [count], when training */
    float **saved;           /* [count] */
    float *scratch;          /* shared by all nodes */
    float *batch_statistics; /* [network->statistics], when training */
    size_t bytes;            /* of `memory` */
    bool lean;               /* activations share buffers: only the output stays valid */
};

MUST_CHECK enum status executor_new(struct executor *executor, const struct network *network,
                                    const struct engine *engine, int batch, bool training,
                                    struct error *error);
void executor_release(struct executor *executor);

/* Forward `count` images (at most batch) from x; returns [count][output], valid until the next
 * call. `step` keys the draws of layers that draw. */
const float *executor_forward(struct executor *executor, const float *parameters,
                              const float *statistics, const float *x, int count,
                              struct random_key key, uint64_t step);
/* After a training forward of the same images: adds to gradients[parameters] for the output's
 * gradient dy. */
void executor_backward(struct executor *executor, const float *parameters, const float *x,
                       const float *dy, int count, float *gradients);

/* False, with the first such node in *node, when activations of the last forward of `count` images
 * are not finite. Not for lean executors. */
bool executor_finite(const struct executor *executor, int count, size_t *node);

/* Looks at a node's activations of `count` images, the first of which is image `first`. */
typedef enum status activation_observer(void *context, const struct network *network, size_t node,
                                        size_t first, int count, const float *values,
                                        struct error *error);

/*
 * Outputs (of inference) for images of any mix of sizes; `out` is made here. Runs on `threads`
 * threads in shards of 16 of equal shape; bits do not depend on the threads. `observer` (may be
 * NULL) is called in image order, on one thread.
 */
MUST_CHECK enum status network_apply(const struct component *family, const struct engine *engine,
                                     const float *parameters, const float *statistics,
                                     const struct image_set *in, int output_channels, bool classify,
                                     int threads, activation_observer *observer, void *context,
                                     struct image_set *out, struct error *error);

#endif
