/*
 * Copying from file to file: read, then written, compressed blocks as they are. HDF5's own
 * H5Ocopy() is not used, because it crashes (1.10) when the disk is full.
 */
#include "io/hdf5/hdf5_guard.h"
#include "io/hdf5/hdf5_private.h"

#include "base/interrupt.h"

struct attributes_copy {
    struct hdf5 *to;
    hid_t into;
    enum status status;
    struct error *error;
};

/* One attribute, of any type and shape, as its bytes are. An H5A_operator2_t. */
static herr_t copy_attribute(hid_t owner, const char *name, const H5A_info_t *info, void *context)
{
    struct attributes_copy *copy = context;
    struct arena arena = {0};
    hid_t from = H5Aopen(owner, name, H5P_DEFAULT), attribute = -1;
    hid_t type = H5Aget_type(from), space = H5Aget_space(from);
    void *bytes;

    copy->status = arena_new(&arena, &bytes, (size_t)info->data_size + 1, 1, copy->error);
    if (copy->status != STATUS_OK)
        goto out;
    if (from < 0 || type < 0 || space < 0 || H5Tis_variable_str(type) != 0 ||
        H5Aread(from, type, bytes) < 0 ||
        (attribute = H5Acreate2(copy->into, name, type, space, H5P_DEFAULT, H5P_DEFAULT)) < 0 ||
        H5Awrite(attribute, type, bytes) < 0)
        copy->status =
            hdf5_refused(copy->to, STATUS_IO, copy->error, "cannot copy attribute %s", name);
out:
    hdf5_drop(attribute);
    hdf5_drop(space);
    hdf5_drop(type);
    hdf5_drop(from);
    arena_release(&arena);
    return copy->status == STATUS_OK ? 0 : -1;
}

static enum status copy_attributes(struct hdf5 *from, hid_t owner, struct hdf5 *to, hid_t into,
                                   struct error *error)
{
    struct attributes_copy copy = {to, into, STATUS_OK, error};
    herr_t done = H5Aiterate2(owner, H5_INDEX_NAME, H5_ITER_INC, NULL, copy_attribute, &copy);

    if (done < 0 && copy.status == STATUS_OK)
        return hdf5_refused(from, STATUS_DATA, error, "cannot list attributes");
    return copy.status;
}

enum status hdf5_copy_attributes(struct hdf5 *from, const char *from_path, struct hdf5 *to,
                                 const char *to_path, struct error *error)
{
    enum status status = STATUS_OK;
    hid_t owner = -1, into = -1;

    if (from->guard)
        return hdf5_guard_copy_attributes(from, from_path, to, to_path, error);
    owner = H5Oopen(from->file, from_path, H5P_DEFAULT);
    if (owner < 0)
        TRY(hdf5_refused(from, STATUS_DATA, error, "cannot open %s", from_path));
    into = H5Oopen(to->file, to_path, H5P_DEFAULT);
    if (into < 0)
        TRY(hdf5_refused(to, STATUS_IO, error, "cannot open %s", to_path));
    TRY(copy_attributes(from, owner, to, into, error));
out:
    hdf5_drop(into);
    hdf5_drop(owner);
    return status;
}

struct copying {
    struct hdf5 *from, *to;
    hid_t plain, group; /* how small sets, and groups, are made */
    struct error *error;
};

/* A dataset and the new one, with what describes both. */
struct pair {
    const char *path; /* for messages */
    hid_t set, type, space, creation, copy;
};

static void pair_close(struct pair *pair)
{
    hdf5_drop(pair->copy);
    hdf5_drop(pair->creation);
    hdf5_drop(pair->space);
    hdf5_drop(pair->type);
    hdf5_drop(pair->set);
}

/* Blocks of a chunked set, as they are stored: nothing is unpacked. */
static enum status copy_chunks(struct copying *copying, const struct pair *pair)
{
    enum status status = STATUS_OK;
    struct error *error = copying->error;
    hsize_t count = 0, offset[H5S_MAX_RANK], size;
    unsigned mask;
    haddr_t address;
    void *block = NULL;

