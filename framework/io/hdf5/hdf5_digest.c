/*
 * The digest of a file's contents: SHA-256 over what the objects hold, not over how HDF5 laid them
 * out. Every object at or below the given paths is fed in byte order of its full path:
 *
 *     path, "group"
 *     path, "set", type, bytes of a value, rank, dims …, values in little-endian order
 *
 * Texts have their length in front (base/hash.h), so no two contents feed the same bytes. Large
 * sets are read in blocks of whole rows, so that memory stays bounded.
 */
#include "io/hdf5/hdf5_guard.h"
#include "io/hdf5/hdf5_private.h"

#include "base/hash.h"
#include "base/interrupt.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 22 };

struct objects {
    struct arena arena;
    const char **paths;
    size_t count, capacity;
    const char *base; /* of the walk that is under way */
    enum status status;
    struct error *error;
};

static enum status remember(struct objects *objects, const char *name)
{
    const char *base = strcmp(objects->base, "/") == 0 ? "" : objects->base;
    size_t above = strlen(base), length = above + (*name ? 1 + strlen(name) : 0);
    char *path;

    PASS(memory_reserve(&objects->paths, &objects->capacity, objects->count + 1,
                        sizeof *objects->paths, objects->error));
    PASS(arena_new(&objects->arena, &path, length + 2, 1, objects->error));
    memcpy(path, base, above);
    if (*name) {
        path[above] = '/';
        memcpy(path + above + 1, name, strlen(name));
    } else if (above == 0) {
        path[0] = '/';
    }
    objects->paths[objects->count++] = path;
    return STATUS_OK;
}

static herr_t visit(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    struct objects *objects = context;

    (void)group;
    (void)info;
    objects->status = remember(objects, name);
    return objects->status == STATUS_OK ? 0 : -1;
}

/* All objects at and below `base`; nothing where it is missing. */
static enum status collect(struct hdf5 *file, const char *base, struct objects *objects,
                           struct error *error)
{
    enum status status = STATUS_OK;

    if (!hdf5_exists(file, base))
        return STATUS_OK;
    objects->base = base;
    TRY(remember(objects, ""));
    if (!hdf5_is_group(file, base))
        goto out;
    if (H5Lvisit_by_name(file->file, base, H5_INDEX_NAME, H5_ITER_NATIVE, visit, objects,
                         H5P_DEFAULT) < 0) {
        TRY(objects->status);
        TRY(hdf5_refused(file, STATUS_DATA, error, "cannot list %s", base));
    }
out:
    return status;
}

struct set {
    const char *path;
    hid_t id, stored, space, memory;
    int rank;
    hsize_t dims[H5S_MAX_RANK];
    size_t value_bytes; /* in memory */
    bool variable;
};

/* The type in memory: the stored one, in little-endian order and null-padded. */
static hid_t plain_type(hid_t stored, bool *variable)
{
    H5T_class_t class = H5Tget_class(stored);
    herr_t result = -1;
    bool number = class == H5T_INTEGER || class == H5T_FLOAT;

    *variable = class == H5T_STRING && H5Tis_variable_str(stored) > 0;
    if ((number && H5Tget_order(stored) == H5T_ORDER_LE) ||
        (class == H5T_STRING && !*variable && H5Tget_strpad(stored) == H5T_STR_NULLPAD))
        return H5Iinc_ref(stored) < 0 ? -1 : stored; /* as we write them: nothing to convert */
    hid_t type = H5Tcopy(stored);
    if (type >= 0 && number)
        result = H5Tset_order(type, H5T_ORDER_LE);
    else if (type >= 0 && class == H5T_STRING)
        result = *variable ? 0 : H5Tset_strpad(type, H5T_STR_NULLPAD);
    if (result < 0) {
        hdf5_drop(type);
        return -1;
    }
    return type;
}

static const char *type_name(hid_t stored)
{
    switch (H5Tget_class(stored)) {
    case H5T_FLOAT: return "real";
    case H5T_INTEGER: return H5Tget_sign(stored) == H5T_SGN_NONE ? "unsigned" : "integer";
    default: return H5Tis_variable_str(stored) > 0 ? "texts" : "text";
    }
}

static enum status set_open(struct hdf5 *file, struct set *set, struct error *error)
{
    if ((set->stored = H5Dget_type(set->id)) < 0 || (set->space = H5Dget_space(set->id)) < 0 ||
        (set->rank = H5Sget_simple_extent_dims(set->space, set->dims, NULL)) < 0)
        return hdf5_refused(file, STATUS_DATA, error, "cannot read %s", set->path);
    set->memory = plain_type(set->stored, &set->variable);
    if (set->memory < 0)
        return hdf5_refused(file, STATUS_DATA, error, "%s is neither numbers nor text", set->path);
    set->value_bytes = H5Tget_size(set->memory);
    return STATUS_OK;
}

static void set_close(struct set *set)
{
    hdf5_drop(set->memory);
    hdf5_drop(set->space);
    hdf5_drop(set->stored);
    hdf5_drop(set->id);
}

/* `count` values in `block`: their bytes, or each text of variable length. */
static enum status feed(struct hash *hash, const struct set *set, const void *block, size_t count,
                        struct error *error)
{
    const char *const *texts = block;

    if (!set->variable)
        return hash_bytes(hash, block, count * set->value_bytes, error);
    for (size_t i = 0; i < count; i++)
        PASS(hash_text(hash, texts[i] ? texts[i] : "", error));
    return STATUS_OK;
}

/* Choose rows [first, first + rows) of the first axis; *target is what they are in memory, all
 * there is where that is all. */
