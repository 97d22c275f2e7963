#include "deploy/apply_private.h"

#include "base/folder.h"
#include "base/text.h"
#include "io/files/atomic_file.h"
#include "results/csv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const apply_formats[] = {"png", "png16", "tiff8", "tiff16", "tiff",
                                     "pnm", "pnm16", "jpeg",  "npy",    NULL};
static const enum imagefile_encoding format_encodings[] = {
    IMAGEFILE_PNG8, IMAGEFILE_PNG16, IMAGEFILE_TIFF8, IMAGEFILE_TIFF16, IMAGEFILE_TIFF32,
    IMAGEFILE_PNM8, IMAGEFILE_PNM16, IMAGEFILE_JPEG8, IMAGEFILE_NPY};

enum { NO_CLASS = 255 }; /* in a mask's file, of a pixel whose class is not known */

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), tail = strlen(ending);
    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

static enum status find_format(struct apply_output *output, const char *format, struct error *error)
{
    const char *nearest = NULL;

    output->format = -1;
    for (int f = 0; format && apply_formats[f]; f++) {
        if (strcmp(apply_formats[f], format) == 0)
            output->format = f;
        text_nearest(format, apply_formats[f], &nearest);
    }
    if (!format || output->format >= 0)
        return STATUS_OK;
    return error_set(error, STATUS_CONFIG,
                     "--format: '%s'; expected png, png16, tiff8, tiff16, tiff (floats), pnm, "
                     "pnm16, jpeg or npy%s%s%s",
                     format, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                     nearest ? "'?" : "");
}

enum status apply_output_open(struct apply_output *output, const struct model *model,
                              const struct apply_request *request, bool single, struct error *error)
{
    const char *path = request->output;
    size_t length = strlen(path);

    *output = (struct apply_output){.model = model, .request = request};
    output->table = !content_is_spatial(model->answer.content);
    output->one = output->table ? ends_with(path, ".csv")
                                : single && length && path[length - 1] != '/' && !folder_is(path);
    PASS(find_format(output, request->format, error));
    if (output->table && output->format >= 0)
        return error_set(error, STATUS_CONFIG,
                         "--format: the answers are %s, which go into a CSV file",
                         content_labels[model->answer.content]);
    return output->one ? STATUS_OK : folder_make(path, error);
}

void apply_output_release(struct apply_output *output)
{
    text_release(&output->csv);
}

/* The kind and depth of the file that came in. */
static enum imagefile_encoding same_encoding(enum imagefile_format format,
                                             const struct imagefile_found *found)
{
    bool deep = found->maximum > 255;

    switch (format) {
    case IMAGEFILE_JPEG: return IMAGEFILE_JPEG8;
    case IMAGEFILE_PNM: return deep ? IMAGEFILE_PNM16 : IMAGEFILE_PNM8;
    case IMAGEFILE_TIFF:
        if (found->real || found->maximum > 65535 || found->minimum < 0)
            return IMAGEFILE_TIFF32;
        return deep ? IMAGEFILE_TIFF16 : IMAGEFILE_TIFF8;
    default: return deep ? IMAGEFILE_PNG16 : IMAGEFILE_PNG8;
    }
}

static enum imagefile_encoding encoding_of(const struct apply_output *output,
                                           enum imagefile_format format,
                                           const struct imagefile_found *found)
{
    if (output->format >= 0)
        return format_encodings[output->format];
    if (output->model->answer.content == CONTENT_MASK)
        return IMAGEFILE_PNG8;
    return output->model->answer.content == CONTENT_MAP ? IMAGEFILE_TIFF32
                                                        : same_encoding(format, found);
}

/* OUTPUT/NAME, with the ending of another format where it changes. */
static enum status path_of(const struct apply_output *output, const char *name,
                           enum imagefile_encoding encoding, bool same, int channels,
                           struct text *path, struct error *error)
{
    const char *dot = strrchr(name, '.');

    text_clear(path);
    if (output->one)
        return text_print(path, error, "%s", output->request->output);
    if (same)
        return path_join(path, output->request->output, name, error);
    return text_print(path, error, "%s/%.*s%s", output->request->output,
                      (int)(dot ? (size_t)(dot - name) : strlen(name)), name,
                      imagefile_ending(encoding, channels));
}

/* Class numbers as levels of 8 or 16 bits; floats keep them. */
static enum status write_mask(const char *path, struct image mask, enum imagefile_encoding encoding,
                              struct error *error)
{
    enum status status = STATUS_OK;
    bool deep =
        encoding == IMAGEFILE_PNG16 || encoding == IMAGEFILE_PNM16 || encoding == IMAGEFILE_TIFF16;
    float *levels = NULL;

