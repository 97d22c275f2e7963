/*
 * TIFF: pixels. They are read a row or a tile at a time; three planes that become grey are the
 * exception: they are held until the last is there.
 */
#include "io/images/imagefile_tiff.h"

#include "base/interrupt.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

enum { TILE = 64 << 20 }; /* bytes at most */

/* How samples lie in memory once prepared() had them. */
static void find_format(struct tiff_session *session)
{
    const struct tiff_page *page = &session->page;
    bool packed = page->bits != 8 && page->bits % 16 != 0;

    session->samples = (struct sample_format){page->format == SAMPLEFORMAT_IEEEFP ? SAMPLE_REAL
                                              : page->format == SAMPLEFORMAT_INT  ? SAMPLE_SIGNED
                                                                                  : SAMPLE_UNSIGNED,
                                              packed ? 2 : page->bits / 8, page->bits};
}

/* Colours of 16 bits; of 8 where each repeats its byte, leaves the lower one empty (both are how
 * programs write 8 bits), or is no larger than one (which is a mistake, but a common one). */
static enum status read_palette(struct tiff_session *session, struct error *error)
{
    uint16_t *given[3];
    size_t count = (size_t)1 << session->page.bits;
    bool high = true, low = true;

    if (!TIFFGetField(session->tiff, TIFFTAG_COLORMAP, &given[0], &given[1], &given[2]))
        return error_set(error, STATUS_DATA, "%s: damaged TIFF: there is no palette",
                         session->file.name);
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < count; i++) {
            high = high && (given[c][i] % 256 == 0 || given[c][i] % 257 == 0);
            low = low && given[c][i] < 256;
        }
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < count; i++)
            session->palette[c][i] = (uint16_t)(high && !low ? given[c][i] >> 8 : given[c][i]);
    session->samples = (struct sample_format){SAMPLE_UNSIGNED, 2, high || low ? 8 : 16};
    return STATUS_OK;
}

/* White is 0: the other way round. */
static void invert(unsigned char *samples, struct sample_format format, size_t count)
{
    const uint16_t most = (uint16_t)((1u << format.depth) - 1);
    uint16_t sample;

    if (format.bytes != 2) {
        for (size_t i = 0; i < count * (size_t)format.bytes; i++)
            samples[i] = (unsigned char)~samples[i];
        return;
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(&sample, samples + 2 * i, sizeof sample);
        sample = (uint16_t)(most - sample);
        memcpy(samples + 2 * i, &sample, sizeof sample);
    }
}

/* `pixels` pixels of `each` samples, as they are stored, made samples of session->samples. */
static const unsigned char *prepared(struct tiff_session *session, unsigned char *from,
                                     size_t pixels, size_t each)
{
    const struct tiff_page *page = &session->page;

    if (page->bits != 8 && page->bits % 16 != 0) {
        samples_unpack(session->unpacked, from, page->bits, pixels * each);
        from = (unsigned char *)session->unpacked;
    }
    if (page->photometric == PHOTOMETRIC_MINISWHITE)
        invert(from, session->samples, pixels * each);
    if (page->photometric != PHOTOMETRIC_PALETTE)
        return from;
    for (size_t i = 0; i < pixels; i++) { /* the first of `each` is the colour's number */
        size_t at = i * each;
        unsigned colour = page->bits == 8 ? from[at] : session->unpacked[at];
        for (size_t c = 0; c < 3; c++)
            session->colours[3 * i + c] = session->palette[c][colour];
    }
    return (const unsigned char *)session->colours;
}

/* Prepared samples of one row to the image, or to the planes that wait. */
static enum status put(struct tiff_session *session, struct sample_row from,
                       struct sample_place place, struct error *error)
{
    size_t size = (size_t)session->samples.bytes, width = session->page.width;

