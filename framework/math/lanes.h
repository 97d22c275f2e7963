/*
 * Sums in double precision, in eight lanes that are added in a fixed order: as fast as vectors are,
 * with the same bits from every compiler and instruction set.
 */
#ifndef UNDERSTUDY_MATH_LANES_H
#define UNDERSTUDY_MATH_LANES_H

#include <stddef.h>

enum { LANES = 8 };

/* lanes[i % LANES] += a[i] */
static inline void lanes_add(const float *a, size_t count, double lanes[LANES])
{
    size_t whole = count / LANES * LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lanes[k] += (double)a[i + k];
    for (size_t i = whole; i < count; i++)
        lanes[i - whole] += (double)a[i];
}

static inline double lanes_sum(const double lanes[LANES])
{
    return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) +
           ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

#endif
