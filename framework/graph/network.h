/*
 * Networks: a graph of layers with shapes known.
 *
 * All parameters of a network are one flat array, so are the statistics (running means of batch
 * normalisation): optimisers, checkpoints and gradient sums need to know no layers.
 */
#ifndef UNDERSTUDY_GRAPH_NETWORK_H
#define UNDERSTUDY_GRAPH_NETWORK_H

#include "graph/family.h"
#include "interfaces/content.h"

#include <limits.h>

/* Values that a layer may give for one image where it is computed: more would not fit the engines'
 * integers once they are padded. Larger images are seen in tiles (graph/image_tiles.h). */
enum { NETWORK_MOST_VALUES = INT_MAX / 64 };

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
    size_t last_use; /* the last node that reads its output; its own index where none does, the
                        number of nodes for the network's output */
};

struct network {
    struct arena arena; /* names, nodes, configurations */
    struct network_node *nodes;
    size_t count;
    struct shape input, output;    /* output: of the last node */
    size_t parameters, statistics; /* floats in all */
};

/*
 * Build a family's network for inputs of shape `input` and answers of the kind `target`; where its
 * count is 0, of as many channels as the input has. STATUS_CONFIG where shapes do not fit ("dncnn:
 * conv3: …") or the output's shape is not the target's. The same family and parameters at another
 * input size give the same parameters, as long as the network is fully convolutional; the caller
 * compares `parameters`.
 */
MUST_CHECK enum status network_new(struct network *network, const struct component *family,
                                   struct shape input, struct answer target, struct error *error);
/*
 * The same from nodes given directly; what network_new() does once the family is expanded.
 * `network` is {0} but for its arena, which may hold the specs already: names and configurations
 * are not copied. On failure the caller releases.
 */
MUST_CHECK enum status network_build(struct network *network, const struct node_spec *specs,
                                     size_t count, struct shape input, struct shape target,
                                     struct error *error);
void network_release(struct network *network);
/* STATUS_CONFIG where a layer gives more values than can be computed at once. */
MUST_CHECK enum status network_check_size(const struct network *network, struct error *error);

/* Initial parameters and statistics (mean 0, variance 1); draws by RANDOM_WEIGHTS, node by node. */
void network_initialise(const struct network *network, struct random_key key, float *parameters,
                        float *statistics);
/* Floats of a parameter. */
size_t layer_parameter_size(const struct layer_parameter *parameter);
/* Floats of all parameters of a node. */
size_t network_node_parameters(const struct network_node *node);
/* decays[i] = 1 where weight decay applies to parameter i. */
void network_decays(const struct network *network, uint8_t *decays);
/* Multiply gradients by their parameters' rates of learning. */
void network_scale_gradients(const struct network *network, float *gradients);
/* layers[count], filled: each node's work on one image. The result points to them.
 *
 * Activations are alive from the node that gives them to the last one that reads them, the input
 * from the start, the output to the end. A layer that can (`in_place`) writes over an input that is
 * not read later, the network's own input included; concatenations copy. Working memory of kernels,
 * such as padded or unfolded inputs, does not count. */
struct network_work network_work(const struct network *network, struct layer_work *layers);
/* Sum of all nodes' operations. */
struct operations network_operations(const struct network *network);

#endif
