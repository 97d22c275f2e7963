/* One node of a quantised network computed, for one image; the arithmetic is specified in
 * quantize/quantized.h. */
#ifndef UNDERSTUDY_QUANTIZE_KERNELS_H
#define UNDERSTUDY_QUANTIZE_KERNELS_H

#include "quantize/quantized.h"

struct quantized_call {
    const struct quantized_node *node;
    const struct network_node *layer; /* QUANTIZED_FLOAT: what it computes */
    const float *parameters;          /* of all layers */
    struct shape in[LAYER_MAX_INPUTS], out;
    const int8_t *x[LAYER_MAX_INPUTS];
    int8_t *y;
    float *real_output; /* QUANTIZED_FLOAT: in place of y, where it is not NULL */
    void *scratch;      /* quantized_scratch() bytes, aligned, contents not kept */
};

/* Pixels of a row of which patches are gathered at a time. */
enum { QUANTIZED_PATCHES = 32 };

/* `call` needs no pointers but `node` and `layer`. */
size_t quantized_scratch(const struct quantized_call *call);
void quantized_compute(const struct quantized_call *call);

#endif
