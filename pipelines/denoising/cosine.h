/*
 * The orthonormal cosine transform (DCT-II) of few numbers, for eight lines side by side: even
 * functions see the sums of mirrored pairs, odd ones their differences, which halves the products.
 */
#ifndef UNDERSTUDY_PIPELINES_DENOISING_COSINE_H
#define UNDERSTUDY_PIPELINES_DENOISING_COSINE_H

#include "pipelines/lanes.h"

#include <math.h>

enum { COSINE_SIDE = 16 }; /* the longest line */

struct cosines {
    float values[COSINE_SIDE][COSINE_SIDE]; /* [function][place] */
};

static inline void cosines_init(struct cosines *cosines, int side)
{
    const double pi = 3.14159265358979323846;

    for (int k = 0; k < side; k++)
        for (int i = 0; i < side; i++) {
            double scale = sqrt((k == 0 ? 1.0 : 2.0) / side);
            cosines->values[k][i] = (float)(scale * cos(pi * k * (2 * i + 1) / (2.0 * side)));
        }
}

/* In place; `apart`: from one number of a line to the next one. */
LANES_INLINE void cosine_forward(const struct cosines *cosines, lanes *x, int side, int apart)
{
    lanes sums[COSINE_SIDE], differences[COSINE_SIDE];
    int half = side / 2, more = side - half;

    for (int i = 0; i < half; i++) {
        sums[i] = x[i * apart] + x[(side - 1 - i) * apart];
        differences[i] = x[i * apart] - x[(side - 1 - i) * apart];
    }
    if (more > half)
        sums[half] = x[half * apart];
    for (int k = 0; k < side; k++) {
        const lanes *from = k % 2 ? differences : sums;
        lanes sum = from[0] * cosines->values[k][0];
        for (int i = 1; i < (k % 2 ? half : more); i++)
            sum += from[i] * cosines->values[k][i];
        x[k * apart] = sum;
    }
}

LANES_INLINE void cosine_inverse(const struct cosines *cosines, lanes *x, int side, int apart)
{
    lanes from[COSINE_SIDE];

    for (int k = 0; k < side; k++)
        from[k] = x[k * apart];
    for (int i = 0; i < (side + 1) / 2; i++) {
        lanes even = from[0] * cosines->values[0][i], odd = from[1] * cosines->values[1][i];
        for (int k = 2; k < side; k += 2)
            even += from[k] * cosines->values[k][i];
        for (int k = 3; k < side; k += 2)
            odd += from[k] * cosines->values[k][i];
        x[i * apart] = even + odd;
        x[(side - 1 - i) * apart] = 2 * i + 1 == side ? even : even - odd;
    }
}

#endif
