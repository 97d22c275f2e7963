/* One trial: a grid point's values in place, read, with what defaults leave open filled in. */
#include "plan/reference.h"

#include "kinds/registry.h"
#include "kinds/stage.h"

#include <string.h>

enum content experiment_target(const struct experiment *experiment, size_t last)
{
    const struct component_list *stages = &experiment->pipeline.stages;
    const struct stage *stage =
        last && last <= stages->count ? (const void *)stages->items[last - 1].kind : NULL;

    return stage ? stage_output(stage, experiment->task == TASK_CLASSIFY) : CONTENT_IMAGE;
}

enum status experiment_complete(struct experiment *experiment, struct arena *arena,
                                struct error *error)
{
    struct diagnostics none = {0};
    size_t first, last;
    enum status status = STATUS_OK;

    if (experiment->train.loss.kind)
        goto out;
    TRY(experiment_replaced(experiment, &first, &last, &none, error));
    TRY(train_complete(&experiment->train, experiment_target(experiment, last) == CONTENT_SCORES,
                       arena, error));
out:
    diagnostics_release(&none);
    return status;
}

const struct yaml_node *plan_value(const struct plan *plan, size_t index, size_t axis)
{
    return plan_point_value(plan, plan->kept[index / (size_t)plan->base.replicates], axis);
}

const struct yaml_node *plan_point_value(const struct plan *plan, size_t point, size_t axis)
{
    return plan->axes[axis].values[grid_position(plan, point, plan->axes[axis].group)];
}

enum status point_read(struct plan *plan, size_t point, struct arena *arena,
                       struct experiment *experiment, struct error *error)
{
    struct diagnostics found = {0};
    enum status status = STATUS_OK;

    grid_place(plan, point);
    TRY(references_place(plan, &found, error));
    TRY(schema_read(experiment_fields, plan->root, "", experiment, arena, &found, error));
    if (found.count) {
        if (error)
            *error = found.items[0];
        status = STATUS_CONFIG;
        goto out;
    }
    TRY(experiment_complete(experiment, arena, error));
out:
    diagnostics_release(&found);
    return status;
}

enum status plan_trial(struct plan *plan, size_t index, struct arena *arena, struct trial *trial,
                       struct error *error)
{
    size_t replicates = (size_t)plan->base.replicates;
    enum status status = STATUS_OK;

    memset(trial, 0, sizeof *trial);
    trial->index = index;
    trial->replicate = (uint32_t)(index % replicates);
    TRY(point_read(plan, plan->kept[index / replicates], arena, &trial->experiment, error));
    TRY(arena_new(arena, &trial->axis_values, plan->axis_count, sizeof *trial->axis_values, error));
    for (size_t a = 0; a < plan->axis_count; a++)
        trial->axis_values[a] = plan_value(plan, index, a);
    TRY(trial_keys(plan, trial, error));
out:
    return status;
}
