/*
 * Whitening filters: a first convolution that makes the training images' patches white, and is kept
 * as it is (Page, How to train your ResNet, 2018; Jordan, 94% on CIFAR-10 in 3.29 seconds, 2024).
 */
#ifndef UNDERSTUDY_GRAPH_WHITEN_H
#define UNDERSTUDY_GRAPH_WHITEN_H

#include "graph/network.h"

/*
 * Fill every parameter whose initial values are INITIAL_WHITEN: filters 2i and 2i + 1 are plus and
 * minus the i-th eigenvector of the patches' covariance, over the root of its eigenvalue. The bias
 * of such a layer, where it has one, takes away the mean. `images` [count] are of the network's
 * input shape; the first 2048 are looked at.
 */
MUST_CHECK enum status network_whiten(const struct network *network, const struct image_set *images,
                                      const uint32_t *chosen, size_t count, float *parameters,
                                      struct error *error);

#endif
