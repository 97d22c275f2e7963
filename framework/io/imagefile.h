/*
 * Image files: PNG (through libpng), JPEG (through libjpeg-turbo) and PNM (P1 to P6, read here).
 *
 * The format is told by the file's first bytes, never by its ending. Samples of any depth become
 * floats in [0, 1] as stored: no gamma or colour profile is applied, transparency is dropped, EXIF
 * orientation ignored. Grey from colour is ITU-R BT.601 luma, rounded to the file's own grey
 * levels in the integer arithmetic of PIL's convert("L"), so that both agree bit for bit; colour
 * from grey is the same value three times. A damaged file is an error: so is a truncated JPEG,
 * which its library would fill up with grey.
 *
 * Reading has two steps, so that a caller can lay out memory for many images before decoding them
 * in parallel: imagefile_shape() reads the header, imagefile_decode() the pixels. The decoders
 * keep no state between calls and allocate nothing but what their libraries need.
 */
#ifndef UNDERSTUDY_IO_IMAGEFILE_H
#define UNDERSTUDY_IO_IMAGEFILE_H

#include "io/bytes.h"
#include "math/image.h"

enum {
    IMAGEFILE_SIDE = 65535,       /* pixels a side at most */
    IMAGEFILE_PIXELS = 1 << 27,   /* pixels at most */
    IMAGEFILE_LENGTH = 512 << 20, /* bytes of a file at most */
};

enum imagefile_format { IMAGEFILE_UNKNOWN, IMAGEFILE_PNG, IMAGEFILE_JPEG, IMAGEFILE_PNM };

enum imagefile_format imagefile_format(struct span file);

/* The shape that decoding to `channels` (1: grey, 3: colour) gives. STATUS_DATA where the file is
 * of no known format, damaged or too large. */
MUST_CHECK enum status imagefile_shape(struct span file, int channels, struct shape *shape,
                                       struct error *error);

/* Decode into `image`, whose shape imagefile_shape() told. Its pixels are undefined on failure. */
MUST_CHECK enum status imagefile_decode(struct span file, struct image image, struct error *error);

#endif
