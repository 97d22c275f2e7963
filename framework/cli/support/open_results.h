/* Results by the name of a file or of an experiment, finished or not. */
#ifndef UNDERSTUDY_CLI_SUPPORT_OPEN_RESULTS_H
#define UNDERSTUDY_CLI_SUPPORT_OPEN_RESULTS_H

#include "cli/support/options.h"
#include "io/hdf5/hdf5.h"

/* The results file that an operand means: a file, or FOLDER/NAME.h5. STATUS_IO, with the results
 * that there are, where there is none. */
MUST_CHECK enum status results_path(const char *folder, const char *operand, struct text *path,
                                    struct error *error);

struct opened_results {
    struct hdf5 file;
    struct text path;    /* of the file; an experiment's name where it is not finished */
    struct text partial; /* what is left out, in a sentence; empty: nothing */
    struct plan plan;
    bool planned;
};

/* Open it for reading. Of an experiment of which trials are left, the finished ones: from FOLDER's
 * cache. Starts as {0}. families_release() is the caller's, behind results_close(). */
MUST_CHECK enum status results_find(struct opened_results *opened, const char *folder,
                                    const char *operand, const struct options *options,
                                    struct error *error);
void results_close(struct opened_results *opened);

#endif