    if (H5Dget_num_chunks(pair->set, pair->space, &count) < 0)
        TRY(hdf5_refused(copying->from, STATUS_DATA, error, "cannot read %s", pair->path));
    for (hsize_t i = 0; i < count; i++) {
        TRY(interrupt_check(error));
        if (H5Dget_chunk_info(pair->set, pair->space, i, offset, &mask, &address, &size) < 0)
            TRY(hdf5_refused(copying->from, STATUS_DATA, error, "cannot read %s", pair->path));
        memory_free(block);
        TRY(memory_new(&block, (size_t)size, 1, error));
        if (H5Dread_chunk(pair->set, H5P_DEFAULT, offset, &mask, block) < 0)
            TRY(hdf5_refused(copying->from, STATUS_DATA, error, "cannot read %s", pair->path));
        if (H5Dwrite_chunk(pair->copy, H5P_DEFAULT, mask, offset, (size_t)size, block) < 0)
            TRY(hdf5_refused(copying->to, STATUS_IO, error, "cannot write %s", pair->path));
    }
out:
    memory_free(block);
    return status;
}

static enum status copy_values(struct copying *copying, const struct pair *pair)
{
    enum status status = STATUS_OK;
    struct error *error = copying->error;
    hssize_t values = H5Sget_simple_extent_npoints(pair->space);
    void *block = NULL;

    if (values < 0)
        TRY(hdf5_refused(copying->from, STATUS_DATA, error, "cannot read %s", pair->path));
    if (values == 0)
        goto out;
    TRY(memory_new(&block, (size_t)values, H5Tget_size(pair->type), error));
    if (H5Dread(pair->set, pair->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, block) < 0)
        TRY(hdf5_refused(copying->from, STATUS_DATA, error, "cannot read %s", pair->path));
    if (H5Dwrite(pair->copy, pair->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, block) < 0)
        TRY(hdf5_refused(copying->to, STATUS_IO, error, "cannot write %s", pair->path));
out:
    memory_free(block);
    return status;
}

/* Texts of variable length lie elsewhere in the file: they become texts of one length. */
static enum status copy_loose_texts(struct copying *copying, const char *from_path,
                                    const char *to_path)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct hdf5_array array;

    TRY(hdf5_read(copying->from, from_path, &arena, &array, copying->error));
    TRY(hdf5_write(copying->to, to_path, &array, copying->error));
    TRY(hdf5_copy_attributes(copying->from, from_path, copying->to, to_path, copying->error));
out:
    arena_release(&arena);
    return status;
}

/* `set` as `name` in `group`. */
static enum status copy_set(struct copying *copying, hid_t set, const char *path, hid_t group,
                            const char *name)
{
    enum status status = STATUS_OK;
    struct error *error = copying->error;
    struct pair pair = {path, set, -1, -1, -1, -1};
    bool small;

    pair.type = H5Dget_type(set);
    pair.space = H5Dget_space(set);
    if (pair.type < 0 || pair.space < 0)
        TRY(hdf5_refused(copying->from, STATUS_DATA, error, "cannot read %s", path));
    small =
        H5Sget_simple_extent_npoints(pair.space) <= (hssize_t)(HDF5_SMALL / H5Tget_size(pair.type));
    if (!small && ((pair.creation = H5Dget_create_plist(set)) < 0 ||
                   H5Pset_obj_track_times(pair.creation, false) < 0))
        TRY(hdf5_refused(copying->from, STATUS_DATA, error, "cannot read %s", path));
    if (H5Tdetect_class(pair.type, H5T_VLEN) > 0 || H5Tis_variable_str(pair.type) > 0)
        TRY(error_set(error, STATUS_DATA, "%s has values of variable size", path));
    pair.copy = H5Dcreate2(group, name, pair.type, pair.space, H5P_DEFAULT,
                           small ? copying->plain : pair.creation, H5P_DEFAULT);
    if (pair.copy < 0)
        TRY(hdf5_refused(copying->to, STATUS_IO, error, "cannot write %s", path));
    if (!small && H5Pget_layout(pair.creation) == H5D_CHUNKED)
        TRY(copy_chunks(copying, &pair));
    else
        TRY(copy_values(copying, &pair));
    TRY(copy_attributes(copying->from, set, copying->to, pair.copy, error));
    if (H5Dclose(pair.copy) < 0)
        status = hdf5_refused(copying->to, STATUS_IO, error, "cannot write %s", path);
    pair.copy = -1;
out:
    pair.set = -1; /* the caller's */
    pair_close(&pair);
    return status;
}

