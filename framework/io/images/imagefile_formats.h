/* Private to imagefile*.c: one pair of functions a format. */
#ifndef UNDERSTUDY_IO_IMAGES_IMAGEFILE_FORMATS_H
#define UNDERSTUDY_IO_IMAGES_IMAGEFILE_FORMATS_H

#include "io/images/imagefile.h"

#include <stdbool.h>
#include <stdio.h>

/* Check the sizes that a header gives and fill `shape`, except its channels. `shape` and the
 * headers that formats fill tell what is stored, before it is turned. */
MUST_CHECK enum status imagefile_size(struct span file, uintmax_t width, uintmax_t height,
                                      struct shape *shape, struct error *error);

/* Where pixels go, and how. */
struct imagefile_target {
    struct image image;
    struct imagefile_scale scale;
    struct imagefile_found *found;
    bool stored;     /* samples are numbers, and stay what they are */
    int orientation; /* set by the decoder; image.shape is what it comes to */
    bool tabled;     /* values[] is filled: what each byte stands for */
    float values[256];
};

/* Where the pixel at row and column of what is stored goes in a plane. */
size_t imagefile_place(const struct imagefile_target *target, int row, int column);
/* Rows that are stored. */
int imagefile_rows(const struct imagefile_target *target);

/* The orientation in EXIF data, which are a small TIFF file; 1 where they tell none. */
int exif_orientation(const unsigned char *data, size_t length);

/* Between which samples black and white lie; `real`: samples are floats, which are values already.
 */
struct imagefile_levels {
    double minimum, maximum;
    bool real;
};

/* The value of a sample on the target's scale; what was found is noted. */
float imagefile_scaled(struct imagefile_target *target, double sample,
                       struct imagefile_levels levels);

/* From the fifth orientation on, rows become columns. */
bool imagefile_on_its_side(int orientation);
/* Store one pixel of `channels` (1 or 3) samples from 0 to `maximum` at `offset` into a plane. */
void imagefile_store(struct imagefile_target *target, size_t offset, const unsigned *samples,
                     int channels, unsigned maximum);

/* Store one row of interleaved samples of 1 byte, or 2 bytes with the high one first. */
void imagefile_store_row(struct imagefile_target *target, int row, const unsigned char *samples,
                         int channels, unsigned maximum);

/* `stored`: samples are numbers, and a palette's index is one. */
MUST_CHECK enum status png_header(struct span file, bool stored, struct imagefile_header *header,
                                  struct error *error);
MUST_CHECK enum status png_decode(struct span file, struct imagefile_target *target,
                                  struct error *error);
MUST_CHECK enum status jpeg_header(struct span file, struct imagefile_header *header,
                                   struct error *error);
MUST_CHECK enum status jpeg_decode(struct span file, struct imagefile_target *target,
                                   struct error *error);
MUST_CHECK enum status pnm_header(struct span file, struct imagefile_header *header,
                                  struct error *error);
MUST_CHECK enum status tiff_header(struct span file, bool stored, struct imagefile_header *header,
                                   struct error *error);
MUST_CHECK enum status tiff_decode(struct span file, struct imagefile_target *target,
                                   struct error *error);
MUST_CHECK enum status pnm_decode(struct span file, struct imagefile_target *target,
                                  struct error *error);

/* NumPy's arrays of numbers. */
bool npy_is(struct span file);
MUST_CHECK enum status npy_header_of(struct span file, struct imagefile_header *header,
                                     struct error *error);
MUST_CHECK enum status npy_decode(struct span file, struct imagefile_target *target,
                                  struct error *error);

/* Decoded samples made what they stand for. */
MUST_CHECK enum status imagefile_number(struct span file, const struct imagefile_numbers *numbers,
                                        struct image image, struct error *error);

/* One row as interleaved samples of 8 or 16 bits, each value in [0, 1] rounded to one of 2^bits
 * levels; `big`: the high byte first. */
void imagefile_levels_row(struct image image, int y, int bits, bool big, unsigned char *row);
/* Write an image into an open file, in 8 or 16 bits, or TIFF in 32 as floats. `name` is the file's,
 * for messages. */
MUST_CHECK enum status png_write(FILE *file, const char *name, struct image image, int bits,
                                 struct error *error);
MUST_CHECK enum status tiff_write(FILE *file, const char *name, struct image image, int bits,
                                  struct error *error);
MUST_CHECK enum status jpeg_write(FILE *file, const char *name, struct image image,
                                  struct error *error);

#endif
