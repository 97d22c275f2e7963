/*
 * The cache: what the steps of trials gave, so that nothing is computed twice. The one door to
 * RESULTS/cache.
 *
 *     cache/STEP/KK/KEY.h5           an entry: a record, with a check sum (cache/record.h); KK: the
 *                                    key's first two digits
 *     cache/STEP/KK/KEY.failed       why the trial failed the last time (TRIAL_EVALUATE)
 *     cache/STEP/KK/KEY.checkpoint   a training that has begun (TRIAL_TRAIN)
 *     cache/STEP/shards/NAME.h5      many small entries in one file (cache/packfile.h)
 *     cache/claims/KEY               somebody computes KEY now
 *     cache/digests/...              digests of files, by what `stat` says of them
 *                                    (trial/data_digest.h)
 *
 * An entry is written under a temporary name in its folder, flushed and renamed: it is there whole
 * or not at all, whichever process is killed, whenever the power goes. Only those that follow
 * within a second of a flush are renamed first, and flushed together when it is over: entries that
 * take milliseconds do not wait for the disk one by one. An entry is verified when it is read; one
 * that is damaged (as a power cut may leave it in that second) is told, and is as good as none. Two
 * processes may put the same entry: it has the same content. Nothing here locks.
 *
 * A key is 64 hexadecimal digits: the stage's of the trial, joined with the digest of the data.
 */
#ifndef UNDERSTUDY_CACHE_CACHE_H
#define UNDERSTUDY_CACHE_CACHE_H

#include "base/hash.h"
#include "base/text.h"
#include "cache/record.h"
#include "interfaces/trial_step.h"

#include <stdio.h>

struct packfiles;

struct cache {
    char *folder;                             /* RESULTS/cache, owned */
    struct packfiles *packfiles[TRIAL_STEPS]; /* what they hold; NULL until asked for */
    struct text pending; /* paths of entries that are not flushed yet, a line each */
    double flushed;      /* when they last were */
    /* Told of an entry or a packfile that is damaged and passed over; may be NULL. */
    void (*damaged)(void *context, const struct error *damage);
    void *context;
    /* For tests: called between the steps of cache_pack(), with the step's name. */
    void (*step)(const char *name);
};

/* Nothing is made or read yet. Set `damaged` and `context` afterwards. */
MUST_CHECK enum status cache_open(struct cache *cache, const char *results, struct error *error);
/* Safe on {0}. */
void cache_close(struct cache *cache);

/* Is there such an entry? It may turn out to be damaged. Microseconds. */
bool cache_has(struct cache *cache, enum trial_step step, const char *key);
/* Read an entry with its arrays. *found is false, and `record` empty, where there is none, or none
 * that is undamaged. */
MUST_CHECK enum status cache_get(struct cache *cache, enum trial_step step, const char *key,
                                 struct record *record, bool *found, struct error *error);
/* The same without the arrays. */
MUST_CHECK enum status cache_get_values(struct cache *cache, enum trial_step step, const char *key,
                                        struct record *record, bool *found, struct error *error);
/* The same with the larger arrays left in `file`, as by record_open(). The caller closes it. */
MUST_CHECK enum status cache_get_file(struct cache *cache, enum trial_step step, const char *key,
                                      struct record *record, struct hdf5 *file, bool *found,
                                      struct error *error);
MUST_CHECK enum status cache_put(struct cache *cache, enum trial_step step, const char *key,
                                 const struct record *record, struct error *error);

/* All that was put is on the disk. To be called at the end, and before a long pause. */
MUST_CHECK enum status cache_flush(struct cache *cache, struct error *error);

/* The record of a failed trial, which holds its `status`; replaced by the next failure, removed by
 * cache_put() of the trial's entry. */
MUST_CHECK enum status cache_put_failure(struct cache *cache, const char *key,
                                         const struct record *record, struct error *error);
MUST_CHECK enum status cache_get_failure(struct cache *cache, const char *key,
                                         struct record *record, bool *found, struct error *error);

/* Append the path of a file of an entry; `ending` as ".h5", ".checkpoint". */
MUST_CHECK enum status cache_path(const struct cache *cache, enum trial_step step, const char *key,
                                  const char *ending, struct text *path, struct error *error);
/* The same, and make its folder. */
MUST_CHECK enum status cache_make_path(const struct cache *cache, enum trial_step step,
                                       const char *key, const char *ending, struct text *path,
                                       struct error *error);

enum { CACHE_FOLD_LEAST = 256 }; /* fewer loose entries are left as they are */

/*
 * Put the stage's loose entries into packfiles, where there are `least` of them or more; *folded
 * (may be NULL) gets how many. Large entries, damaged ones and those under a claim stay as they
 * are. A kill at any moment loses nothing, and the next call tidies up. May run beside readers and
 * writers.
 */
MUST_CHECK enum status cache_pack(struct cache *cache, enum trial_step step, size_t least,
                                  size_t *folded, struct error *error);

/*
 * Which entries a run that is under way depends on: RESULTS/runs/NAME/keys.HOST.PID, a key a line.
 * cache_prune() leaves them alone as long as the process lives or, of another machine, the file was
 * touched in the last ten minutes.
 */
struct cache_use {
    char path[PATH_ROOM]; /* "" while there is none */
    FILE *file;           /* open while keys are added */
    double touched;
};

MUST_CHECK enum status cache_use_begin(struct cache_use *use, const char *results, const char *name,
                                       struct error *error);
MUST_CHECK enum status cache_use_add(struct cache_use *use, const char *key, struct error *error);
/* All are named: from here on the file counts. */
MUST_CHECK enum status cache_use_ready(struct cache_use *use, struct error *error);
/* A sign of life, for other machines; cheap, at any time. */
void cache_use_touch(struct cache_use *use);
/* Safe on {0}, and at any time. */
void cache_use_end(struct cache_use *use);

/* What the cache holds, by step. */
struct cache_usage {
    size_t entries, packfiles; /* entries in all; packfile files */
    uint64_t bytes;            /* of files */
    size_t checkpoints;        /* of trainings that have begun; their bytes are counted, too */
    int64_t oldest;            /* when the file longest unused was used, in seconds; 0: none */
};

MUST_CHECK enum status cache_usage(struct cache *cache, struct cache_usage usage[TRIAL_STEPS],
                                   struct error *error);

struct cache_prune_options {
    double older; /* seconds since the last use, or longer; negative: whatever the age */
    uint64_t to;  /* bytes to come down to, the longest unused first; UINT64_MAX: however many */
    bool dry;     /* only tell what would go */
};

struct cache_pruned {
    size_t entries, files, leftovers; /* removed; leftovers: temporary files and the like */
    uint64_t bytes;                   /* of all these */
    size_t kept;                      /* files kept because a run is using them */
    uint64_t left;                    /* bytes that remain */
};

/*
 * Remove entries, checkpoints and what stopped programs left behind: temporary files older than an
 * hour, checkpoints of trainings that are done, failures of trials that are done. With neither
 * `older` nor `to`, the leftovers alone. A packfile goes as a whole, or stays as long as a run uses
 * any of it. What goes is computed again when it is asked for.
 */
MUST_CHECK enum status cache_prune(struct cache *cache, const struct cache_prune_options *options,
                                   struct cache_pruned *pruned, struct error *error);

#endif
