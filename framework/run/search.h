/* What a search goes by, and what it came to, in the results file. */
#ifndef UNDERSTUDY_RUN_SEARCH_H
#define UNDERSTUDY_RUN_SEARCH_H

#include "io/hdf5.h"
#include "plan/plan.h"
#include "run/jobs.h"

/*
 * Under /search, a row a trial as in /trials: `point`, `round`, `rung`, `pareto` (1: no point with
 * the largest budget is better in all objectives), and `values` [trials, objectives], the means
 * over replicates that the search went by (NaN: a replicate failed). Also `method`, `objectives`
 * and `directions` as texts. Nothing where the plan has no search.
 */
MUST_CHECK enum status search_store(struct hdf5 *file, const struct plan *plan,
                                    struct error *error);

/* plan_results (plan/plan.h) of the trials' records; `jobs` is a struct jobs. NaN where the trial
 * failed; STATUS_DATA where its record is gone or damaged. */
MUST_CHECK enum status search_recorded(void *jobs, size_t trial, const char *column, double *value,
                                       struct error *error);

#endif
