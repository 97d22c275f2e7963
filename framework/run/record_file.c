/*
 * A record's file: 512 bytes of text, padded with zeros, then a file of HDF5, which its readers
 * find behind such a head by themselves:
 *
 *     understudy entry 4
 *     key KEY
 *     sha256 of all bytes behind these 512, and of the next line
 *     values PLACE LENGTH   where the bytes of /record lie in the file of HDF5
 *
 *     /          attributes `format_version`, `key`
 *     /record    the values, in the order in which they were recorded, as one block of bytes: of
 *                each a struct packed_value, the name and the text
 *     /PATH      each array
 *
 * Values are read where they lie: to open a file takes HDF5 five times as long. Entries of version
 * 3, without the last line, are still read.
 */
#include "run/record.h"

#include "base/hash.h"
#include "base/text.h"
#include "io/durable.h"

#include <stdio.h>
#include <string.h>

enum { RECORD_FORMAT = 4, BEFORE = 3, HEAD = 512, DEEPEST = 16 };

/* In front of a value's name and text. Numbers are as this machine holds them. */
struct packed_value {
    double real;
    int64_t integer;
    uint32_t type, name, text; /* enum record_type; bytes of the name, of the text */
};

/* What the head says. */
struct head {
    int version;
    char key[HEAD], sha256[HASH_TEXT];
    size_t place, length; /* of the values; 0: not told */
};

static enum status write_values(struct hdf5 *file, const struct record *record, struct head *head,
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct text block = {0};

    for (size_t i = 0; i < record->value_count; i++) {
        const struct record_value *value = &record->values[i];
        struct packed_value packed;
        memset(&packed, 0, sizeof packed); /* what lies between its members, too */
        packed.real = value->real;
        packed.integer = value->integer;
        packed.type = (uint32_t)value->type;
        packed.name = (uint32_t)strlen(value->name);
        packed.text = (uint32_t)strlen(value->text);
        text_append_bytes(&block, (const char *)&packed, sizeof packed);
        text_append_bytes(&block, value->name, packed.name);
        text_append_bytes(&block, value->text, packed.text);
    }
    TRY(text_status(&block, error));
    head->length = block.length;
    struct span span = {(const unsigned char *)block.bytes, block.length, "/record"};
    TRY(hdf5_block_write(file, "/record", span, &head->place, error));
out:
    text_release(&block);
    return status;
}

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

static enum status write_all(struct hdf5 *file, const struct record *record, struct head *head,
                             struct error *error)
{
    enum status status = STATUS_OK;

    TRY(hdf5_attribute_integer(file, "/", "format_version", RECORD_FORMAT, error));
    TRY(hdf5_attribute_text(file, "/", "key", head->key, error));
    TRY(write_values(file, record, head, error));
    for (size_t i = 0; i < record->array_count; i++)
        TRY(write_array(file, &record->arrays[i], error));
out:
    return status;
}

/* The head's last line; "" where this version has none. */
static void print_values_line(const struct head *head, char line[64])
{
    line[0] = '\0';
    if (head->version > BEFORE)
        snprintf(line, 64, "values %zu %zu\n", head->place, head->length);
}

static enum status digest_of(const struct head *head, const unsigned char *data, size_t length,
                             char digest[HASH_TEXT], struct error *error)
{
    enum status status = STATUS_OK;
    struct hash hash = {0};
    char line[64];

    print_values_line(head, line);
    TRY(hash_begin(&hash, error));
    TRY(hash_bytes(&hash, data, length, error));
    TRY(hash_bytes(&hash, line, strlen(line), error));
    TRY(hash_end(&hash, digest, error));
out:
    hash_release(&hash);
    return status;
}

static void print_head(const struct head *head, char text[HEAD])
{
    char line[64];

    print_values_line(head, line);
    snprintf(text, HEAD, "understudy entry %d\nkey %.300s\nsha256 %s\n%s", head->version, head->key,
             head->sha256, line);
}

enum status record_image(const struct record *record, const char *key, struct bytes *image,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    struct bytes body = {0};
    struct head head = {.version = RECORD_FORMAT};
    char name[HEAD];

    memset(image, 0, sizeof *image);
    snprintf(head.key, sizeof head.key, "%.300s", key);
    snprintf(name, sizeof name, "entry:%.300s", key);
    TRY(hdf5_create_image(&file, name, error));
    TRY(write_all(&file, record, &head, error));
    TRY(hdf5_close_image(&file, &body, error));
    TRY(digest_of(&head, body.data, body.length, head.sha256, error));
    TRY(memory_new(&image->data, HEAD + body.length, 1, error));
    image->length = HEAD + body.length;
    print_head(&head, (char *)image->data);
    memcpy(image->data + HEAD, body.data, body.length);
out:
    hdf5_abandon(&file);
    bytes_release(&body);
    return status;
}

enum status record_write(const struct record *record, const char *path, const char *key,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes image = {0};

    TRY(record_image(record, key, &image, error));
    struct span span = bytes_span(&image, path);
    TRY(durable_write_soon(path, &span, 1, error));
out:
    bytes_release(&image);
    return status;
}

/* The head, which is what was written for these bytes. */
static enum status read_head(struct span image, const char *key, struct head *head,
                             struct error *error)
{
    enum status status = STATUS_OK;
    char expected[HEAD];
    int fields = 0;

