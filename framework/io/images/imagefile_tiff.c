/*
 * TIFF and BigTIFF through libtiff: strips and tiles, samples side by side or in planes, pages of
 * one size as the channels of one image. What is read is what is stored: whole numbers of 1 to 16
 * and 32 bits, floats of 32 and 64; palettes become colour, white as 0 is turned round, YCbCr
 * within JPEG becomes RGB. Other colours are refused, and so is every compression that libtiff
 * fills up with something when it is damaged.
 *
 * A header can claim any size. Before anybody makes room for an image, its size is compared with
 * what the file's bytes could hold at the most, by their compression. Pixels are read a row or a
 * tile at a time; three planes that become grey are the exception: they are held until the last is
 * there.
 *
 * libtiff calls back with faults. Since 4.5 they come to the handle that they belong to; earlier
 * ones have one handler for all, which finds the session by its client data: so threads do not
 * meet.
 */
#include "io/images/imagefile_samples.h"

#include "base/interrupt.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>
#include <tiffio.h>

enum { ALLOCATION = 256 << 20, TILE = 64 << 20 }; /* bytes at most */

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

static void note(char *to, size_t room, const char *format, va_list arguments)
{
    vsnprintf(to, room, format, arguments);
    for (; *to; to++)
        if ((unsigned char)*to < ' ' || (unsigned char)*to > '~')
            *to = '?';
}

static void hear_error(struct tiff_session *session, const char *format, va_list arguments)
{
    if (!session->failed)
        note(session->message, sizeof session->message, format, arguments);
    session->failed = true;
}

/* Programs put tags of their own into files; what they mean is not for us. */
static void hear_warning(struct tiff_session *session, const char *format, va_list arguments)
{
    if (strstr(format, "nknown field with tag") || strncmp(format, "Old-style LZW", 13) == 0)
        return;
    if (session->pixels)
        hear_error(session, format, arguments);
    else if (!session->remark[0])
        note(session->remark, sizeof session->remark, format, arguments);
}

#if TIFFLIB_VERSION >= 20221213
static int on_error(TIFF *tiff, void *context, const char *module, const char *format,
                    va_list arguments)
{
    (void)tiff, (void)module;
    hear_error(context, format, arguments);
    return 1;
}

static int on_warning(TIFF *tiff, void *context, const char *module, const char *format,
                      va_list arguments)
{
    (void)tiff, (void)module;
    hear_warning(context, format, arguments);
    return 1;
}
#else
#include <pthread.h>

static void on_error(thandle_t context, const char *module, const char *format, va_list arguments)
{
    (void)module;
    if (context)
        hear_error((struct tiff_session *)context, format, arguments);
}

static void on_warning(thandle_t context, const char *module, const char *format, va_list arguments)
{
    (void)module;
    if (context)
        hear_warning((struct tiff_session *)context, format, arguments);
}

static void set_handlers(void)
{
    TIFFSetErrorHandler(NULL);
    TIFFSetWarningHandler(NULL);
    TIFFSetErrorHandlerExt(on_error);
    TIFFSetWarningHandlerExt(on_warning);
}
#endif

static tmsize_t take(thandle_t handle, void *to, tmsize_t size)
{
    struct tiff_session *session = (struct tiff_session *)handle;
    size_t at = session->at < session->file.length ? (size_t)session->at : session->file.length;
    size_t count = session->file.length - at;

    if (session->output) /* a directory that was written is read again */
        return (tmsize_t)fread(to, 1, (size_t)size, session->output);
    count = count < (size_t)size ? count : (size_t)size;
    memcpy(to, session->file.data + at, count);
    session->at = at + count;
    return (tmsize_t)count;
}

static tmsize_t give(thandle_t handle, void *from, tmsize_t size)
{
    struct tiff_session *session = (struct tiff_session *)handle;
    return session->output ? (tmsize_t)fwrite(from, 1, (size_t)size, session->output) : 0;
}

static toff_t place(thandle_t handle, toff_t offset, int whence)
{
    struct tiff_session *session = (struct tiff_session *)handle;

    if (session->output)
        return fseeko(session->output, (off_t)offset, whence) == 0 ? (toff_t)ftello(session->output)
                                                                   : (toff_t)-1;
    session->at = whence == SEEK_CUR   ? session->at + offset
                  : whence == SEEK_END ? session->file.length + offset
                                       : offset;
    return session->at;
}

