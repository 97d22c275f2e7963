/* Private to imagefile*.c: samples as they lie in memory, of any depth and number of channels. */
#ifndef UNDERSTUDY_IO_IMAGES_IMAGEFILE_SAMPLES_H
#define UNDERSTUDY_IO_IMAGES_IMAGEFILE_SAMPLES_H

#include "io/images/imagefile_formats.h"

enum sample_kind { SAMPLE_UNSIGNED, SAMPLE_SIGNED, SAMPLE_REAL };

struct sample_format {
    enum sample_kind kind;
    int bytes; /* that a sample takes in memory: 1, 2, 4; reals 4 or 8 */
    int depth; /* bits that it uses: unsigned ones go up to 2^depth - 1 */
};

/* Samples of some pixels in a row: where the first lies, and bytes from pixel to pixel and from
 * channel to channel. Aligned as the format wants it. */
struct sample_row {
    const unsigned char *first;
    size_t pixel, channel;
};

/* Which part of an image: `count` pixels from (row, column) on, `channels` channels from `channel`
 * on, of `stored` that the file has in all. */
struct sample_place {
    int row, column, count;
    int channel, channels, stored;
};

/* Store them. The target has as many channels as the file, or the file has one, or the target has
 * one and the place holds all three of the file: then it gets their luma. STATUS_DATA where a real
 * number is not finite, as a float; but NaN may stand where samples are numbers. */
MUST_CHECK enum status imagefile_store_samples(struct imagefile_target *target,
                                               struct sample_format format, struct sample_row from,
                                               struct sample_place place, const char *name,
                                               struct error *error);

/* to[i] = sample i of rows of `bits` (1 to 16) bits each without gaps, the high bit first. */
void samples_unpack(uint16_t *to, const unsigned char *from, int bits, size_t count);

#endif
