/*
 * Products of an integer and a positive real factor, in integers alone.
 *
 * The factor is m 2^(s - 31), with a mantissa m in [2^30, 2^31) and a shift s; 0 is m = s = 0. The
 * product of a 32-bit x is
 *
 *     shift_right(high_product(saturate(x 2^max(s, 0)), m), max(-s, 0))
 *
 * where saturate() keeps to the range of 32 bits, high_product(a, b) is a b / 2^31 rounded to the
 * nearest integer, halves up for products >= 0 and, for those below 0, towards zero, and
 * shift_right(a, n) is a / 2^n rounded to the nearest integer, halves away from zero. Both
 * roundings happen one after the other, so that a result may be the second nearest integer. This is
 * MultiplyByQuantizedMultiplier of TensorFlow Lite's reference kernels (gemmlowp's
 * SaturatingRoundingDoublingHighMul and RoundingDivideByPOT), where that does not overflow. B.
 * Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
 * inference", CVPR 2018, section 2.2.
 */
#ifndef UNDERSTUDY_QUANTIZE_FIXED_POINT_H
#define UNDERSTUDY_QUANTIZE_FIXED_POINT_H

#include <stdint.h>

struct fixed_factor {
    int32_t mantissa;
    int shift; /* from -31 to 30 */
};

/* The factor nearest to `value` >= 0. Below 2^-32 it is 0; from 2^30 on the largest there is. */
struct fixed_factor fixed_factor_of(double value);

/* a b / 2^31. */
static inline int32_t high_product(int32_t a, int32_t b)
{
    int64_t product = (int64_t)a * b;
    int64_t nudge = product >= 0 ? 1 << 30 : 1 - (1 << 30);
    int64_t high = (product + nudge) / ((int64_t)1 << 31);

    return high > INT32_MAX ? INT32_MAX : (int32_t)high; /* both are -2^31 */
}

/* a / 2^n, n from 0 to 31. */
static inline int32_t shift_right(int32_t a, int n)
{
    int64_t half = n ? (int64_t)1 << (n - 1) : 0;
    int64_t magnitude = ((a < 0 ? -(int64_t)a : a) + half) >> n;

    return (int32_t)(a < 0 ? -magnitude : magnitude);
}

static inline int32_t fixed_multiply(int32_t x, struct fixed_factor factor)
{
    int left = factor.shift > 0 ? factor.shift : 0, right = factor.shift < 0 ? -factor.shift : 0;
    int64_t raised = (int64_t)x * ((int64_t)1 << left);

    raised = raised > INT32_MAX ? INT32_MAX : raised < INT32_MIN ? INT32_MIN : raised;
    return shift_right(high_product((int32_t)raised, factor.mantissa), right);
}

#endif