static toff_t length_of(thandle_t handle)
{
    struct tiff_session *session = (struct tiff_session *)handle;
    return session->file.length;
}

/* The file lies in memory: libtiff need not copy what is packed. */
static int lend(thandle_t handle, void **base, toff_t *size)
{
    struct tiff_session *session = (struct tiff_session *)handle;

    if (session->output)
        return 0;
    *base = (void *)(uintptr_t)session->file.data; /* which it only reads */
    *size = session->file.length;
    return 1;
}

static void take_back(thandle_t handle, void *base, toff_t size)
{
    (void)handle, (void)base, (void)size;
}

static int keep_open(thandle_t handle)
{
    (void)handle;
    return 0;
}

static void open_tiff(struct tiff_session *session, const char *mode)
{
#if TIFFLIB_VERSION >= 20221213
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();

    if (!options)
        return;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, ALLOCATION);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, session);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, session);
    session->tiff = TIFFClientOpenExt("", mode, session, take, give, place, keep_open, length_of,
                                      lend, take_back, options);
    TIFFOpenOptionsFree(options);
#else
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, set_handlers);
    session->tiff =
        TIFFClientOpen("", mode, session, take, give, place, keep_open, length_of, lend, take_back);
#endif
}

static void close_tiff(struct tiff_session *session)
{
    if (session->tiff)
        TIFFClose(session->tiff);
    session->tiff = NULL;
    memory_free(session->row);
    memory_free(session->unpacked);
    memory_free(session->colours);
    memory_free(session->held);
}

static enum status damaged(const struct tiff_session *session, struct error *error)
{
    return error_set(error, STATUS_DATA, "%s: damaged TIFF: %s", session->file.name,
                     session->message[0] ? session->message : "the list of its pages is broken");
}

/* How many bytes one byte of a file can become, at most; 0: the compression is not taken. Deflate
 * comes to 1032; LZW's longest text grows by one with each code of 12 bits; an empty row of a fax,
 * or a block of JPEG without detail, takes a bit. */
static double expansion(uint16_t compression)
{
    switch (compression) {
    case COMPRESSION_NONE: return 1;
    case COMPRESSION_PACKBITS: return 64;
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE: return 1040;
    case COMPRESSION_JPEG: return 2048;
    case COMPRESSION_LZW: return 4096;
#ifdef COMPRESSION_ZSTD
    case COMPRESSION_ZSTD: return 65536;
#endif
    case COMPRESSION_CCITTRLE:
    case COMPRESSION_CCITTFAX3:
    case COMPRESSION_CCITTFAX4: return 131072;
    default: return 0;
    }
}

/* "BEFORE 12 AFTER" is what the file has and what was expected. */
static enum status refuse(const struct tiff_session *session, struct error *error,
                          const char *before, int number, const char *after)
{
    return error_set(error, STATUS_DATA, "%s: not supported: TIFF: %s%d%s", session->file.name,
                     before, number, after);
}

static const char *colours_of(uint16_t photometric)
{
    switch (photometric) {
    case PHOTOMETRIC_SEPARATED: return " (CMYK or other inks); expected grey, RGB or a palette";
    case PHOTOMETRIC_YCBCR: return " (YCbCr that is not JPEG); expected grey, RGB or a palette";
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
    case PHOTOMETRIC_ITULAB: return " (L*a*b*); expected grey, RGB or a palette";
    case PHOTOMETRIC_CFA: return " (a raw mosaic of colours); expected grey, RGB or a palette";
    default: return "; expected grey, RGB or a palette";
    }
}

/* The colours that samples are; what the file says otherwise is refused. */
static enum status check_colours(const struct tiff_session *session, const struct tiff_page *page,
                                 struct error *error)
{
    bool ycbcr = page->photometric == PHOTOMETRIC_YCBCR;
    bool whole = page->format == SAMPLEFORMAT_UINT;
    int samples = page->samples - page->alpha;

