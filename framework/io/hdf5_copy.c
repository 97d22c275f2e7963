/*
 * Copying from file to file: read, then written. HDF5's own H5Ocopy() is not used, because it
 * crashes (1.10) when the disk is full.
 */
#include "io/hdf5_private.h"

#include "base/text.h"

enum { DEEPEST = 32 }; /* a damaged file's groups may hold themselves */

struct attributes_copy {
    struct hdf5 *to;
    const char *path;
    enum status status;
    struct error *error;
};

/* One attribute, of any type and shape, as its bytes are. An H5A_operator2_t. */
static herr_t copy_attribute(hid_t owner, const char *name, const H5A_info_t *info, void *context)
{
    struct attributes_copy *copy = context;
    struct arena arena = {0};
    hid_t from = H5Aopen(owner, name, H5P_DEFAULT), into = -1, attribute = -1;
    hid_t type = H5Aget_type(from), space = H5Aget_space(from);
    void *bytes;

    copy->status = arena_new(&arena, &bytes, (size_t)info->data_size + 1, 1, copy->error);
    if (copy->status != STATUS_OK)
        goto out;
    if (from < 0 || type < 0 || space < 0 || H5Tis_variable_str(type) != 0 ||
        (into = H5Oopen(copy->to->file, copy->path, H5P_DEFAULT)) < 0 ||
        H5Aread(from, type, bytes) < 0 ||
        (attribute = H5Acreate2(into, name, type, space, H5P_DEFAULT, H5P_DEFAULT)) < 0 ||
        H5Awrite(attribute, type, bytes) < 0)
        copy->status = hdf5_refused(copy->to, STATUS_IO, copy->error,
                                    "cannot copy attribute %s of %s", name, copy->path);
out:
    hdf5_drop(attribute);
    hdf5_drop(into);
    hdf5_drop(space);
    hdf5_drop(type);
    hdf5_drop(from);
    arena_release(&arena);
    return copy->status == STATUS_OK ? 0 : -1;
}

enum status hdf5_copy_attributes(struct hdf5 *from, const char *from_path, struct hdf5 *to,
                                 const char *to_path, struct error *error)
{
    struct attributes_copy copy = {to, to_path, STATUS_OK, error};
    hid_t owner = H5Oopen(from->file, from_path, H5P_DEFAULT);

    if (owner < 0)
        return hdf5_refused(from, STATUS_DATA, error, "cannot open %s", from_path);
    herr_t done = H5Aiterate2(owner, H5_INDEX_NAME, H5_ITER_INC, NULL, copy_attribute, &copy);
    hdf5_drop(owner);
    if (done < 0 && copy.status == STATUS_OK)
        return hdf5_refused(from, STATUS_DATA, error, "cannot list attributes of %s", from_path);
    return copy.status;
}

static enum status copy_set(struct hdf5 *from, const char *from_path, struct hdf5 *to,
                            const char *to_path, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct hdf5_array array;

    TRY(hdf5_read(from, from_path, &arena, &array, error));
    TRY(hdf5_write(to, to_path, &array, error));
    TRY(hdf5_copy_attributes(from, from_path, to, to_path, error));
out:
    arena_release(&arena);
    return status;
}

static enum status copy_object(struct hdf5 *from, const char *from_path, struct hdf5 *to,
                               const char *to_path, int depth, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct text source = {0}, target = {0};
    const char **names;
    size_t count;

    if (!hdf5_is_group(from, from_path)) {
        TRY(copy_set(from, from_path, to, to_path, error));
        goto out;
    }
    if (depth == DEEPEST)
        TRY(error_set(error, STATUS_DATA, "%s: more than %d groups within one another", from_path,
                      DEEPEST));
    TRY(hdf5_group(to, to_path, error));
    TRY(hdf5_copy_attributes(from, from_path, to, to_path, error));
    TRY(hdf5_list(from, from_path, &arena, &names, &count, error));
    for (size_t i = 0; i < count; i++) {
        text_clear(&source);
        text_clear(&target);
        text_append(&source, "%s/%s", from_path, names[i]);
        text_append(&target, "%s/%s", to_path, names[i]);
        TRY(text_status(&source, error));
        TRY(text_status(&target, error));
        TRY(copy_object(from, source.bytes, to, target.bytes, depth + 1, error));
    }
out:
    text_release(&target);
    text_release(&source);
    arena_release(&arena);
    return status;
}

enum status hdf5_copy(struct hdf5 *from, const char *from_path, struct hdf5 *to,
                      const char *to_path, struct error *error)
{
    return copy_object(from, from_path, to, to_path, 0, error);
}
