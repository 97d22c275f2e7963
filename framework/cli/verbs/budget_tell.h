/* The budget of an experiment, for people. */
#ifndef UNDERSTUDY_CLI_VERBS_BUDGET_TELL_H
#define UNDERSTUDY_CLI_VERBS_BUDGET_TELL_H

#include "plan/plan.h"

/* To stderr: that it is used up, and so many trials are left. */
void budget_tell(const struct plan *plan, const char *results, size_t left);
/* Is it used up, while trials are left? Then that is told. */
bool budget_is_spent(const struct plan *plan, const char *results, size_t left);

#endif
