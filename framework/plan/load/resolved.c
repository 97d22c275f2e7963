/* The plan's text, as it is kept beside the results. */
#include "plan/grid/reference.h"
#include "plan/keys/key_part.h"
#include "plan/search.h"
#include "plan/steps.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { MOST_FIELDS = 64 };

struct given { /* a kind with the settings that were written */
    struct descriptor kind;
    struct field fields[MOST_FIELDS + 1];
};

static bool chosen_by_grid(const struct plan *plan, const char *path)
{
    for (size_t i = 0; i < plan->change_count; i++)
        if (strcmp(plan->changes[i].path, path) == 0)
            return true;
    return false;
}

/*
 * Where the grid chooses the kind, by an axis `network.family`, what nobody wrote is each kind's
 * own default: that of the first one would be another value for the others, or unknown to them. An
 * axis `network` gives whole sections, and leaves nothing of the first one.
 */
static void keep_given(const struct plan *plan, const struct field *section,
                       const struct field *name, struct component *chosen, struct given *given)
{
    const struct yaml_node *written = yaml_get(plan->root, section->name);
    char path[128];
    size_t count = 0;

    snprintf(path, sizeof path, "%s.%s", section->name, name->name);
    if (!chosen->kind || !chosen_by_grid(plan, path))
        return;
    for (const struct field *field = chosen->kind->fields; field && field->name; field++)
        if (written && yaml_get(written, field->name) && count < MOST_FIELDS)
            given->fields[count++] = *field;
    given->fields[count] = (struct field){0};
    given->kind = *chosen->kind;
    given->kind.fields = given->fields;
    chosen->kind = &given->kind;
}

/* A section as the first trial has it. */
static void print_section(const struct plan *plan, const struct field *section, struct text *text)
{
    const struct field single[] = {*section, {0}};
    struct experiment base = plan->base;
    struct given given;

    for (const struct field *field = section->fields;
         section->type == FIELD_RECORD && field && field->name; field++)
        if (field->type == FIELD_SELECT) {
            char *member = (char *)&base + section->offset + field->offset;
            keep_given(plan, section, field, (struct component *)(void *)member, &given);
        }
    schema_print(single, &base, 0, text);
}

/* The above is the first trial's; these vary over the grid. */
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
    /* Reading replaces references in the tree by their values; here the text as written is
     * needed. */
    for (size_t r = 0; r < plan->reference_count; r++)
        *plan->references[r].node = plan->references[r].original;
    yaml_print(plan->root, text);
    text_append(text, "\n");
    return text_status(text, error);
}

enum status plan_resolved(const struct plan *plan, struct text *text, struct error *error)
{
    for (const struct field *field = experiment_fields; field->name; field++) {
        if (strcmp(field->name, "limits") == 0)
            continue; /* of this machine, not of the results */
        if (field->type != FIELD_NODE) {
            print_section(plan, field, text);
            continue;
        }
        /* Axes and rules, with numbers in one spelling. */
        const char *member = (const char *)&plan->base + field->offset;
        const struct yaml_node *node = *(const struct yaml_node *const *)(const void *)member;
        bool search = field->offset == offsetof(struct experiment, search);
        if (search && plan->search)
            search_print(plan->search, text);
        if (!node || search || (field->unsaid && yaml_is_null(node)))
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
    PASS(key_print_engine(&plan->base.train, text, error));
    return text_status(text, error);
}
