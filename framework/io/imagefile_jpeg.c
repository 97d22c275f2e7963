/*
 * JPEG through libjpeg-turbo, with its exact integer transform and smooth chroma upsampling (the
 * defaults), whose SIMD and plain versions give the same bits. Warnings mean damaged data, which
 * the library would patch up: here they are errors. As in imagefile_png.c, all that lives across
 * the jump is in the session.
 */
#include "io/imagefile_formats.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

enum { SCANS = 500 }; /* more passes than any encoder writes: an attack on our time */

struct session {
    struct jpeg_error_mgr errors; /* the library sees this member alone */
    struct jpeg_decompress_struct jpeg;
    struct jpeg_progress_mgr progress;
    struct span file;
    jmp_buf escape;
    char message[JMSG_LENGTH_MAX];
};

/* `errors` is the first member: the library's pointer to it is one to the session. */
static struct session *session_of(j_common_ptr jpeg)
{
    return (struct session *)(void *)jpeg->err;
}

static void fail(j_common_ptr jpeg)
{
    struct session *session = session_of(jpeg);
    jpeg->err->format_message(jpeg, session->message);
    longjmp(session->escape, 1);
}

static void warn(j_common_ptr jpeg, int level)
{
    if (level < 0)
        fail(jpeg);
}

static void watch(j_common_ptr jpeg)
{
    struct session *session = session_of(jpeg);
    if (session->jpeg.input_scan_number <= SCANS)
        return;
    snprintf(session->message, sizeof session->message, "more than %d scans", SCANS);
    longjmp(session->escape, 1);
}

static enum status damaged(const struct session *session, struct error *error)
{
    return error_set(error, STATUS_DATA, "%s: damaged JPEG: %s", session->file.name,
                     session->message);
}

static enum status open_header(struct session *session, struct shape *shape, struct error *error)
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
    jpeg_read_header(jpeg, TRUE);
    if (jpeg->num_components != 1 && jpeg->num_components != 3)
        return error_set(error, STATUS_DATA,
                         "%s: a JPEG of %d components; expected 1 (grey) or 3 (colour)",
                         session->file.name, jpeg->num_components);
    return imagefile_size(session->file, jpeg->image_width, jpeg->image_height, shape, error);
}

static enum status read_pixels(struct session *session, struct image image, struct error *error)
{
    struct jpeg_decompress_struct *jpeg = &session->jpeg;

    if (setjmp(session->escape))
        return damaged(session, error);
    jpeg->out_color_space = jpeg->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(jpeg);
    JSAMPARRAY row =
        jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE,
                                jpeg->output_width * (JDIMENSION)jpeg->output_components, 1);
    while (jpeg->output_scanline < jpeg->output_height) {
        int y = (int)jpeg->output_scanline;
        jpeg_read_scanlines(jpeg, row, 1);
        imagefile_store_row(image, y, row[0], jpeg->output_components, 255);
    }
    jpeg_finish_decompress(jpeg);
    return STATUS_OK;
}

enum status jpeg_shape(struct span file, struct shape *shape, struct error *error)
{
    struct session session = {.file = file};
    enum status status = open_header(&session, shape, error);
    jpeg_destroy_decompress(&session.jpeg);
    return status;
}

enum status jpeg_decode(struct span file, struct image image, struct error *error)
{
    enum status status = STATUS_OK;
    struct session session = {.file = file};
    struct shape shape;

    TRY(open_header(&session, &shape, error));
    TRY(read_pixels(&session, image, error));
out:
    jpeg_destroy_decompress(&session.jpeg);
    return status;
}
