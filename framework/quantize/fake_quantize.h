/*
 * The layer that rounds values as 8-bit integers would: what comes out stays a real number.
 *
 *     y = scale (q - zero)      q = clamp(round(x / scale) + zero, -128, 127)
 *     dx = dy where q was not clamped, else 0
 *
 * The gradient is that of the straight-through estimator: rounding counts as the identity (Bengio,
 * Léonard, Courville 2013; Jacob et al., CVPR 2018), as in PyTorch's
 * fake_quantize_per_tensor_affine, which rounds halves to even. What is not a number stays so.
 */
#ifndef UNDERSTUDY_QUANTIZE_FAKE_QUANTIZE_H
#define UNDERSTUDY_QUANTIZE_FAKE_QUANTIZE_H

#include "interfaces/layer.h"
#include "quantize/quantization.h"

/* Not in the table of layers, for no family may use it. Its configuration is a struct quantization.
 */
extern const struct layer layer_fake_quantize;

#endif
