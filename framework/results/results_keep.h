/*
 * Results that another run is about to replace are kept: NAME.h5 as NAME~1.h5, its figures as
 * PLOTS/NAME~1/, the next ones as NAME~2.h5, and so on: a kept file stays
 * what it was. Names of experiments have no '~'.
 *
 * Kept is what the new file does not hold: the results of another plan (as resolved; engine and
 * instruction set belong to it), those that the same plan gave with other data or another version
 * of the program, and whatever is no results file. A plan that goes on, after failed trials say,
 * replaces its own. What is kept already is not kept twice.
 *
 * In the order of the steps, a kill leaves the old file under its old name or its new one, or both:
 * the same command then goes on.
 */
#ifndef UNDERSTUDY_RESULTS_RESULTS_KEEP_H
#define UNDERSTUDY_RESULTS_RESULTS_KEEP_H

#include "base/text.h"

#include <stdbool.h>

/* The file that will be at `path`. */
struct keep_new {
    const char *path;     /* FOLDER/NAME.h5 */
    const char *resolved; /* /plan/resolved */
    const char *digest;   /* content_sha256 */
    const char *plots;    /* the folder of figures; NULL: there is none */
    bool drawn;           /* those of NAME will be replaced, and are to be kept, too */
};

/* From here until keep_unlock(), no other run replaces this experiment's results. */
MUST_CHECK enum status keep_lock(const char *path, int *lock, struct error *error);
void keep_unlock(int lock);

/* Keep what stands at fresh->path, where there is something to be kept; `told` gets a line for
 * people then, without a newline. */
MUST_CHECK enum status keep_old(const struct keep_new *fresh, struct text *told,
                                struct error *error);

/* Of FOLDER/NAME~12.h5: 12; 0 where the file is none that was kept. */
unsigned long keep_number(const char *path, const char *name);

#endif