static enum status new_group(struct copying *copying, hid_t above, const char *name, hid_t *group)
{
    *group = H5Gcreate2(above, name, H5P_DEFAULT, copying->group, H5P_DEFAULT);
    if (*group < 0)
        return hdf5_refused(copying->to, STATUS_IO, copying->error, "cannot make group %s", name);
    return STATUS_OK;
}

static enum status copy_group(struct copying *copying, hid_t from, const char *path, hid_t to,
                              int depth);

/* Member `name` of the group `from`, with all below it, into the group `to`. */
static enum status copy_member(struct copying *copying, hid_t from, const char *name, hid_t to,
                               int depth)
{
    enum status status = STATUS_OK;
    hid_t object = H5Oopen(from, name, H5P_DEFAULT), group = -1;

    if (object < 0)
        TRY(hdf5_refused(copying->from, STATUS_DATA, copying->error, "cannot read %s", name));
    if (H5Iget_type(object) == H5I_DATASET) {
        TRY(copy_set(copying, object, name, to, name));
        goto out;
    }
    if (H5Iget_type(object) != H5I_GROUP)
        TRY(hdf5_refused(copying->from, STATUS_DATA, copying->error,
                         "%s is neither a group nor an array", name));
    TRY(new_group(copying, to, name, &group));
    TRY(copy_group(copying, object, name, group, depth + 1));
out:
    hdf5_drop(group);
    hdf5_drop(object);
    return status;
}

static enum status copy_group(struct copying *copying, hid_t from, const char *path, hid_t to,
                              int depth)
{
    char name[1024];
    H5G_info_t info;

    if (depth == HDF5_DEEPEST) /* a damaged file's groups may hold themselves */
        return error_set(copying->error, STATUS_DATA, "%s: groups are nested more than %d deep",
                         path, HDF5_DEEPEST);
    PASS(copy_attributes(copying->from, from, copying->to, to, copying->error));
    if (H5Gget_info(from, &info) < 0)
        PASS(hdf5_refused(copying->from, STATUS_DATA, copying->error, "cannot list %s", path));
    for (hsize_t i = 0; i < info.nlinks; i++) {
        ssize_t length = H5Lget_name_by_idx(from, ".", H5_INDEX_NAME, H5_ITER_INC, i, name,
                                            sizeof name, H5P_DEFAULT);
        if (length < 0 || (size_t)length >= sizeof name)
            PASS(hdf5_refused(copying->from, STATUS_DATA, copying->error, "cannot list %s", path));
        PASS(copy_member(copying, from, name, to, depth));
    }
    return STATUS_OK;
}

enum status hdf5_copy(struct hdf5 *from, const char *from_path, struct hdf5 *to,
                      const char *to_path, struct error *error)
{
    enum status status = STATUS_OK;
    struct copying copying = {from, to, -1, -1, error};
    hid_t object = -1, type = -1, group = -1;

    if (from->guard)
        return hdf5_guard_copy(from, from_path, to, to_path, error);
    copying.plain = hdf5_plain_list();
    copying.group = hdf5_group_list();
    if (copying.plain < 0 || copying.group < 0)
        TRY(hdf5_refused(to, STATUS_MEMORY, error, "cannot copy %s", from_path));
    TRY(hdf5_parents(to, to_path, error));
    object = hdf5_exists(from, from_path) ? H5Oopen(from->file, from_path, H5P_DEFAULT) : -1;
    if (object < 0)
        TRY(hdf5_refused(from, STATUS_DATA, error, "no %s in the file", from_path));
    if (H5Iget_type(object) == H5I_GROUP) {
        TRY(new_group(&copying, to->file, to_path, &group));
        TRY(copy_group(&copying, object, from_path, group, 0));
        goto out;
    }
    if (H5Iget_type(object) == H5I_DATASET && (type = H5Dget_type(object)) >= 0 &&
        H5Tis_variable_str(type) > 0)
        TRY(copy_loose_texts(&copying, from_path, to_path));
    else
        TRY(copy_set(&copying, object, from_path, to->file, to_path));
out:
    hdf5_drop(group);
    hdf5_drop(type);
    hdf5_drop(object);
    return status;
}
