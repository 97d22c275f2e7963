#include "cache/record_block.h"

#include "io/hdf5/hdf5_values.h"
#include <string.h>

/* In front of a value's name and text. Numbers are as this machine holds them. */
struct packed_value {
    double real;
    int64_t integer;
    uint32_t type, name, text; /* enum record_type; bytes of the name, of the text */
};

/* In front of an array's path and values. */
struct packed_array {
    uint64_t dims[HDF5_MAX_RANK], text_size, bytes;
    uint32_t type, rank, path; /* enum hdf5_type; bytes of the path */
};

/* Bytes of all its values; SIZE_MAX: more than there can be. */
static size_t bytes_of(const struct hdf5_array *array)
{
    size_t bytes = hdf5_value_size(array);

    for (int axis = 0; axis < array->rank; axis++)
        if (!memory_multiply(bytes, array->dims[axis], &bytes))
            return SIZE_MAX;
    return bytes;
}

bool record_packs(const struct hdf5_array *array)
{
    return bytes_of(array) <= HDF5_SMALL;
}

static void pack_value(const struct record_value *value, struct text *block)
{
    struct packed_value packed;

    memset(&packed, 0, sizeof packed); /* what lies between its members, too */
    packed.real = value->real;
    packed.integer = value->integer;
    packed.type = (uint32_t)value->type;
    packed.name = (uint32_t)strlen(value->name);
    packed.text = (uint32_t)strlen(value->text);
    text_append_bytes(block, (const char *)&packed, sizeof packed);
    text_append_bytes(block, value->name, packed.name);
    text_append_bytes(block, value->text, packed.text);
}

static void pack_array(const struct record_array *array, struct text *block)
{
    struct packed_array packed;

    memset(&packed, 0, sizeof packed);
    for (int axis = 0; axis < array->array.rank; axis++)
        packed.dims[axis] = array->array.dims[axis];
    packed.text_size = array->array.text_size;
    packed.bytes = bytes_of(&array->array);
    packed.type = (uint32_t)array->array.type;
    packed.rank = (uint32_t)array->array.rank;
    packed.path = (uint32_t)strlen(array->path);
    text_append_bytes(block, (const char *)&packed, sizeof packed);
    text_append_bytes(block, array->path, packed.path);
    if (packed.bytes)
        text_append_bytes(block, array->array.values, (size_t)packed.bytes);
}

enum status record_pack(const struct record *record, struct text *block, size_t *values,
                        size_t *left, struct error *error)
{
    *left = 0;
    for (size_t i = 0; i < record->value_count; i++)
        pack_value(&record->values[i], block);
    *values = block->length;
    for (size_t i = 0; i < record->array_count; i++)
        if (record_packs(&record->arrays[i].array))
            pack_array(&record->arrays[i], block);
        else
            ++*left;
    return text_status(block, error);
}

/* Is it a name as records have them: not empty, and all of it text? */
static bool is_name(const char *bytes, size_t length)
{
    return length > 0 && !memchr(bytes, 0, length);
}

/* "curves/train.loss": names between single slashes, none of them "." or ".."; not the block's. */
static bool is_path(const char *bytes, size_t length)
{
    bool first = true;

    if (!is_name(bytes, length))
        return false;
    for (size_t at = 0; at <= length; first = false) {
        const char *name = bytes + at, *slash = memchr(name, '/', length - at);
        size_t part = slash ? (size_t)(slash - name) : length - at;
        if (part == 0 || (part <= 2 && memcmp(name, "..", part) == 0) ||
            (first && part == 6 && memcmp(name, "record", part) == 0))
            return false;
        at += part + 1;
    }
    return true;
}

/* One value of the block; moves *at behind it. */
static enum status unpack_value(struct span block, size_t *at, struct record *record,
                                struct error *error)
{
    const char *bytes = (const char *)block.data + *at;
    size_t left = block.length - *at;
    struct packed_value packed;