    if (!session->held)
        return imagefile_store_samples(session->target, session->samples, from, place,
                                       session->file.name, error);
    size_t plane = width * session->page.height, at = (size_t)place.row * width;
    for (int c = 0; c < place.channels; c++)
        for (int x = 0; x < place.count; x++)
            memcpy(session->held +
                       ((size_t)(place.channel + c) * plane + at + (size_t)(place.column + x)) *
                           size,
                   from.first + (size_t)x * from.pixel + (size_t)c * from.channel, size);
    return STATUS_OK;
}

/* Planes that are complete, to grey. */
static enum status put_held(struct tiff_session *session, struct error *error)
{
    size_t size = (size_t)session->samples.bytes, width = session->page.width;
    size_t plane = width * session->page.height;

    for (int y = 0; session->held && y < (int)session->page.height; y++) {
        struct sample_row from = {session->held + (size_t)y * width * size, size, plane * size};
        struct sample_place place = {y, 0, (int)width, 0, 3, 3};
        PASS(imagefile_store_samples(session->target, session->samples, from, place,
                                     session->file.name, error));
    }
    return STATUS_OK;
}

/* The part of a page that libtiff gives at once, a tile or, one row high, a strip's row. */
struct tiff_block {
    uint32_t width, height;
    size_t row_bytes, each; /* samples of a pixel side by side */
    int channel, channels;  /* of the image that it holds */
};

/* Store a block whose first pixel is that at (row, column) of the page. */
static enum status put_block(struct tiff_session *session, const struct tiff_block *block,
                             uint32_t row, uint32_t column, struct error *error)
{
    const struct tiff_page *page = &session->page;
    uint32_t rows = page->height - row, columns = page->width - column;
    size_t size = (size_t)session->samples.bytes;
    size_t pixel = size * (page->photometric == PHOTOMETRIC_PALETTE ? 3 : block->each);

    rows = rows < block->height ? rows : block->height;
    columns = columns < block->width ? columns : block->width;
    for (uint32_t y = 0; y < rows; y++) {
        const unsigned char *first =
            prepared(session, session->row + y * block->row_bytes, columns, block->each);
        struct sample_place place = {(int)(row + y), (int)column,     (int)columns,
                                     block->channel, block->channels, session->channels};
        PASS(put(session, (struct sample_row){first, pixel, size}, place, error));
    }
    return STATUS_OK;
}

static enum status read_strips(struct tiff_session *session, const struct tiff_block *block,
                               uint16_t plane, struct error *error)
{
    if (TIFFScanlineSize64(session->tiff) != block->row_bytes)
        return error_set(error, STATUS_DATA,
                         "%s: damaged TIFF: rows of another size than its header says",
                         session->file.name);
    for (uint32_t y = 0; y < session->page.height; y++) {
        PASS(interrupt_check(error));
        if (TIFFReadScanline(session->tiff, session->row, y, plane) < 0 || session->failed)
            PASS(tiff_damaged(session, error));
        PASS(put_block(session, block, y, 0, error));
    }
    return STATUS_OK;
}

static enum status read_tiles(struct tiff_session *session, const struct tiff_block *block,
                              uint16_t plane, struct error *error)
{
    if (TIFFTileSize64(session->tiff) != block->row_bytes * block->height)
        return error_set(error, STATUS_DATA,
                         "%s: damaged TIFF: tiles of another size than its header says",
                         session->file.name);
    for (uint32_t y = 0; y < session->page.height; y += block->height)
        for (uint32_t x = 0; x < session->page.width; x += block->width) {
            PASS(interrupt_check(error));
            if (TIFFReadTile(session->tiff, session->row, x, y, 0, plane) < 0 || session->failed)
                PASS(tiff_damaged(session, error));
            PASS(put_block(session, block, y, x, error));
        }
    return STATUS_OK;
}

/* What libtiff gives at once, and room for it. */
static enum status make_room(struct tiff_session *session, struct tiff_block *block,
                             struct error *error)
{
    const struct tiff_page *page = &session->page;

