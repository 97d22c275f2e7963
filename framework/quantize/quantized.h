/*
 * A trained network in 8-bit integers.
 *
 * Values between layers are integers q from -128 to 127 that stand for scale (q - zero), with one
 * scale and zero point for all values of a node (quantize/quantization.h). Weights are integers
 * from -127 to 127 with one scale for each output channel and no zero point. So a convolution,
 * transposed convolution or dense layer with input x, weights w, and output y is, for output
 * channel c,
 *
 *     sum = bias[c] + sum over the taps of w (x - in.zero)           in 32 bits
 *     y = clamp(out.zero + fixed_multiply(sum, factors[c]), low, high)
 *     bias[c] = round(real bias / (in.scale weight_scales[c]))
 *     factors[c] = in.scale weight_scales[c] / out.scale             (quantize/fixed_point.h)
 *
 * Places outside of an image count as in.zero, which is exactly 0. No sum overflows: the scale of a
 * channel's weights is doubled until that is certain. Where a channel's weights are all 0, their
 * scale is out.scale / in.scale.
 *
 * Before that, batch normalisation is folded into weights (quantize/fold.h). A relu that is all
 * that reads a sum is part of it: the sum has the relu's range, and `low` is out.zero. The other
 * layers:
 *
 * - Functions of one value (relu, leaky_relu, sigmoid, silu, gelu): table[q + 128], the nearest
 * level to what the layer itself computes in float32 for the real value of q.
 * - maxpool, upsample: integers are compared or copied; avgpool: sum / count of the integers,
 * rounded to the nearest, halves away from zero. Their outputs have their input's scale and zero
 * point.
 * - global_avgpool: clamp(out.zero + fixed_multiply(sum of (x - in.zero), in.scale / (out.scale
 * n))) over n pixels.
 * - add: for each input k, t[k] = fixed_multiply((x - zero[k]) 2^20, factors[k]) with
 *   factors[k] = scale[k] / (2 max(scale[0], scale[1])); then
 *   y = clamp(out.zero + fixed_multiply(t[0] + t[1], factors[2])), with
 *   factors[2] = 2 max(scale[0], scale[1]) / (2^20 out.scale).
 * - concat: clamp(out.zero + fixed_multiply(x - zero[k], factors[k])) with
 *   factors[k] = scale[k] / out.scale.
 * - flatten, dropout, and the relu that is part of a sum: nothing is done.
 * - softmax and rescale: the layer itself in float32, on the real values of its input. Where such a
 *   layer is the last, as usual, its output stays float32; else it becomes integers again.
 *
 * This follows the specification of 8-bit quantisation of TensorFlow Lite and its reference
 * kernels; B. Jacob et al., "Quantization and training of neural networks for efficient
 * integer-arithmetic-only inference", CVPR 2018. Cost: 1 byte a weight and value instead of 4.
 */
#ifndef UNDERSTUDY_QUANTIZE_QUANTIZED_H
#define UNDERSTUDY_QUANTIZE_QUANTIZED_H

#include "quantize/calibrate.h"
#include "quantize/fixed_point.h"
#include "quantize/fold.h"

enum quantized_kind {
    QUANTIZED_SAME, /* nothing to do: the integers of its input, in another shape at most */
    QUANTIZED_CONV, /* depthwise convolutions, too */
    QUANTIZED_TRANSPOSED_CONV,
    QUANTIZED_DENSE,
    QUANTIZED_MAXPOOL,
    QUANTIZED_AVGPOOL,
    QUANTIZED_GLOBAL_AVGPOOL,
    QUANTIZED_UPSAMPLE,
    QUANTIZED_ADD,
    QUANTIZED_CONCAT,
    QUANTIZED_TABLE, /* a function of one value */
    QUANTIZED_FLOAT, /* the layer itself, in float32 */
    QUANTIZED_KINDS,
};

/* Sizes of images apart, everything about a node. Arrays live as long as the network. */
struct quantized_node {
    const char *name;
    enum quantized_kind kind;
    int inputs[LAYER_MAX_INPUTS];             /* nodes; -1: the network's input */
    struct quantization in[LAYER_MAX_INPUTS]; /* of the inputs */
    struct quantization out;
    int32_t low, high; /* what its integers are clamped to */

    /* Windows of convolutions and poolings, square; of transposed convolutions, those of the
     * convolution whose transpose it is. */
    int kernel, stride, padding, dilation, groups;

    /* Convolutions and dense layers: `channels` rows of `row` weights, [channel that comes out]
     * [channel that goes in, of its group][row][column], of transposed convolutions, too. */
    size_t channels, row;
    int most_weight;             /* 127; less where weights have fewer bits */
    const int8_t *weights;       /* [channels][row] */
    size_t wide_row;             /* `row` rounded up for kernels, */
    const int16_t *wide_weights; /* [channels][wide_row]: the same weights, then zeros */
    const float *weight_scales;  /* [channels] */
    const int32_t *biases;       /* [channels] */

    /* [channels] of those; [3] of add, [2] of concat. */
    const struct fixed_factor *factors;

    int8_t table[256]; /* QUANTIZED_TABLE */
};

struct quantized_network {
    struct folded_network folded; /* node for node what is quantised, in float32 */
    struct arena arena;           /* the nodes' arrays */
    struct quantized_node *nodes; /* [folded.network.count] */
    size_t count;
    struct quantization input;
    size_t original_nodes, original_parameters; /* of the network before folding */
};

/* `ranges` are from calibrate_activations(). STATUS_UNAVAILABLE where a layer has no form in
 * integers, STATUS_DIVERGED where a parameter is not finite. The network may be released
 * afterwards. */
MUST_CHECK enum status quantized_new(struct quantized_network *quantized,
                                     const struct network *network, const float *parameters,
                                     const float *statistics,
                                     const struct activation_ranges *ranges, struct error *error);
void quantized_release(struct quantized_network *quantized);

/* The node's layer, its configuration and shapes (of the images quantized_new() saw). */
static inline const struct network_node *quantized_layer(const struct quantized_network *quantized,
                                                         size_t node)
{
    return &quantized->folded.network.nodes[node];
}

/* The last node is computed in float32 and its output stays so. */
bool quantized_ends_in_float(const struct quantized_network *quantized);
/* How the last node's integers are to be read; not where it ends in float32. */
struct quantization quantized_output(const struct quantized_network *quantized);
/* Bytes of all that its arithmetic needs: weights, biases (4 each), factors (8 each) and tables. */
size_t quantized_bytes(const struct quantized_network *quantized);
/* The factor of QUANTIZED_GLOBAL_AVGPOOL for images of so many pixels. */
struct fixed_factor quantized_mean_factor(const struct quantized_node *node, size_t pixels);

#endif
