/* Images to files. */
#ifndef UNDERSTUDY_IO_IMAGES_IMAGEFILE_WRITE_H
#define UNDERSTUDY_IO_IMAGES_IMAGEFILE_WRITE_H

#include "io/files/bytes.h"
#include "math/image.h"

/* Whole numbers: values below 0 and above 1 become 0 and 1, the others are rounded to the nearest
 * of 256 or 65536 levels. Floats stay what they are. */
enum imagefile_encoding {
    IMAGEFILE_PNG8, /* 1 or 3 channels */
    IMAGEFILE_PNG16,
    IMAGEFILE_TIFF8, /* 1 to IMAGEFILE_CHANNELS channels */
    IMAGEFILE_TIFF16,
    IMAGEFILE_TIFF32, /* floats */
    IMAGEFILE_PNM8,   /* 1 or 3 channels */
    IMAGEFILE_PNM16,
    IMAGEFILE_JPEG8, /* 1 or 3 channels; quality 95, colour not subsampled: lossy */
    IMAGEFILE_NPY,   /* NumPy's, floats [channels][height][width] */
};

/* ".png", ".tif", ".pgm" or ".ppm", ".jpg", ".npy" */
const char *imagefile_ending(enum imagefile_encoding encoding, int channels);

/*
 * Write `image` as the file `path`, replacing one that is there. The same image gives the same
 * bytes. STATUS_DATA where a value is not finite (but in .npy), or where the format has no such
 * number of channels; STATUS_IO where the file cannot be written. On failure there is no file.
 */
MUST_CHECK enum status imagefile_write(const char *path, struct image image,
                                       enum imagefile_encoding encoding, struct error *error);

/* The same as a PNG of 8 bits in memory, for bytes_release(). */
MUST_CHECK enum status imagefile_png(struct image image, struct bytes *bytes, struct error *error);

#endif
