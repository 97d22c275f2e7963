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
};

/* The original may be released afterwards. */
MUST_CHECK enum status network_fold(struct folded_network *folded, const struct network *network,
                                    const float *parameters, const float *statistics,
                                    struct error *error);
void folded_network_release(struct folded_network *folded);

#endif
