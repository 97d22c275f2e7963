/*
 * HDF5 files, behind this one door. Errors carry HDF5's own message. Objects are created without
 * time stamps, so that equal contents give equal files.
 *
 * A file that is opened to be read may come from anywhere: a child process checks and reads it
 * (io/hdf5/hdf5_guard.h), so that no file can crash this one, fill its memory or make it touch
 * another.
 */
#ifndef UNDERSTUDY_IO_HDF5_HDF5_H
#define UNDERSTUDY_IO_HDF5_HDF5_H

#include "base/error.h"
#include "base/memory.h"
#include "io/files/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HDF5_MAX_RANK = 4,
    HDF5_SMALL = 4096, /* arrays of up to so many bytes are stored plainly */
    HDF5_DEEPEST = 16, /* groups within one another in a file that is opened */
};

enum hdf5_type { HDF5_FLOAT32, HDF5_FLOAT64, HDF5_INT64, HDF5_UINT8, HDF5_TEXT };

struct hdf5_guard;

struct hdf5 {
    int64_t file;             /* hid_t; 0: none; -1: behind a guard */
    struct hdf5_guard *guard; /* NULL: none */
    const char *name;         /* for messages, borrowed; NULL: HDF5 knows it */
};

struct hdf5_array {
    enum hdf5_type type;
    int rank; /* 0: a scalar */
    size_t dims[HDF5_MAX_RANK];
    size_t text_size; /* HDF5_TEXT: bytes of each, fixed length, null-padded UTF-8 */
    void *values;     /* C order */
};

MUST_CHECK enum status hdf5_create(struct hdf5 *file, const char *path, struct error *error);
/*
 * Not writable: a file from anywhere. It is read by a child process, after it was checked there:
 * STATUS_DATA, with the object, for whatever this program never writes (io/hdf5/hdf5_check.h), and
 * for one that is no regular file. Writable: one of this program's own.
 */
MUST_CHECK enum status hdf5_open(struct hdf5 *file, const char *path, bool writable,
                                 struct error *error);
/* Flush, then close; safe on {0}. */
MUST_CHECK enum status hdf5_close(struct hdf5 *file, struct error *error);

/* Close a file of which nothing more is wanted (only read, or after a failure); safe on {0}. */
void hdf5_abandon(struct hdf5 *file);

/*
 * Whole files in memory: small ones that are kept, checked and moved as one block of bytes. `name`
 * is what messages call the file; no file of the system may have it, nor another image that is
 * open.
 */
MUST_CHECK enum status hdf5_create_image(struct hdf5 *file, const char *name, struct error *error);
/* Close a file made by hdf5_create_image() and give its bytes. */
MUST_CHECK enum status hdf5_close_image(struct hdf5 *file, struct bytes *image,
                                        struct error *error);
/* Read only. The bytes are copied. */
MUST_CHECK enum status hdf5_open_image(struct hdf5 *file, const char *name, struct span image,
                                       struct error *error);

/* One dimension of bytes, neither chunked nor compressed, made and then filled part by part. */
MUST_CHECK enum status hdf5_block_new(struct hdf5 *file, const char *path, size_t length,
                                      struct error *error);
MUST_CHECK enum status hdf5_block_put(struct hdf5 *file, const char *path, size_t offset,
                                      struct span part, struct error *error);
/* All of it at once; *place is where its bytes begin in the file. */
MUST_CHECK enum status hdf5_block_write(struct hdf5 *file, const char *path, struct span bytes,
                                        size_t *place, struct error *error);
/* STATUS_DATA where the block does not hold so much. */
MUST_CHECK enum status hdf5_block_get(struct hdf5 *file, const char *path, size_t offset,
                                      size_t length, void *part, struct error *error);

/* Write an array at an absolute path; missing groups are made. Ranks above 0 with more than
 * HDF5_SMALL bytes are chunked (first axis) and compressed (shuffle, deflate 4). */
MUST_CHECK enum status hdf5_write(struct hdf5 *file, const char *path,
                                  const struct hdf5_array *array, struct error *error);
/* One text as a scalar dataset. */
MUST_CHECK enum status hdf5_write_text(struct hdf5 *file, const char *path, const char *text,
                                       struct error *error);
/* `count` texts as a 1-D dataset of fixed-length strings. */
MUST_CHECK enum status hdf5_write_texts(struct hdf5 *file, const char *path,
                                        const char *const *texts, size_t count,
                                        struct error *error);
/* Take away what is at the path, of a file that is being written. */
MUST_CHECK enum status hdf5_remove(struct hdf5 *file, const char *path, struct error *error);
/* A group and its missing parents. */
MUST_CHECK enum status hdf5_group(struct hdf5 *file, const char *path, struct error *error);
/* Attributes of an object ("/" for the root). An existing one is replaced. */
MUST_CHECK enum status hdf5_attribute_text(struct hdf5 *file, const char *object, const char *name,
                                           const char *text, struct error *error);
MUST_CHECK enum status hdf5_attribute_integer(struct hdf5 *file, const char *object,
                                              const char *name, int64_t value, struct error *error);
/* The text lives in `arena`. */
MUST_CHECK enum status hdf5_read_attribute_text(struct hdf5 *file, const char *object,
                                                const char *name, struct arena *arena,
                                                const char **text, struct error *error);

/* The file's attribute `format_version`; STATUS_DATA where it has none. */
MUST_CHECK enum status hdf5_read_format(struct hdf5 *file, int64_t *version, struct error *error);
/* STATUS_DATA where that is missing, or beyond `newest`. */
MUST_CHECK enum status hdf5_check_format(struct hdf5 *file, int64_t newest, struct error *error);

bool hdf5_exists(struct hdf5 *file, const char *path);
/* Read a whole dataset; values live in `arena`. Vlen strings written by others are read too. */
MUST_CHECK enum status hdf5_read(struct hdf5 *file, const char *path, struct arena *arena,
                                 struct hdf5_array *array, struct error *error);
/* A scalar dataset that is one text; STATUS_DATA where it is something else. Lives in `arena`. */
MUST_CHECK enum status hdf5_read_text(struct hdf5 *file, const char *path, struct arena *arena,
                                      const char **text, struct error *error);
/* Names of a group's members, in byte order; live in `arena`. */
MUST_CHECK enum status hdf5_list(struct hdf5 *file, const char *path, struct arena *arena,
                                 const char ***names, size_t *count, struct error *error);
bool hdf5_is_group(struct hdf5 *file, const char *path);
/* Copy an object's attributes to one of another file that has none of their names. */
MUST_CHECK enum status hdf5_copy_attributes(struct hdf5 *from, const char *from_path,
                                            struct hdf5 *to, const char *to_path,
                                            struct error *error);
/* Copy an object (a group with all below it) with its attributes into another file. */
MUST_CHECK enum status hdf5_copy(struct hdf5 *from, const char *from_path, struct hdf5 *to,
                                 const char *to_path, struct error *error);

/*
 * SHA-256 over the objects at and below the given paths: each object's path, type, shape and bytes,
 * little-endian, in byte order of the paths. Compression and chunking do not enter it. Missing
 * paths are passed over.
 */
MUST_CHECK enum status hdf5_digest(struct hdf5 *file, const char *const *paths, size_t count,
                                   char digest[65], struct error *error);

#endif