    if (ycbcr && page->compression == COMPRESSION_JPEG && samples == 3)
        return STATUS_OK;
    if (page->photometric != PHOTOMETRIC_MINISBLACK && page->photometric != PHOTOMETRIC_RGB &&
        page->photometric != PHOTOMETRIC_PALETTE && page->photometric != PHOTOMETRIC_MINISWHITE)
        return refuse(session, error, "kind of colours ", page->photometric,
                      colours_of(page->photometric));
    if (page->photometric == PHOTOMETRIC_MINISWHITE && !whole)
        return refuse(session, error, "kind of samples ", page->format,
                      " (with a sign), in which 0 is white");
    if (page->photometric == PHOTOMETRIC_PALETTE && (!whole || samples != 1 || page->bits > 8))
        return refuse(session, error, "a palette with ", page->bits,
                      " bits; expected 1 to 8, and one sample");
    if (page->photometric == PHOTOMETRIC_RGB && samples < 3)
        return error_set(error, STATUS_DATA, "%s: damaged TIFF: RGB with fewer than three samples",
                         session->file.name);
    return STATUS_OK;
}

static enum status check_samples(const struct tiff_session *session, const struct tiff_page *page,
                                 struct error *error)
{
    int bits = page->bits;
    bool good;

    switch (page->format) {
    case SAMPLEFORMAT_UINT: good = (bits >= 1 && bits <= 16) || bits == 32; break;
    case SAMPLEFORMAT_INT: good = bits == 8 || bits == 16 || bits == 32; break;
    case SAMPLEFORMAT_IEEEFP: good = bits == 32 || bits == 64; break;
    default:
        return refuse(session, error, "kind of samples ", page->format,
                      " (complex or unknown); expected whole numbers or floats");
    }
    return good ? STATUS_OK
                : refuse(
                      session, error, "", bits,
                      " bits a sample; expected 1 to 16 or 32, with a sign 8, 16 or 32, of floats "
                      "32 or 64");
}

/* Is the last sample transparency? It is not taken; elsewhere among them it has no place. */
static enum status find_alpha(struct tiff_session *session, struct tiff_page *page,
                              struct error *error)
{
    uint16_t count = 0, *kinds = NULL;

    page->alpha = 0;
    if (!TIFFGetField(session->tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds))
        return STATUS_OK;
    for (uint16_t i = 0; i < count && i < page->samples; i++) {
        bool alpha = kinds[i] == EXTRASAMPLE_ASSOCALPHA || kinds[i] == EXTRASAMPLE_UNASSALPHA;
        if (alpha && i + 1 < count)
            return refuse(session, error, "transparency at extra sample ", i + 1,
                          "; expected the last one");
        page->alpha = alpha;
    }
    if (page->samples <= page->alpha)
        return error_set(error, STATUS_DATA, "%s: damaged TIFF: no samples but transparency",
                         session->file.name);
    return STATUS_OK;
}

/* The directory where libtiff stands. */
static enum status read_page(struct tiff_session *session, struct tiff_page *page,
                             struct error *error)
{
    enum status status = STATUS_OK;
    TIFF *tiff = session->tiff;

    memset(page, 0, sizeof *page);
    if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &page->width) ||
        !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &page->height) ||
        !TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &page->photometric))
        TRY(error_set(error, STATUS_DATA, "%s: damaged TIFF: no width, height or kind of colours",
                      session->file.name));
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &page->bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &page->samples);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &page->format);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &page->planar);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &page->compression);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &page->orientation);
    if (page->format == SAMPLEFORMAT_VOID)
        page->format = SAMPLEFORMAT_UINT;
    if (page->orientation < 1 || page->orientation > 8)
        page->orientation = 1;
    if (expansion(page->compression) == 0 || !TIFFIsCODECConfigured(page->compression))
        TRY(refuse(session, error, "compression ", page->compression,
                   "; expected none, LZW, deflate, PackBits, JPEG, Zstandard or fax"));
    TRY(find_alpha(session, page, error));
    TRY(check_samples(session, page, error));
    TRY(check_colours(session, page, error));
out:
    return status;
}

static int channels_of(const struct tiff_page *page)
{
    return page->photometric == PHOTOMETRIC_PALETTE ? 3 : page->samples - page->alpha;
}

