/*
 * The two-dimensional wavelet transform of a plane, level by level, by orthogonal filters.
 *
 * One level makes of rows, then columns, averages and details of half their number (S. Mallat, "A
 * theory for multiresolution signal decomposition", IEEE PAMI 11(7), 1989). Beyond the border lies
 * the mirror image; a line of n values has (n + taps - 1) / 2 averages and as many details, so that
 * it comes back exactly. The same as PyWavelets' wavedec2 with mode `symmetric`.
 */
#ifndef UNDERSTUDY_PIPELINES_DENOISING_WAVELET_TRANSFORM_H
#define UNDERSTUDY_PIPELINES_DENOISING_WAVELET_TRANSFORM_H

#include "interfaces/operations.h"
#include "pipelines/denoising/wavelet_filters.h"

enum { WAVELET_LEVELS = 30 };

/* Details of one level: [3][height][width], those of rows of averages, of columns, of both. */
struct wavelet_level {
    int height, width;
    float *details;
};

struct wavelet_transform {
    int taps, levels, height, width;
    float low[WAVELET_TAPS], high[WAVELET_TAPS]; /* analysis, as they meet ascending pixels */
    struct wavelet_level level[WAVELET_LEVELS];  /* finest first */
    float *averages;                             /* of the last level */
    float *work;
};

/* Levels that PyWavelets thinks useful for the smaller side, less three, at least one: the coarsest
 * details hold little noise. */
int wavelet_usual_levels(const struct wavelet_filter *filter, int height, int width);
/* Floats of memory that a transform takes. */
size_t wavelet_transform_size(const struct wavelet_filter *filter, int levels, int height,
                              int width);
/* `memory` is the caller's. */
void wavelet_transform_init(struct wavelet_transform *transform,
                            const struct wavelet_filter *filter, int levels, int height, int width,
                            float *memory);

void wavelet_forward(const struct wavelet_transform *transform, const float *plane);
void wavelet_inverse(const struct wavelet_transform *transform, float *plane);

/* What both do. */
struct operations wavelet_transform_count(const struct wavelet_filter *filter, int levels,
                                          int height, int width);

#endif
