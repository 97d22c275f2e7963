/*
 * Image files: PNG (through libpng), JPEG (through libjpeg-turbo) and PNM (P1 to P6, read here).
 *
 * The format is told by the file's first bytes, never by its ending. Samples of any depth become
 * floats in [0, 1] as stored: no gamma or colour profile is applied, transparency is dropped.
 * Images are turned and mirrored as the orientation in their EXIF data says. Grey from colour is
 * ITU-R BT.601 luma, rounded to the file's own grey levels in the integer arithmetic of PIL's
 * convert("L"), so that both agree bit for bit; colour from grey is the same value three times. A
 * damaged file is an error: so is a truncated JPEG, which its library would fill up with grey. What
 * is odd about a file, but loses no pixel, is a remark.
 *
 * Reading has two steps, so that a caller can lay out memory for many images before decoding them
 * in parallel: imagefile_shape() reads the header, imagefile_decode() the pixels. The decoders
 * keep no state between calls and allocate nothing but what their libraries need.
 */
#ifndef UNDERSTUDY_IO_IMAGES_IMAGEFILE_H
#define UNDERSTUDY_IO_IMAGES_IMAGEFILE_H

#include "io/files/bytes.h"
#include "math/image.h"

enum {
    IMAGEFILE_SIDE = 65535,       /* pixels a side at most */
    IMAGEFILE_PIXELS = 1 << 27,   /* pixels at most */
    IMAGEFILE_LENGTH = 512 << 20, /* bytes of a file at most */
    IMAGEFILE_SAMPLE = 65535,     /* the largest there is */
};

enum imagefile_format { IMAGEFILE_UNKNOWN, IMAGEFILE_PNG, IMAGEFILE_JPEG, IMAGEFILE_PNM };

enum imagefile_format imagefile_format(struct span file);

struct imagefile_header {
    struct shape shape; /* that decoding gives */
    int orientation; /* 1 to 8, as TIFF and EXIF count: how decoding turns what is stored; 1: not */
};

/* What a file tells before its pixels. `channels` to decode to: 1: grey, 3: colour, 0: those that
 * the file has, without transparency. STATUS_DATA where the file is of no known format, damaged or
 * too large. */
MUST_CHECK enum status imagefile_look(struct span file, int channels,
                                      struct imagefile_header *header, struct error *error);
/* The shape alone. */
MUST_CHECK enum status imagefile_shape(struct span file, int channels, struct shape *shape,
                                       struct error *error);

/* Which samples become 0 and 1, in the file's whole numbers: 0 to 255 where it has 1 to 8 bits (but
 * for a bitmap of PNM: 0 to 1), 0 to 65535 where a PNG has 16, 0 to the header's maximum in PNM.
 * What lies outside becomes 0 or 1. {0, 0}: the file's whole scale. */
struct imagefile_scale {
    double low, high;
};

/* What a decoded file had. Of colour images that become grey, samples are their luma. */
struct imagefile_found {
    double maximum;     /* of its scale: 255, 65535 … */
    double least, most; /* samples */
    size_t clipped;     /* samples outside of the scale asked for */
    char remark[120];   /* what is odd about it; "": nothing */
};

/* Decode into `image`, whose shape imagefile_shape() told. Its pixels are undefined on failure.
 * `found` may be NULL. */
MUST_CHECK enum status imagefile_decode_scaled(struct span file, struct imagefile_scale scale,
                                               struct image image, struct imagefile_found *found,
                                               struct error *error);
/* The same, on the file's whole scale. */
MUST_CHECK enum status imagefile_decode(struct span file, struct image image, struct error *error);

#endif
