/*
 * The one writer of results: merges the trials' records, in plan order, into NAME.h5, and seals it.
 * What differs from run to run is kept apart, under /timing: /timing/trials (columns as in /trials,
 * without trial and replicate), /timing/curves/TRIAL/train.seconds (of training, at each epoch's
 * end), /timing/figures, the wall times below, and what is stored because a selection went by times
 * (results/select.h).
 *
 *     store_begin  → NAME.h5.part with plan, provenance, trials, curves, activations, timing
 *     (report adds /figures, /timing/figures)
 *     store_seal   → content_sha256, flush, the old file kept (results/results_keep.h), rename to
 * NAME.h5: the old file or the new, never half
 */
#ifndef UNDERSTUDY_RESULTS_RESULTS_WRITE_H
#define UNDERSTUDY_RESULTS_RESULTS_WRITE_H

#include "cache/record.h"
#include "plan/plan.h"

enum { RESULTS_FORMAT = 1 }; /* of results files: their attribute `format_version` */

struct store {
    struct hdf5 file;
    char part[PATH_ROOM], path[PATH_ROOM], cache[PATH_ROOM];
    const char *plots; /* set before store_seal(): the folder of figures; NULL: there is none */
    bool drawn;        /* and whether new ones will replace the old ones there */
    struct text told;  /* store_seal(): what became of the old file, for people; empty: nothing */
};

struct store_timing { /* one row a trial, under /timing */
    double *seconds;  /* [trials], of a worker; 0: done for another experiment */
    double total;     /* seconds of this run, by the clock */
    int threads;      /* of a worker */
};

/* Where the trials' records come from. */
struct store_source {
    /* Open trial i's record, as record_open(), from {0} (released by the caller); *found is false
     * where it has none. */
    enum status (*open)(void *context, size_t trial, struct record *record, struct hdf5 *file,
                        bool *found, struct error *error);
    void *context;
    /* store_fingerprint() where every trial is done, so that the file need not be written again;
     * NULL: it is not finished. */
    const char *fingerprint;
    const char *cache; /* RESULTS/cache, to remember the finished file; NULL: it is not */
};

/* `resolved` is the plan's text; `datasets` lists "name sha256" lines of the data read. Columns:
 * trial, replicate, the grid's axes, then the records' values in the order of their first
 * appearance; NaN or "" where a trial lacks one. */
MUST_CHECK enum status store_begin(struct store *store, const char *path, const struct plan *plan,
                                   const char *resolved, const struct store_source *source,
                                   const char *datasets, const struct store_timing *timing,
                                   struct error *error);
/* The plan and its trials so far in a file in memory, for tables alone; hdf5_abandon() is the
 * caller's. Trials without a record have rows without values. */
MUST_CHECK enum status store_preview(struct hdf5 *file, const struct plan *plan,
                                     const char *resolved, const struct store_source *source,
                                     struct error *error);
/* Of a store that is open: the arrays of one more record of the trial's, beside what it has; below
 * /timing where it is `timed`, stored because of what was measured. */
MUST_CHECK enum status store_arrays(struct store *store, size_t trial, const struct record *record,
                                    bool timed, struct error *error);
/* Compute and write content_sha256, close, rename. `digest` may be NULL. */
MUST_CHECK enum status store_seal(struct store *store, char digest[65], struct error *error);
/* Of all that the file is made from: the program, the plan as written and as run, the trials' keys.
 */
MUST_CHECK enum status store_fingerprint(const struct plan *plan, const char *resolved,
                                         const char *const *keys, char fingerprint[65],
                                         struct error *error);
/*
 * Is the file of this fingerprint there, as it was written? Then `digest` gets its content_sha256.
 * Where `stat` says that it is the file that was sealed, this takes well under a millisecond; else
 * its contents are looked at, and remembered in `cache` (may be NULL).
 */
MUST_CHECK enum status store_is_current(const char *path, const char *cache,
                                        const char *fingerprint, char digest[65], bool *current,
                                        struct error *error);
/* After a failure: close and remove the part file. Safe after store_seal() and on {0}. */
void store_discard(struct store *store);

/* content_sha256 of a finished file, computed anew: over /plan/resolved and every group but /plan,
 * /provenance, /environment and /timing. */
MUST_CHECK enum status store_digest(struct hdf5 *file, char digest[65], struct error *error);

#endif
