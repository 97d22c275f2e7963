/* Datasets and attributes, written. */
#include "io/hdf5/hdf5_private.h"

#include <assert.h>
#include <string.h>

enum {
    CHUNK_BYTES = 1 << 20, /* HDF5's cache holds one chunk of this size */
    DEFLATE_LEVEL = 4,
};

hid_t hdf5_text_type(size_t size)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type < 0)
        return type;
    if (H5Tset_size(type, size ? size : 1) < 0 || H5Tset_strpad(type, H5T_STR_NULLPAD) < 0 ||
        H5Tset_cset(type, H5T_CSET_UTF8) < 0) {
        H5Tclose(type);
        return -1;
    }
    return type;
}

/* A type of the library's own, to be dropped as if it were new. */
static hid_t keep(hid_t type)
{
    return H5Iinc_ref(type) < 0 ? -1 : type;
}

/* What is stored, and what lies in memory; both to be dropped, negative on failure. */
static void types_of(const struct hdf5_array *array, hid_t *stored, hid_t *memory)
{
    switch (array->type) {
    case HDF5_FLOAT32:
        *stored = keep(H5T_IEEE_F32LE);
        *memory = keep(H5T_NATIVE_FLOAT);
        break;
    case HDF5_FLOAT64:
        *stored = keep(H5T_IEEE_F64LE);
        *memory = keep(H5T_NATIVE_DOUBLE);
        break;
    case HDF5_INT64:
        *stored = keep(H5T_STD_I64LE);
        *memory = keep(H5T_NATIVE_INT64);
        break;
    case HDF5_UINT8:
        *stored = keep(H5T_STD_U8LE);
        *memory = keep(H5T_NATIVE_UINT8);
        break;
    case HDF5_TEXT:
        *stored = hdf5_text_type(array->text_size);
        *memory = hdf5_text_type(array->text_size);
        break;
    }
}

/* The largest chunks of whole rows of the first axis that fit; rows that are larger than a chunk
 * are cut along their own first axis, and so on. */
static void chunks_of(const struct hdf5_array *array, size_t value_bytes, hsize_t *chunks)
{
    bool whole = false; /* every axis from here on goes into one chunk */

    for (int axis = 0; axis < array->rank; axis++) {
        size_t row = value_bytes;
        for (int inner = axis + 1; inner < array->rank; inner++)
            row *= array->dims[inner];
        size_t rows = row < CHUNK_BYTES ? CHUNK_BYTES / row : 1;
        chunks[axis] = whole || rows > array->dims[axis] ? array->dims[axis] : rows;
        whole = whole || row <= CHUNK_BYTES;
    }
}

/* How a dataset of `values` values is laid out; to be dropped, negative on failure. */
static hid_t creation_list(const struct hdf5_array *array, size_t values, size_t value_bytes)
{
    hsize_t chunks[HDF5_MAX_RANK];

    if (array->rank == 0 || values <= HDF5_SMALL / value_bytes) {
        hid_t plain = hdf5_plain_list();
        return plain < 0 ? plain : keep(plain);
    }
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    if (list < 0)
        return list;
    chunks_of(array, value_bytes, chunks);
    if (H5Pset_obj_track_times(list, false) < 0 || H5Pset_chunk(list, array->rank, chunks) < 0 ||
        H5Pset_shuffle(list) < 0 || H5Pset_deflate(list, DEFLATE_LEVEL) < 0) {
        H5Pclose(list);
        return -1;
    }
    return list;
}

static hid_t space_of(const struct hdf5_array *array, size_t *values)
{
    hsize_t dims[HDF5_MAX_RANK];

    *values = 1;
    for (int axis = 0; axis < array->rank; axis++) {
        dims[axis] = array->dims[axis];
        *values *= array->dims[axis];
    }
    return array->rank ? H5Screate_simple(array->rank, dims, NULL) : H5Screate(H5S_SCALAR);
}

enum status hdf5_write(struct hdf5 *file, const char *path, const struct hdf5_array *array,
                       struct error *error)
{
    enum status status = STATUS_OK;
    hid_t stored = -1, memory = -1, space = -1, creation = -1, set = -1, group;
    const char *name;
    size_t values;

