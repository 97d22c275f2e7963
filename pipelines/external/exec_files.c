/*
 * The protocol `files`, for programs that know nothing of arrays: a batch is a folder of images,
 * 0000.png, 0001.png …, and the answer another. {in} and {out} in the command's arguments become
 * the folders' paths. Images are answered by images of the same names, whatever their endings;
 * classes by a file classes.csv with columns image, class.
 */
#include "base/folder.h"
#include "base/memory.h"
#include "base/process.h"
#include "io/files/csv_read.h"
#include "io/images/imagefile.h"
#include "io/images/imagefile_write.h"
#include "pipelines/external/exec.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { STEM = 24 };

static const char prefix[] = "understudy.";

static const char *temporary(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && folder[0] == '/' ? folder : "/tmp";
}

/* Folders are called "understudy.TAG.XXXXXX"; the tag tells the process. */
void exec_sweep(void)
{
    DIR *folder = opendir(temporary());
    char tag[PROCESS_TAG];
    struct text path = {0};

    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *name = entry->d_name, *end;
        if (strncmp(name, prefix, sizeof prefix - 1) != 0)
            continue;
        name += sizeof prefix - 1;
        end = strchr(name, '.');
        if (!end || (size_t)(end - name) >= sizeof tag)
            continue;
        snprintf(tag, sizeof tag, "%.*s", (int)(end - name), name);
        text_clear(&path);
        text_append(&path, "%s/%s", temporary(), entry->d_name);
        if (process_tag_gone(tag) && text_status(&path, NULL) == STATUS_OK)
            folder_remove(path.bytes);
    }
    if (folder)
        closedir(folder);
    text_release(&path);
}

struct folders {
    struct text base, in, out;
};

static enum status folders_make(struct folders *folders, struct error *error)
{
    struct process self = process_self();
    char tag[PROCESS_TAG];

    process_tag(&self, tag);
    text_append(&folders->base, "%s/%s%s.XXXXXX", temporary(), prefix, tag);
    PASS(text_status(&folders->base, error));
    if (!mkdtemp(folders->base.bytes)) {
        return error_system(error, "cannot make a folder in %s", temporary());
    }
    text_append(&folders->in, "%s/in", folders->base.bytes);
    text_append(&folders->out, "%s/out", folders->base.bytes);
    PASS(text_status(&folders->in, error));
    PASS(text_status(&folders->out, error));
    if (mkdir(folders->in.bytes, 0777) != 0 || mkdir(folders->out.bytes, 0777) != 0)
        return error_system(error, "cannot make a folder in %s", folders->base.bytes);
    return STATUS_OK;
}

static void folders_remove(struct folders *folders)
{
    if (folders->base.bytes)
        folder_remove(folders->base.bytes);
    text_release(&folders->base);
    text_release(&folders->in);
    text_release(&folders->out);
}

/* What the image's file is called, but for its ending. */
static void stem_of(size_t index, char stem[STEM])
{
    snprintf(stem, STEM, "%04zu", index);
}

static enum status write_images(const struct exec_batch *batch, const struct folders *folders,
                                struct error *error)
{
    static const enum imagefile_encoding encodings[] = {[EXEC_PNG] = IMAGEFILE_PNG8,
                                                        [EXEC_PNG16] = IMAGEFILE_PNG16,
                                                        [EXEC_TIFF] = IMAGEFILE_TIFF32};
    enum imagefile_encoding encoding = encodings[batch->exec->format];
    enum status status = STATUS_OK;
    struct text path = {0};
    char stem[STEM];

    for (size_t i = 0; i < batch->count; i++) {
        stem_of(i, stem);
        text_clear(&path);
        text_append(&path, "%s/%s%s", folders->in.bytes, stem, imagefile_ending(encoding, 1));
        TRY(text_status(&path, error));
        TRY(imagefile_write(path.bytes, image_set_at(batch->in, batch->images[i]), encoding,
                            error));
    }
out:
    text_release(&path);
    return status;
}

/* The word with the folders' paths in it. */
static void put_folders(const char *word, const struct folders *folders, struct text *text)
{
    while (*word) {
        if (strncmp(word, "{in}", 4) == 0) {
            text_append(text, "%s", folders->in.bytes);
            word += 4;
        } else if (strncmp(word, "{out}", 5) == 0) {
            text_append(text, "%s", folders->out.bytes);
            word += 5;
        } else {
            text_append_bytes(text, word++, 1);
        }
    }
    text_append_bytes(text, "", 1); /* the word's end */
}

