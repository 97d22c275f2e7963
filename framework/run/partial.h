/* The results so far of an experiment that is still running, or was stopped. */
#ifndef UNDERSTUDY_RUN_PARTIAL_H
#define UNDERSTUDY_RUN_PARTIAL_H

#include "io/hdf5/hdf5.h"
#include "plan/plan.h"

struct partial {
    size_t trials, done, failed;
};

/* How far the runs of NAME are, by its list of trials and the cache; STATUS_CONFIG where there was
 * none. */
MUST_CHECK enum status partial_count(struct partial *partial, const char *results, const char *name,
                                     struct error *error);
/* What its finished trials came to, as a results file in memory (store_preview()). `plan` is that
 * of the last run; that of a search becomes longer by the rounds that are done. */
MUST_CHECK enum status partial_results(struct hdf5 *file, struct plan *plan, const char *results,
                                       struct error *error);

#endif
