/*
 * Image files: PNG (through libpng), JPEG (through libjpeg-turbo), TIFF (through libtiff) and PNM
 * (P1 to P6, read here); for numbers in the place of brightness, NumPy's .npy, too.
 *
 * The format is told by the file's first bytes, never by its ending. Whole numbers of any depth
 * become floats in [0, 1], floats stay what they are: no gamma or colour profile is applied,
 * transparency is dropped. Images are turned and mirrored as the orientation in their EXIF data
 * says. Grey from colour is ITU-R BT.601 luma, rounded to the file's own grey levels in the integer
 * arithmetic of PIL's convert("L"), so that both agree bit for bit; colour from grey is the same
 * value three times. A damaged file is an error: so is a truncated JPEG, which its library would
 * fill up with grey. What is odd about a file, but loses no pixel, is a remark.
 *
 * Reading has two steps, so that a caller can lay out memory for many images before decoding them
 * in parallel: imagefile_shape() reads the header, imagefile_decode() the pixels. The decoders
 * keep no state between calls and allocate nothing but what their libraries need.
 */
#ifndef UNDERSTUDY_IO_IMAGES_IMAGEFILE_H
#define UNDERSTUDY_IO_IMAGES_IMAGEFILE_H

#include "io/files/bytes.h"
#include "math/image.h"

#include <stdint.h>

enum {
    IMAGEFILE_SIDE = 65535,      /* pixels a side at most */
    IMAGEFILE_PIXELS = 1 << 27,  /* pixels at most */
    IMAGEFILE_LENGTH = 1 << 30,  /* bytes of a file at most */
    IMAGEFILE_CHANNELS = 4096,   /* at most */
    IMAGEFILE_SAMPLES = 1 << 29, /* pixels times channels at most */
    IMAGEFILE_PALETTE = 256,     /* colours at most */
    IMAGEFILE_STORED = -1,       /* channels: those stored */
};

enum imagefile_format {
    IMAGEFILE_UNKNOWN,
    IMAGEFILE_PNG,
    IMAGEFILE_JPEG,
    IMAGEFILE_PNM,
    IMAGEFILE_TIFF
};

enum imagefile_format imagefile_format(struct span file);

struct imagefile_header {
    struct shape shape; /* that decoding gives */
    int orientation; /* 1 to 8, as TIFF and EXIF count: how decoding turns what is stored; 1: not */
    int colours;     /* of an indexed PNG's palette; 0: it has none */
    uint32_t palette[IMAGEFILE_PALETTE]; /* 0xRRGGBB */
};

/* What a file tells before its pixels. `channels` to decode to: 1: grey, 3: colour, 0: those that
 * the file has, without transparency; IMAGEFILE_STORED: its samples are numbers, and a palette's
 * index is one. STATUS_DATA where the file is of no known format, damaged or too large. */
MUST_CHECK enum status imagefile_look(struct span file, int channels,
                                      struct imagefile_header *header, struct error *error);
/* The shape alone. */
MUST_CHECK enum status imagefile_shape(struct span file, int channels, struct shape *shape,
                                       struct error *error);

/* Which samples become 0 and 1, in the file's own numbers: 0 to 255 where it has 1 to 8 bits (but
 * for a bitmap of PNM: 0 to 1), 0 to 65535 where a PNG has 16, 0 to the header's maximum in PNM; in
 * TIFF what its 1 to 32 bits, with or without sign, can hold. What lies outside becomes 0 or 1.
 * {0, 0}: the file's whole scale, and floats as they are. */
struct imagefile_scale {
    double low, high;
};

/* What a decoded file had. Of colour images that become grey, samples are their luma. */
struct imagefile_found {
    double minimum, maximum; /* of its scale: 0, and 255, 65535 …; 0 and 1 of floats */
    double least, most;      /* samples */
    size_t clipped;          /* samples outside of the scale asked for */
    bool real;               /* its samples are floats, which lie where they want */
    char remark[120];        /* what is odd about it; "": nothing */
};

/* Decode into `image`, whose shape imagefile_shape() told. Its pixels are undefined on failure.
 * `found` may be NULL. */
MUST_CHECK enum status imagefile_decode_scaled(struct span file, struct imagefile_scale scale,
                                               struct image image, struct imagefile_found *found,
                                               struct error *error);
/* What samples are that stand for something other than brightness: classes, or measurements. They
 * are taken as they are stored, of palettes the indices; floats may be NaN. JPEG changes them, and
 * is refused; .npy files (h, w) or (channels, h, w) of any type of number are taken, too. */
struct imagefile_numbers {
    int classes;           /* expected are 0 to classes - 1; 0: any number */
    const double *values;  /* [classes] that stand for these; NULL: they stand for themselves */
    const double *unknown; /* [unknown_count] that become NaN */
    size_t unknown_count;
    const double *factors; /* [factor_count] that they are multiplied by: one for all channels, one
                              each, or none */
    size_t factor_count;
};

/* Decode into `image`, whose shape imagefile_look() told for IMAGEFILE_STORED. STATUS_DATA with the
 * first pixel that is no class, or where nothing is known of any pixel. */
MUST_CHECK enum status imagefile_decode_numbers(struct span file,
                                                const struct imagefile_numbers *numbers,
                                                struct image image, struct imagefile_found *found,
                                                struct error *error);
/* Brightness, on the file's whole scale. */
MUST_CHECK enum status imagefile_decode(struct span file, struct image image, struct error *error);

#endif
