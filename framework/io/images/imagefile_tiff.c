/*
 * TIFF: the session with libtiff, and writing.
 *
 * libtiff calls back with faults. Since 4.5 they come to the handle that they belong to; earlier
 * ones have one handler for all, which finds the session by its client data: so threads do not
 * meet.
 */
#include "io/images/imagefile_tiff.h"

#include "base/interrupt.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

enum { ALLOCATION = 256 << 20 }; /* bytes at most */

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

void tiff_open(struct tiff_session *session, const char *mode)
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

void tiff_close(struct tiff_session *session)
{
    if (session->tiff)
        TIFFClose(session->tiff);
    session->tiff = NULL;
    memory_free(session->row);
    memory_free(session->unpacked);
    memory_free(session->colours);
    memory_free(session->held);
}

enum status tiff_damaged(const struct tiff_session *session, struct error *error)
{
    return error_set(error, STATUS_DATA, "%s: damaged TIFF: %s", session->file.name,
                     session->message[0] ? session->message : "the list of its pages is broken");
}

static void set_fields(TIFF *tiff, struct shape shape, int bits)
{
    static const uint16_t none[IMAGEFILE_CHANNELS] = {EXTRASAMPLE_UNSPECIFIED};
    bool colour = shape.channels == 3;
    int extra = shape.channels - (colour ? 3 : 1);

    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, (uint32_t)shape.width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, (uint32_t)shape.height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, bits == 32 ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, shape.channels);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, colour ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
    if (extra)
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, extra, none);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP,
                 1 + (uint32_t)(65536 / (4 * (size_t)shape.width * (size_t)shape.channels)));
}

/* One row, its channels interleaved; libtiff wants numbers in the machine's order. */
static void fill_row(struct image image, size_t y, int bits, float *row)
{
    size_t width = (size_t)image.shape.width, channels = (size_t)image.shape.channels;
    size_t plane = shape_plane(image.shape);
    const uint16_t one = 1;

    if (bits != 32) {
        imagefile_levels_row(image, (int)y, bits, *(const unsigned char *)&one == 0,
                             (unsigned char *)row);
        return;
    }
    for (size_t x = 0; x < width; x++)
        for (size_t c = 0; c < channels; c++)
            row[x * channels + c] = image.pixels[c * plane + y * width + x];
}

enum status tiff_write(FILE *file, const char *name, struct image image, int bits,
                       struct error *error)
{
    enum status status = STATUS_OK;
    struct tiff_session session = {.output = file, .file = {NULL, 0, name}};
    size_t width = (size_t)image.shape.width, channels = (size_t)image.shape.channels;
    size_t plane = shape_plane(image.shape);
    float *row = NULL;

    TRY(memory_new(&row, width * channels, sizeof *row, error));
    tiff_open(&session, 4 * plane * channels < UINT32_MAX / 2 ? "wl" : "wl8");
    if (session.tiff)
        set_fields(session.tiff, image.shape, bits);
    for (size_t y = 0; session.tiff && !session.failed && y < (size_t)image.shape.height; y++) {
        TRY(interrupt_check(error));
        fill_row(image, y, bits, row);
        TIFFWriteScanline(session.tiff, row, (uint32_t)y, 0);
    }
    if (session.tiff && !session.failed)
        TIFFFlush(session.tiff);
    if (!session.tiff || session.failed)
        TRY(error_set(error, STATUS_IO, "%s: writing the TIFF failed: %s", name, session.message));
out:
    memory_free(row);
    tiff_close(&session);
    return status;
}
