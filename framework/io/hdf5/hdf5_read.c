/* Datasets and attributes, read: ours, and what h5py writes (texts of variable length). */
#include "io/hdf5/hdf5_guard.h"
#include "io/hdf5/hdf5_private.h"

#include <string.h>

/* Deflate cannot shrink by more than this: a set that claims more than its file can hold is
 * damaged, and is told so before memory is asked for. */
enum { DEFLATE_BOUND = 1100, SMALL_BYTES = 1 << 20 };

/* The array's type, and the type that its values get in memory (new, negative where the set holds
 * something else). A text of variable length has text_size 0 for now. */
static hid_t memory_type(hid_t stored, struct hdf5_array *array)
{
    size_t size = H5Tget_size(stored);

    switch (H5Tget_class(stored)) {
    case H5T_FLOAT:
        array->type = size <= 4 ? HDF5_FLOAT32 : HDF5_FLOAT64;
        return H5Tcopy(size <= 4 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE);
    case H5T_INTEGER:
        if (size == 1 && H5Tget_sign(stored) == H5T_SGN_NONE) {
            array->type = HDF5_UINT8;
            return H5Tcopy(H5T_NATIVE_UINT8);
        }
        array->type = HDF5_INT64;
        return H5Tcopy(H5T_NATIVE_INT64);
    case H5T_STRING: {
        bool variable = H5Tis_variable_str(stored) > 0;
        array->type = HDF5_TEXT;
        array->text_size = variable ? 0 : size;
        hid_t type = hdf5_text_type(size);
        if (type >= 0 && (H5Tset_cset(type, H5Tget_cset(stored)) < 0 ||
                          (variable && H5Tset_size(type, H5T_VARIABLE) < 0))) {
            H5Tclose(type);
            return -1;
        }
        return type;
    }
    default: return -1;
    }
}

/* Fill rank and dims; the number of values, SIZE_MAX where it does not fit. */
static enum status shape_of(struct hdf5 *file, const char *path, hid_t space,
                            struct hdf5_array *array, size_t *values, struct error *error)
{
    hsize_t dims[H5S_MAX_RANK];
    int rank = H5Sget_simple_extent_type(space) == H5S_NULL
                   ? -1
                   : H5Sget_simple_extent_dims(space, dims, NULL);

    if (rank < 0 || rank > HDF5_MAX_RANK)
        return error_set(error, STATUS_DATA, "%s has %d axes; expected 0 to %d", path, rank,
                         HDF5_MAX_RANK);
    array->rank = rank;
    *values = 1;
    for (int axis = 0; axis < rank; axis++) {
        array->dims[axis] = (size_t)dims[axis];
        if (!memory_multiply(*values, (size_t)dims[axis], values))
            return hdf5_refused(file, STATUS_DATA, error, "%s is too large", path);
    }
    return STATUS_OK;
}

static enum status plausible(struct hdf5 *file, const char *path, size_t values, size_t size,
                             struct error *error)
{
    hsize_t held = 0;
    size_t bytes;

    if (memory_multiply(values, size, &bytes) && bytes <= SMALL_BYTES)
        return STATUS_OK;
    if (H5Fget_filesize(file->file, &held) < 0)
        return hdf5_refused(file, STATUS_DATA, error, "cannot determine the size of the file");
    if (values / DEFLATE_BOUND > held / size)
        return hdf5_refused(file, STATUS_DATA, error,
                            "%s claims %zu values of %zu bytes, more than a file of %llu bytes "
                            "can hold",
                            path, values, size, (unsigned long long)held);
    return STATUS_OK;
}

/* Texts of variable length, laid out in the arena as texts of one length. */
static enum status pack_texts(char *const *texts, size_t count, struct arena *arena,
                              struct hdf5_array *array, struct error *error)
{
    char *bytes;

    array->text_size = 1;
    for (size_t i = 0; i < count; i++)
        if (texts[i] && strlen(texts[i]) > array->text_size)
            array->text_size = strlen(texts[i]);
    enum status status = arena_new(arena, &bytes, count, array->text_size, error);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        if (texts[i])
            memcpy(bytes + i * array->text_size, texts[i], strlen(texts[i]));
    array->values = bytes;
    return STATUS_OK;
}

/* Reads `object`, a dataset or an attribute, into `values`. */
typedef herr_t reader(hid_t object, hid_t memory, void *values);

