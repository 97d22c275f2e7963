/* The step of the filter: which of the training items are left out. */
#ifndef UNDERSTUDY_TRIAL_FILTER_STEP_H
#define UNDERSTUDY_TRIAL_FILTER_STEP_H

#include "cache/record.h"
#include "interfaces/filter.h"
#include "trial/training_set.h"

/*
 * Only the pipeline's labels are filtered; truth and manual labels are right by definition, and
 * every item is kept. Ground truth is for a filter that `sees_truth`. `result` gets new arrays, to
 * be released by filter_result_release(); `record` how many items were left out and how well that
 * went (evaluation_filter()). Taken from the cache where an earlier trial left it.
 */
MUST_CHECK enum status filter_step(const struct trial *trial, const struct plan *plan,
                                   const struct splits *splits, struct training_set *set,
                                   const struct trial_options *options,
                                   struct filter_result *result, struct record *record,
                                   struct error *error);
void filter_result_release(struct filter_result *result);

#endif
