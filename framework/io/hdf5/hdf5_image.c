/* Files that lie in memory, and blocks of bytes that are read and written in parts. */
#include "io/hdf5/hdf5_guard.h"
#include "io/hdf5/hdf5_private.h"

#include <string.h>

enum { INCREMENT = 1 << 16 }; /* bytes by which a file in memory grows */

/*
 * Access to a file in memory that is never written to the disk; negative on failure. In the
 * earliest format: of a later one, H5Fget_file_image() clears a flag in the head, and leaves the
 * check sum over it as it was (1.10).
 */
static hid_t memory_list(void)
{
    hid_t list = hdf5_access_list();

    if (list >= 0 && (H5Pset_libver_bounds(list, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST) < 0 ||
                      H5Pset_fapl_core(list, INCREMENT, false) < 0)) {
        H5Pclose(list);
        return -1;
    }
    return list;
}

enum status hdf5_create_image(struct hdf5 *file, const char *name, struct error *error)
{
    enum status status = STATUS_OK;
    hid_t access = -1, creation = -1, id = -1;

    *file = (struct hdf5){0};
    hdf5_prepare();
    access = memory_list();
    creation = H5Pcreate(H5P_FILE_CREATE);
    if (access < 0 || creation < 0 || H5Pset_obj_track_times(creation, false) < 0 ||
        (id = H5Fcreate(name, H5F_ACC_TRUNC, creation, access)) < 0)
        TRY(hdf5_refused(NULL, STATUS_MEMORY, error, "cannot create %s in memory", name));
    file->file = id;
out:
    hdf5_drop(creation);
    hdf5_drop(access);
    return status;
}

enum status hdf5_close_image(struct hdf5 *file, struct bytes *image, struct error *error)
{
    enum status status = STATUS_OK;
    ssize_t length = -1;

    memset(image, 0, sizeof *image);
    hdf5_leave(file);
    if (H5Fflush(file->file, H5F_SCOPE_GLOBAL) < 0 ||
        (length = H5Fget_file_image(file->file, NULL, 0)) < 0)
        TRY(hdf5_refused(file, STATUS_MEMORY, error, "cannot lay out the file"));
    TRY(memory_new(&image->data, (size_t)length, 1, error));
    if (H5Fget_file_image(file->file, image->data, (size_t)length) != length)
        TRY(hdf5_refused(file, STATUS_MEMORY, error, "cannot lay out the file"));
    image->length = (size_t)length;
out:
    hdf5_abandon(file);
    if (status != STATUS_OK)
        bytes_release(image);
    return status;
}

enum status hdf5_open_image(struct hdf5 *file, const char *name, struct span image,
                            struct error *error)
{
    enum status status = STATUS_OK;
    hid_t access = -1, id = -1;

    *file = (struct hdf5){0};
    hdf5_prepare();
    access = memory_list();
    /* HDF5 copies the bytes, and does not write to them before. */
    if (access < 0 || H5Pset_file_image(access, (void *)(uintptr_t)image.data, image.length) < 0 ||
        (id = H5Fopen(name, H5F_ACC_RDONLY, access)) < 0)
        TRY(hdf5_refused(NULL, STATUS_DATA, error, "%s: not an HDF5 file, or a damaged one", name));
    file->file = id;
out:
    hdf5_drop(access);
    return status;
}

static enum status make_block(struct hdf5 *file, const char *path, size_t length, hid_t *set,
                              struct error *error)
{
    enum status status = STATUS_OK;
    hid_t space = -1, creation = -1;
    hsize_t dims = length;

    *set = -1;
    TRY(hdf5_parents(file, path, error));
    space = H5Screate_simple(1, &dims, NULL);
    creation = H5Pcreate(H5P_DATASET_CREATE);
    if (space < 0 || creation < 0 || H5Pset_obj_track_times(creation, false) < 0 ||
        H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER) < 0 ||
        (*set = H5Dcreate2(file->file, path, H5T_STD_U8LE, space, H5P_DEFAULT, creation,
                           H5P_DEFAULT)) < 0)
        status = hdf5_refused(file, STATUS_IO, error, "cannot write %s", path);
