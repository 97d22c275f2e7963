/* One trial: the experiment at its grid point, the values of its axes, and its keys. */
#include "plan/steps.h"

#include <string.h>

enum status plan_trial(struct plan *plan, size_t index, struct arena *arena, struct trial *trial,
                       struct error *error)
{
    size_t replicates = (size_t)plan->base.replicates;

    memset(trial, 0, sizeof *trial);
    trial->index = index;
    trial->replicate = (uint32_t)(index % replicates);
    PASS(point_read(plan, plan->kept[index / replicates], arena, &trial->experiment, error));
    PASS(
        arena_new(arena, &trial->axis_values, plan->axis_count, sizeof *trial->axis_values, error));
    for (size_t a = 0; a < plan->axis_count; a++)
        trial->axis_values[a] = plan_value(plan, index, a);
    return trial_keys(plan, trial, error);
}

struct random_key trial_random_key(const struct trial *trial)
{
    return (struct random_key){(uint64_t)trial->experiment.seed, trial->replicate};
}
