/* The budget of an experiment, limits.core_hours: processor hours of all trials that were ever
 * begun under its name, as run/run_log.h has them, on all machines that share the folder. */
#ifndef UNDERSTUDY_RUN_BUDGET_H
#define UNDERSTUDY_RUN_BUDGET_H

#include "base/text.h"
#include "plan/plan.h"

/* Is it used up? Then no trial is begun any more; those at work end. `folder` is RESULTS/runs/NAME.
 */
bool budget_spent(const struct limits_section *limits, const char *folder);

/* How much was used, how many trials are left, and how to go on; one line, without its end. */
void budget_text(const struct plan *plan, const char *results, size_t left, struct text *text);

#endif