    if (encoding == IMAGEFILE_JPEG8)
        return error_set(error, STATUS_CONFIG, "--format: a mask in a JPEG would lose its classes");
    if (encoding == IMAGEFILE_NPY || encoding == IMAGEFILE_TIFF32)
        return imagefile_write(path, mask, encoding, error);
    TRY(memory_new(&levels, shape_size(mask.shape), sizeof *levels, error));
    for (size_t i = 0; i < shape_size(mask.shape); i++) {
        float class = isnan(mask.pixels[i]) ? NO_CLASS : mask.pixels[i];
        levels[i] = class / (deep ? 65535.0F : 255.0F);
    }
    TRY(imagefile_write(path, (struct image){mask.shape, levels}, encoding, error));
out:
    memory_free(levels);
    return status;
}

static enum status check_other(const char *path, const char *source, struct error *error)
{
    struct stat ours, theirs;

    if (stat(path, &ours) == 0 && stat(source, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
        ours.st_ino == theirs.st_ino)
        return error_set(error, STATUS_CONFIG, "%s: the answer would replace its input", path);
    return STATUS_OK;
}

enum status apply_output_file(const struct apply_output *output, const char *name,
                              const char *source, enum imagefile_format format,
                              const struct imagefile_found *found, struct image answer,
                              struct error *error)
{
    enum status status = STATUS_OK;
    enum imagefile_encoding encoding = encoding_of(output, format, found);
    bool same = output->format < 0 && output->model->answer.content == CONTENT_IMAGE;
    struct text path = {0}, part = {0};

    TRY(path_of(output, name, encoding, same, answer.shape.channels, &path, error));
    TRY(check_other(path.bytes, source, error));
    TRY(atomic_file_part(path.bytes, &part, error));
    if (output->model->answer.content == CONTENT_MASK)
        TRY(write_mask(part.bytes, answer, encoding, error));
    else
        TRY(imagefile_write(part.bytes, answer, encoding, error));
    if (rename(part.bytes, path.bytes) != 0) {
        status = error_system(error, "%s", path.bytes);
        unlink(part.bytes);
    }
out:
    text_release(&part);
    text_release(&path);
    return status;
}

/* ---- classes and numbers */

static void head(struct csv *csv, const struct model *model, int count)
{
    char name[32];

    csv_text(csv, "name");
    if (model->answer.content != CONTENT_NUMBERS) {
        csv_text(csv, "class");
        csv_text(csv, "score");
    }
    for (int i = 0; model->answer.content == CONTENT_NUMBERS && i < count; i++) {
        snprintf(name, sizeof name, "number_%d", i);
        csv_text(csv, model->names ? model->names[i] : name);
    }
    if (model->other)
        csv_text(csv, "handed_on");
    csv_end_row(csv);
}

/* The class of the largest score, by its name, and that score. */
static void put_class(struct csv *csv, const struct model *model, struct image scores)
{
    int best = 0;
    char number[32];

    for (int i = 0; i < scores.shape.channels; i++)
        best = scores.pixels[i] > scores.pixels[best] ? i : best;
    snprintf(number, sizeof number, "%d", best);
    csv_text(csv, model->names ? model->names[best] : number);
    csv_real(csv, (double)scores.pixels[best]);
}

enum status apply_output_row(struct apply_output *output, const char *name, struct image answer,
                             bool handed, struct error *error)
{
    const struct model *model = output->model;
    struct csv csv = {.text = &output->csv};
    int count = answer.shape.channels;

    if (!output->csv.length)
        head(&csv, model, count);
    csv_text(&csv, name);
    if (model->answer.content != CONTENT_NUMBERS)
        put_class(&csv, model, answer);
    for (int i = 0; model->answer.content == CONTENT_NUMBERS && i < count; i++)
        csv_real(&csv, (double)answer.pixels[i]);
    if (model->other)
        csv_text(&csv, handed ? "1" : "0");
    csv_end_row(&csv);
    return text_status(&output->csv, error);
}

enum status apply_output_close(struct apply_output *output, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};

    if (!output->table || !output->csv.length)
        return STATUS_OK;
    TRY(text_print(&path, error, "%s%s", output->request->output,
                   output->one ? "" : "/answers.csv"));
    struct span span = {(const unsigned char *)output->csv.bytes, output->csv.length, path.bytes};
    TRY(atomic_file_write(path.bytes, &span, 1, error));
out:
    text_release(&path);
    return status;
}
