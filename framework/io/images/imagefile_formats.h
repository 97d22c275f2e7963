/* Private to imagefile*.c: one pair of functions a format. */
#ifndef UNDERSTUDY_IO_IMAGES_IMAGEFILE_FORMATS_H
#define UNDERSTUDY_IO_IMAGES_IMAGEFILE_FORMATS_H

#include "io/images/imagefile.h"

/* Check the sizes that a header gives and fill `shape`, except its channels. */
MUST_CHECK enum status imagefile_size(struct span file, uintmax_t width, uintmax_t height,
                                      struct shape *shape, struct error *error);

/* Where pixels go, and how. */
struct imagefile_target {
    struct image image;
    struct imagefile_scale scale;
    struct imagefile_found *found;
};

/* Store one pixel of `channels` (1 or 3) samples from 0 to `maximum` at `offset` into a plane. */
void imagefile_store(struct imagefile_target *target, size_t offset, const unsigned *samples,
                     int channels, unsigned maximum);

/* Store one row of interleaved samples of 1 byte, or 2 bytes with the high one first. */
void imagefile_store_row(struct imagefile_target *target, int row, const unsigned char *samples,
                         int channels, unsigned maximum);

MUST_CHECK enum status png_shape(struct span file, struct shape *shape, struct error *error);
MUST_CHECK enum status png_decode(struct span file, struct imagefile_target *target,
                                  struct error *error);
MUST_CHECK enum status jpeg_shape(struct span file, struct shape *shape, struct error *error);
MUST_CHECK enum status jpeg_decode(struct span file, struct imagefile_target *target,
                                   struct error *error);
MUST_CHECK enum status pnm_shape(struct span file, struct shape *shape, struct error *error);
MUST_CHECK enum status pnm_decode(struct span file, struct imagefile_target *target,
                                  struct error *error);

#endif
