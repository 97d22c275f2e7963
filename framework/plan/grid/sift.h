/* Drop grid points by what follows from their networks. Private to plan/. */
#ifndef UNDERSTUDY_PLAN_GRID_SIFT_H
#define UNDERSTUDY_PLAN_GRID_SIFT_H

#include "plan/steps.h"

struct sieve {
    const char *section; /* where mistakes stand */
    /* *rule: what drops the point, from 1, in plan->rules; 0: it is kept. STATUS_CONFIG: a mistake
     * in the section. */
    enum status (*judge)(void *context, const struct experiment *experiment, uint32_t *rule,
                         struct error *fault);
    void *context;
};

/* Keep the points that `judge` keeps. It is asked once for each network. */
MUST_CHECK enum status points_sift(struct plan *plan, const struct sieve *sieve,
                                   struct diagnostics *found, struct error *error);

#endif
