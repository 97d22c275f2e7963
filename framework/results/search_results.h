/* What a search came to, in the results file. */
#ifndef UNDERSTUDY_RESULTS_SEARCH_RESULTS_H
#define UNDERSTUDY_RESULTS_SEARCH_RESULTS_H

#include "io/hdf5/hdf5.h"
#include "plan/plan.h"

/*
 * Under /search, a row a trial as in /trials: `point`, `round`, `rung`, `pareto` (1: no point with
 * the largest budget is better in all objectives), and `values` [trials, objectives], the means
 * over replicates that the search went by (NaN: a replicate failed). Also `method`, `objectives`
 * and `directions` as texts. Nothing where the plan has no search.
 */
MUST_CHECK enum status search_store(struct hdf5 *file, const struct plan *plan,
                                    struct error *error);

#endif