static enum status run_program(const struct exec_batch *batch, const struct folders *folders,
                               struct child *child, bool *running, struct error *error)
{
    enum status status = STATUS_OK;
    const struct exec *exec = batch->exec;
    struct text words = {0};
    const char **arguments = NULL;
    size_t count = 0;

    TRY(memory_new(&arguments, exec->command.count + 1, sizeof *arguments, error));
    for (size_t i = 0; i < exec->command.count; i++)
        put_folders(batch->state->arguments[i], folders, &words);
    TRY(text_status(&words, error));
    for (size_t at = 0; at < words.length; at += strlen(words.bytes + at) + 1)
        arguments[count++] = words.bytes + at;
    struct child_program program = {arguments, batch->state->environment,
                                    exec->folder && exec->folder[0] ? exec->folder : "."};
    TRY(child_start(child, &program, error));
    *running = true;
    TRY(child_talk(child, NULL, 0, NULL, true, exec->timeout, error));
out:
    memory_free(arguments);
    text_release(&words);
    return status;
}

/* ---- what lies in {out} */

static enum status read_answer(const struct exec_batch *batch, size_t index, const char *path,
                               const char *name, struct error *error)
{
    enum status status = STATUS_OK;
    bool stored = batch->content == CONTENT_MASK || batch->content == CONTENT_MAP;
    int channels = stored                                               ? IMAGEFILE_STORED
                   : batch->to.channels == 1 || batch->to.channels == 3 ? batch->to.channels
                                                                        : 0;
    static const struct imagefile_numbers any = {0}; /* whoever asks looks at them */
    size_t size = shape_size(batch->to);
    struct bytes bytes = {0};
    struct shape shape;

    TRY(bytes_read(&bytes, path, IMAGEFILE_LENGTH, error));
    struct span file = bytes_span(&bytes, name);
    TRY(imagefile_shape(file, channels, &shape, error));
    if (!shape_equal(shape, batch->to))
        TRY(error_set(error, STATUS_DATA,
                      "it answered with an image of %d x %d pixels and %d channel%s in '%s'; "
                      "expected %d x %d and %d",
                      shape.width, shape.height, shape.channels, shape.channels == 1 ? "" : "s",
                      name, batch->to.width, batch->to.height, batch->to.channels));
    struct image image = {shape, batch->answers + index * size};
    if (stored)
        TRY(imagefile_decode_numbers(file, &any, image, NULL, error));
    else
        TRY(imagefile_decode(file, image, error));
out:
    bytes_release(&bytes);
    return status;
}

/* The image that a file answers: its name up to the first dot. False: none. */
static bool image_of(const struct exec_batch *batch, const char *name, size_t *index)
{
    char stem[STEM], *end;
    size_t length = strcspn(name, ".");
    unsigned long number = strtoul(name, &end, 10);

    if (end != name + length || number >= batch->count)
        return false;
    stem_of(number, stem);
    *index = number;
    return strlen(stem) == length && strncmp(stem, name, length) == 0;
}

static enum status read_images(const struct exec_batch *batch, const struct folders *folders,
                               struct error *error)
{
    enum status status = STATUS_OK;
    bool *there = NULL;
    struct text path = {0};
    DIR *folder = opendir(folders->out.bytes);
    size_t found = 0, index;
    char shown[100];

    if (!folder)
        TRY(error_system(error, "cannot read {out}"));
    TRY(memory_new(&there, batch->count, sizeof *there, error));
    for (const struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(shown, sizeof shown, "%.99s", entry->d_name);
        if (!image_of(batch, entry->d_name, &index))
            TRY(error_set(error, STATUS_DATA,
                          "it wrote '%s' to {out}; expected the names that are in {in}", shown));
        if (there[index])
            TRY(error_set(error, STATUS_DATA, "it wrote two files for one image, as '%s'", shown));
        text_clear(&path);
        text_append(&path, "%s/%s", folders->out.bytes, entry->d_name);
        TRY(text_status(&path, error));
        TRY(read_answer(batch, index, path.bytes, shown, error));
        there[index] = true;
        found++;
    }
    for (index = 0; found < batch->count && there[index];)
        index++;
    if (found < batch->count)
        TRY(error_set(error, STATUS_DATA,
                      "it wrote %zu of %zu images to {out}; the first that is missing is %04zu",
                      found, batch->count, index));
out:
    if (folder)
        closedir(folder);
    memory_free(there);
    text_release(&path);
    return status;
}

