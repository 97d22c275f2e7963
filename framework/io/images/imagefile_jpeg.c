/*
 * JPEG through libjpeg-turbo, with its exact integer transform and smooth chroma upsampling (the
 * defaults), whose SIMD and plain versions give the same bits. Some of its warnings mean that
 * pixels are lost, which it would make up: here they are errors. Others tell that an encoder did
 * not keep to the standard: they are remarks. As in imagefile_png.c, all that lives across the jump
 * is in the session.
 */
#include "io/images/imagefile_formats.h"

#include "base/interrupt.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdio.h>

#include <jerror.h>
#include <jpeglib.h>
#include <string.h>

enum { QUALITY = 95 }; /* of what is written, of 100 */
enum { SCANS = 500 };  /* more passes than any encoder writes: an attack on our time */

enum { SOF_LOSSLESS = 0xc3, SOF_HIERARCHICAL = 0xc5 };

struct jpeg_session {
    struct jpeg_error_mgr errors; /* the library sees this member alone */
    struct jpeg_decompress_struct jpeg;
    struct jpeg_progress_mgr progress;
    struct span file;
    jmp_buf escape;
    const char *what; /* is wrong: "damaged JPEG" */
    bool one_scan;    /* has begun, and nothing is to come behind it */
    char message[JMSG_LENGTH_MAX], remark[JMSG_LENGTH_MAX];
};

/* `errors` is the first member: the library's pointer to it is one to the session. */
static struct jpeg_session *session_of(j_common_ptr jpeg)
{
    return (struct jpeg_session *)(void *)jpeg->err;
}

/* What the library cannot do, by the code of its message; NULL: the file is damaged. */
static const char *not_supported(const struct jpeg_error_mgr *errors)
{
    int value = errors->msg_parm.i[0];

    switch (errors->msg_code) {
    case JERR_BAD_PRECISION:
        return value == 12 ? "12 bits a sample; expected 8" : "expected 8 bits a sample";
    case JERR_SOF_UNSUPPORTED:
        return value == SOF_LOSSLESS                                       ? "lossless"
               : value >= SOF_HIERARCHICAL && value < SOF_HIERARCHICAL + 3 ? "hierarchical"
                                                                           : "arithmetic coding";
    case JERR_ARITH_NOTIMPL: return "arithmetic coding";
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL: return "";
    default: return NULL;
    }
}

static void fail(j_common_ptr jpeg)
{
    struct jpeg_session *session = session_of(jpeg);
    const char *feature = not_supported(&session->errors);

    session->what = feature ? "not supported: JPEG" : "damaged JPEG";
    if (feature && feature[0])
        snprintf(session->message, sizeof session->message, "%s", feature);
    else
        jpeg->err->format_message(jpeg, session->message);
    longjmp(session->escape, 1);
}

/* Is every pixel there, whatever the warning? An image in one scan is, when the file's end is all
 * that it lacks; else whoever needs data that are not there warns again. */
static bool is_harmless(const struct jpeg_session *session)
{
    switch (session->errors.msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL: return true;
    case JWRN_JPEG_EOF: return session->one_scan;
    default: return false;
    }
}

static void warn(j_common_ptr jpeg, int level)
{
    struct jpeg_session *session = session_of(jpeg);

    if (level >= 0)
        return;
    if (!is_harmless(session))
        fail(jpeg);
    if (!session->remark[0])
        jpeg->err->format_message(jpeg, session->remark);
}

static void watch(j_common_ptr jpeg)
{
    struct jpeg_session *session = session_of(jpeg);
    if (session->jpeg.input_scan_number <= SCANS)
        return;
    session->what = "damaged JPEG";
    snprintf(session->message, sizeof session->message, "more than %d scans", SCANS);
    longjmp(session->escape, 1);
}

static enum status damaged(const struct jpeg_session *session, struct error *error)
{
    return error_set(error, STATUS_DATA, "%s: %s: %s", session->file.name, session->what,
                     session->message);
}

/* In the first marker APP1 that says that it is EXIF. */
static int orientation(const struct jpeg_decompress_struct *jpeg)
{
    static const unsigned char name[] = "Exif\0";

    for (jpeg_saved_marker_ptr at = jpeg->marker_list; at; at = at->next)
        if (at->data_length > sizeof name && memcmp(at->data, name, sizeof name) == 0)
            return exif_orientation(at->data + sizeof name, at->data_length - sizeof name);
    return 1;
}

static enum status open_header(struct jpeg_session *session, struct imagefile_header *header,
                               struct error *error)
{
    struct jpeg_decompress_struct *jpeg = &session->jpeg;

