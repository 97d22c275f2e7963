/*
 * A record's file: 512 bytes of text, padded with zeros, then a file of HDF5, which its readers
 * find behind such a head by themselves:
 *
 *     understudy entry 5
 *     key KEY
 *     sha256 of all bytes behind these 512, and of the next lines
 *     values PLACE LENGTH   where the bytes of /record lie in the file of HDF5
 *     arrays LENGTH LEFT    the bytes behind those; how many arrays are not among them
 *
 *     /          attribute `format_version`
 *     /record    values and small arrays, in the order in which they were recorded, as one block of
 *                bytes (cache/record_block.c), and zeros
 *     /PATH      each larger array
 *
 * What is in the block is read where it lies: to open a file takes HDF5 a hundred times as long. To
 * make one does, too: those without larger arrays differ in the block alone, so that one is made
 * for each length and copied. Entries of version 4, without the last line, are still read: all
 * their arrays are apart.
 */
#include "cache/record.h"

#include "base/hash.h"
#include "base/text.h"
#include "cache/record_block.h"
#include "io/files/atomic_file.h"

#include <stdio.h>
#include <string.h>

enum {
    RECORD_FORMAT = 5,
    BEFORE = 4,
    HEAD = 512,
    LINES = 100,
    DEEPEST = 16,
    STEP = 256,
    FRAMES = 32
};

/* What the head says. */
struct head {
    int version;
    char key[HEAD], sha256[HASH_TEXT];
    size_t place, values, arrays; /* in the file of HDF5; bytes of values, of small arrays */
    size_t left;                  /* arrays that are not among the small ones */
};

/* A file of HDF5 around a block, without larger arrays. */
struct frame {
    struct bytes file;
    size_t length, place; /* of its block; where that begins */
};

static enum status write_array(struct hdf5 *file, const struct record_array *array,
                               struct error *error)
{
    struct text path = {0};
    enum status status;

    text_append(&path, "/%s", array->path);
    status = text_status(&path, error);
    if (status == STATUS_OK)
        status = hdf5_write(file, path.bytes, &array->array, error);
    text_release(&path);
    return status;
}

/* A file of HDF5 around `block`; *place is where that begins in it. */
static enum status make_file(struct span block, const struct record *record, struct bytes *body,
                             size_t *place, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};

    TRY(hdf5_create_image(&file, "understudy entry:", error));
    TRY(hdf5_attribute_integer(&file, "/", "format_version", RECORD_FORMAT, error));
    TRY(hdf5_block_write(&file, "/record", block, place, error));
    for (size_t i = 0; record && i < record->array_count; i++)
        if (!record_packs(&record->arrays[i].array))
            TRY(write_array(&file, &record->arrays[i], error));
    TRY(hdf5_close_image(&file, body, error));
out:
    hdf5_abandon(&file);
    return status;
}

/* The same for a record without larger arrays. Kept for good, a few lengths at a time: the stages
 * of a trial take turns. HDF5 serves one thread alone, and so need this. */
static enum status frame_for(struct span block, const struct frame **found, struct error *error)
{
    static struct frame frames[FRAMES];
    struct frame *frame = &frames[block.length / STEP % FRAMES], made = {.length = block.length};

    if (!frame->file.data || frame->length != block.length) {
        PASS(make_file(block, NULL, &made.file, &made.place, error));
        bytes_release(&frame->file);
        *frame = made;
    }
    *found = frame;
    return STATUS_OK;
}

/* The head's last lines. */
static void print_places(const struct head *head, char lines[LINES])
{
    int length = snprintf(lines, LINES, "values %zu %zu\n", head->place, head->values);

    if (head->version > BEFORE)
        snprintf(lines + length, LINES - (size_t)length, "arrays %zu %zu\n", head->arrays,
                 head->left);
}

static enum status digest_of(const struct head *head, const unsigned char *data, size_t length,
                             char digest[HASH_TEXT], struct error *error)
{
    enum status status = STATUS_OK;
    struct hash hash = {0};
    char lines[LINES];

    print_places(head, lines);
    TRY(hash_begin(&hash, error));
    TRY(hash_bytes(&hash, data, length, error));
    TRY(hash_bytes(&hash, lines, strlen(lines), error));
    TRY(hash_end(&hash, digest, error));
out:
    hash_release(&hash);
    return status;
}

static void print_head(const struct head *head, char text[HEAD])
{
    char lines[LINES];

    print_places(head, lines);
    snprintf(text, HEAD, "understudy entry %d\nkey %.300s\nsha256 %s\n%s", head->version, head->key,
             head->sha256, lines);
}

/* The file of HDF5, behind room for the head. */
static enum status lay_out(const struct record *record, struct head *head, struct bytes *image,
                           struct error *error)
{
    static const char zeros[STEP];
    enum status status = STATUS_OK;
    struct text block = {0};
    struct bytes made = {0};
    const struct frame *frame = NULL;
    const struct bytes *body = &made;

    TRY(record_pack(record, &block, &head->values, &head->left, error));
    head->arrays = block.length - head->values;
    text_append_bytes(&block, zeros, STEP - block.length % STEP);
    TRY(text_status(&block, error));
    struct span span = {(const unsigned char *)block.bytes, block.length, "/record"};
    if (head->left) {
        TRY(make_file(span, record, &made, &head->place, error));
    } else {
        TRY(frame_for(span, &frame, error));
        head->place = frame->place;
        body = &frame->file;
    }
    TRY(memory_new(&image->data, HEAD + body->length, 1, error));
    image->length = HEAD + body->length;
    memcpy(image->data + HEAD, body->data, body->length);
    memcpy(image->data + HEAD + head->place, span.data, span.length);
out:
    bytes_release(&made);
    text_release(&block);
    return status;
}

