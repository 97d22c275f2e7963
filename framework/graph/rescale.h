/*
 * Targets that are numbers in some unit are normalised for training: the network's last layer
 * (networks/layers/rescale.c) has their standard deviation and mean, channel by channel, and losses
 * compare what lies before it with targets to match. Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller,
 * "Efficient BackProp", 1998, section 4.3.
 */
#ifndef UNDERSTUDY_GRAPH_RESCALE_H
#define UNDERSTUDY_GRAPH_RESCALE_H

#include "graph/network.h"

/* Append the layer to the specs of a family's `count` layers. Lives in `arena`. */
MUST_CHECK enum status rescale_append(struct arena *arena, struct node_spec **specs, size_t *count,
                                      struct error *error);
/* Is it the network's last? */
bool rescale_ends(const struct network *network);
/* Take scale and offset from `count` chosen targets; values that are NaN, not known, are left out.
 * A channel whose values are all equal is not scaled. Does nothing where the network does not end
 * so. */
void rescale_fit(const struct network *network, const struct image_set *targets,
                 const uint32_t *chosen, size_t count, float *parameters);
/* Values in their unit become normalised ones, in place: of one item, with the shape of the
 * network's output. */
void rescale_undo(const struct network *network, const float *parameters, float *values);
/* Slopes by normalised values become slopes by values in their unit. */
void rescale_slopes(const struct network *network, const float *parameters, float *slopes);

#endif
