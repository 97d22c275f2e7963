/*
 * Shards: many entries of one stage in one file, so that millions of trials do not make millions of
 * files. A shard never changes; its name is the digest of what it holds.
 *
 *     /            attributes `format_version`, `stage`, `index_sha256` (over /index)
 *     /images      the entries' files, one behind the other, as bytes
 *     /index/keys, /index/sha256 (each image's, as in its head), /index/offsets, /index/sizes
 *
 * Private to run/cache*.c.
 */
#ifndef UNDERSTUDY_CACHE_PACKFILE_H
#define UNDERSTUDY_CACHE_PACKFILE_H

#include "base/hash.h"
#include "io/hdf5/hdf5.h"

struct shard_entry {
    const char *key, *sha256; /* the shard's */
    size_t offset, size;
    size_t shard;
    struct shard_entry *next; /* in the same slot; another of the same key, too */
};

struct shard {
    char *path;
    struct hdf5 file; /* open from the first reading on */
    struct arena arena;
    struct shard_entry *entries;
    size_t count, bytes; /* entries; of the file */
};

/* All shards of one stage, with a hash table over their keys. */
struct shards {
    struct shard *items;
    size_t count, capacity;
    struct shard_entry **slots;
    size_t slot_count;            /* a power of two */
    int64_t seconds, nanoseconds; /* when the folder was changed, as it was read */
};

/* Read the indices of all shards in `folder`, which may be missing. A damaged one is passed over,
 * and told. */
MUST_CHECK enum status shards_load(struct shards **shards, const char *folder,
                                   void (*damaged)(void *context, const struct error *damage),
                                   void *context, struct error *error);
void shards_free(struct shards *shards);
/* Was the folder changed since? */
bool shards_stale(const struct shards *shards, const char *folder);
/* The first entry of that key, NULL: there is none; others follow as `next`, among strangers. */
struct shard_entry *shards_find(const struct shards *shards, const char *key);
/* The entry's image; STATUS_DATA where it cannot be read. It is not verified. */
MUST_CHECK enum status shards_read(struct shards *shards, const struct shard_entry *entry,
                                   struct bytes *image, struct error *error);

/* A shard in the making. */
struct shard_writer {
    struct hdf5 file;
    char *part; /* its temporary path, owned */
    char *keys, *digests;
    int64_t *offsets, *sizes;
    size_t count, most;
    size_t used, room; /* bytes of /images */
};

/* Room for `most` entries of `room` bytes in all. */
MUST_CHECK enum status shard_begin(struct shard_writer *writer, const char *folder,
                                   const char *stage, size_t most, size_t room,
                                   struct error *error);
MUST_CHECK enum status shard_add(struct shard_writer *writer, const char *key, const char *sha256,
                                 struct span image, struct error *error);
/* Close, flush, rename into `folder`. A shard without entries leaves no file. */
MUST_CHECK enum status shard_end(struct shard_writer *writer, const char *folder,
                                 struct error *error);
/* After a failure, or shard_end(). */
void shard_discard(struct shard_writer *writer);

#endif
