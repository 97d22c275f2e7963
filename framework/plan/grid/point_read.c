/* The experiment at a grid point: its values in place, read, with what defaults leave open filled
 * in. */
#include "plan/grid/reference.h"

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
    experiment_settle(experiment, plan->folder);
    TRY(experiment_complete(experiment, arena, error));
out:
    diagnostics_release(&found);
    return status;
}