static herr_t read_set(hid_t object, hid_t memory, void *values)
{
    return H5Dread(object, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
}

static herr_t read_attribute(hid_t object, hid_t memory, void *values)
{
    return H5Aread(object, memory, values);
}

static enum status read_values(struct hdf5 *file, const char *path, hid_t object, hid_t stored,
                               hid_t space, reader *read, struct arena *arena,
                               struct hdf5_array *array, struct error *error)
{
    enum status status = STATUS_OK;
    hid_t memory = memory_type(stored, array);
    char **texts = NULL;
    size_t values = 0;
    bool variable = array->type == HDF5_TEXT && array->text_size == 0, filled = false;

    if (memory < 0)
        TRY(hdf5_refused(file, STATUS_DATA, error, "%s is neither numbers nor text", path));
    TRY(shape_of(file, path, space, array, &values, error));
    if (variable) {
        TRY(plausible(file, path, values, sizeof *texts, error));
        TRY(memory_new(&texts, values, sizeof *texts, error));
        filled = values && read(object, memory, texts) >= 0;
    } else {
        TRY(plausible(file, path, values, H5Tget_size(stored), error));
        TRY(arena_new(arena, &array->values, values, H5Tget_size(memory), error));
        filled = values && read(object, memory, array->values) >= 0;
    }
    if (values && !filled)
        TRY(hdf5_refused(file, STATUS_DATA, error, "cannot read %s", path));
    if (variable)
        TRY(pack_texts(texts, values, arena, array, error));
out:
    if (variable && filled)
        H5Dvlen_reclaim(memory, space, H5P_DEFAULT, texts);
    memory_free(texts);
    hdf5_drop(memory);
    return status;
}

enum status hdf5_read(struct hdf5 *file, const char *path, struct arena *arena,
                      struct hdf5_array *array, struct error *error)
{
    enum status status = STATUS_OK;
    hid_t set = -1, stored = -1, space = -1;

    if (file->guard)
        return hdf5_guard_read(file, path, arena, array, error);
    memset(array, 0, sizeof *array);
    set = H5Dopen2(file->file, path, H5P_DEFAULT);
    if (set < 0 && !hdf5_exists(file, path))
        TRY(hdf5_refused(file, STATUS_DATA, error, "no %s in the file", path));
    if (set < 0 || (stored = H5Dget_type(set)) < 0 || (space = H5Dget_space(set)) < 0)
        TRY(hdf5_refused(file, STATUS_DATA, error, "%s cannot be read as an array", path));
    TRY(read_values(file, path, set, stored, space, read_set, arena, array, error));
out:
    hdf5_drop(space);
    hdf5_drop(stored);
    hdf5_drop(set);
    return status;
}

enum status hdf5_read_attribute(struct hdf5 *file, const char *object, const char *name,
                                struct arena *arena, struct hdf5_array *array, struct error *error)
{
    enum status status = STATUS_OK;
    hid_t attribute = -1, stored = -1, space = -1;

    memset(array, 0, sizeof *array);
    attribute = H5Aopen_by_name(file->file, object, name, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || (stored = H5Aget_type(attribute)) < 0 ||
        (space = H5Aget_space(attribute)) < 0)
        TRY(hdf5_refused(file, STATUS_DATA, error, "%s has no attribute '%s'", object, name));
    TRY(read_values(file, name, attribute, stored, space, read_attribute, arena, array, error));
out:
    hdf5_drop(space);
    hdf5_drop(stored);
    hdf5_drop(attribute);
    return status;
}

enum status hdf5_read_attribute_text(struct hdf5 *file, const char *object, const char *name,
                                     struct arena *arena, const char **text, struct error *error)
{
    struct hdf5_array array;

    *text = NULL;
    if (file->guard)
        return hdf5_guard_attribute(file, object, name, arena, text, error);
    PASS(hdf5_read_attribute(file, object, name, arena, &array, error));
    if (array.type != HDF5_TEXT || array.rank != 0)
        return error_set(error, STATUS_DATA, "attribute '%s' of %s is not one text", name, object);
    return arena_copy(arena, array.values, strnlen(array.values, array.text_size), text, error);
}

enum status hdf5_read_format(struct hdf5 *file, int64_t *version, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct hdf5_array array;

    if (file->guard)
        return hdf5_guard_format(file, version, error);
    TRY(hdf5_read_attribute(file, "/", "format_version", &arena, &array, error));
    if (array.type != HDF5_INT64 || array.rank != 0)
        TRY(error_set(error, STATUS_DATA, "attribute 'format_version' of / is not one number"));
    *version = *(const int64_t *)array.values;
out:
    arena_release(&arena);
    return status;
}

enum status hdf5_check_format(struct hdf5 *file, int64_t newest, struct error *error)
{
    int64_t version;
    enum status status = hdf5_read_format(file, &version, error);

    if (status == STATUS_OK && (version < 1 || version > newest))
        status =
            error_set(error, STATUS_DATA,
                      "%s has format %lld, of another version of understudy; this one reads "
                      "formats 1 to %lld",
                      file->name ? file->name : "the file", (long long)version, (long long)newest);
    return status;
}
