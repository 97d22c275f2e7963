/*
 * PNG through libpng (its manual's "simple" way with setjmp, which C's other users of libpng must
 * take too). libpng reports faults by a call that must not return; ours jumps back to the one
 * setjmp in front of each group of calls. Everything that lives across the jump is in the session,
 * reached through a pointer, so that no local variable can be lost.
 */
#include "io/images/imagefile_formats.h"

#include "base/interrupt.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

struct png_session {
    png_structp png;
    png_infop info;
    struct span file; /* reading */
    size_t at;
    bool stored;
    png_bytep pixels; /* reading: one row, or all of them when interlaced */
    jmp_buf escape;
    char message[128];
};

static void fail(png_structp png, png_const_charp message)
{
    struct png_session *session = png_get_error_ptr(png);
    snprintf(session->message, sizeof session->message, "%s", message);
    longjmp(session->escape, 1);
}

/* Warnings are about ancillary matters (colour profiles, texts) that we do not use. */
static void ignore(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void take(png_structp png, png_bytep to, size_t length)
{
    struct png_session *session = png_get_io_ptr(png);
    if (length > session->file.length - session->at)
        png_error(png, "file ends too early");
    memcpy(to, session->file.data + session->at, length);
    session->at += length;
}

static void release(struct png_session *session)
{
    if (session->png && session->pixels)
        png_free(session->png, session->pixels);
    png_destroy_read_struct(&session->png, &session->info, NULL);
}

static int orientation(const struct png_session *session)
{
#ifdef PNG_eXIf_SUPPORTED
    png_bytep exif;
    png_uint_32 length;

    if (png_get_eXIf_1(session->png, session->info, &length, &exif))
        return exif_orientation(exif, length);
#endif
    return 1;
}

static void read_palette(const struct png_session *session, struct imagefile_header *header)
{
    png_colorp palette;
    int count;

    if (!png_get_PLTE(session->png, session->info, &palette, &count))
        return;
    header->colours = count < IMAGEFILE_PALETTE ? count : IMAGEFILE_PALETTE;
    for (int i = 0; i < header->colours; i++)
        header->palette[i] =
            (uint32_t)palette[i].red << 16 | (uint32_t)palette[i].green << 8 | palette[i].blue;
}

/* Read up to the first pixels. */
static enum status open_header(struct png_session *session, struct imagefile_header *header,
                               struct error *error)
{
    if (setjmp(session->escape))
        return error_set(error, STATUS_DATA, "%s: damaged PNG: %s", session->file.name,
                         session->message);
    session->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, session, fail, ignore);
    if (session->png)
        session->info = png_create_info_struct(session->png);
    if (!session->info)
        return error_set(error, STATUS_MEMORY, "%s: out of memory while reading it",
                         session->file.name);
    png_set_read_fn(session->png, session, take);
    png_set_crc_action(session->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_user_limits(session->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* ours come below */
    png_set_chunk_malloc_max(session->png, 8 << 20);
    png_set_chunk_cache_max(session->png, 64);
    png_read_info(session->png, session->info);
    header->orientation = orientation(session);
    int type = png_get_color_type(session->png, session->info);
    bool indexed = type == PNG_COLOR_TYPE_PALETTE;
    if (indexed)
        read_palette(session, header);
    header->shape.channels = type & PNG_COLOR_MASK_COLOR && !(indexed && session->stored) ? 3 : 1;
    return imagefile_size(session->file, png_get_image_width(session->png, session->info),
                          png_get_image_height(session->png, session->info), &header->shape, error);
}

/* Samples of 8 or 16 bits, 1 or 3 a pixel, whatever the file holds; numbers keep their value. */
static void set_transforms(struct png_session *session)
{
    png_structp png = session->png;
    int type = png_get_color_type(png, session->info);

    png_set_strip_alpha(png);
    if (session->stored) {
        png_set_packing(png);
        return;
    }
    if (type == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(png);
    if (type == PNG_COLOR_TYPE_GRAY)
        png_set_expand_gray_1_2_4_to_8(png);
}

static enum status read_pixels(struct png_session *session, struct imagefile_target *target,
                               struct error *error)
{
    if (setjmp(session->escape))
        return error_set(error, STATUS_DATA, "%s: damaged PNG: %s", session->file.name,
                         session->message);
    png_structp png = session->png;
    set_transforms(session);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, session->info);
    size_t row_bytes = png_get_rowbytes(png, session->info);
    size_t stride = passes > 1 ? row_bytes : 0;
    int channels = png_get_channels(png, session->info);
    unsigned maximum = png_get_bit_depth(png, session->info) == 16 ? 65535 : 255;

    session->pixels =
        png_malloc(png, stride ? row_bytes * (size_t)imagefile_rows(target) : row_bytes);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < imagefile_rows(target); y++) {
            png_bytep row = session->pixels + stride * (size_t)y;
            if (interrupt_requested())
                return interrupt_check(error);
            png_read_row(png, row, NULL);
            if (pass == passes - 1)
                imagefile_store_row(target, y, row, channels, maximum);
        }
    png_read_end(png, NULL);
    return STATUS_OK;
}

enum status png_header(struct span file, bool stored, struct imagefile_header *header,
                       struct error *error)
{
    struct png_session session = {.file = file, .stored = stored};
    enum status status = open_header(&session, header, error);
    release(&session);
    return status;
}

enum status png_decode(struct span file, struct imagefile_target *target, struct error *error)
{
    enum status status = STATUS_OK;
    struct png_session session = {.file = file, .stored = target->stored};
    struct imagefile_header header = {0};

    TRY(open_header(&session, &header, error));
    target->orientation = header.orientation;
    TRY(read_pixels(&session, target, error));
out:
    release(&session);
    return status;
}

/* zlib clears its tables for each file, 128 kB of them for the largest level: a small image needs
 * no more than hold all its bytes. */
static int memory_level(size_t bytes)
{
    int level = 1;

    while (level < 8 && (size_t)64 << level < bytes)
        level++;
    return level;
}

static enum status write_pixels(struct png_session *session, FILE *file, struct image image,
                                int bits, struct error *error)
{
    if (setjmp(session->escape))
        return error_set(error, STATUS_IO, "%s: writing the PNG failed: %s", session->file.name,
                         session->message);
    session->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, session, fail, ignore);
    if (session->png)
        session->info = png_create_info_struct(session->png);
    if (!session->info)
        return error_set(error, STATUS_MEMORY, "%s: no memory to write it", session->file.name);
    png_structp png = session->png;
    png_init_io(png, file);
    /* For programs that read it once. Of a photograph, half the time of libpng's own choice, which
     * tries all filters and looks for repetitions; grey files are no larger, those in colour 15 %.
     */
    png_set_compression_level(png, 1);
    png_set_compression_strategy(png, Z_RLE);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
    png_set_IHDR(png, session->info, (png_uint_32)image.shape.width,
                 (png_uint_32)image.shape.height, bits,
                 image.shape.channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    size_t row_bytes = png_get_rowbytes(png, session->info);
    png_set_compression_mem_level(png, memory_level((row_bytes + 1) * (size_t)image.shape.height));
    png_write_info(png, session->info);
    session->pixels = png_malloc(png, row_bytes);
    for (int y = 0; y < image.shape.height; y++) {
        if (interrupt_requested())
            return interrupt_check(error);
        imagefile_levels_row(image, y, bits, true, session->pixels);
        png_write_row(png, session->pixels);
    }
    png_write_end(png, session->info);
    return STATUS_OK;
}

enum status png_write(FILE *file, const char *name, struct image image, int bits,
                      struct error *error)
{
    struct png_session session = {.file = {NULL, 0, name}};
    enum status status = write_pixels(&session, file, image, bits, error);

    if (session.png && session.pixels)
        png_free(session.png, session.pixels);
    png_destroy_write_struct(&session.png, &session.info);
    return status;
}
