/* Do the machines that `select` and figures name price what these ask for? */
#include "hardware/cost_columns.h"
#include "plan/check/checker.h"

#include <stdio.h>
#include <string.h>

/* `machine` may be none of the plan's, and `cost` none of a machine's. */
static enum status check_cost(const struct plan *plan, const char *machine, const char *cost,
                              const char *path, struct diagnostics *found, struct error *error)
{
    const char *best = NULL;

    for (size_t i = 0; i < plan->base.hardware.count; i++) {
        const struct cost_model *model = (const void *)plan->machines[i].model.kind;
        if (strcmp(plan->base.hardware.items[i], machine) != 0 || !model ||
            !cost_column_find(cost, NULL, &best) || cost_column_find(cost, model, &best))
            continue;
        return diagnostics_add(found, experiment_mark(plan->root, path), path, error,
                               "'%.100s' prices no pipelines, and does not tell idle power apart",
                               machine);
    }
    return STATUS_OK;
}

enum status costs_check(const struct plan *plan, struct diagnostics *found, struct error *error)
{
    const char *machine = experiment_select_machine(&plan->base);
    char path[64];

    if (machine)
        PASS(check_cost(plan, machine, experiment_select_cost(&plan->base), "select.minimise",
                        found, error));
    for (size_t i = 0; i < plan->base.figures.count; i++) {
        const struct component *figure = &plan->base.figures.items[i];
        const char *hardware = check_setting(figure, "hardware"),
                   *cost = check_setting(figure, "cost");
        snprintf(path, sizeof path, "figures[%zu]", i);
        if (hardware && cost)
            PASS(check_cost(plan, hardware, cost, path, found, error));
    }
    return STATUS_OK;
}