/* Smaller copies of an image, and masks. */
static bool is_beside(const struct tiff_session *session)
{
    uint32_t kind = 0;
    return TIFFGetField(session->tiff, TIFFTAG_SUBFILETYPE, &kind) &&
           (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK));
}

/* Could the bytes of the file become these pages? */
static enum status check_size(struct tiff_session *session, double bits, struct shape *shape,
                              struct error *error)
{
    enum status status = STATUS_OK;
    const struct tiff_page *page = &session->page;

    TRY(imagefile_size(session->file, page->width, page->height, shape, error));
    shape->channels = session->channels;
    if ((double)shape_plane(*shape) * session->channels > IMAGEFILE_SAMPLES)
        TRY(error_set(
            error, STATUS_DATA,
            "%s: an image of %d x %d pixels with %d channels; expected at most %d samples",
            session->file.name, shape->width, shape->height, session->channels, IMAGEFILE_SAMPLES));
    if (bits / 8 > (double)session->file.length * expansion(page->compression))
        TRY(error_set(error, STATUS_DATA,
                      "%s: damaged TIFF: %d x %d pixels with %d channel%s are more than its %zu "
                      "bytes can hold",
                      session->file.name, shape->width, shape->height, session->channels,
                      session->channels == 1 ? "" : "s", session->file.length));
out:
    return status;
}

static enum status unequal(const struct tiff_session *session, const struct tiff_page *page,
                           int number, struct error *error)
{
    const struct tiff_page *first = &session->page;

    if (page->width != first->width || page->height != first->height)
        return error_set(error, STATUS_DATA,
                         "%s: TIFF: page %d has %u x %u pixels, the first one %u x %u; pages are "
                         "the channels of one image",
                         session->file.name, number, page->width, page->height, first->width,
                         first->height);
    return error_set(
        error, STATUS_DATA,
        "%s: TIFF: page %d has other samples, colours, compression or orientation than the first "
        "one; pages are the channels of one image",
        session->file.name, number);
}

/* On to the next page that counts. *more is false where there is none. */
static enum status next_page(struct tiff_session *session, bool *more, struct error *error)
{
    *more = false;
    for (int i = 0; i <= IMAGEFILE_CHANNELS && !TIFFLastDirectory(session->tiff); i++) {
        if (interrupt_requested())
            return interrupt_check(error);
        if (!TIFFReadDirectory(session->tiff) || session->failed)
            return damaged(session, error);
        if (is_beside(session))
            continue;
        *more = true;
        return STATUS_OK;
    }
    return STATUS_OK;
}

/* All pages but for their pixels: fills `shape` with what is stored. */
static enum status read_pages(struct tiff_session *session, struct shape *shape,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct tiff_page page;
    bool more = true;
    double bits = 0;

    if (is_beside(session))
        TRY(next_page(session, &more, error));
    if (!more)
        TRY(error_set(error, STATUS_DATA, "%s: TIFF: only smaller copies or masks of an image",
                      session->file.name));
    for (int number = 1; more; number++) {
        TRY(read_page(session, &page, error));
        if (number == 1)
            session->page = page;
        else if (memcmp(&page, &session->page, sizeof page) != 0)
            TRY(unequal(session, &page, number, error));
        session->channels += channels_of(&page);
        bits += (double)page.width * page.height * page.bits * page.samples;
        if (session->channels > IMAGEFILE_CHANNELS)
            TRY(error_set(error, STATUS_DATA, "%s: TIFF: more than %d channels; expected 1 to %d",
                          session->file.name, IMAGEFILE_CHANNELS, IMAGEFILE_CHANNELS));
        TRY(next_page(session, &more, error));
    }
    TRY(check_size(session, bits, shape, error));
out:
    return status;
}

static enum status open_header(struct tiff_session *session, struct imagefile_header *header,
                               struct error *error)
{
    enum status status = STATUS_OK;

    open_tiff(session, "rM");
    if (!session->tiff || session->failed)
        TRY(damaged(session, error));
    TRY(read_pages(session, &header->shape, error));
    header->orientation = session->page.orientation;
out:
    return status;
}

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
    enum status status = STATUS_OK;
    size_t size = (size_t)session->samples.bytes, width = session->page.width;
    size_t plane = width * session->page.height;

    for (int y = 0; session->held && y < (int)session->page.height; y++) {
        struct sample_row from = {session->held + (size_t)y * width * size, size, plane * size};
        struct sample_place place = {y, 0, (int)width, 0, 3, 3};
        TRY(imagefile_store_samples(session->target, session->samples, from, place,
                                    session->file.name, error));
    }