/* Where answers are that are no images. */
static const char *table_file(const struct exec_batch *batch)
{
    return batch->content == CONTENT_SCORES ? "classes.csv" : "numbers.csv";
}

static enum status read_class(const struct exec_batch *batch, const struct csv_table *csv,
                              size_t row, size_t index, const char *text, struct error *error)
{
    int classes = batch->to.channels;
    float *scores = batch->answers + index * (size_t)classes;
    char *end;
    long number = strtol(text, &end, 10);

    if (end == text || *end || number < 0 || number >= classes)
        return csv_fault(csv, row, error, "class '%.40s'; expected 0 to %d", text, classes - 1);
    for (int c = 0; c < classes; c++)
        scores[c] = c == number ? 1 : 0;
    return STATUS_OK;
}

static enum status read_number(const struct csv_table *csv, size_t row, const char *text,
                               float *number, struct error *error)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || *end || !isfinite(value))
        return csv_fault(csv, row, error, "'%.40s'; expected a number", text);
    *number = (float)value;
    return STATUS_OK;
}

/* The class of an image, or its numbers: the columns beside that of images, in their order. */
static enum status read_row(const struct exec_batch *batch, const struct csv_table *csv, size_t row,
                            size_t image, size_t index, struct error *error)
{
    size_t numbers = (size_t)batch->to.channels, class;

    if (batch->content == CONTENT_SCORES) {
        PASS(csv_column(csv, "class", &class, error));
        return read_class(batch, csv, row, index, csv_cell(csv, row, class), error);
    }
    if (csv->columns != numbers + 1)
        return error_set(error, STATUS_DATA, "%s has %zu columns; expected image and %zu more",
                         table_file(batch), csv->columns, numbers);
    float *to = batch->answers + index * numbers;
    for (size_t column = 0; column < csv->columns; column++)
        if (column != image)
            PASS(read_number(csv, row, csv_cell(csv, row, column), to++, error));
    return STATUS_OK;
}

static enum status read_table(const struct exec_batch *batch, const struct folders *folders,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct csv_table csv = {0};
    struct text path = {0};
    bool *there = NULL;
    size_t image, index;

    text_append(&path, "%s/%s", folders->out.bytes, table_file(batch));
    TRY(text_status(&path, error));
    TRY(memory_new(&there, batch->count, sizeof *there, error));
    TRY(csv_load(&csv, path.bytes, table_file(batch), error));
    TRY(csv_column(&csv, "image", &image, error));
    for (size_t row = 0; row < csv.rows; row++) {
        const char *name = csv_cell(&csv, row, image);
        if (!image_of(batch, name, &index) || there[index])
            TRY(csv_fault(&csv, row, error, "image '%.60s' is %s", name,
                          image_of(batch, name, &index) ? "there twice" : "not in {in}"));
        TRY(read_row(batch, &csv, row, image, index, error));
        there[index] = true;
    }
    if (csv.rows < batch->count)
        TRY(error_set(error, STATUS_DATA, "%s has %zu rows; expected %zu, one an image",
                      table_file(batch), csv.rows, batch->count));
out:
    csv_release(&csv);
    memory_free(there);
    text_release(&path);
    return status;
}

enum status exec_files(const struct exec_batch *batch, struct child *child, bool *running,
                       struct error *error)
{
    enum status status = STATUS_OK;
    struct folders folders = {0};

    TRY(folders_make(&folders, error));
    TRY(write_images(batch, &folders, error));
    TRY(run_program(batch, &folders, child, running, error));
    if (batch->content == CONTENT_SCORES || batch->content == CONTENT_NUMBERS)
        TRY(read_table(batch, &folders, error));
    else
        TRY(read_images(batch, &folders, error));
out:
    folders_remove(&folders);
    return status;
}