out:
    hdf5_drop(creation);
    hdf5_drop(space);
    return status;
}

enum status hdf5_block_new(struct hdf5 *file, const char *path, size_t length, struct error *error)
{
    hid_t set;
    enum status status = make_block(file, path, length, &set, error);

    hdf5_drop(set);
    return status;
}

enum status hdf5_block_write(struct hdf5 *file, const char *path, struct span bytes, size_t *place,
                             struct error *error)
{
    enum status status = STATUS_OK;
    haddr_t address = HADDR_UNDEF;
    hid_t set;

    TRY(make_block(file, path, bytes.length, &set, error));
    if (bytes.length &&
        (H5Dwrite(set, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data) < 0 ||
         (address = H5Dget_offset(set)) == HADDR_UNDEF))
        TRY(hdf5_refused(file, STATUS_IO, error, "cannot write %s", path));
    *place = bytes.length ? (size_t)address : 0;
out:
    hdf5_drop(set);
    return status;
}

struct image_part {
    hid_t set, stored, memory;
};

static void part_close(struct image_part *part)
{
    hdf5_drop(part->memory);
    hdf5_drop(part->stored);
    hdf5_drop(part->set);
}

/* Bytes [offset, offset + length) of the block, chosen. */
static enum status part_open(struct hdf5 *file, const char *path, size_t offset, size_t length,
                             struct image_part *part, struct error *error)
{
    hsize_t start = offset, count = length, held = 0;

    *part = (struct image_part){-1, -1, -1};
    part->set = H5Dopen2(file->file, path, H5P_DEFAULT);
    if (part->set < 0 || (part->stored = H5Dget_space(part->set)) < 0 ||
        H5Sget_simple_extent_ndims(part->stored) != 1 ||
        H5Sget_simple_extent_dims(part->stored, &held, NULL) < 0)
        return hdf5_refused(file, STATUS_DATA, error, "%s is not a block of bytes", path);
    if (held < offset || held - offset < length)
        return hdf5_refused(file, STATUS_DATA, error,
                            "%s has %llu bytes; expected at least %zu from byte %zu on", path,
                            (unsigned long long)held, length, offset);
    part->memory = H5Screate_simple(1, &count, NULL);
    if (part->memory < 0 || (length && H5Sselect_hyperslab(part->stored, H5S_SELECT_SET, &start,
                                                           NULL, &count, NULL) < 0))
        return hdf5_refused(file, STATUS_DATA, error, "cannot select a part of %s", path);
    return STATUS_OK;
}

enum status hdf5_block_put(struct hdf5 *file, const char *path, size_t offset, struct span from,
                           struct error *error)
{
    enum status status = STATUS_OK;
    struct image_part part;

    TRY(part_open(file, path, offset, from.length, &part, error));
    if (from.length &&
        H5Dwrite(part.set, H5T_NATIVE_UINT8, part.memory, part.stored, H5P_DEFAULT, from.data) < 0)
        status = hdf5_refused(file, STATUS_IO, error, "cannot write %s", path);
out:
    part_close(&part);
    return status;
}

enum status hdf5_block_get(struct hdf5 *file, const char *path, size_t offset, size_t length,
                           void *to, struct error *error)
{
    enum status status = STATUS_OK;
    struct image_part part;

    if (file->guard)
        return hdf5_guard_block(file, path, offset, length, to, error);
    TRY(part_open(file, path, offset, length, &part, error));
    if (length &&
        H5Dread(part.set, H5T_NATIVE_UINT8, part.memory, part.stored, H5P_DEFAULT, to) < 0)
        status = hdf5_refused(file, STATUS_DATA, error, "cannot read %s", path);
out:
    part_close(&part);
    return status;
}
