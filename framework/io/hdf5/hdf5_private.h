/* What the parts of io/hdf5*.c share, and nobody else sees: HDF5's own identifiers. */
#ifndef UNDERSTUDY_IO_HDF5_HDF5_PRIVATE_H
#define UNDERSTUDY_IO_HDF5_HDF5_PRIVATE_H

#include "io/hdf5/hdf5.h"

#include <hdf5.h>

/*
 * Fill `error` with "FILE: what: why", why being what HDF5's error stack says. Must be called right
 * after the call that failed: every other call of HDF5 clears the stack.
 */
MUST_CHECK enum status hdf5_refused(const struct hdf5 *file, enum status code, struct error *error,
                                    const char *format, ...) PRINTF_LIKE(4, 5);

/* Give back any identifier that was only read through; does nothing with what is not one. */
void hdf5_drop(hid_t id);

/* Before anything else is asked of the library. */
void hdf5_prepare(void);

/* Open a file in this process, whatever it holds; file->name, if any, is what messages call it. */
MUST_CHECK enum status hdf5_open_here(struct hdf5 *file, const char *path, bool writable,
                                      struct error *error);

/* An attribute of any type that arrays have; its value lives in `arena`. */
MUST_CHECK enum status hdf5_read_attribute(struct hdf5 *file, const char *object, const char *name,
                                           struct arena *arena, struct hdf5_array *array,
                                           struct error *error);

/* How files are accessed: a new list; negative on failure. */
hid_t hdf5_access_list(void);

/* How small datasets, and groups, are made: without time stamps. Made once, for good: not to be
 * closed, nor changed; negative on failure. */
hid_t hdf5_plain_list(void);
hid_t hdf5_group_list(void);

/* A new type for texts of `size` bytes: fixed length, null-padded UTF-8; negative on failure. */
hid_t hdf5_text_type(size_t size);

/* The group above `path`, made where it is missing, and the name in it. It stays open, and must not
 * be closed, until another is entered or the file is left, as it must be before it is closed. */
MUST_CHECK enum status hdf5_enter(struct hdf5 *file, const char *path, hid_t *group,
                                  const char **name, struct error *error);
void hdf5_leave(const struct hdf5 *file);

/* Make the groups above `path`. */
MUST_CHECK enum status hdf5_parents(struct hdf5 *file, const char *path, struct error *error);

#endif
