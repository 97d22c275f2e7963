/*
 * The cache: what the stages of trials gave, so that nothing is computed twice. The one door to
 * RESULTS/cache.
 *
 *     cache/STAGE/KK/KEY.h5         an entry: a record, with a check sum (run/record.h); KK are the
 *                                   key's first two digits
 *     cache/STAGE/KK/KEY.failed     why the trial failed the last time (TRIAL_EVALUATE)
 *     cache/STAGE/KK/KEY.checkpoint a training that has begun (TRIAL_TRAIN)
 *     cache/STAGE/shards/NAME.h5    many small entries in one file (run/shard.h)
 *     cache/claims/KEY              somebody computes KEY now
 *     cache/digests/…               digests of files, by what `stat` says of them (run/inputs.h)
 *
 * An entry is written under a temporary name in its folder, flushed, renamed: it is there whole or
 * not at all. It is verified when it is read; one that is damaged is told, and is as good as none.
 * Two processes may put the same entry: it has the same content. Nothing here locks.
 *
 * A key is 64 hexadecimal digits: the stage's of the trial, joined with the digest of the data.
 */
#ifndef UNDERSTUDY_RUN_CACHE_H
#define UNDERSTUDY_RUN_CACHE_H

#include "base/text.h"
#include "plan/plan.h"
#include "run/record.h"

struct shards;

struct cache {
    char *folder;                        /* RESULTS/cache, owned */
    struct shards *shards[TRIAL_STAGES]; /* what they hold; NULL until asked for */
    /* Told of an entry or a shard that is damaged and passed over; may be NULL. */
    void (*damaged)(void *context, const struct error *damage);
    void *context;
    /* For tests: called between the steps of cache_fold(), with the step's name. */
    void (*step)(const char *name);
};

/* Nothing is made or read yet. Set `damaged` and `context` afterwards. */
MUST_CHECK enum status cache_open(struct cache *cache, const char *results, struct error *error);
/* Safe on {0}. */
void cache_close(struct cache *cache);

/* Is there such an entry? It may turn out to be damaged. Microseconds. */
bool cache_has(struct cache *cache, enum trial_stage stage, const char *key);
/* Read an entry with its arrays. *found is false, and `record` empty, where there is none, or none
 * that is undamaged. */
MUST_CHECK enum status cache_get(struct cache *cache, enum trial_stage stage, const char *key,
                                 struct record *record, bool *found, struct error *error);
/* The same as an open file: for record_values(), hdf5_copy(). The caller closes it. */
MUST_CHECK enum status cache_get_file(struct cache *cache, enum trial_stage stage, const char *key,
                                      struct hdf5 *file, bool *found, struct error *error);
MUST_CHECK enum status cache_put(struct cache *cache, enum trial_stage stage, const char *key,
                                 const struct record *record, struct error *error);

/* The record of a failed trial, which holds its `status`; replaced by the next failure, removed by
 * cache_put() of the trial's entry. */
MUST_CHECK enum status cache_put_failure(struct cache *cache, const char *key,
                                         const struct record *record, struct error *error);
MUST_CHECK enum status cache_get_failure(struct cache *cache, const char *key, struct hdf5 *file,
                                         bool *found, struct error *error);

/* Append the path of a file of an entry; `ending` as ".h5", ".checkpoint". */
MUST_CHECK enum status cache_path(const struct cache *cache, enum trial_stage stage,
                                  const char *key, const char *ending, struct text *path,
                                  struct error *error);
/* The same, and make its folder. */
MUST_CHECK enum status cache_make_path(const struct cache *cache, enum trial_stage stage,
                                       const char *key, const char *ending, struct text *path,
                                       struct error *error);

enum { CACHE_FOLD_LEAST = 256 }; /* fewer loose entries are left as they are */

/*
 * Put the stage's loose entries into shards, where there are `least` of them or more; *folded (may
 * be NULL) gets how many. Large entries, damaged ones and those under a claim stay as they are. A
 * kill at any moment loses nothing, and the next call tidies up. May run beside readers and
 * writers.
 */
MUST_CHECK enum status cache_fold(struct cache *cache, enum trial_stage stage, size_t least,
                                  size_t *folded, struct error *error);

#endif
