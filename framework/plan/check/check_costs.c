/* Do the machines that `select` and figures name price what these ask for? */
#include "hardware/cost_columns.h"
#include "plan/steps.h"

#include <stdio.h>
#include <string.h>

/* What the field `name` of a component says, as a text or a choice; NULL: it has none. */
static const char *setting(const struct component *component, const char *name)
{
    const struct field *field = component->kind->fields;

    while (field && field->name && strcmp(field->name, name) != 0)
        field++;
    if (!field || !field->name)
        return NULL;
    const void *member = (const char *)component->config + field->offset;
    if (field->type == FIELD_TEXT)
        return *(const char *const *)member;
    return field->type == FIELD_CHOICE ? field->choices[*(const int64_t *)member] : NULL;
}

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
                               "'%.100s' runs no programs, and does not tell idle power apart",
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
        const char *hardware = setting(figure, "hardware"), *cost = setting(figure, "cost");
        snprintf(path, sizeof path, "figures[%zu]", i);
        if (hardware && cost)
            PASS(check_cost(plan, hardware, cost, path, found, error));
    }
    return STATUS_OK;
}
