/*
 * Collaborative filtering: blocks that are alike are stacked, transformed in three dimensions,
 * shrunk, transformed back and added to the image at their places, weighted.
 *
 * Within a block, the transform is 1-D along columns, then rows: the biorthogonal spline wavelet
 * 1.5 (periodic, its analysis functions scaled to length 1) of blocks of 8 pixels, or the cosine
 * transform. Across blocks it is Haar's.
 */
#ifndef UNDERSTUDY_PIPELINES_DENOISING_BLOCK_FILTER_H
#define UNDERSTUDY_PIPELINES_DENOISING_BLOCK_FILTER_H

#include "interfaces/operations.h"
#include "pipelines/denoising/cosine.h"

#include <stddef.h>

enum {
    FILTER_SIDE = 11, /* the largest block */
    FILTER_VECTORS = 2,
    FILTER_BLOCKS = 32, /* of one group */
    FILTER_GROUP = FILTER_BLOCKS * FILTER_SIDE * FILTER_VECTORS,
    FILTER_SLACK = FILTER_VECTORS * LANES, /* floats that are read beyond a plane */
};

struct block_filter {
    int side;
    bool wiener; /* with the cosine transform; else a threshold, with the wavelet */
    bool avx2;
    struct cosines cosines;
    lanes window[FILTER_SIDE][FILTER_VECTORS]; /* Kaiser's, of both directions */
};

/* side: 8 or 11; 8 unless wiener. */
void block_filter_init(struct block_filter *filter, int side, bool wiener, double kaiser_beta);

/* One channel of a group of blocks. */
struct block_group {
    const float *noisy, *basic; /* planes; `basic` is Wiener's, an estimate of what is to come */
    size_t stride;
    const size_t *places; /* [count]: offsets of the blocks in the planes */
    int count;            /* a power of 2 */
    float strength;       /* the threshold; Wiener: the noise's variance */
    /* Where the weighted results and the weights are added, planes of the same stride, which begin
     * at offset `begin` of the others. */
    float *sums, *weights;
    size_t begin;
};

/* `memory`: two groups. */
void block_filter_run(const struct block_filter *filter, const struct block_group *group,
                      lanes (*memory)[FILTER_GROUP]);

/* What that takes for one channel of `count` blocks. */
struct operations block_filter_count(const struct block_filter *filter, int count);

#endif
