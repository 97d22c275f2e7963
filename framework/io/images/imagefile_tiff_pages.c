/*
 * TIFF: the directories of a file, called pages here.
 *
 * A header can claim any size. Before anybody makes room for an image, its size is compared with
 * what the file's bytes could hold at the most, by their compression.
 */
#include "io/images/imagefile_tiff.h"

#include "base/interrupt.h"

#include <string.h>

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
    TIFF *tiff = session->tiff;

    memset(page, 0, sizeof *page);
    if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &page->width) ||
        !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &page->height) ||
        !TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &page->photometric))
        return error_set(error, STATUS_DATA,
                         "%s: damaged TIFF: no width, height or kind of colours",
                         session->file.name);
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
        PASS(refuse(session, error, "compression ", page->compression,
                    "; expected none, LZW, deflate, PackBits, JPEG, Zstandard or fax"));
    PASS(find_alpha(session, page, error));
    PASS(check_samples(session, page, error));
    PASS(check_colours(session, page, error));
    if (session->stored && page->compression == COMPRESSION_JPEG)
        return refuse(session, error, "compression ", page->compression,
                      " (JPEG), which changes numbers");
    if (session->stored && page->photometric != PHOTOMETRIC_RGB)
        page->photometric = PHOTOMETRIC_MINISBLACK;
    return STATUS_OK;
}

int tiff_channels(const struct tiff_page *page)
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
    const struct tiff_page *page = &session->page;

    PASS(imagefile_size(session->file, page->width, page->height, shape, error));
    shape->channels = session->channels;
    if ((double)shape_plane(*shape) * session->channels > IMAGEFILE_SAMPLES)
        return error_set(
            error, STATUS_DATA,
            "%s: an image of %d x %d pixels with %d channels; expected at most %d samples",
            session->file.name, shape->width, shape->height, session->channels, IMAGEFILE_SAMPLES);
    if (bits / 8 > (double)session->file.length * expansion(page->compression))
        return error_set(error, STATUS_DATA,
                         "%s: damaged TIFF: %d x %d pixels with %d channel%s are more than its %zu "
                         "bytes can hold",
                         session->file.name, shape->width, shape->height, session->channels,
                         session->channels == 1 ? "" : "s", session->file.length);
    return STATUS_OK;
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

enum status tiff_next_page(struct tiff_session *session, bool *more, struct error *error)
{
    *more = false;
    for (int i = 0; i <= IMAGEFILE_CHANNELS && !TIFFLastDirectory(session->tiff); i++) {
        if (interrupt_requested())
            return interrupt_check(error);
        if (!TIFFReadDirectory(session->tiff) || session->failed)
            return tiff_damaged(session, error);
        if (is_beside(session))
            continue;
        *more = true;
        return STATUS_OK;
    }
    return STATUS_OK;
}

enum status tiff_first_page(struct tiff_session *session, bool *more, struct error *error)
{
    if (!TIFFSetDirectory(session->tiff, 0))
        return tiff_damaged(session, error);
    *more = true;
    return is_beside(session) ? tiff_next_page(session, more, error) : STATUS_OK;
}

/* All pages but for their pixels: fills `shape` with what is stored. */
static enum status read_pages(struct tiff_session *session, struct shape *shape,
                              struct error *error)
{
    struct tiff_page page;
    bool more = true;
    double bits = 0;

    if (is_beside(session))
        PASS(tiff_next_page(session, &more, error));
    if (!more)
        return error_set(error, STATUS_DATA, "%s: TIFF: only smaller copies or masks of an image",
                         session->file.name);
    for (int number = 1; more; number++) {
        PASS(read_page(session, &page, error));
        if (number == 1)
            session->page = page;
        else if (memcmp(&page, &session->page, sizeof page) != 0)
            PASS(unequal(session, &page, number, error));
        session->channels += tiff_channels(&page);
        bits += (double)page.width * page.height * page.bits * page.samples;
        if (session->channels > IMAGEFILE_CHANNELS)
            return error_set(error, STATUS_DATA,
                             "%s: TIFF: more than %d channels; expected 1 to %d",
                             session->file.name, IMAGEFILE_CHANNELS, IMAGEFILE_CHANNELS);
        PASS(tiff_next_page(session, &more, error));
    }
    return check_size(session, bits, shape, error);
}

enum status tiff_open_header(struct tiff_session *session, struct imagefile_header *header,
                             struct error *error)
{
    tiff_open(session, "rM");
    if (!session->tiff || session->failed)
        PASS(tiff_damaged(session, error));
    PASS(read_pages(session, &header->shape, error));
    header->orientation = session->page.orientation;
    return STATUS_OK;
}

enum status tiff_header(struct span file, bool stored, struct imagefile_header *header,
                        struct error *error)
{
    struct tiff_session session = {.file = file, .stored = stored};
    enum status status = tiff_open_header(&session, header, error);
    tiff_close(&session);
    return status;
}
