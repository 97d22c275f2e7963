/* The steps of a search, private to plan/: search_load → search_start (round 0) → grid_build →
 * search_keep → search_check → plan_extend, once a round. */
#ifndef UNDERSTUDY_PLAN_SEARCH_STEPS_H
#define UNDERSTUDY_PLAN_SEARCH_STEPS_H

#include "plan/experiment/search_section.h"
#include "plan/search.h"

/* Read `search:` into plan->search, which stays NULL where there is none or where it has mistakes.
 * More than `most` points are one. */
MUST_CHECK enum status search_load(struct plan *plan, size_t most, struct diagnostics *found,
                                   struct error *error);
/* Propose round 0 and make search->values. */
MUST_CHECK enum status search_start(struct plan *plan, struct search *search, struct error *error);
/* Remove the probes, which are not trials. Call it after the rules were applied. */
void search_keep(struct plan *plan);
/* Are the objectives columns that plan->base will have? */
MUST_CHECK enum status search_check(struct plan *plan, struct diagnostics *found,
                                    struct error *error);

#endif