out:
    return status;
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
    enum status status = STATUS_OK;
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
        TRY(put(session, (struct sample_row){first, pixel, size}, place, error));
    }
out:
    return status;
}

static enum status read_strips(struct tiff_session *session, const struct tiff_block *block,
                               uint16_t plane, struct error *error)
{
    enum status status = STATUS_OK;

    if (TIFFScanlineSize64(session->tiff) != block->row_bytes)
        TRY(error_set(error, STATUS_DATA,
                      "%s: damaged TIFF: rows of another size than its header says",
                      session->file.name));
    for (uint32_t y = 0; y < session->page.height; y++) {
        TRY(interrupt_check(error));
        if (TIFFReadScanline(session->tiff, session->row, y, plane) < 0 || session->failed)
            TRY(damaged(session, error));
        TRY(put_block(session, block, y, 0, error));
    }
out:
    return status;
}

static enum status read_tiles(struct tiff_session *session, const struct tiff_block *block,
                              uint16_t plane, struct error *error)
{
    enum status status = STATUS_OK;

    if (TIFFTileSize64(session->tiff) != block->row_bytes * block->height)
        TRY(error_set(error, STATUS_DATA,
                      "%s: damaged TIFF: tiles of another size than its header says",
                      session->file.name));
    for (uint32_t y = 0; y < session->page.height; y += block->height)
        for (uint32_t x = 0; x < session->page.width; x += block->width) {
            TRY(interrupt_check(error));
            if (TIFFReadTile(session->tiff, session->row, x, y, 0, plane) < 0 || session->failed)
                TRY(damaged(session, error));
            TRY(put_block(session, block, y, x, error));
        }
out:
    return status;
}

/* What libtiff gives at once, and room for it. */
static enum status make_room(struct tiff_session *session, struct tiff_block *block,
                             struct error *error)
{
    enum status status = STATUS_OK;
    const struct tiff_page *page = &session->page;

    *block = (struct tiff_block){page->width, 1, 0, page->samples, 0, 0};
    if (page->planar == PLANARCONFIG_SEPARATE)
        block->each = 1;
    if (TIFFIsTiled(session->tiff)) {
        if (!TIFFGetField(session->tiff, TIFFTAG_TILEWIDTH, &block->width) ||
            !TIFFGetField(session->tiff, TIFFTAG_TILELENGTH, &block->height) || block->width == 0 ||
            block->height == 0)
            TRY(error_set(error, STATUS_DATA, "%s: damaged TIFF: tiles without a size",
                          session->file.name));
        double bytes = (double)block->width * block->height * page->bits * (double)block->each / 8;
        double whole = (double)page->width * page->height * page->bits * (double)block->each / 8;
        if (bytes > TILE && bytes > 4 * whole)
            TRY(error_set(error, STATUS_DATA,
                          "%s: damaged TIFF: tiles of %u x %u pixels for an image of %u x %u",
                          session->file.name, block->width, block->height, page->width,
                          page->height));
    }
    block->row_bytes = ((size_t)block->width * block->each * page->bits + 7) / 8;
    memory_free(session->row);
    TRY(memory_new(&session->row, block->height, block->row_bytes, error));
    memory_free(session->unpacked);
    TRY(memory_new(&session->unpacked, block->width, block->each * sizeof *session->unpacked,
                   error));
    if (page->photometric == PHOTOMETRIC_PALETTE) {
        memory_free(session->colours);
        TRY(memory_new(&session->colours, block->width, 3 * sizeof *session->colours, error));
    }
out:
    return status;
}

/* One page, whose first channel is `channel` of the image. */
static enum status read_pixels(struct tiff_session *session, int channel, struct error *error)
{
    enum status status = STATUS_OK;
    const struct tiff_page *page = &session->page;
    const int channels = channels_of(page);
    bool separate = page->planar == PLANARCONFIG_SEPARATE;
    struct tiff_block block;

