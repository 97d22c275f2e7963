/*
 * Trials of a finished experiment, run again and compared with what is stored: every value of the
 * table, every curve, activation, parameter and example, bit by bit. Nothing that an earlier run
 * kept is used, and nothing is kept.
 *
 *     verifier_begin → verifier_trial, as often as wanted → verifier_release
 */
#ifndef UNDERSTUDY_RUN_VERIFY_H
#define UNDERSTUDY_RUN_VERIFY_H

#include "cache/record.h"
#include "trial/splits.h"

/* A value of the table, or an array (its first value that differs), as text; "(none)" where there
 * is none. */
struct verify_difference {
    const char *name, *at; /* a column and ""; an array's path in the file and "[1,0]" */
    const char *stored, *again;
};

struct verify_options {
    const char *data; /* directory of the data sets */
    int threads;
    void (*told)(void *context, size_t trial, const struct verify_difference *difference);
    void *context;
};

struct verifier {
    struct plan *plan;  /* borrowed */
    struct hdf5 *file;  /* borrowed */
    struct arena arena; /* the table, and the trials that `splits` was made for */
    const char **columns;
    struct hdf5_array *values; /* [column_count], each [trial_count] */
    size_t column_count;
    struct dataset_cache cache;
    struct splits splits;
    size_t differences; /* of the trial that runs now */
};

/* The results must be of this very plan: STATUS_DATA where their table does not fit. A search is
 * gone through round by round, as the stored results say: its points are compared, too. */
MUST_CHECK enum status verifier_begin(struct verifier *verifier, struct plan *plan,
                                      struct hdf5 *file, struct error *error);
/* The trials that ended well: only these can be compared. Owned by the verifier. */
MUST_CHECK enum status verifier_done(struct verifier *verifier, size_t **trials, size_t *count,
                                     struct error *error);
/* Run a trial again and report its differences; *differences counts them. */
MUST_CHECK enum status verifier_trial(struct verifier *verifier, size_t index,
                                      const struct verify_options *options, size_t *differences,
                                      struct error *error);
void verifier_release(struct verifier *verifier);

/* `count` of the trials, drawn by `seed`, to the front and in ascending order. */
MUST_CHECK enum status verify_choose(size_t *trials, size_t all, size_t count, uint64_t seed,
                                     struct error *error);

#endif
