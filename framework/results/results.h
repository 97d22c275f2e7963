/* Reads a results file: for tables and figures, which see nothing else. */
#ifndef UNDERSTUDY_RESULTS_RESULTS_H
#define UNDERSTUDY_RESULTS_RESULTS_H

#include "io/hdf5/hdf5.h"
#include "plan/experiment/experiment.h"

struct results {
    struct hdf5 *file; /* borrowed */
    struct arena arena;
    size_t trials;
    const char **columns; /* names, in the file's order (attribute `columns` of /trials) */
    size_t column_count;
    const char **times; /* those of /timing/trials, "timing." before each; may be none */
    size_t time_count;
};

/*
 * Open a results file of anybody's for reading. STATUS_DATA, with the file's path, where it is
 * something else, or says of itself what no results file does: an experiment or a figure whose name
 * is none for a file, digests that are none.
 */
MUST_CHECK enum status results_file_open(struct hdf5 *file, const char *path, struct error *error);

MUST_CHECK enum status results_open(struct results *results, struct hdf5 *file,
                                    struct error *error);
void results_release(struct results *results);

/* A column, be it of times, as numbers; STATUS_DATA with the nearest name when there is none or it
 * is text. */
MUST_CHECK enum status results_numbers(const struct results *results, const char *column,
                                       struct arena *arena, double **values, struct error *error);
/* A column as text; numbers are printed, NaN as "". */
MUST_CHECK enum status results_texts(const struct results *results, const char *column,
                                     struct arena *arena, const char ***values,
                                     struct error *error);
/* Does a trial's `status` say that it came to an end, be it to a suspect one (docs/scores.md)? */
bool results_is_done(const char *state);
bool results_is_suspect(const char *state);
bool results_has(const struct results *results, const char *column);

#endif
