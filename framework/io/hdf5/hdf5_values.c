#include "io/hdf5/hdf5_values.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

size_t hdf5_value_size(const struct hdf5_array *array)
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

size_t hdf5_value_count(const struct hdf5_array *array)
{
    size_t count = 1;
    for (int axis = 0; axis < array->rank; axis++)
        count *= array->dims[axis];
    return count;
}

bool hdf5_same_form(const struct hdf5_array *a, const struct hdf5_array *b)
{
    bool same = a->type == b->type && a->rank == b->rank;

    for (int axis = 0; same && axis < a->rank; axis++)
        same = a->dims[axis] == b->dims[axis];
    return same;
}

bool hdf5_same_value(const struct hdf5_array *a, size_t i, const struct hdf5_array *b, size_t j)
{
    const char *left = (const char *)a->values + i * hdf5_value_size(a);
    const char *right = (const char *)b->values + j * hdf5_value_size(b);

    if (a->type != HDF5_TEXT)
        return memcmp(left, right, hdf5_value_size(a)) == 0;
    size_t length = strnlen(left, a->text_size);
    return length == strnlen(right, b->text_size) && memcmp(left, right, length) == 0;
}

size_t hdf5_first_difference(const struct hdf5_array *a, const struct hdf5_array *b)
{
    size_t count = hdf5_value_count(a), i = 0;

    while (i < count && hdf5_same_value(a, i, b, i))
        i++;
    return i;
}

void hdf5_print_value(const struct hdf5_array *array, size_t i, struct text *text)
{
    const char *at = (const char *)array->values + i * hdf5_value_size(array);
    double real = 0;

    switch (array->type) {
    case HDF5_TEXT: text_append_bytes(text, at, strnlen(at, array->text_size)); return;
    case HDF5_INT64: text_append(text, "%" PRId64, *(const int64_t *)(const void *)at); return;
    case HDF5_UINT8: text_append(text, "%d", *(const uint8_t *)at); return;
    case HDF5_FLOAT32: real = (double)*(const float *)(const void *)at; break;
    case HDF5_FLOAT64: real = *(const double *)(const void *)at; break;
    }
    if (isnan(real))
        text_append(text, "nan");
    else if (array->type == HDF5_FLOAT32)
        text_append(text, "%.9g", real);
    else
        text_append_real(text, real);
}

void hdf5_print_index(const struct hdf5_array *array, size_t i, struct text *text)
{
    size_t rest = hdf5_value_count(array);

    text_append(text, "%s", array->rank ? "[" : "");
    for (int axis = 0; axis < array->rank; axis++) {
        rest /= array->dims[axis];
        text_append(text, "%s%zu", axis ? "," : "", i / rest);
        i %= rest;
    }
    text_append(text, "%s", array->rank ? "]" : "");
}

void hdf5_print_form(const struct hdf5_array *array, struct text *text)
{
    static const char *const names[] = {
        [HDF5_FLOAT32] = "float32", [HDF5_FLOAT64] = "float64", [HDF5_INT64] = "integers",
        [HDF5_UINT8] = "bytes",     [HDF5_TEXT] = "text",
    };

    text_append(text, "%s", names[array->type]);
    if (array->type == HDF5_TEXT)
        text_append(text, " of %zu bytes", array->text_size);
    for (int axis = 0; axis < array->rank; axis++)
        text_append(text, "%s%zu%s", axis ? ", " : " [", array->dims[axis],
                    axis == array->rank - 1 ? "]" : "");
}

enum status hdf5_read_text(struct hdf5 *file, const char *path, struct arena *arena,
                           const char **text, struct error *error)
{
    struct hdf5_array array;

    PASS(hdf5_read(file, path, arena, &array, error));
    if (array.type != HDF5_TEXT || array.rank != 0)
        return error_set(error, STATUS_DATA, "%s is not one text", path);
    return arena_copy(arena, array.values, strnlen(array.values, array.text_size), text, error);
}
