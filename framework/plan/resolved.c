/* The plan's text, as it is kept beside the results. */
#include "plan/key_part.h"
#include "plan/reference.h"
#include "plan/search.h"
#include "plan/steps.h"

#include <stddef.h>
#include <string.h>

/* What is above stands for the first trial; these follow the grid. */
static void print_references(const struct plan *plan, struct text *text)
{
    bool any = false;

    for (size_t r = 0; r < plan->reference_count; r++) {
        const struct plan_reference *reference = &plan->references[r];
        if (!plan_groups_at(plan, reference->path))
            continue;
        text_append(text, "%s  %s: ", any ? "" : "references:\n", reference->path);
        yaml_print(&reference->original, text);
        text_append(text, "\n");
        any = true;
    }
}

enum status plan_source(struct plan *plan, struct text *text, struct error *error)
{
    if (plan->kept_count)
        grid_place(plan, plan->kept[0]);
    /* Every reading puts into the tree what is meant; what was written is what is wanted here. */
    for (size_t r = 0; r < plan->reference_count; r++)
        *plan->references[r].node = plan->references[r].original;
    yaml_print(plan->root, text);
    text_append(text, "\n");
    return text_status(text, error);
}

enum status plan_resolved(const struct plan *plan, struct text *text, struct error *error)
{
    enum status status = STATUS_OK;

    for (const struct field *field = experiment_fields; field->name; field++) {
        const struct field single[] = {*field, {0}};
        if (strcmp(field->name, "limits") == 0)
            continue; /* of this machine, not of the results */
        if (field->type != FIELD_NODE) {
            schema_print(single, &plan->base, 0, text);
            continue;
        }
        /* Axes and rules, with numbers in one spelling. */
        const char *member = (const char *)&plan->base + field->offset;
        const struct yaml_node *node = *(const struct yaml_node *const *)(const void *)member;
        bool search = field->offset == offsetof(struct experiment, search);
        if (search && plan->search)
            search_print(plan->search, text);
        if (!node || search)
            continue;
        text_append(text, "%s: ", field->name);
        grid_value_print(node, text);
        text_append(text, "\n");
    }
    text_append(text, plan->base.hardware.count ? "machines:\n" : "machines: {}\n");
    for (size_t i = 0; i < plan->base.hardware.count; i++) {
        text_append(text, "  %s: {", plan->machines[i].name);
        schema_print_component(&plan->machines[i].model, text);
        text_append(text, "}\n");
    }
    print_references(plan, text);
    TRY(key_print_engine(&plan->base.train, text, error));
    TRY(text_status(text, error));
out:
    return status;
}
