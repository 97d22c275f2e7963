/*
 * Whole files in memory: read first, then understood.
 *
 * Readers of data formats take a `struct span`: bytes, and the name under which messages speak of
 * them. They so read a file, an unpacked gzip stream or a fuzzer's buffer alike. Every read has a
 * limit: a damaged or hostile file costs a bounded amount of memory.
 */
#ifndef UNDERSTUDY_IO_FILES_BYTES_H
#define UNDERSTUDY_IO_FILES_BYTES_H

#include "base/error.h"
#include "base/hash.h"

#include <stddef.h>

/* Owns its data; {0} is empty. */
struct bytes {
    unsigned char *data;
    size_t length;
};

/* Borrows everything. */
struct span {
    const unsigned char *data;
    size_t length;
    const char *name; /* of the file, for messages */
};

/* The whole file. STATUS_IO when it cannot be read, STATUS_DATA when it is longer than `limit`. */
MUST_CHECK enum status bytes_read(struct bytes *bytes, const char *path, size_t limit,
                                  struct error *error);

/*
 * Unpack a gzip file (RFC 1952; several members follow one another as one). What does not start
 * with gzip's magic number is copied: the content decides, not the file's ending. STATUS_DATA for
 * a damaged or truncated stream, a wrong check sum, or more than `limit` bytes.
 */
MUST_CHECK enum status bytes_unpack(struct bytes *bytes, struct span packed, size_t limit,
                                    struct error *error);

/* bytes_read() and bytes_unpack(); the limit holds for both sizes. */
MUST_CHECK enum status bytes_read_unpacked(struct bytes *bytes, const char *path, size_t limit,
                                           struct error *error);

struct span bytes_span(const struct bytes *bytes, const char *name);

/* Feed a name, the length and the bytes to `hash`. */
MUST_CHECK enum status bytes_hash(const struct bytes *bytes, const char *name, struct hash *hash,
                                  struct error *error);

void bytes_release(struct bytes *bytes);

#endif
