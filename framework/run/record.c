/*
 * A record file:
 *
 *     /                   attributes `format_version`, `key`
 *     /record/names       the values' names, in the order in which they were recorded
 *     /record/types       enum record_type of each
 *     /record/reals, /record/integers, /record/texts
 *     /PATH               each array
 *
 * Not-a-numbers are stored as one and the same pattern of bits: compilers differ in the sign of
 * the one that they make.
 */
#include "run/record.h"

#include "base/text.h"
#include "io/durable.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_FORMAT = 1 };

/* The value called `name`: the old one, to be replaced, or a new one. */
static enum status slot(struct record *record, const char *name, struct record_value **value,
                        struct error *error)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < record->value_count; i++)
        if (strcmp(record->values[i].name, name) == 0) {
            *value = &record->values[i];
            return STATUS_OK;
        }
    TRY(memory_reserve(&record->values, &record->value_capacity, record->value_count + 1,
                       sizeof *record->values, error));
    *value = &record->values[record->value_count];
    memset(*value, 0, sizeof **value);
    TRY(arena_copy(&record->arena, name, strlen(name), &(*value)->name, error));
    (*value)->text = "";
    record->value_count++;
out:
    return status;
}

enum status record_real(struct record *record, const char *name, double real, struct error *error)
{
    struct record_value *value;
    enum status status = slot(record, name, &value, error);

    if (status == STATUS_OK) {
        value->type = RECORD_REAL;
        value->real = isnan(real) ? (double)NAN : real;
    }
    return status;
}

enum status record_integer(struct record *record, const char *name, int64_t integer,
                           struct error *error)
{
    struct record_value *value;
    enum status status = slot(record, name, &value, error);

    if (status == STATUS_OK) {
        value->type = RECORD_INTEGER;
        value->integer = integer;
    }
    return status;
}

enum status record_text(struct record *record, const char *name, const char *text,
                        struct error *error)
{
    const char *copy;
    struct record_value *value;
    enum status status = arena_copy(&record->arena, text, strlen(text), &copy, error);

    if (status == STATUS_OK)
        status = slot(record, name, &value, error);
    if (status == STATUS_OK) {
        value->type = RECORD_TEXT;
        value->text = copy;
    }
    return status;
}

static size_t value_bytes(const struct hdf5_array *array)
{
    switch (array->type) {
    case HDF5_FLOAT32: return sizeof(float);
    case HDF5_FLOAT64: return sizeof(double);
    case HDF5_INT64: return sizeof(int64_t);
    case HDF5_UINT8: return 1;
    case HDF5_TEXT: return array->text_size;
    }
    return 0;
}

static void settle_nans(struct hdf5_array *array, size_t count)
{
    float *singles = array->values;
    double *doubles = array->values;

    for (size_t i = 0; array->type == HDF5_FLOAT32 && i < count; i++)
        if (isnan(singles[i]))
            singles[i] = NAN;
    for (size_t i = 0; array->type == HDF5_FLOAT64 && i < count; i++)
        if (isnan(doubles[i]))
            doubles[i] = (double)NAN;
}

enum status record_array(struct record *record, const char *path, const struct hdf5_array *array,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct record_array *own;
    size_t count = 1;

    assert(path[0] != '/' && strncmp(path, "record/", 7) != 0);
    for (int axis = 0; axis < array->rank; axis++)
        if (!memory_multiply(count, array->dims[axis], &count))
            TRY(error_set(error, STATUS_MEMORY, "%s is too large", path));
    TRY(memory_reserve(&record->arrays, &record->array_capacity, record->array_count + 1,
                       sizeof *record->arrays, error));
    own = &record->arrays[record->array_count];
    own->array = *array;
    TRY(arena_copy(&record->arena, path, strlen(path), &own->path, error));
    TRY(arena_new(&record->arena, &own->array.values, count, value_bytes(array), error));
    if (count)
        memcpy(own->array.values, array->values, count * value_bytes(array));
    settle_nans(&own->array, count);
    record->array_count++;
out:
    return status;
}

void record_release(struct record *record)
{
    memory_free(record->values);
    memory_free(record->arrays);
    arena_release(&record->arena);
    memset(record, 0, sizeof *record);
}

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

enum status record_write(const struct record *record, const char *path, const char *key,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    struct text temporary = {0};

    /* Two processes may make the same record: each under its own name. */
    text_append(&temporary, "%s.%ld.part", path, (long)getpid());
    TRY(text_status(&temporary, error));
    TRY(hdf5_create(&file, temporary.bytes, error));
    TRY(hdf5_attribute_integer(&file, "/", "format_version", RECORD_FORMAT, error));
    TRY(hdf5_attribute_text(&file, "/", "key", key, error));
    TRY(write_values(&file, record, error));
    for (size_t i = 0; i < record->array_count; i++)
        TRY(write_array(&file, &record->arrays[i], error));
    TRY(hdf5_close(&file, error));
    TRY(durable_replace(temporary.bytes, path, error));
out:
    hdf5_abandon(&file);
    if (status != STATUS_OK && temporary.bytes)
        unlink(temporary.bytes);
    text_release(&temporary);
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

static enum status read_values(struct hdf5 *file, struct record *record, struct error *error)
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

enum status record_read(struct record *record, const char *path, const char *key,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    const char *found;

    memset(record, 0, sizeof *record);
    TRY(hdf5_open(&file, path, false, error));
    TRY(hdf5_read_attribute_text(&file, "/", "key", &record->arena, &found, error));
    if (strcmp(found, key) != 0)
        TRY(error_set(error, STATUS_DATA, "%s is the record of key %s; expected %s", path, found,
                      key));
    status = read_values(&file, record, error);
    if (status != STATUS_OK)
        error_context(error, "%s", path);
out:
    hdf5_abandon(&file);
    if (status != STATUS_OK)
        record_release(record);
    return status;
}
