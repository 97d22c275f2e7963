/* Limits on what networks cost. Private to plan/. */
#ifndef UNDERSTUDY_PLAN_GRID_CONSTRAINT_H
#define UNDERSTUDY_PLAN_GRID_CONSTRAINT_H

#include "plan/steps.h"

/* Drop the points whose networks are beyond a limit of `constraint:`. The machines are loaded, and
 * the points were checked; where that found a mistake, limits are read and nothing is dropped. */
MUST_CHECK enum status constraints_apply(struct plan *plan, struct diagnostics *found,
                                         struct error *error);

#endif
