/* One node made from its layer, its parameters and the range of its values. */
#ifndef UNDERSTUDY_QUANTIZE_QUANTIZED_LAYERS_H
#define UNDERSTUDY_QUANTIZE_QUANTIZED_LAYERS_H

#include "quantize/quantized.h"

/* What it is, and its windows. STATUS_UNAVAILABLE where it has no form in integers. */
MUST_CHECK enum status quantized_describe(const struct network_node *node,
                                          struct quantized_node *made, struct error *error);

/* Does its output have a range of its own, and can be clamped? Others keep their input's. */
bool quantized_is_sum(enum quantized_kind kind);
bool quantized_keeps_range(enum quantized_kind kind);
/* Is it a relu? */
bool quantized_is_relu(const struct network_node *node);

/* Weights, biases, factors, table; `made` is described and knows how its inputs and its output are
 * quantised. `parameters` are all of the network's. Arrays live in `arena`. */
MUST_CHECK enum status quantized_fill(const struct network_node *node, const float *parameters,
                                      struct quantized_node *made, struct arena *arena,
                                      struct error *error);

/* Weights of `parameters`, all of the network's, become the nearest ones that the node would have
 * as integers; nothing changes where it has none. `made` is as quantized_fill() left it. */
void quantized_round(const struct network_node *node, const struct quantized_node *made,
                     float *parameters);

#endif
