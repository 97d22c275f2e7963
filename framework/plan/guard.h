/*
 * The `guard:` section: at run time, a small network answers, and hands on images whose answers are
 * to be doubted, to a larger network or to the pipeline.
 *
 *     guard: {by: confidence, small: {network.width: 4}, to: {network.width: 16}, within: 0.3}
 */
#ifndef UNDERSTUDY_PLAN_GUARD_H
#define UNDERSTUDY_PLAN_GUARD_H

#include "interfaces/guard.h"
#include "plan/plan.h"

struct plan_guard {
    const struct guard *by;
    size_t small, other;                 /* places among plan->kept */
    bool pipeline;                       /* it is handed on to the pipeline; `other` is `small` */
    double within;                       /* on the metric's own scale */
    const char *small_name, *other_name; /* "network.width=4", "the pipeline" */
};

/* Trial of the grid point with this place, in this replicate. */
size_t plan_guard_trial(const struct plan *plan, size_t place, size_t replicate);

#endif
