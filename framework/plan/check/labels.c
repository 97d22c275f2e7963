/*
 * `labels:` says how figures call axes and their values:
 *
 *     labels:
 *       network.width: filters
 *       filter.method: {name: filter, values: {none: no filter, residual_trim: trimmed}}
 *
 * It changes nothing but words. Read by results/grid_means.c from the results' plan.
 */
#include "plan/steps.h"

#include <stdio.h>
#include <string.h>

struct labels {
    const struct plan *plan;
    struct diagnostics *found;
};

static enum status expect_text(const struct labels *labels, const struct yaml_node *node,
                               const char *where, struct error *error)
{
    if (node->kind == YAML_SCALAR && !yaml_is_null(node) && node->text[0])
        return STATUS_OK;
    return diagnostics_add(labels->found, node->mark, where, error, "expected a text");
}

static enum status check_values(const struct labels *labels, const struct plan_axis *axis,
                                const struct yaml_node *values, struct error *error)
{
    char where[PLAN_MAX_PATH + 100];
    struct arena arena = {0};
    enum status status = STATUS_OK;

    snprintf(where, sizeof where, "labels.%.200s.values", axis->path);
    if (values->kind != YAML_MAPPING)
        TRY(diagnostics_add(labels->found, values->mark, where, error,
                            "expected a mapping from the axis's values to words"));
    for (size_t i = 0; values->kind == YAML_MAPPING && i < values->count; i++) {
        const char *best = NULL, *key = values->keys[i]->text;
        bool is;
        TRY(expect_text(labels, values->items[i], where, error));
        TRY(axis_value_find(axis, values->keys[i], &is, &arena, &best, error));
        if (!is && axis->values[0]->mark.line > 0) /* an override may have taken it away */
            TRY(diagnostics_add(labels->found, values->keys[i]->mark, where, error,
                                "'%.100s' is not one of the axis's values%s%.100s%s", key,
                                best ? "; did you mean '" : "", best ? best : "",
                                best ? "'?" : ""));
    }
out:
    arena_release(&arena);
    return status;
}

static enum status check_axis(const struct labels *labels, const struct plan_axis *axis,
                              const struct yaml_node *label, struct error *error)
{
    char where[PLAN_MAX_PATH + 100];

    snprintf(where, sizeof where, "labels.%.200s", axis->path);
    if (label->kind != YAML_MAPPING)
        return expect_text(labels, label, where, error);
    for (size_t i = 0; i < label->count; i++) {
        const char *key = label->keys[i]->text;
        if (strcmp(key, "name") == 0)
            PASS(expect_text(labels, label->items[i], where, error));
        else if (strcmp(key, "values") == 0)
            PASS(check_values(labels, axis, label->items[i], error));
        else
            PASS(diagnostics_add(labels->found, label->keys[i]->mark, where, error,
                                 "unknown key '%.100s'; expected one of: name, values", key));
    }
    return STATUS_OK;
}

enum status labels_check(const struct plan *plan, struct diagnostics *found, struct error *error)
{
    struct labels labels = {plan, found};
    const struct yaml_node *node = yaml_get(plan->root, "labels");

    if (!node || yaml_is_null(node))
        return STATUS_OK;
    if (node->kind != YAML_MAPPING)
        PASS(diagnostics_add(found, node->mark, "labels", error,
                             "expected a mapping from axes to words"));
    for (size_t i = 0; node->kind == YAML_MAPPING && i < node->count; i++) {
        const char *best = NULL;
        const struct plan_axis *axis = plan_axis_find(plan, node->keys[i]->text, &best);
        if (axis)
            PASS(check_axis(&labels, axis, node->items[i], error));
        else
            PASS(diagnostics_add(found, node->keys[i]->mark, "labels", error,
                                 "'%.100s' is not an axis of the grid%s%.100s%s",
                                 node->keys[i]->text, best ? "; did you mean '" : "",
                                 best ? best : "", best ? "'?" : ""));
    }
    return STATUS_OK;
}
