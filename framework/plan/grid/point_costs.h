/* What the network of a grid point costs, and the part of the pipeline that it replaces, before
 * anything is trained. Private to plan/. */
#ifndef UNDERSTUDY_PLAN_GRID_POINT_COSTS_H
#define UNDERSTUDY_PLAN_GRID_POINT_COSTS_H

#include "hardware/cost_columns.h"
#include "plan/steps.h"

/* Costs that are no machine's. */
enum own_cost { OWN_PARAMETERS, OWN_MULTIPLY_ADDS, OWN_PARAMETER_BYTES, OWN_PEAK_BYTES, OWN_COSTS };
extern const char *const own_costs[OWN_COSTS]; /* "network.parameters" … */

struct point_costs {
    double own[OWN_COSTS];
    struct hardware_cost network[PLAN_MAX_MACHINES]; /* on each machine of the plan */
    struct hardware_cost pipeline[PLAN_MAX_MACHINES];
};

/* With `pipelines`, of the pipeline too, on the machines that run programs. STATUS_CONFIG where
 * costs cannot be told before data are read or values are tuned. */
MUST_CHECK enum status point_costs(struct point_costs *costs, const struct plan *plan,
                                   const struct experiment *experiment, bool pipelines,
                                   struct error *error);

#endif
