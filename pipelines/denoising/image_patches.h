/* The square patches of images, for dictionaries: at every place, each channel without its mean. An
 * image smaller than a patch is continued by its mirror image. Private to pipelines/denoising. */
#ifndef UNDERSTUDY_PIPELINES_DENOISING_IMAGE_PATCHES_H
#define UNDERSTUDY_PIPELINES_DENOISING_IMAGE_PATCHES_H

#include "base/random.h"
#include "math/image.h"
#include "pipelines/denoising/sparse_code.h"

enum { PATCHES_SIDE = 16, PATCHES_CHANNELS = 16 }; /* at most */

/* The patches of one image. */
struct image_patches {
    struct shape fit;
    int side, rows, columns;
    size_t plane, numbers, depth; /* of one channel; of all; in memory, the rest is 0 */
};

struct image_patches image_patches_of(struct shape in, int side);
/* How many there are. */
size_t image_patches_count(const struct image_patches *patches);
/* Take the channels' means off a patch, [channel][row][column], and set to 0 what is beyond it. */
void image_patches_centre(const struct image_patches *patches, float *patch, float *means);
/* values[][depth]: up to `most` patches of the images [first, last) of a set, without their means,
 * one drawn from each of as many equal parts of all; returns how many there are. */
size_t image_patches_sample(int side, const struct image_set *images, size_t first, size_t last,
                            size_t most, struct random_stream *stream, float *values);
/* Cosines of more frequencies than a patch has pixels, each without its mean, but for the constant
 * one; of all pairs of those along columns and rows, and of the channels' own, the first ones. */
void image_patches_cosines(const struct image_patches *patches, struct dictionary *dictionary);

#endif