enum status record_image(const struct record *record, const char *key, struct bytes *image,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct head head = {.version = RECORD_FORMAT};

    memset(image, 0, sizeof *image);
    snprintf(head.key, sizeof head.key, "%.300s", key);
    TRY(lay_out(record, &head, image, error));
    TRY(digest_of(&head, image->data + HEAD, image->length - HEAD, head.sha256, error));
    print_head(&head, (char *)image->data);
out:
    if (status != STATUS_OK)
        bytes_release(image);
    return status;
}

enum status record_write(const struct record *record, const char *path, const char *key, bool soon,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes image = {0};

    TRY(record_image(record, key, &image, error));
    struct span span = bytes_span(&image, path);
    status = soon ? atomic_file_write_soon(path, &span, 1, error)
                  : atomic_file_write(path, &span, 1, error);
out:
    bytes_release(&image);
    return status;
}

/* Check that the head is what would be written for these bytes. */
static enum status read_head(struct span image, const char *key, struct head *head,
                             struct error *error)
{
    char expected[HEAD];
    int fields = 0;

    memset(head, 0, sizeof *head);
    if (image.length >= HEAD && image.data[HEAD - 1] == 0)
        fields = sscanf(
            (const char *)image.data,
            "understudy entry %d\nkey %300s\nsha256 %*64s\nvalues %zu %zu\narrays %zu %zu",
            &head->version, head->key, &head->place, &head->values, &head->arrays, &head->left);
    if (head->version == BEFORE && fields == 4)
        head->left = 1; /* or more, or none */
    else if (fields >= 1 && (head->version < BEFORE || head->version > RECORD_FORMAT))
        return error_set(error, STATUS_DATA,
                         "%s is a record of format %d, of another version of understudy; this one "
                         "reads formats %d to %d",
                         image.name, head->version, BEFORE, RECORD_FORMAT);
    else if (head->version != RECORD_FORMAT || fields != 6)
        return error_set(error, STATUS_DATA, "%s is not a record, or is damaged", image.name);
    if (strcmp(head->key, key) != 0)
        return error_set(error, STATUS_DATA, "%s is the record of key %.64s; expected %s",
                         image.name, head->key, key);
    PASS(digest_of(head, image.data + HEAD, image.length - HEAD, head->sha256, error));
    print_head(head, expected);
    if (strcmp(expected, (const char *)image.data) != 0)
        return error_set(error, STATUS_DATA, "%s is damaged: its SHA-256 differs", image.name);
    return STATUS_OK;
}

enum status record_check(struct span image, const char *key, char digest[HASH_TEXT],
                         struct error *error)
{
    struct head head;
    enum status status = read_head(image, key, &head, error);

    memcpy(digest, head.sha256, HASH_TEXT);
    return status;
}

/* The part of the block that holds the values, or the small arrays. */
static enum status part_of(struct span image, const struct head *head, bool arrays,
                           struct span *part, struct error *error)
{
    size_t length = image.length - HEAD;
    const unsigned char *body = image.data + HEAD;

    if (head->place > length || head->values > length - head->place ||
        head->arrays > length - head->place - head->values)
        return error_set(error, STATUS_DATA, "%s: values lie beyond its end", image.name);
    *part = (struct span){body + head->place, head->values, image.name};
    if (arrays)
        *part = (struct span){part->data + head->values, head->arrays, image.name};
    return STATUS_OK;
}

static enum status read_part(struct span image, const struct head *head, bool arrays,
                             struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    struct span part;

    TRY(part_of(image, head, arrays, &part, error));
    status = arrays ? record_unpack_arrays(part, record, error)
                    : record_unpack_values(part, record, error);
out:
    return status;
}

enum status record_open(struct span image, const char *key, struct record *record,
                        struct hdf5 *file, struct error *error)
{
    struct head head;
    char name[PATH_ROOM];

    *file = (struct hdf5){0};
    PASS(read_head(image, key, &head, error));
    PASS(read_part(image, &head, false, record, error));
    PASS(read_part(image, &head, true, record, error));
    if (!head.left)
        return STATUS_OK;
    path_print(name, "%s:%.12s", image.name, key);
    struct span body = {image.data + HEAD, image.length - HEAD, name};
    return hdf5_open_image(file, name, body, error);
}

enum status record_image_values(struct span image, const char *key, struct record *record,
                                struct error *error)
{
    struct head head;
    enum status status = read_head(image, key, &head, error);

    return status == STATUS_OK ? read_part(image, &head, false, record, error) : status;
}

/* Everything at and below `path`, a group or an array. */
static enum status read_below(struct hdf5 *file, const char *path, int depth, struct record *record,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct text below = {0};
    const char **names;
    size_t count;
    struct hdf5_array array;

    if (!hdf5_is_group(file, path)) {
        TRY(hdf5_read(file, path, &record->arena, &array, error));
        TRY(record_adopt(record, path + 1, &array, error));
        goto out;
    }
    if (depth == DEEPEST)
        TRY(error_set(error, STATUS_DATA, "%s: groups are nested more than %d deep", path,
                      DEEPEST));
    TRY(hdf5_list(file, path, &arena, &names, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (depth == 0 && strcmp(names[i], "record") == 0)
            continue; /* the block */
        TRY(path_join(&below, depth ? path : "", names[i], error));
        TRY(read_below(file, below.bytes, depth + 1, record, error));
    }
out:
    text_release(&below);
    arena_release(&arena);
    return status;
}

enum status record_arrays(struct hdf5 *file, struct record *record, struct error *error)
{
    return file->file > 0 ? read_below(file, "/", 0, record, error) : STATUS_OK;
}
