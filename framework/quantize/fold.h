/*
 * A trained network made simpler, with the same answers but for rounding: factors and constants of
 * each channel go into the weights before them.
 *
 * Batch normalisation of a trained network is y = a x + b in each channel, with
 * a = scale / sqrt(variance + epsilon) and b = shift - a mean; the layer `scale` is the same with
 * b = 0. Where such a layer is all that reads a convolution or dense layer, a goes into that
 * layer's weights, and b into its bias:
 *
 *     a (w x + c) + b = (a w) x + (a c + b)
 *
 * Elsewhere it becomes a depthwise convolution of one pixel. (Jacob et al., CVPR 2018,
 * section 3.2.)
 */
#ifndef UNDERSTUDY_QUANTIZE_FOLD_H
#define UNDERSTUDY_QUANTIZE_FOLD_H

#include "graph/network.h"

struct folded_network {
    struct network network; /* without batchnorm and scale; owns its names and configurations */
    float *parameters;      /* [network.parameters]; it has no statistics */
    size_t *stands_for; /* [network.count]: the node of the original whose values a node gives */
    size_t *from;       /* [network.count]: the one whose parameters a node's start from */
    int *become;        /* [nodes of the original]: the node that gives its values */
};

/* The original may be released afterwards. */
MUST_CHECK enum status network_fold(struct folded_network *folded, const struct network *network,
                                    const float *parameters, const float *statistics,
                                    struct error *error);
/* The original, with the parameters that its folded form gets. */
struct fold_source {
    const struct folded_network *folded;
    const struct network *network;
    const float *parameters, *statistics;
};

/* The parameters of the folded node `at`, into its place in `parameters`: as network_fold() makes
 * them. */
void fold_node(const struct fold_source *source, size_t at, float *parameters);
/*
 * The other way: from the gradient of the parameters of the folded node `at` to that of all
 * parameters of the original that went into them, by the chain rule; statistics are constant.
 * Over all folded nodes, every element of `gradients` is written once.
 */
void fold_gradient(const struct fold_source *source, size_t at, const float *folded_gradients,
                   float *gradients);
void folded_network_release(struct folded_network *folded);

#endif
