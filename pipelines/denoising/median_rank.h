/* The median filter of large windows, private to median.c. */
#ifndef UNDERSTUDY_PIPELINES_DENOISING_MEDIAN_RANK_H
#define UNDERSTUDY_PIPELINES_DENOISING_MEDIAN_RANK_H

#include "interfaces/operations.h"

#include <stddef.h>
#include <stdint.h>

/* Words of scratch memory for a plane of `size` pixels. */
size_t median_rank_scratch(size_t size);

/* The median of every window of side 2 radius + 1, borders by reflection. */
void median_rank(const float *in, int height, int width, int radius, float *out, uint32_t *scratch);

/* An upper bound of what median_rank() does. */
struct operations median_rank_count(int height, int width, int radius);

#endif
