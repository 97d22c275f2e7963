/* The median filter of large windows, private to median.c. */
#ifndef UNDERSTUDY_PIPELINES_SMOOTHING_MEDIAN_RANK_H
#define UNDERSTUDY_PIPELINES_SMOOTHING_MEDIAN_RANK_H

#include "interfaces/operations.h"

#include <stddef.h>

/* Floats of scratch memory for a plane. */
size_t median_rank_scratch(int height, int width, int radius);

/* The median of every window of side 2 radius + 1, borders by reflection; radius <= 15. */
void median_rank(const float *in, int height, int width, int radius, float *out, float *scratch);

/* An upper bound of what median_rank() does. */
struct operations median_rank_count(int height, int width, int radius);

#endif
