/*
 * The one writer of results: merges the trials' records, in plan order, into NAME.h5, and seals it.
 * What differs from run to run is kept apart, under /timing: /timing/trials (columns as in /trials,
 * without trial and replicate), /timing/curves/TRIAL/train.seconds (of training, at each epoch's
 * end), /timing/figures, and the wall times below.
 *
 *     store_begin  → NAME.h5.part with plan, provenance, trials, curves, activations, timing
 *     (report adds /figures, /timing/figures)
 *     store_seal   → content_sha256, flush, rename to NAME.h5: the old file or the new, never half
 */
#ifndef UNDERSTUDY_RUN_STORE_H
#define UNDERSTUDY_RUN_STORE_H

#include "plan/plan.h"
#include "run/record.h"

struct store {
    struct hdf5 file;
    char part[4096], path[4096];
};

struct store_timing { /* one row a trial, under /timing */
    double *seconds;  /* [trials]; 0: done before */
    double total;
    int threads;
};

/* `records[i]` is the path of trial i's record file (read, not removed; NULL: it has none);
 * `resolved` the plan's text; `datasets` lists "name sha256" lines of the data read. Columns:
 * trial, replicate, the grid's axes, then the records' values in the order of their first
 * appearance; NaN or "" where a trial lacks one. */
MUST_CHECK enum status store_begin(struct store *store, const char *path, const struct plan *plan,
                                   const char *resolved, const char *const *records,
                                   const char *const *keys, const char *datasets,
                                   const struct store_timing *timing, struct error *error);
/* Compute and write content_sha256, close, rename. `digest` may be NULL. */
MUST_CHECK enum status store_seal(struct store *store, char digest[65], struct error *error);
/* After a failure: close and remove the part file. Safe after store_seal() and on {0}. */
void store_discard(struct store *store);

/* content_sha256 of a finished file, computed anew: over /plan/resolved and every group but /plan,
 * /provenance, /environment and /timing. */
MUST_CHECK enum status store_digest(struct hdf5 *file, char digest[65], struct error *error);

#endif
