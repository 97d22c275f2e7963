/*
 * Copying from file to file: read, then written. HDF5's own H5Ocopy() is not used, because it
 * crashes (1.10) when the disk is full.
 */
#include "io/hdf5.h"

#include "base/text.h"

enum { DEEPEST = 32 }; /* a damaged file's groups may hold themselves */

static enum status copy_set(struct hdf5 *from, const char *from_path, struct hdf5 *to,
                            const char *to_path, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct hdf5_array array;

    TRY(hdf5_read(from, from_path, &arena, &array, error));
    TRY(hdf5_write(to, to_path, &array, error));
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
