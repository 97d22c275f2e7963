/*
 * Shards: many entries of one stage in one file, so that millions of trials do not make millions of
 * files. A packfile never changes; its name is the digest of what it holds.
 *
 *     /            attributes `format_version`, `stage`, `index_sha256` (over /index)
 *     /images      the entries' files, one behind the other, as bytes
 *     /index/keys, /index/sha256 (each image's, as in its head), /index/offsets, /index/sizes
 *
 * Private to cache/.
 */
#ifndef UNDERSTUDY_CACHE_PACKFILE_H
#define UNDERSTUDY_CACHE_PACKFILE_H

#include "base/hash.h"
#include "base/hash_map.h"
#include "io/hdf5/hdf5.h"

struct packfile_entry {
    const char *key, *sha256; /* the packfile's */
    size_t offset, size;
    size_t packfile;
    struct packfile_entry *next; /* of the same key */
    UT_hash_handle hh;           /* of the first of its key */
};

struct packfile {
    char *path;
    struct hdf5 file; /* open from the first reading on */
    struct arena arena;
    struct packfile_entry *entries;
    size_t count, bytes; /* entries; of the file */
};

/* All packfiles of one stage, with a hash map over their keys. */
struct packfiles {
    struct packfile *items;
    size_t count, capacity;
    struct packfile_entry *map;   /* the first entry of each key */
    int64_t seconds, nanoseconds; /* when the folder was changed, as it was read */
};

/* Read the indices of all packfiles in `folder`, which may be missing. A damaged one is passed
 * over, and told. */
MUST_CHECK enum status packfiles_load(struct packfiles **packfiles, const char *folder,
                                      void (*damaged)(void *context, const struct error *damage),
                                      void *context, struct error *error);
void packfiles_free(struct packfiles *packfiles);
/* Was the folder changed since? */
bool packfiles_stale(const struct packfiles *packfiles, const char *folder);
/* The first entry of that key, NULL: there is none; others follow as `next`. */
struct packfile_entry *packfiles_find(const struct packfiles *packfiles, const char *key);
/* The entry's image; STATUS_DATA where it cannot be read. It is not verified. */
MUST_CHECK enum status packfiles_read(struct packfiles *packfiles,
                                      const struct packfile_entry *entry, struct bytes *image,
                                      struct error *error);

/* A packfile in the making. */
struct packfile_writer {
    struct hdf5 file;
    char *part; /* its temporary path, owned */
    char *keys, *digests;
    int64_t *offsets, *sizes;
    size_t count, most;
    size_t used, room; /* bytes of /images */
};

/* Room for `most` entries of `room` bytes in all. */
MUST_CHECK enum status packfile_begin(struct packfile_writer *writer, const char *folder,
                                      const char *stage, size_t most, size_t room,
                                      struct error *error);
MUST_CHECK enum status packfile_add(struct packfile_writer *writer, const char *key,
                                    const char *sha256, struct span image, struct error *error);
/* Close, flush, rename into `folder`. A packfile without entries leaves no file. */
MUST_CHECK enum status packfile_end(struct packfile_writer *writer, const char *folder,
                                    struct error *error);
/* After a failure, or packfile_end(). */
void packfile_discard(struct packfile_writer *writer);

#endif
