/* Targets that are not known (NaN), for the losses that compare values: they change neither the
 * loss nor its slope. Private to losses/. */
#ifndef UNDERSTUDY_TRAIN_LOSSES_KNOWN_H
#define UNDERSTUDY_TRAIN_LOSSES_KNOWN_H

#include <math.h>
#include <stddef.h>

/* How many of an item's targets are known. */
static inline size_t known_count(const float *targets, size_t size)
{
    size_t known = 0;

    for (size_t i = 0; i < size; i++)
        known += isnan(targets[i]) ? 0 : 1;
    return known;
}

/* y - target, 0 where the target is not known. */
static inline float known_difference(float y, float target)
{
    return isnan(target) ? 0 : y - target;
}

/* The mean over an item's known values; 0 where there is none. */
static inline double known_mean(double sum, size_t known)
{
    return known ? sum / (double)known : 0;
}

#endif