    assert(array->rank >= 0 && array->rank <= HDF5_MAX_RANK);
    TRY(hdf5_enter(file, path, &group, &name, error));
    types_of(array, &stored, &memory);
    space = space_of(array, &values);
    assert(array->type != HDF5_TEXT || array->text_size > 0 || values == 0);
    if (stored >= 0)
        creation = creation_list(array, values, H5Tget_size(stored));
    if (stored < 0 || memory < 0 || space < 0 || creation < 0)
        TRY(hdf5_refused(file, STATUS_MEMORY, error, "cannot describe %s", path));
    set = H5Dcreate2(group, name, stored, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    if (set < 0 ||
        (values && H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, array->values) < 0))
        TRY(hdf5_refused(file, STATUS_IO, error, "cannot write %s", path));
    /* What is still in the chunk cache is compressed and written here. */
    if (H5Dclose(set) < 0)
        status = hdf5_refused(file, STATUS_IO, error, "cannot write %s", path);
    set = -1;
out:
    hdf5_drop(set);
    hdf5_drop(creation);
    hdf5_drop(space);
    hdf5_drop(memory);
    hdf5_drop(stored);
    return status;
}

enum status hdf5_write_text(struct hdf5 *file, const char *path, const char *text,
                            struct error *error)
{
    size_t length = strlen(text);
    struct hdf5_array array = {.type = HDF5_TEXT, .text_size = length ? length : 1};
    union { /* HDF5 reads only, though its own types do not say so for ours */
        const char *text;
        void *values;
    } bytes = {.text = text};

    array.values = bytes.values;
    return hdf5_write(file, path, &array, error);
}

enum status hdf5_write_texts(struct hdf5 *file, const char *path, const char *const *texts,
                             size_t count, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5_array array = {.type = HDF5_TEXT, .rank = 1, .dims = {count}, .text_size = 1};
    char *bytes = NULL;

    for (size_t i = 0; i < count; i++)
        if (strlen(texts[i]) > array.text_size)
            array.text_size = strlen(texts[i]);
    TRY(memory_new(&bytes, count, array.text_size, error));
    for (size_t i = 0; i < count; i++)
        memcpy(bytes + i * array.text_size, texts[i], strlen(texts[i]));
    array.values = bytes;
    TRY(hdf5_write(file, path, &array, error));
out:
    memory_free(bytes);
    return status;
}

/* Write a scalar attribute, replacing an old one. */
static enum status write_attribute(struct hdf5 *file, const char *object, const char *name,
                                   hid_t stored, hid_t memory, const void *value,
                                   struct error *error)
{
    enum status status = STATUS_OK;
    hid_t owner = H5Oopen(file->file, object, H5P_DEFAULT);
    hid_t space = H5Screate(H5S_SCALAR), attribute = -1;
    htri_t there;

    if (owner < 0 || space < 0 || (there = H5Aexists(owner, name)) < 0 ||
        (there && H5Adelete(owner, name) < 0) ||
        (attribute = H5Acreate2(owner, name, stored, space, H5P_DEFAULT, H5P_DEFAULT)) < 0 ||
        H5Awrite(attribute, memory, value) < 0)
        status =
            hdf5_refused(file, STATUS_IO, error, "cannot write attribute %s of %s", name, object);
    hdf5_drop(attribute);
    hdf5_drop(space);
    hdf5_drop(owner);
    return status;
}

enum status hdf5_attribute_text(struct hdf5 *file, const char *object, const char *name,
                                const char *text, struct error *error)
{
    enum status status = STATUS_OK;
    hid_t type = hdf5_text_type(strlen(text));

    if (type < 0)
        TRY(hdf5_refused(file, STATUS_MEMORY, error, "cannot describe attribute %s", name));
    TRY(write_attribute(file, object, name, type, type, text, error));
out:
    hdf5_drop(type);
    return status;
}

enum status hdf5_attribute_integer(struct hdf5 *file, const char *object, const char *name,
                                   int64_t value, struct error *error)
{
    return write_attribute(file, object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value, error);
}
