/*
 * A network as it is trained for integers: what the float engine computes is what the quantised
 * network would (quantize/quantized.h), but for the rounding of biases and factors.
 *
 * Batch normalisation is folded with the statistics that training measured, which stay. Weights are
 * rounded to the levels that the quantised network would have, anew whenever they change; values
 * are rounded by layers of their own (quantize/fake_quantize.h), with ranges that stay. Gradients
 * pass the rounding of weights unchanged: no weight lies beyond its channel's levels.
 *
 * B. Jacob et al., "Quantization and training of neural networks for efficient
 * integer-arithmetic-only inference", CVPR 2018, section 3; R. Krishnamoorthi, "Quantizing deep
 * convolutional networks for efficient inference", 2018 (arXiv:1806.08342), section 3.2, there
 * "freezing batch normalisation"; ranges that stay: H. Wu et al., "Integer quantization for deep
 * learning inference", 2020 (arXiv:2004.09602), section 6.
 */
#ifndef UNDERSTUDY_QUANTIZE_ROUNDED_H
#define UNDERSTUDY_QUANTIZE_ROUNDED_H

#include "quantize/quantized.h"

struct rounded_network {
    struct quantized_network quantized; /* its levels; the weights are those it began with */
    struct network network; /* what is computed, from the parameters of quantized.folded.network */
};

/* As quantized_new(); the network has to live as long. */
MUST_CHECK enum status rounded_new(struct rounded_network *rounded, const struct network *network,
                                   const float *parameters, const float *statistics,
                                   const struct activation_ranges *ranges, struct error *error);
void rounded_release(struct rounded_network *rounded);

/* Folded nodes, for the two that follow: nodes are independent of each other. */
static inline size_t rounded_nodes(const struct rounded_network *rounded)
{
    return rounded->quantized.folded.network.count;
}
/* The rounded parameters of folded node `at`, into `computed` [rounded->network.parameters]. */
void rounded_fill(const struct rounded_network *rounded, const struct fold_source *source,
                  size_t at, float *computed);
/* The network's input, in place. */
void rounded_input(const struct rounded_network *rounded, float *values, size_t count);

#endif