    jpeg->err = jpeg_std_error(&session->errors);
    session->errors.error_exit = fail;
    session->errors.emit_message = warn;
    if (setjmp(session->escape))
        return damaged(session, error);
    jpeg_create_decompress(jpeg);
    session->progress.progress_monitor = watch;
    jpeg->progress = &session->progress;
    jpeg_mem_src(jpeg, session->file.data, session->file.length);
    jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(jpeg, TRUE);
    if (jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK)
        return error_set(
            error, STATUS_DATA, "%s: not supported: JPEG: %s colours; expected grey or RGB",
            session->file.name, jpeg->jpeg_color_space == JCS_CMYK ? "CMYK" : "YCCK (CMYK)");
    if (jpeg->num_components != 1 && jpeg->num_components != 3)
        return error_set(error, STATUS_DATA,
                         "%s: not supported: JPEG: %d components; expected 1 (grey) or 3 (colour)",
                         session->file.name, jpeg->num_components);
    header->orientation = orientation(jpeg);
    header->shape.channels = jpeg->num_components;
    return imagefile_size(session->file, jpeg->image_width, jpeg->image_height, &header->shape,
                          error);
}

static enum status read_pixels(struct jpeg_session *session, struct imagefile_target *target,
                               struct error *error)
{
    struct jpeg_decompress_struct *jpeg = &session->jpeg;

    if (setjmp(session->escape))
        return damaged(session, error);
    jpeg->out_color_space = jpeg->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    session->one_scan = !jpeg_has_multiple_scans(jpeg);
    jpeg_start_decompress(jpeg);
    JSAMPARRAY row =
        jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE,
                                jpeg->output_width * (JDIMENSION)jpeg->output_components, 1);
    while (jpeg->output_scanline < jpeg->output_height) {
        int y = (int)jpeg->output_scanline;
        if (interrupt_requested())
            return interrupt_check(error);
        jpeg_read_scanlines(jpeg, row, 1);
        imagefile_store_row(target, y, row[0], jpeg->output_components, 255);
    }
    jpeg_finish_decompress(jpeg);
    snprintf(target->found->remark, sizeof target->found->remark, "%.100s", session->remark);
    return STATUS_OK;
}

enum status jpeg_header(struct span file, struct imagefile_header *header, struct error *error)
{
    struct jpeg_session session = {.file = file};
    enum status status = open_header(&session, header, error);
    jpeg_destroy_decompress(&session.jpeg);
    return status;
}

enum status jpeg_decode(struct span file, struct imagefile_target *target, struct error *error)
{
    enum status status = STATUS_OK;
    struct jpeg_session session = {.file = file};
    struct imagefile_header header;

    TRY(open_header(&session, &header, error));
    target->orientation = header.orientation;
    TRY(read_pixels(&session, target, error));
out:
    jpeg_destroy_decompress(&session.jpeg);
    return status;
}

/* ---- writing */

struct jpeg_writing {
    struct jpeg_error_mgr errors; /* the first member, as above */
    struct jpeg_compress_struct jpeg;
    jmp_buf escape;
    unsigned char *row;
    char message[JMSG_LENGTH_MAX];
};

static void fail_writing(j_common_ptr jpeg)
{
    struct jpeg_writing *writing = (struct jpeg_writing *)(void *)jpeg->err;

    jpeg->err->format_message(jpeg, writing->message);
    longjmp(writing->escape, 1);
}

static enum status write_rows(struct jpeg_writing *writing, FILE *file, const char *name,
                              struct image image, struct error *error)
{
    struct jpeg_compress_struct *jpeg = &writing->jpeg;

    if (setjmp(writing->escape))
        return error_set(error, STATUS_IO, "%s: writing the JPEG failed: %s", name,
                         writing->message);
    jpeg_create_compress(jpeg);
    jpeg_stdio_dest(jpeg, file);
    jpeg->image_width = (JDIMENSION)image.shape.width;
    jpeg->image_height = (JDIMENSION)image.shape.height;
    jpeg->input_components = image.shape.channels;
    jpeg->in_color_space = image.shape.channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, QUALITY, TRUE);
    for (int c = 0; c < image.shape.channels; c++)
        jpeg->comp_info[c].h_samp_factor = jpeg->comp_info[c].v_samp_factor = 1;
    jpeg_start_compress(jpeg, TRUE);
    for (int y = 0; y < image.shape.height; y++) {
        if (interrupt_requested())
            return interrupt_check(error);
        imagefile_levels_row(image, y, 8, true, writing->row);
        jpeg_write_scanlines(jpeg, &writing->row, 1);
    }
    jpeg_finish_compress(jpeg);
    return STATUS_OK;
}

enum status jpeg_write(FILE *file, const char *name, struct image image, struct error *error)
{
    enum status status = STATUS_OK;
    struct jpeg_writing writing;

    memset(&writing, 0, sizeof writing);
    TRY(memory_new(&writing.row, (size_t)image.shape.width * (size_t)image.shape.channels, 1,
                   error));
    writing.jpeg.err = jpeg_std_error(&writing.errors);
    writing.errors.error_exit = fail_writing;
    status = write_rows(&writing, file, name, image, error);
    jpeg_destroy_compress(&writing.jpeg);
out:
    memory_free(writing.row);
    return status;
}
