/*
 * The exponential function of many values at once: plain arithmetic without branches or calls, so
 * that a loop over it is vectorised, and the same bits from every compiler and C library.
 *
 * e^x = 2^n e^r with n = round(x / ln 2), |r| <= ln(2) / 2: Cody, Waite, Software manual for the
 * elementary functions, 1980; the polynomial for e^r is that of Moshier's Cephes library (expf).
 */
#ifndef UNDERSTUDY_MATH_EXPONENTIAL_H
#define UNDERSTUDY_MATH_EXPONENTIAL_H

#include <stdint.h>
#include <string.h>

/* e^x to 2 units in the last place from -87 to 88; beyond, the value at that end, so that results
 * are finite and normal. What is not a number stays so. */
static inline float exponential(float x)
{
    const float shift = 12582912;      /* 3 * 2^22: adding it rounds to a whole number */
    float bounded = x < -87 ? -87 : x; /* compared with x twice: else it becomes a branch */
    bounded = x > 88 ? 88 : bounded;
    float shifted = bounded * 1.44269504F + shift, n = shifted - shift;
    float r = (bounded - n * 0.693359375F) + n * 2.12194440e-4F; /* ln 2 in two parts */
    float p = 1.9875691500e-4F, power;
    uint32_t bits;

    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * (r * r) + r + 1;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 23) + 0x3f800000u; /* 2^n: n in the exponent */
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

/* 1 / (1 + e^-x): the logistic function. */
static inline float logistic(float x)
{
    return 1 / (1 + exponential(-x));
}

#endif
