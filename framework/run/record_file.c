/*
 * A record's file: 512 bytes of text, padded with zeros, then a file of HDF5, which its readers
 * find behind such a head by themselves:
 *
 *     understudy entry 2
 *     key KEY
 *     sha256 of all bytes behind these 512
 *
 *     /                   attributes `format_version`, `key`
 *     /record/names       the values' names, in the order in which they were recorded
 *     /record/types       enum record_type of each
 *     /record/reals, /record/integers, /record/texts
 *     /PATH               each array
 */
#include "run/record.h"

#include "base/hash.h"
#include "base/text.h"
#include "io/durable.h"

#include <stdio.h>
#include <string.h>

enum { RECORD_FORMAT = 2, HEAD = 512, DEEPEST = 16 };

static enum status write_values(struct hdf5 *file, const struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = record->value_count;
    struct arena arena = {0};
    const char **names, **texts;
    uint8_t *types;
    double *reals;
    int64_t *integers;

    TRY(arena_new(&arena, &names, count, sizeof *names, error));
    TRY(arena_new(&arena, &texts, count, sizeof *texts, error));
    TRY(arena_new(&arena, &types, count, sizeof *types, error));
    TRY(arena_new(&arena, &reals, count, sizeof *reals, error));
    TRY(arena_new(&arena, &integers, count, sizeof *integers, error));
    for (size_t i = 0; i < count; i++) {
        names[i] = record->values[i].name;
        texts[i] = record->values[i].text;
        types[i] = (uint8_t)record->values[i].type;
        reals[i] = record->values[i].real;
        integers[i] = record->values[i].integer;
    }
    struct hdf5_array array = {.type = HDF5_UINT8, .rank = 1, .dims = {count}, .values = types};
    TRY(hdf5_write(file, "/record/types", &array, error));
    array.type = HDF5_FLOAT64;
    array.values = reals;
    TRY(hdf5_write(file, "/record/reals", &array, error));
    array.type = HDF5_INT64;
    array.values = integers;
    TRY(hdf5_write(file, "/record/integers", &array, error));
    TRY(hdf5_write_texts(file, "/record/names", names, count, error));
    TRY(hdf5_write_texts(file, "/record/texts", texts, count, error));
out:
    arena_release(&arena);
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
    TRY(durable_write(path, &span, 1, error));
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

/* One column of /record, of the type and length that it must have. */
static enum status read_column(struct hdf5 *file, const char *path, enum hdf5_type type,
                               size_t count, struct arena *arena, struct hdf5_array *array,
                               struct error *error)
{
    enum status status = hdf5_read(file, path, arena, array, error);

    if (status == STATUS_OK && (array->type != type || array->rank != 1 || array->dims[0] != count))
        status = error_set(error, STATUS_DATA, "%s is not a column of %zu values", path, count);
    return status;
}

static enum status read_text(struct arena *arena, const struct hdf5_array *texts, size_t index,
                             const char **text, struct error *error)
{
    const char *bytes = (const char *)texts->values + index * texts->text_size;
    return arena_copy(arena, bytes, strnlen(bytes, texts->text_size), text, error);
}

enum status record_values(struct hdf5 *file, struct record *record, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_array names, types, reals, integers, texts;
    struct arena arena = {0};

    TRY(hdf5_read(file, "/record/names", &arena, &names, error));
    size_t count = names.rank == 1 ? names.dims[0] : 0;
    TRY(read_column(file, "/record/names", HDF5_TEXT, count, &arena, &names, error));
    TRY(read_column(file, "/record/types", HDF5_UINT8, count, &arena, &types, error));
    TRY(read_column(file, "/record/reals", HDF5_FLOAT64, count, &arena, &reals, error));
    TRY(read_column(file, "/record/integers", HDF5_INT64, count, &arena, &integers, error));
    TRY(read_column(file, "/record/texts", HDF5_TEXT, count, &arena, &texts, error));
    TRY(memory_reserve(&record->values, &record->value_capacity, count, sizeof *record->values,
                       error));
    for (size_t i = 0; i < count; i++) {
        struct record_value *value = &record->values[i];
        uint8_t type = ((const uint8_t *)types.values)[i];
        if (type > RECORD_TEXT)
            TRY(error_set(error, STATUS_DATA, "/record/types holds %d; expected 0 to 2", type));
        value->type = (enum record_type)type;
        value->real = ((const double *)reals.values)[i];
        value->integer = ((const int64_t *)integers.values)[i];
        TRY(read_text(&record->arena, &names, i, &value->name, error));
        TRY(read_text(&record->arena, &texts, i, &value->text, error));
        record->value_count++;
    }
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
