/*
 * PNM, the portable any-map formats of Netpbm (its manual pages pbm(5), pgm(5), ppm(5)): P1 to P3
 * are text, P4 to P6 raw; bitmap (1 is black), grey map, colour map. A header is the magic number,
 * width, height and, save for bitmaps, the maximum sample, parted by white space and comments.
 * One image a file: bytes after it are an error, white space after text excepted.
 */
#include "io/images/imagefile_formats.h"

#include "base/interrupt.h"

#include <stdbool.h>

struct pnm {
    struct span file;
    size_t at;
    char kind; /* '1' … '6' */
    int channels;
    unsigned maximum;
    struct shape shape;
};

static bool is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int peek(const struct pnm *pnm)
{
    return pnm->at < pnm->file.length ? pnm->file.data[pnm->at] : -1;
}

/* White space, and comments from # to the end of the line. */
static void skip_space(struct pnm *pnm)
{
    for (int c = peek(pnm); is_space(c) || c == '#'; c = peek(pnm)) {
        pnm->at++;
        while (c == '#' && peek(pnm) != -1 && peek(pnm) != '\n')
            pnm->at++;
    }
}

static enum status unexpected(const struct pnm *pnm, const char *what, struct error *error)
{
    int c = peek(pnm);
    if (c == -1)
        return error_set(error, STATUS_DATA, "%s: PNM: expected %s, found the end of the file",
                         pnm->file.name, what);
    return error_set(error, STATUS_DATA,
                     c > ' ' && c < 127 ? "%s: PNM: expected %s, found '%c' at byte %zu"
                                        : "%s: PNM: expected %s, found 0x%02x at byte %zu",
                     pnm->file.name, what, (unsigned)c, pnm->at);
}

/* A decimal number from `least` to `most`. */
static enum status number(struct pnm *pnm, const char *what, unsigned least, unsigned most,
                          unsigned *value, struct error *error)
{
    uint64_t sum = 0;

    skip_space(pnm);
    if (peek(pnm) < '0' || peek(pnm) > '9')
        return unexpected(pnm, what, error);
    for (; peek(pnm) >= '0' && peek(pnm) <= '9'; pnm->at++)
        if (sum <= most)
            sum = sum * 10 + (uint64_t)(peek(pnm) - '0');
    if (sum > most)
        return error_set(error, STATUS_DATA, "%s: PNM: %s is above %u; expected %u to %u",
                         pnm->file.name, what, most, least, most);
    if (sum < least)
        return error_set(error, STATUS_DATA, "%s: PNM: %s is %u; expected %u to %u", pnm->file.name,
                         what, (unsigned)sum, least, most);
    *value = (unsigned)sum;
    return STATUS_OK;
}

static enum status read_header(struct pnm *pnm, struct error *error)
{
    unsigned width, height;

    pnm->kind = (char)pnm->file.data[1];
    pnm->at = 2;
    pnm->channels = pnm->kind == '3' || pnm->kind == '6' ? 3 : 1;
    pnm->maximum = 1;
    PASS(number(pnm, "the width", 1, IMAGEFILE_SIDE, &width, error));
    PASS(number(pnm, "the height", 1, IMAGEFILE_SIDE, &height, error));
    if (pnm->kind != '1' && pnm->kind != '4')
        PASS(number(pnm, "the maximum sample", 1, 65535, &pnm->maximum, error));
    if (!is_space(peek(pnm)))
        PASS(unexpected(pnm, "white space after the header", error));
    pnm->at++;
    return imagefile_size(pnm->file, width, height, &pnm->shape, error);
}

enum status pnm_header(struct span file, struct imagefile_header *header, struct error *error)
{
    struct pnm pnm = {.file = file};
    enum status status = read_header(&pnm, error);
    header->shape = (struct shape){pnm.channels, pnm.shape.height, pnm.shape.width};
    header->orientation = 1;
    return status;
}

/* In a plain bitmap, digits need no space between them. */
static enum status text_sample(struct pnm *pnm, unsigned *value, struct error *error)
{
    if (pnm->kind != '1')
        return number(pnm, "a sample", 0, pnm->maximum, value, error);
    skip_space(pnm);
    if (peek(pnm) != '0' && peek(pnm) != '1')
        return unexpected(pnm, "0 or 1", error);
    *value = peek(pnm) == '0';
    pnm->at++;
    return STATUS_OK;
}

static enum status decode_text(struct pnm *pnm, struct imagefile_target *target,
                               struct error *error)
{
    size_t count = shape_plane(target->image.shape);

    for (size_t i = 0; i < count; i++) {
        unsigned samples[3] = {0};
        for (int c = 0; c < pnm->channels; c++)
            PASS(text_sample(pnm, &samples[c], error));
        imagefile_store(target, i, samples, pnm->channels, pnm->maximum);
    }
    skip_space(pnm);
    if (peek(pnm) != -1)
        PASS(unexpected(pnm, "the end of the file", error));
    return STATUS_OK;
}

/* Raw samples above the maximum are damage that no size gives away. */
static enum status check_samples(const struct pnm *pnm, const unsigned char *samples, size_t count,
                                 struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        unsigned value =
            pnm->maximum > 255 ? (unsigned)samples[2 * i] << 8 | samples[2 * i + 1] : samples[i];
        if (value > pnm->maximum)
            return error_set(error, STATUS_DATA, "%s: PNM: a sample is %u; expected 0 to %u",
                             pnm->file.name, value, pnm->maximum);
    }
    return STATUS_OK;
}

static void store_bits(struct imagefile_target *target, int row, const unsigned char *bits)
{
    int width = target->image.shape.width;

    for (int x = 0; x < width; x++) {
        unsigned white = !(bits[x / 8] >> (7 - x % 8) & 1);
        imagefile_store(target, (size_t)row * (size_t)width + (size_t)x, &white, 1, 1);
    }
}

static enum status decode_raw(struct pnm *pnm, struct imagefile_target *target, struct error *error)
{
    struct image image = target->image;
    size_t width = (size_t)image.shape.width, height = (size_t)image.shape.height;
    size_t samples = width * (size_t)pnm->channels;
    size_t row_bytes = pnm->kind == '4' ? (width + 7) / 8 : samples * (pnm->maximum > 255 ? 2 : 1);

    if (pnm->file.length - pnm->at != row_bytes * height)
        return error_set(error, STATUS_DATA,
                         "%s: PNM: expected %zu bytes of pixels after the header, found %zu",
                         pnm->file.name, row_bytes * height, pnm->file.length - pnm->at);
    for (int y = 0; y < image.shape.height; y++) {
        const unsigned char *row = pnm->file.data + pnm->at + row_bytes * (size_t)y;
        if (interrupt_requested())
            return interrupt_check(error);
        if (pnm->kind == '4') {
            store_bits(target, y, row);
            continue;
        }
        enum status status = check_samples(pnm, row, samples, error);
        if (status != STATUS_OK)
            return status;
        imagefile_store_row(target, y, row, pnm->channels, pnm->maximum);
    }
    return STATUS_OK;
}

enum status pnm_decode(struct span file, struct imagefile_target *target, struct error *error)
{
    struct pnm pnm = {.file = file};
    enum status status = read_header(&pnm, error);
    if (status != STATUS_OK)
        return status;
    return pnm.kind <= '3' ? decode_text(&pnm, target, error) : decode_raw(&pnm, target, error);
}
