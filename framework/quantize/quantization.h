/*
 * Real numbers as 8-bit integers q from -128 to 127: real = scale (q - zero). Zero is exact, so
 * that padding is.
 *
 * The scale is (high - low) / 255 of the range of the reals, which is widened to hold 0. Reals
 * become integers by one division in float32, rounding to the nearest integer (halves away from
 * zero), adding the zero point, and clamping; what is not a number becomes -128. R. Krishnamoorthi,
 * "Quantizing deep convolutional networks for efficient inference", 2018 (arXiv:1806.08342); the
 * specification of TensorFlow Lite's 8-bit quantisation.
 */
#ifndef UNDERSTUDY_QUANTIZE_QUANTIZATION_H
#define UNDERSTUDY_QUANTIZE_QUANTIZATION_H

#include <stddef.h>
#include <stdint.h>

enum { QUANTIZED_LOW = -128, QUANTIZED_HIGH = 127 };

struct value_range {
    float low, high;
};

struct quantization {
    float scale;
    int32_t zero; /* from -128 to 127 */
};

/* Of finite numbers; where both are 0 the scale is 1. */
struct quantization quantization_of(struct value_range range);

void quantize_values(struct quantization how, const float *values, size_t count, int8_t *integers);
void dequantize_values(struct quantization how, const int8_t *integers, size_t count,
                       float *values);

#endif
