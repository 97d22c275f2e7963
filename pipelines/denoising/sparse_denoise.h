/* An image from sparse codes of all its patches: each pixel is the mean of what those around it
 * say, and of itself. */
#ifndef UNDERSTUDY_PIPELINES_DENOISING_SPARSE_DENOISE_H
#define UNDERSTUDY_PIPELINES_DENOISING_SPARSE_DENOISE_H

#include "pipelines/denoising/image_patches.h"

/* What images are denoised in, one after another. */
struct sparse_denoiser {
    int threads;
    size_t bands;
    struct sparse_band *band; /* [bands] */
    float *fit[2];            /* an image that holds no patch, continued; and its sums */
};

/* For any image of a set, by dictionaries of this size and codes of up to `terms` terms. */
MUST_CHECK enum status sparse_denoiser_new(struct sparse_denoiser *denoiser,
                                           const struct dictionary *dictionary, int side,
                                           size_t terms, const struct image_set *images,
                                           int threads, struct error *error);
void sparse_denoiser_release(struct sparse_denoiser *denoiser);

/* A pixel counts as `weight` patches. `out` is not `in`. Bits do not depend on threads; ends at
 * once where a stop is asked for. */
void sparse_denoise(const struct sparse_denoiser *denoiser, const struct dictionary *dictionary,
                    const struct image_patches *patches, const struct sparse_goal *goal,
                    float weight, struct image in, struct image out);

#endif
