/* Images to files, for programs that read PNG or TIFF. */
#ifndef UNDERSTUDY_IO_IMAGES_IMAGEFILE_WRITE_H
#define UNDERSTUDY_IO_IMAGES_IMAGEFILE_WRITE_H

#include "math/image.h"

enum imagefile_encoding {
    IMAGEFILE_PNG8, /* 1 or 3 channels; values below 0 and above 1 become 0 and 1, the others are */
    IMAGEFILE_PNG16, /* rounded to the nearest of 256 or 65536 levels */
    IMAGEFILE_TIFF32 /* floats as they are; 1 to IMAGEFILE_CHANNELS channels */
};

/* ".png" or ".tif" */
const char *imagefile_ending(enum imagefile_encoding encoding);

/*
 * Write `image` as the file `path`, replacing one that is there. The same image gives the same
 * bytes. STATUS_DATA where a value is not finite, or where PNG has no such number of channels;
 * STATUS_IO where the file cannot be written. On failure there is no file.
 */
MUST_CHECK enum status imagefile_write(const char *path, struct image image,
                                       enum imagefile_encoding encoding, struct error *error);

#endif