    memset(head, 0, sizeof *head);
    if (image.length >= HEAD && image.data[HEAD - 1] == 0)
        fields = sscanf((const char *)image.data,
                        "understudy entry %d\nkey %300s\nsha256 %*64s\nvalues %zu %zu",
                        &head->version, head->key, &head->place, &head->length);
    if ((head->version != RECORD_FORMAT || fields != 4) && (head->version != BEFORE || fields != 2))
        TRY(error_set(error, STATUS_DATA, "%s is no record of this version, or a damaged one",
                      image.name));
    if (strcmp(head->key, key) != 0)
        TRY(error_set(error, STATUS_DATA, "%s is the record of key %.64s; expected %s", image.name,
                      head->key, key));
    TRY(digest_of(head, image.data + HEAD, image.length - HEAD, head->sha256, error));
    print_head(head, expected);
    if (strcmp(expected, (const char *)image.data) != 0)
        TRY(error_set(error, STATUS_DATA, "%s is not what was written: its SHA-256 differs",
                      image.name));
out:
    return status;
}

enum status record_check(struct span image, const char *key, char digest[HASH_TEXT],
                         struct error *error)
{
    struct head head;
    enum status status = read_head(image, key, &head, error);

    memcpy(digest, head.sha256, HASH_TEXT);
    return status;
}

static enum status open_body(struct span image, const char *key, struct hdf5 *file,
                             struct error *error)
{
    char name[4096 + 16];

    snprintf(name, sizeof name, "%.4090s:%.12s", image.name, key);
    struct span body = {image.data + HEAD, image.length - HEAD, name};
    return hdf5_open_image(file, name, body, error);
}

enum status record_open(struct span image, const char *key, struct hdf5 *file, struct error *error)
{
    struct head head;
    enum status status = read_head(image, key, &head, error);

    return status == STATUS_OK ? open_body(image, key, file, error) : status;
}

/* One value of the block; moves *at behind it. */
static enum status read_value(struct span block, size_t *at, struct record *record,
                              struct error *error)
{
    enum status status = STATUS_OK;
    const char *bytes = (const char *)block.data + *at;
    size_t left = block.length - *at;
    struct packed_value packed;

    if (left < sizeof packed)
        TRY(error_set(error, STATUS_DATA, "/record ends within a value"));
    memcpy(&packed, bytes, sizeof packed);
    left -= sizeof packed;
    if (packed.type > RECORD_TEXT || packed.name > left || packed.text > left - packed.name)
        TRY(error_set(error, STATUS_DATA, "/record ends within a value"));
    TRY(memory_reserve(&record->values, &record->value_capacity, record->value_count + 1,
                       sizeof *record->values, error));
    struct record_value *value = &record->values[record->value_count];
    *value = (struct record_value){
        .type = (enum record_type)packed.type, .real = packed.real, .integer = packed.integer};
    bytes += sizeof packed;
    TRY(arena_copy(&record->arena, bytes, packed.name, &value->name, error));
    TRY(arena_copy(&record->arena, bytes + packed.name, packed.text, &value->text, error));
    record->value_count++;
    *at += sizeof packed + packed.name + packed.text;
out:
    return status;
}

static enum status read_values(struct span block, struct record *record, struct error *error)
{
    enum status status = STATUS_OK;

    for (size_t at = 0; at < block.length;)
        TRY(read_value(block, &at, record, error));
out:
    return status;
}

enum status record_values(struct hdf5 *file, struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_array block;
    struct arena arena = {0};

    TRY(hdf5_read(file, "/record", &arena, &block, error));
    if (block.type != HDF5_UINT8 || block.rank != 1)
        TRY(error_set(error, STATUS_DATA, "/record is no block of values"));
    struct span span = {block.values, block.dims[0], "/record"};
    TRY(read_values(span, record, error));
out:
    arena_release(&arena);
    return status;
}

enum status record_image_values(struct span image, const char *key, struct record *record,
                                struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    struct head head;

    TRY(read_head(image, key, &head, error));
    if (head.version == BEFORE) {
        TRY(open_body(image, key, &file, error));
        TRY(record_values(&file, record, error));
        goto out;
    }
    size_t length = image.length - HEAD;
    if (head.place > length || head.length > length - head.place)
        TRY(error_set(error, STATUS_DATA, "%s: the values lie outside of it", image.name));
    struct span block = {image.data + HEAD + head.place, head.length, image.name};
    TRY(read_values(block, record, error));
out:
    hdf5_abandon(&file);
    return status;
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
        TRY(error_set(error, STATUS_DATA, "%s: more than %d groups within one another", path,
                      DEEPEST));
    TRY(hdf5_list(file, path, &arena, &names, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (depth == 0 && strcmp(names[i], "record") == 0)
            continue; /* the values */
        text_clear(&below);
        text_append(&below, "%s/%s", depth ? path : "", names[i]);
        TRY(text_status(&below, error));
        TRY(read_below(file, below.bytes, depth + 1, record, error));
    }
out:
    text_release(&below);
    arena_release(&arena);
    return status;
}

enum status record_arrays(struct hdf5 *file, struct record *record, struct error *error)
{
    return read_below(file, "/", 0, record, error);
}

enum status record_read(struct record *record, const char *path, const char *key,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes bytes = {0};

    memset(record, 0, sizeof *record);
    TRY(bytes_read(&bytes, path, SIZE_MAX / 2, error));
    TRY(record_image_values(bytes_span(&bytes, path), key, record, error));
out:
    bytes_release(&bytes);
    if (status != STATUS_OK)
        record_release(record);
    return status;
}
