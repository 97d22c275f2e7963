/* Images made by a formula, the same here and in tests/golden/quality.py. */
#ifndef UNDERSTUDY_TESTS_PATTERN_H
#define UNDERSTUDY_TESTS_PATTERN_H

#include "math/image.h"

/* A pattern without visible order, in [0, 1]. */
static inline void pattern_fill(struct image image, int salt)
{
    float *pixel = image.pixels;
    for (int c = 0; c < image.shape.channels; c++)
        for (int y = 0; y < image.shape.height; y++)
            for (int x = 0; x < image.shape.width; x++)
                *pixel++ =
                    (float)((3 * x * x + 7 * y * y + 5 * x * y + 17 * x + 11 * c + 29 * salt) %
                            97) /
                    96.0F;
}

/* A smooth ramp and the pattern around it; leaves [0, 1] at both ends. */
static inline void pattern_noisy(struct image image, int salt)
{
    float *pixel = image.pixels;
    int height = image.shape.height, width = image.shape.width;
    pattern_fill(image, salt);
    for (int c = 0; c < image.shape.channels; c++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++, pixel++)
                *pixel = (float)(x + y) / (float)(height + width) + (*pixel - 0.5F) * 0.5F;
}

#endif
