/* Squares cut from images and from what belongs to them, for training. */
#ifndef UNDERSTUDY_TRAIN_PATCHES_H
#define UNDERSTUDY_TRAIN_PATCHES_H

#include "base/random.h"
#include "io/schema/schema.h"
#include "math/image.h"

struct patch_settings {
    int64_t size;      /* pixels a side; 0: train on whole images */
    int64_t per_image; /* patches cut from each */
};
extern const struct field patch_fields[]; /* of struct patch_settings */

/*
 * `per_image` squares of `size` pixels a side from each of `inputs`, at places drawn by
 * RANDOM_PATCH and the image's number, and the same from `targets`, which have the same heights and
 * widths and none smaller than `size`. Patches of an image lie side by side. Both sets are made
 * here; after a failure the caller releases them.
 */
MUST_CHECK enum status patches_cut(const struct image_set *inputs, const struct image_set *targets,
                                   int size, size_t per_image, struct random_key key,
                                   struct image_set *cut_inputs, struct image_set *cut_targets,
                                   struct error *error);

#endif