    *block = (struct tiff_block){page->width, 1, 0, page->samples, 0, 0};
    if (page->planar == PLANARCONFIG_SEPARATE)
        block->each = 1;
    if (TIFFIsTiled(session->tiff)) {
        if (!TIFFGetField(session->tiff, TIFFTAG_TILEWIDTH, &block->width) ||
            !TIFFGetField(session->tiff, TIFFTAG_TILELENGTH, &block->height) || block->width == 0 ||
            block->height == 0)
            return error_set(error, STATUS_DATA, "%s: damaged TIFF: tiles without a size",
                             session->file.name);
        double bytes = (double)block->width * block->height * page->bits * (double)block->each / 8;
        double whole = (double)page->width * page->height * page->bits * (double)block->each / 8;
        if (bytes > TILE && bytes > 4 * whole)
            return error_set(error, STATUS_DATA,
                             "%s: damaged TIFF: tiles of %u x %u pixels for an image of %u x %u",
                             session->file.name, block->width, block->height, page->width,
                             page->height);
    }
    block->row_bytes = ((size_t)block->width * block->each * page->bits + 7) / 8;
    memory_free(session->row);
    PASS(memory_new(&session->row, block->height, block->row_bytes, error));
    memory_free(session->unpacked);
    PASS(memory_new(&session->unpacked, block->width, block->each * sizeof *session->unpacked,
                    error));
    if (page->photometric == PHOTOMETRIC_PALETTE) {
        memory_free(session->colours);
        PASS(memory_new(&session->colours, block->width, 3 * sizeof *session->colours, error));
    }
    return STATUS_OK;
}

/* One page, whose first channel is `channel` of the image. */
static enum status read_pixels(struct tiff_session *session, int channel, struct error *error)
{
    const struct tiff_page *page = &session->page;
    const int channels = tiff_channels(page);
    bool separate = page->planar == PLANARCONFIG_SEPARATE;
    struct tiff_block block;

    if (page->photometric == PHOTOMETRIC_YCBCR)
        TIFFSetField(session->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    if (page->photometric == PHOTOMETRIC_PALETTE)
        PASS(read_palette(session, error));
    PASS(make_room(session, &block, error));
    block.channels = separate && page->photometric != PHOTOMETRIC_PALETTE ? 1 : channels;
    for (int plane = 0; plane < channels; plane += block.channels) {
        block.channel = channel + plane;
        if (TIFFIsTiled(session->tiff))
            PASS(read_tiles(session, &block, (uint16_t)plane, error));
        else
            PASS(read_strips(session, &block, (uint16_t)plane, error));
    }
    return STATUS_OK;
}

/* All pages, from the first on. */
static enum status read_image(struct tiff_session *session, struct error *error)
{
    const struct tiff_page *page = &session->page;
    bool planes = page->planar == PLANARCONFIG_SEPARATE || tiff_channels(page) == 1;
    bool more;
    int channel = 0;

    find_format(session);
    if (session->target->image.shape.channels == 1 && session->channels == 3 && planes)
        PASS(memory_new(&session->held, 3 * (size_t)page->width * page->height,
                        (size_t)session->samples.bytes, error));
    PASS(tiff_first_page(session, &more, error));
    for (; more && channel < session->channels; channel += tiff_channels(page)) {
        session->pixels = true;
        PASS(read_pixels(session, channel, error));
        session->pixels = false;
        PASS(tiff_next_page(session, &more, error));
    }
    return put_held(session, error);
}

enum status tiff_decode(struct span file, struct imagefile_target *target, struct error *error)
{
    enum status status = STATUS_OK;
    struct tiff_session session = {.file = file, .target = target, .stored = target->stored};
    struct imagefile_header header;

    TRY(tiff_open_header(&session, &header, error));
    target->orientation = header.orientation;
    TRY(read_image(&session, error));
    snprintf(target->found->remark, sizeof target->found->remark, "%.100s", session.remark);
out:
    tiff_close(&session);
    return status;
}