    if (page->photometric == PHOTOMETRIC_YCBCR)
        TIFFSetField(session->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    if (page->photometric == PHOTOMETRIC_PALETTE)
        TRY(read_palette(session, error));
    TRY(make_room(session, &block, error));
    block.channels = separate && page->photometric != PHOTOMETRIC_PALETTE ? 1 : channels;
    for (int plane = 0; plane < channels; plane += block.channels) {
        block.channel = channel + plane;
        if (TIFFIsTiled(session->tiff))
            TRY(read_tiles(session, &block, (uint16_t)plane, error));
        else
            TRY(read_strips(session, &block, (uint16_t)plane, error));
    }
out:
    return status;
}

/* All pages, from the first on. */
static enum status read_image(struct tiff_session *session, struct error *error)
{
    enum status status = STATUS_OK;
    const struct tiff_page *page = &session->page;
    bool planes = page->planar == PLANARCONFIG_SEPARATE || channels_of(page) == 1;
    bool more = true;
    int channel = 0;

    find_format(session);
    if (session->target->image.shape.channels == 1 && session->channels == 3 && planes)
        TRY(memory_new(&session->held, 3 * (size_t)page->width * page->height,
                       (size_t)session->samples.bytes, error));
    if (!TIFFSetDirectory(session->tiff, 0))
        TRY(damaged(session, error));
    if (is_beside(session))
        TRY(next_page(session, &more, error));
    for (; more && channel < session->channels; channel += channels_of(page)) {
        session->pixels = true;
        TRY(read_pixels(session, channel, error));
        session->pixels = false;
        TRY(next_page(session, &more, error));
    }
    TRY(put_held(session, error));
out:
    return status;
}

enum status tiff_header(struct span file, struct imagefile_header *header, struct error *error)
{
    struct tiff_session session = {.file = file};
    enum status status = open_header(&session, header, error);
    close_tiff(&session);
    return status;
}

enum status tiff_decode(struct span file, struct imagefile_target *target, struct error *error)
{
    enum status status = STATUS_OK;
    struct tiff_session session = {.file = file, .target = target};
    struct imagefile_header header;

    TRY(open_header(&session, &header, error));
    target->orientation = header.orientation;
    TRY(read_image(&session, error));
    snprintf(target->found->remark, sizeof target->found->remark, "%.100s", session.remark);
out:
    close_tiff(&session);
    return status;
}

static void set_fields(TIFF *tiff, struct shape shape)
{
    static const uint16_t none[IMAGEFILE_CHANNELS] = {EXTRASAMPLE_UNSPECIFIED};
    bool colour = shape.channels == 3;
    int extra = shape.channels - (colour ? 3 : 1);

    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, (uint32_t)shape.width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, (uint32_t)shape.height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 32);
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, shape.channels);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, colour ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
    if (extra)
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, extra, none);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP,
                 1 + (uint32_t)(65536 / (4 * (size_t)shape.width * (size_t)shape.channels)));
}

enum status tiff_write(FILE *file, const char *name, struct image image, struct error *error)
{
    enum status status = STATUS_OK;
    struct tiff_session session = {.output = file, .file = {NULL, 0, name}};
    size_t width = (size_t)image.shape.width, channels = (size_t)image.shape.channels;
    size_t plane = shape_plane(image.shape);
    float *row = NULL;

    TRY(memory_new(&row, width * channels, sizeof *row, error));
    open_tiff(&session, 4 * plane * channels < UINT32_MAX / 2 ? "wl" : "wl8");
    if (session.tiff)
        set_fields(session.tiff, image.shape);
    for (size_t y = 0; session.tiff && !session.failed && y < (size_t)image.shape.height; y++) {
        TRY(interrupt_check(error));
        for (size_t x = 0; x < width; x++)
            for (size_t c = 0; c < channels; c++)
                row[x * channels + c] = image.pixels[c * plane + y * width + x];
        TIFFWriteScanline(session.tiff, row, (uint32_t)y, 0);
    }
    if (session.tiff && !session.failed)
        TIFFFlush(session.tiff);
    if (!session.tiff || session.failed)
        TRY(error_set(error, STATUS_IO, "%s: writing the TIFF failed: %s", name, session.message));
out:
    memory_free(row);
    close_tiff(&session);
    return status;
}
