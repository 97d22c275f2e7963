/*
 * A file that came from elsewhere, behind a guard: a child process opens it, checks it
 * (io/hdf5/hdf5_check.h) and answers what is asked of it. HDF5 1.10 crashes on some damaged files;
 * then it is the child that dies, and the question gets an error. Private to io/hdf5/.
 *
 * The child cannot write files, nor open another one, has no more memory and processor time than a
 * sound file takes, and dies with its parent. What there is in the file (groups, arrays and their
 * paths) it tells once; values are asked for when they are wanted.
 */
#ifndef UNDERSTUDY_IO_HDF5_HDF5_GUARD_H
#define UNDERSTUDY_IO_HDF5_HDF5_GUARD_H

#include "io/hdf5/hdf5.h"

struct hdf5_guard;

/* Ends with a child that has checked the file: STATUS_DATA, with the object, where it refuses. */
MUST_CHECK enum status hdf5_guard_open(struct hdf5 *file, const char *path, struct error *error);
void hdf5_guard_close(struct hdf5 *file);

/* Is there something at `path`? *group: a group. No question to the child. */
bool hdf5_guard_find(const struct hdf5 *file, const char *path, bool *group);

/* What the functions of io/hdf5/hdf5.h of these names do. */
MUST_CHECK enum status hdf5_guard_list(struct hdf5 *file, const char *path, struct arena *arena,
                                       const char ***names, size_t *count, struct error *error);
MUST_CHECK enum status hdf5_guard_read(struct hdf5 *file, const char *path, struct arena *arena,
                                       struct hdf5_array *array, struct error *error);
MUST_CHECK enum status hdf5_guard_format(struct hdf5 *file, int64_t *version, struct error *error);
MUST_CHECK enum status hdf5_guard_attribute(struct hdf5 *file, const char *object, const char *name,
                                            struct arena *arena, const char **text,
                                            struct error *error);
MUST_CHECK enum status hdf5_guard_block(struct hdf5 *file, const char *path, size_t offset,
                                        size_t length, void *part, struct error *error);
MUST_CHECK enum status hdf5_guard_copy_attributes(struct hdf5 *from, const char *from_path,
                                                  struct hdf5 *to, const char *to_path,
                                                  struct error *error);
MUST_CHECK enum status hdf5_guard_copy(struct hdf5 *from, const char *from_path, struct hdf5 *to,
                                       const char *to_path, struct error *error);
MUST_CHECK enum status hdf5_guard_digest(struct hdf5 *file, const char *const *paths, size_t count,
                                         char digest[65], struct error *error);

#endif
