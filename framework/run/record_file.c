/*
 * A record's file: 512 bytes of text, padded with zeros, then a file of HDF5, which its readers
 * find behind such a head by themselves:
 *
 *     understudy entry 3
 *     key KEY
 *     sha256 of all bytes behind these 512
 *
 *     /                   attributes `format_version`, `key`
 *     /record             the values, in the order in which they were recorded, as one block of
 * bytes (a single one is read five times as fast as columns are): of each a struct packed_value,
 * the name and the text /PATH               each array
 */
#include "run/record.h"

#include "base/hash.h"
#include "base/text.h"
#include "io/durable.h"

#include <stdio.h>
#include <string.h>

enum { RECORD_FORMAT = 3, HEAD = 512, DEEPEST = 16 };

/* In front of a value's name and text. Numbers are as this machine holds them. */
struct packed_value {
    double real;
    int64_t integer;
    uint32_t type, name, text; /* enum record_type; bytes of the name, of the text */
};

static enum status write_values(struct hdf5 *file, const struct record *record, struct error *error)
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
    struct hdf5_array array = {
        .type = HDF5_UINT8, .rank = 1, .dims = {block.length}, .values = block.bytes};
    TRY(hdf5_write(file, "/record", &array, error));
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

static enum status write_all(struct hdf5 *file, const struct record *record, const char *key,
                             struct error *error)
{
    enum status status = STATUS_OK;

    TRY(hdf5_attribute_integer(file, "/", "format_version", RECORD_FORMAT, error));
    TRY(hdf5_attribute_text(file, "/", "key", key, error));
    TRY(write_values(file, record, error));
    for (size_t i = 0; i < record->array_count; i++)
        TRY(write_array(file, &record->arrays[i], error));
out:
    return status;
}

static enum status digest_of(const unsigned char *data, size_t length, char digest[HASH_TEXT],
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct hash hash = {0};

    TRY(hash_begin(&hash, error));
    TRY(hash_bytes(&hash, data, length, error));
    TRY(hash_end(&hash, digest, error));
out:
    hash_release(&hash);
    return status;
}

enum status record_image(const struct record *record, const char *key, struct bytes *image,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    struct bytes body = {0};
    char name[HEAD], digest[HASH_TEXT];

    memset(image, 0, sizeof *image);
    snprintf(name, sizeof name, "entry:%.300s", key);
    TRY(hdf5_create_image(&file, name, error));
    TRY(write_all(&file, record, key, error));
    TRY(hdf5_close_image(&file, &body, error));
    TRY(digest_of(body.data, body.length, digest, error));
    TRY(memory_new(&image->data, HEAD + body.length, 1, error));
    image->length = HEAD + body.length;
    snprintf((char *)image->data, HEAD, "understudy entry %d\nkey %.300s\nsha256 %s\n",
             RECORD_FORMAT, key, digest);
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

enum status record_check(struct span image, const char *key, char digest[HASH_TEXT],
                         struct error *error)
{
    enum status status = STATUS_OK;
    char expected[HEAD], found[HEAD] = "";
    int version;

    if (image.length < HEAD || image.data[HEAD - 1] != 0 ||
        sscanf((const char *)image.data, "understudy entry %d\nkey %300s", &version, found) != 2 ||
        version != RECORD_FORMAT)
        TRY(error_set(error, STATUS_DATA, "%s is no record of this version, or a damaged one",
                      image.name));
    if (strcmp(found, key) != 0)
        TRY(error_set(error, STATUS_DATA, "%s is the record of key %.64s; expected %s", image.name,
                      found, key));
    TRY(digest_of(image.data + HEAD, image.length - HEAD, digest, error));
    snprintf(expected, sizeof expected, "understudy entry %d\nkey %.300s\nsha256 %s\n",
             RECORD_FORMAT, key, digest);
    if (strcmp(expected, (const char *)image.data) != 0)
        TRY(error_set(error, STATUS_DATA, "%s is not what was written: its SHA-256 differs",
                      image.name));
out:
    return status;
}

enum status record_open(struct span image, const char *key, struct hdf5 *file, struct error *error)
{
    enum status status = STATUS_OK;
    char digest[HASH_TEXT], name[4096 + 16];

    TRY(record_check(image, key, digest, error));
    snprintf(name, sizeof name, "%.4090s:%.12s", image.name, key);
    struct span body = {image.data + HEAD, image.length - HEAD, name};
    TRY(hdf5_open_image(file, name, body, error));
out:
    return status;
}

/* One value of the block; moves *at behind it. */
static enum status read_value(const struct hdf5_array *block, size_t *at, struct record *record,
                              struct error *error)
{
    enum status status = STATUS_OK;
    const char *bytes = (const char *)block->values + *at;
    size_t left = block->dims[0] - *at;
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

enum status record_values(struct hdf5 *file, struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_array block;
    struct arena arena = {0};

    TRY(hdf5_read(file, "/record", &arena, &block, error));
    if (block.type != HDF5_UINT8 || block.rank != 1)
        TRY(error_set(error, STATUS_DATA, "/record is no block of values"));
    for (size_t at = 0; at < block.dims[0];)
        TRY(read_value(&block, &at, record, error));
out:
    arena_release(&arena);
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
    struct hdf5 file = {0};

    memset(record, 0, sizeof *record);
    TRY(bytes_read(&bytes, path, SIZE_MAX / 2, error));
    TRY(record_open(bytes_span(&bytes, path), key, &file, error));
    TRY(record_values(&file, record, error));
out:
    hdf5_abandon(&file);
    bytes_release(&bytes);
    if (status != STATUS_OK)
        record_release(record);
    return status;
}
