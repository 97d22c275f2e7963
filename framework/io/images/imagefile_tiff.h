/*
 * Private to imagefile_tiff*.c: TIFF and BigTIFF through libtiff: strips and tiles, samples side by
 * side or in planes, pages of one size as the channels of one image. What is read is what is
 * stored: whole numbers of 1 to 16 and 32 bits, floats of 32 and 64; palettes become colour, white
 * as 0 is turned round, YCbCr within JPEG becomes RGB. Other colours are refused, and so is every
 * compression that libtiff fills up with something when it is damaged.
 */
#ifndef UNDERSTUDY_IO_IMAGES_IMAGEFILE_TIFF_H
#define UNDERSTUDY_IO_IMAGES_IMAGEFILE_TIFF_H

#include "io/images/imagefile_samples.h"

#include <tiffio.h>

/* One directory of the file. */
struct tiff_page {
    uint32_t width, height;
    uint16_t bits, format, samples, photometric, planar, compression, orientation;
    int alpha; /* 1: the last sample is transparency */
};

struct tiff_session {
    TIFF *tiff;
    struct span file; /* reading */
    FILE *output;     /* writing */
    toff_t at;
    bool stored; /* samples are numbers: colours that they stand for do not count */
    bool pixels; /* are being read: a warning then means that some are lost */
    bool failed;
    char message[160], remark[120];

    struct tiff_page page; /* the first; others are equal */
    int channels;          /* of all pages */
    struct sample_format samples;
    uint16_t palette[3][256];
    unsigned char *row;           /* one, or a tile, as libtiff gives it */
    uint16_t *unpacked, *colours; /* samples of odd depths; of palettes */
    unsigned char *held;          /* planes that wait for the last one */
    struct imagefile_target *target;
};

/* Open with libtiff's `mode`: session->file for reading, session->output for writing. Where that
 * fails, session->tiff is NULL. */
void tiff_open(struct tiff_session *session, const char *mode);
void tiff_close(struct tiff_session *session);
/* Set the error that libtiff reported. */
enum status tiff_damaged(const struct tiff_session *session, struct error *error);

/* Open for reading and check all pages, without their pixels. */
MUST_CHECK enum status tiff_open_header(struct tiff_session *session,
                                        struct imagefile_header *header, struct error *error);
/* Channels that a page becomes, without transparency. */
int tiff_channels(const struct tiff_page *page);
/* Back to the first page that counts, and on to the next one; *more is false where there is none.
 * Smaller copies of an image, and masks, do not count. */
MUST_CHECK enum status tiff_first_page(struct tiff_session *session, bool *more,
                                       struct error *error);
MUST_CHECK enum status tiff_next_page(struct tiff_session *session, bool *more,
                                      struct error *error);

#endif
