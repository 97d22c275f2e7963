/* Square patches of images, brightness and contrast normalised. Private to pipelines/features. */
#ifndef UNDERSTUDY_PIPELINES_FEATURES_PATCHES_H
#define UNDERSTUDY_PIPELINES_FEATURES_PATCHES_H

#include "interfaces/stage.h"

/* Patches of `side` x `side` pixels in `channels` channels. */
struct patch_form {
    int channels, side;
    double contrast; /* added to the variance, in grey levels squared */
};

/* Numbers a patch: [channel][row][column]. */
static inline size_t patch_depth(const struct patch_form *form)
{
    return (size_t)form->channels * (size_t)form->side * (size_t)form->side;
}

/* The patch whose corner is (y, x): (v - mean) / sqrt(variance + contrast), v in grey levels. */
void patch_take(const struct patch_form *form, struct image image, int y, int x, float *patch);

/* *patches[*count][depth], for memory_free(): all there are, in order, where they are no more than
 * `most`; else `most` drawn at random, with repetition. No image is smaller than a patch. */
MUST_CHECK enum status patches_draw(const struct patch_form *form, const struct image_set *images,
                                    size_t most, struct random_stream *stream, float **patches,
                                    size_t *count, struct error *error);

/* What makes the patches' covariance the identity (zero-phase whitening; Bell, Sejnowski, Vision
 * Research 37, 1997): mean[depth] and the symmetric (C + epsilon)^-1/2 [depth][depth]. */
MUST_CHECK enum status patches_whitening(const float *patches, size_t count, size_t depth,
                                         double epsilon, int threads, float *mean, float *whitening,
                                         struct error *error);
#endif