    if (left < sizeof packed)
        return error_set(error, STATUS_DATA, "/record ends within a value");
    memcpy(&packed, bytes, sizeof packed);
    left -= sizeof packed;
    if (packed.type > RECORD_TEXT || packed.name > left || packed.text > left - packed.name)
        return error_set(error, STATUS_DATA, "/record ends within a value");
    PASS(memory_reserve(&record->values, &record->value_capacity, record->value_count + 1,
                        sizeof *record->values, error));
    struct record_value *value = &record->values[record->value_count];
    *value = (struct record_value){
        .type = (enum record_type)packed.type, .real = packed.real, .integer = packed.integer};
    bytes += sizeof packed;
    if (!is_name(bytes, packed.name) || memchr(bytes + packed.name, 0, packed.text))
        return error_set(error, STATUS_DATA, "/record has a value without a name, or no text");
    PASS(arena_copy(&record->arena, bytes, packed.name, &value->name, error));
    PASS(arena_copy(&record->arena, bytes + packed.name, packed.text, &value->text, error));
    record->value_count++;
    *at += sizeof packed + packed.name + packed.text;
    return STATUS_OK;
}

enum status record_unpack_values(struct span block, struct record *record, struct error *error)
{
    for (size_t at = 0; at < block.length;)
        PASS(unpack_value(block, &at, record, error));
    return STATUS_OK;
}

/* Can so many values be, and texts without a byte only where there are none? */
static bool is_shape(const struct hdf5_array *array)
{
    size_t count = 1;

    for (int axis = 0; axis < array->rank; axis++)
        if (!memory_multiply(count, array->dims[axis], &count))
            return false;
    return array->type != HDF5_TEXT || array->text_size > 0 || count == 0;
}

/* The header of an array; false if it is invalid. */
static bool read_front(const struct packed_array *packed, size_t left, struct hdf5_array *array)
{
    if (packed->type > HDF5_TEXT || packed->rank > HDF5_MAX_RANK || packed->path > left ||
        packed->bytes > left - packed->path || packed->text_size > HDF5_SMALL)
        return false;
    *array = (struct hdf5_array){.type = (enum hdf5_type)packed->type,
                                 .rank = (int)packed->rank,
                                 .text_size = (size_t)packed->text_size};
    for (int axis = 0; axis < array->rank; axis++)
        array->dims[axis] = (size_t)packed->dims[axis];
    return bytes_of(array) == packed->bytes && packed->bytes <= HDF5_SMALL && is_shape(array);
}

static enum status unpack_array(struct span block, size_t *at, struct record *record,
                                struct error *error)
{
    const unsigned char *bytes = block.data + *at;
    size_t left = block.length - *at;
    struct packed_array packed;
    struct hdf5_array array;
    const char *path;

    if (left < sizeof packed)
        return error_set(error, STATUS_DATA, "/record ends within an array");
    memcpy(&packed, bytes, sizeof packed);
    if (!read_front(&packed, left - sizeof packed, &array))
        return error_set(error, STATUS_DATA, "/record ends within an array");
    bytes += sizeof packed;
    if (!is_path((const char *)bytes, packed.path))
        return error_set(error, STATUS_DATA, "/record has an array with an invalid path");
    PASS(arena_copy(&record->arena, (const char *)bytes, packed.path, &path, error));
    PASS(arena_new(&record->arena, &array.values, (size_t)packed.bytes, 1, error));
    if (packed.bytes)
        memcpy(array.values, bytes + packed.path, (size_t)packed.bytes);
    PASS(record_adopt(record, path, &array, error));
    *at += sizeof packed + packed.path + (size_t)packed.bytes;
    return STATUS_OK;
}

enum status record_unpack_arrays(struct span block, struct record *record, struct error *error)
{
    for (size_t at = 0; at < block.length;)
        PASS(unpack_array(block, &at, record, error));
    return STATUS_OK;
}