static enum status choose_rows(struct hdf5 *file, const struct set *set, hsize_t first,
                               hsize_t rows, hid_t *target, struct error *error)
{
    hsize_t start[H5S_MAX_RANK] = {0}, size[H5S_MAX_RANK];

    *target = set->space;
    if (set->rank == 0 || rows == set->dims[0])
        return STATUS_OK;
    memcpy(size, set->dims, sizeof size);
    start[0] = first;
    size[0] = rows;
    *target = H5Screate_simple(set->rank, size, NULL);
    if (*target < 0 || H5Sselect_hyperslab(set->space, H5S_SELECT_SET, start, NULL, size, NULL) < 0)
        return hdf5_refused(file, STATUS_DATA, error, "cannot read %s", set->path);
    return STATUS_OK;
}

static enum status feed_rows(struct hdf5 *file, struct hash *hash, const struct set *set,
                             hsize_t first, hsize_t rows, size_t count, void *block,
                             struct error *error)
{
    enum status status = STATUS_OK;
    hid_t target;

    TRY(choose_rows(file, set, first, rows, &target, error));
    if (H5Dread(set->id, set->memory, target, set->space, H5P_DEFAULT, block) < 0)
        TRY(hdf5_refused(file, STATUS_DATA, error, "cannot read %s", set->path));
    status = feed(hash, set, block, count, error);
    if (set->variable)
        H5Dvlen_reclaim(set->memory, target, H5P_DEFAULT, block);
out:
    if (target != set->space)
        hdf5_drop(target);
    return status;
}

static enum status feed_values(struct hdf5 *file, struct hash *hash, const struct set *set,
                               struct error *error)
{
    enum status status = STATUS_OK;
    size_t row_values = 1, row_bytes, step = 1;
    hsize_t rows = set->rank ? set->dims[0] : 1;
    void *block = NULL;

    for (int axis = 1; axis < set->rank; axis++)
        if (!memory_multiply(row_values, (size_t)set->dims[axis], &row_values))
            TRY(error_set(error, STATUS_DATA, "%s is too large", set->path));
    if (!memory_multiply(row_values, set->value_bytes, &row_bytes))
        TRY(error_set(error, STATUS_DATA, "%s is too large", set->path));
    if (rows == 0 || row_bytes == 0)
        goto out;
    if (row_bytes < BLOCK_BYTES)
        step = BLOCK_BYTES / row_bytes;
    if (step > rows)
        step = (size_t)rows;
    TRY(memory_new(&block, step, row_bytes, error));
    for (hsize_t first = 0; first < rows; first += step) {
        TRY(interrupt_check(error));
        hsize_t some = rows - first < step ? rows - first : step;
        TRY(feed_rows(file, hash, set, first, some, (size_t)some * row_values, block, error));
    }
out:
    memory_free(block);
    return status;
}

/* `id` is closed. */
static enum status feed_set(struct hdf5 *file, struct hash *hash, const char *path, hid_t id,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct set set = {.path = path, .id = id, .stored = -1, .space = -1, .memory = -1};

    TRY(set_open(file, &set, error));
    TRY(hash_text(hash, "set", error));
    TRY(hash_text(hash, type_name(set.stored), error));
    TRY(hash_number(hash, set.variable ? 0 : set.value_bytes, error));
    TRY(hash_number(hash, (uint64_t)set.rank, error));
    for (int axis = 0; axis < set.rank; axis++)
        TRY(hash_number(hash, set.dims[axis], error));
    TRY(feed_values(file, hash, &set, error));
out:
    set_close(&set);
    return status;
}

/* A group, kept open for those in it, which follow it. */
struct above {
    hid_t group; /* 0: none */
    const char *path;
};

static hid_t open_object(struct hdf5 *file, const struct above *above, const char *path)
{
    size_t length = above->group > 0 ? strlen(above->path) : 0;

    if (length && strncmp(path, above->path, length) == 0 && path[length] == '/' &&
        !strchr(path + length + 1, '/'))
        return H5Oopen(above->group, path + length + 1, H5P_DEFAULT);
    return H5Oopen(file->file, path, H5P_DEFAULT);
}

static enum status feed_object(struct hdf5 *file, struct hash *hash, const char *path,
                               struct above *above, struct error *error)
{
    PASS(hash_text(hash, path, error));
    hid_t object = open_object(file, above, path);
    if (object < 0)
        PASS(hdf5_refused(file, STATUS_DATA, error, "cannot read %s", path));
    if (H5Iget_type(object) != H5I_GROUP) {
        PASS(feed_set(file, hash, path, object, error));
        return STATUS_OK;
    }
    hdf5_drop(above->group);
    *above = (struct above){object, path};
    return hash_text(hash, "group", error);
}

enum status hdf5_digest(struct hdf5 *file, const char *const *paths, size_t count, char digest[65],
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct objects objects = {.error = error};
    struct hash hash = {NULL};
    struct above above = {0, NULL};

    if (file->guard)
        return hdf5_guard_digest(file, paths, count, digest, error);
    TRY(hash_begin(&hash, error));
    for (size_t i = 0; i < count; i++)
        TRY(collect(file, paths[i], &objects, error));
    if (objects.count)
        qsort(objects.paths, objects.count, sizeof *objects.paths, text_compare);
    for (size_t i = 0; i < objects.count; i++) {
        const char *path = objects.paths[i];
        if (i && strcmp(path, objects.paths[i - 1]) == 0)
            continue; /* asked for twice */
        TRY(feed_object(file, &hash, path, &above, error));
    }
    TRY(hash_end(&hash, digest, error));
out:
    hdf5_drop(above.group);
    hash_release(&hash);
    memory_free(objects.paths);
    arena_release(&objects.arena);
    return status;
}
