/* Scores of classes as shares of 1. */
#ifndef UNDERSTUDY_GUARD_SHARES_H
#define UNDERSTUDY_GUARD_SHARES_H

#include "math/exponential.h"

#include <stddef.h>

/* The sum of all classes' powers, that of the largest score being 1. Scores are `plane` apart. */
static inline double shares_sum(const float *scores, int classes, size_t plane, float largest)
{
    double sum = 0;

    for (int c = 0; c < classes; c++)
        sum += (double)exponential(scores[(size_t)c * plane] - largest);
    return sum;
}

static inline float shares_largest(const float *scores, int classes, size_t plane)
{
    float largest = scores[0];

    for (int c = 1; c < classes; c++)
        largest = scores[(size_t)c * plane] > largest ? scores[(size_t)c * plane] : largest;
    return largest;
}

#endif
