/*
 * Records in memory. Not-a-numbers are kept as one and the same pattern of bits: compilers differ
 * in the sign of the one that they make.
 */
#include "cache/record.h"

#include "io/hdf5/hdf5_values.h"
#include <assert.h>
#include <math.h>
#include <string.h>

/* The value called `name`: the old one, to be replaced, or a new one. */
static enum status slot(struct record *record, const char *name, struct record_value **value,
                        struct error *error)
{
    for (size_t i = 0; i < record->value_count; i++)
        if (strcmp(record->values[i].name, name) == 0) {
            *value = &record->values[i];
            return STATUS_OK;
        }
    PASS(memory_reserve(&record->values, &record->value_capacity, record->value_count + 1,
                        sizeof *record->values, error));
    *value = &record->values[record->value_count];
    memset(*value, 0, sizeof **value);
    PASS(arena_copy(&record->arena, name, strlen(name), &(*value)->name, error));
    (*value)->text = "";
    record->value_count++;
    return STATUS_OK;
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

enum status record_adopt(struct record *record, const char *path, const struct hdf5_array *array,
                         struct error *error)
{
    struct record_array *own;

    PASS(memory_reserve(&record->arrays, &record->array_capacity, record->array_count + 1,
                        sizeof *record->arrays, error));
    own = &record->arrays[record->array_count];
    own->array = *array;
    PASS(arena_copy(&record->arena, path, strlen(path), &own->path, error));
    record->array_count++;
    return STATUS_OK;
}

enum status record_array(struct record *record, const char *path, const struct hdf5_array *array,
                         struct error *error)
{
    struct hdf5_array own = *array;
    size_t count = 1;

    assert(path[0] != '/' && strcmp(path, "record") != 0 && strncmp(path, "record/", 7) != 0);
    for (int axis = 0; axis < array->rank; axis++)
        if (!memory_multiply(count, array->dims[axis], &count))
            return error_set(error, STATUS_MEMORY, "%s is too large", path);
    PASS(arena_new(&record->arena, &own.values, count, hdf5_value_size(array), error));
    if (count)
        memcpy(own.values, array->values, count * hdf5_value_size(array));
    settle_nans(&own, count);
    return record_adopt(record, path, &own, error);
}

void record_drop(struct record *record, const char *prefix)
{
    size_t kept = 0;

    for (size_t i = 0; i < record->array_count; i++)
        if (strncmp(record->arrays[i].path, prefix, strlen(prefix)) != 0)
            record->arrays[kept++] = record->arrays[i];
    record->array_count = kept;
}

void record_release(struct record *record)
{
    memory_free(record->values);
    memory_free(record->arrays);
    arena_release(&record->arena);
    memset(record, 0, sizeof *record);
}

const struct record_value *record_value(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->value_count; i++)
        if (strcmp(record->values[i].name, name) == 0)
            return &record->values[i];
    return NULL;
}

const struct hdf5_array *record_find(const struct record *record, const char *path)
{
    for (size_t i = 0; i < record->array_count; i++)
        if (strcmp(record->arrays[i].path, path) == 0)
            return &record->arrays[i].array;
    return NULL;
}

enum status record_merge(struct record *record, const struct record *from, struct error *error)
{
    for (size_t i = 0; i < from->value_count; i++) {
        const struct record_value *value = &from->values[i];
        switch (value->type) {
        case RECORD_REAL: PASS(record_real(record, value->name, value->real, error)); break;
        case RECORD_INTEGER:
            PASS(record_integer(record, value->name, value->integer, error));
            break;
        case RECORD_TEXT: PASS(record_text(record, value->name, value->text, error)); break;
        }
    }
    for (size_t i = 0; i < from->array_count; i++)
        PASS(record_array(record, from->arrays[i].path, &from->arrays[i].array, error));
    return STATUS_OK;
}

const void *record_row(const struct record *record, const char *path, enum hdf5_type type,
                       size_t count)
{
    const struct hdf5_array *array = record_find(record, path);

    return array && array->type == type && array->rank == 1 && array->dims[0] == count
               ? array->values
               : NULL;
}

enum status record_put_row(struct record *record, const char *path, enum hdf5_type type,
                           void *values, size_t count, struct error *error)
{
    struct hdf5_array array = {.type = type, .rank = 1, .dims = {count}, .values = values};
    return record_array(record, path, &array, error);
}
