/*
 * `where:` of figures, against the values that the grid's axes take: a value that no trial has is
 * told before anything runs. That the axes are there is found by check_figures().
 */
#include "plan/steps.h"

#include <stdio.h>
#include <string.h>

enum { PLACE = 200 };

/* The axis that `name` is, or that it is a key of: then *key is what follows the axis's name. */
static const struct plan_axis *find_axis(const struct plan *plan, const char *name, size_t length,
                                         const char **key)
{
    *key = NULL;
    for (size_t a = 0; a < plan->axis_count; a++)
        if (strlen(plan->axes[a].path) == length && memcmp(plan->axes[a].path, name, length) == 0)
            return &plan->axes[a];
    for (size_t a = 0; a < plan->axis_count; a++) {
        size_t shorter = strlen(plan->axes[a].path);
        if (shorter < length && memcmp(plan->axes[a].path, name, shorter) == 0 &&
            name[shorter] == '.') {
            *key = name + shorter + 1;
            return &plan->axes[a];
        }
    }
    return NULL;
}

/* The axis's values or, with a key, what they have there. */
static enum status values_of(const struct plan_axis *axis, const char *key, struct arena *arena,
                             struct plan_axis *values, struct error *error)
{
    *values = (struct plan_axis){.path = axis->path};
    PASS(arena_new(arena, &values->values, axis->count, sizeof(struct yaml_node *), error));
    for (size_t i = 0; i < axis->count; i++) {
        struct yaml_node *value = key ? yaml_get(axis->values[i], key) : axis->values[i];
        if (value)
            values->values[values->count++] = value;
    }
    return STATUS_OK;
}

static enum status check_rule(const struct plan *plan, const struct yaml_node *rule,
                              const char *place, struct diagnostics *found, struct error *error)
{
    const char *sign = strchr(rule->text, '='), *key, *best = NULL;
    struct yaml_node wanted = {.kind = YAML_SCALAR, .mark = rule->mark};
    enum status status = STATUS_OK;
    struct plan_axis values;
    struct arena arena = {0};
    bool is;

    if (!sign)
        return STATUS_OK;
    TRY(arena_copy(&arena, rule->text, (size_t)(sign - rule->text), &key, error));
    const struct plan_axis *axis = find_axis(plan, key, strlen(key), &key);
    if (!axis)
        goto out;
    TRY(values_of(axis, key, &arena, &values, error));
    wanted.text = sign + 1;
    TRY(axis_value_find(&values, &wanted, &is, &arena, &best, error));
    if (!is)
        TRY(diagnostics_add(found, rule->mark, place, error, "no trial has '%.300s'%s%.300s%s",
                            rule->text, best ? "; did you mean '" : "", best ? best : "",
                            best ? "'?" : ""));
out:
    arena_release(&arena);
    return status;
}

enum status where_check(const struct plan *plan, struct diagnostics *found, struct error *error)
{
    const struct yaml_node *figures = yaml_get(plan->root, "figures");
    char place[PLACE];

    for (size_t f = 0; figures && figures->kind == YAML_SEQUENCE && f < figures->count; f++) {
        const struct yaml_node *figure = figures->items[f];
        if (figure->kind != YAML_MAPPING || figure->count != 1)
            continue;
        const struct yaml_node *where = yaml_get(figure->items[0], "where");
        snprintf(place, sizeof place, "figures[%zu].%.100s.where", f, figure->keys[0]->text);
        for (size_t k = 0; where && where->kind == YAML_SEQUENCE && k < where->count; k++)
            if (where->items[k]->kind == YAML_SCALAR)
                PASS(check_rule(plan, where->items[k], place, found, error));
    }
    return STATUS_OK;
}
