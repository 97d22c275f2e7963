/* What a search goes by: the records of its trials. */
#ifndef UNDERSTUDY_RUN_SEARCH_PROGRESS_H
#define UNDERSTUDY_RUN_SEARCH_PROGRESS_H

#include "run/jobs.h"

/* plan_results (plan/plan.h) of the trials' records; `jobs` is a struct jobs. NaN where the trial
 * failed; STATUS_DATA where its record is gone or damaged. */
MUST_CHECK enum status search_recorded(void *jobs, size_t trial, const char *column, double *value,
                                       struct error *error);

#endif
