/*
 * The grid: axes of `grid:` (each a group of its own) and of `zip:` (the lists of one mapping are a
 * group and move together). A grid point is a number whose mixed-radix digits, the first group
 * slowest, are the groups' positions.
 *
 * Each axis has one place in the tree. To find it, a placeholder is put there, which also makes the
 * mappings on the way, and then looked for; values take the placeholder's place.
 */
#include "plan/search.h"
#include "plan/steps.h"

#include <stdio.h>
#include <string.h>

struct grid {
    struct plan *plan;
    struct diagnostics *found;
    struct yaml_node *placeholders[PLAN_MAX_AXES];
    struct yaml_node *keys[PLAN_MAX_AXES]; /* where the file names the axis */
    bool full;                             /* "too many axes" has been reported */
    size_t last_group;                     /* of find_slots(): as numbered before */
};

enum status axis_value_find(const struct plan_axis *axis, const struct yaml_node *key, bool *is,
                            struct arena *arena, const char **best, struct error *error)
{
    struct text text = {0};
    enum status status = STATUS_OK;

    *is = false;
    for (size_t i = 0; i < axis->count && !*is; i++) {
        const char *copy;
        double wanted, number;
        const struct yaml_node *value = axis->values[i];
        text_clear(&text);
        if (value->kind == YAML_SCALAR)
            text_append(&text, "%s", value->text);
        else
            yaml_print(value, &text);
        TRY(text_keep(&text, arena, &copy, error));
        text_nearest(key->text, copy, best);
        *is = strcmp(copy, key->text) == 0 ||
              (yaml_real(value, &number) && yaml_real(key, &wanted) && number == wanted);
    }
out:
    text_release(&text);
    return status;
}

/* Find the slot that holds `node`; the sections of the grid itself, which hold the axes' lists, are
 * passed over at the top. */
static bool find_slot(struct yaml_node *tree, const struct yaml_node *node, bool top,
                      struct yaml_node **parent, size_t *slot)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (top && tree->kind == YAML_MAPPING && grid_is_section(tree->keys[i]->text))
            continue;
        if (tree->items[i] == node) {
            *parent = tree;
            *slot = i;
            return true;
        }
        if (tree->items[i]->kind != YAML_SCALAR &&
            find_slot(tree->items[i], node, false, parent, slot))
            return true;
    }
    return false;
}

static enum status placeholder_new(struct arena *arena, struct yaml_mark mark,
                                   struct yaml_node **node, struct error *error)
{
    enum status status = arena_new(arena, node, 1, sizeof **node, error);

    if (status == STATUS_OK) {
        **node = (struct yaml_node){.kind = YAML_SCALAR, .mark = mark, .text = "~"};
    }
    return status;
}

/* What is wrong with an axis by itself; NULL: nothing. */
static const char *axis_fault(const struct grid *grid, const struct yaml_node *key,
                              const struct yaml_node *list)
{
    if (grid_is_shared(key->text))
        return "belongs to the whole experiment and cannot be varied";
    if (strlen(key->text) > PLAN_MAX_PATH)
        return "the path is too long";
    if (list->kind != YAML_SEQUENCE)
        return "expected a list of values";
    if (list->count == 0)
        return "the list is empty";
    if (grid->plan->axis_count == PLAN_MAX_AXES)
        return "too many axes; at most 64 are possible";
    return NULL;
}

/* Put a placeholder where the axis's path leads. */
static enum status axis_place(struct grid *grid, struct yaml_node *key, const char *where,
                              struct yaml_node **old, bool *placed, struct error *error)
{
    struct plan *plan = grid->plan;
    struct yaml_node *placeholder = NULL;
    size_t before = grid->found->count;

    *placed = false;
    PASS(placeholder_new(&plan->arena, key->mark, &placeholder, error));
    PASS(yaml_set(&plan->arena, plan->root, key->text, placeholder, old, grid->found, error));
    if (grid->found->count > before)
        return STATUS_OK;
    for (size_t i = 0; i < plan->axis_count; i++)
        if (*old == grid->placeholders[i]) {
            grid->placeholders[i] = placeholder;
            PASS(diagnostics_add(grid->found, key->mark, where, error, "the axis is given twice"));
            return STATUS_OK;
        }
    grid->placeholders[plan->axis_count] = placeholder;
    grid->keys[plan->axis_count] = key;
    *placed = true;
    return STATUS_OK;
}

/* Add the axis "key: list" to the group being made, the group_count-th. */
static enum status axis_add(struct grid *grid, const char *section, struct yaml_node *key,
                            struct yaml_node *list, struct error *error)
{
    struct plan *plan = grid->plan;
    struct yaml_node *old = NULL;
    const char *fault = axis_fault(grid, key, list);
    char where[PLAN_MAX_PATH + 60];
    bool placed = false;

    snprintf(where, sizeof where, "%s.%.200s", section, key->text);
    if (fault && plan->axis_count == PLAN_MAX_AXES && grid->full)
        return STATUS_OK;
    if (fault) {
        grid->full = plan->axis_count == PLAN_MAX_AXES;
        bool value = list->kind != YAML_SEQUENCE || list->count == 0;
        PASS(diagnostics_add(grid->found, value ? list->mark : key->mark, where, error, "%s",
                             fault));
        return STATUS_OK;
    }
    PASS(axis_place(grid, key, where, &old, &placed, error));
    if (placed)
        plan->axes[plan->axis_count++] = (struct plan_axis){.path = key->text,
                                                            .values = list->items,
                                                            .count = list->count,
                                                            .shadowed = old,
                                                            .group = plan->group_count};
    return STATUS_OK;
}

/* Lists of different lengths are a mistake; what can be checked all the same is what all have. */
static void group_end(struct plan *plan, size_t first)
{
    if (plan->axis_count == first)
        return;
    size_t size = plan->axes[first].count;
    for (size_t a = first; a < plan->axis_count; a++)
        if (plan->axes[a].count < size)
            size = plan->axes[a].count;
    plan->group_sizes[plan->group_count++] = size;
}

static enum status read_grid(struct grid *grid, struct yaml_node *node, struct error *error)
{
    if (!node || yaml_is_null(node))
        return STATUS_OK;
    if (node->kind != YAML_MAPPING) {
        PASS(diagnostics_add(grid->found, node->mark, "grid", error,
                             "expected a mapping from paths to lists of values"));
        return STATUS_OK;
    }
    for (size_t i = 0; i < node->count; i++) {
        size_t first = grid->plan->axis_count;
        PASS(axis_add(grid, "grid", node->keys[i], node->items[i], error));
        group_end(grid->plan, first);
    }
    return STATUS_OK;
}

/* Two lists of different lengths. An override is to blame rather than the file. */
static enum status unequal(const struct grid *grid, const char *section,
                           const struct yaml_node *node, size_t leader, size_t other,
                           struct error *error)
{
    size_t at = other, beside = leader;
    char where[PLAN_MAX_PATH + 60];

    if (node->items[leader]->mark.line == 0 && node->items[other]->mark.line > 0) {
        at = leader;
        beside = other;
    }
    snprintf(where, sizeof where, "%s.%.200s", section, node->keys[at]->text);
    return diagnostics_add(grid->found, node->items[at]->mark, where, error,
                           "%zu values, but '%.100s' beside it has %zu; zipped lists are of one "
                           "length",
                           node->items[at]->count, node->keys[beside]->text,
                           node->items[beside]->count);
}

/* One mapping of `zip:`: all its lists, which must be equally long, are one group. */
static enum status read_zipped(struct grid *grid, const struct yaml_node *node, size_t index,
                               struct error *error)
{
    struct plan *plan = grid->plan;
    size_t first = plan->axis_count, leader = SIZE_MAX;
    char section[40];

    snprintf(section, sizeof section, "zip[%zu]", index);
    if (node->kind != YAML_MAPPING || node->count == 0) {
        PASS(diagnostics_add(grid->found, node->mark, section, error,
                             "expected a mapping from paths to lists of values"));
        return STATUS_OK;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *list = node->items[i];
        PASS(axis_add(grid, section, node->keys[i], node->items[i], error));
        if (list->kind != YAML_SEQUENCE || list->count == 0)
            continue;
        if (leader == SIZE_MAX)
            leader = i;
        else if (list->count != node->items[leader]->count)
            PASS(unequal(grid, section, node, leader, i, error));
    }
    group_end(plan, first);
    return STATUS_OK;
}

static enum status read_zip(struct grid *grid, struct yaml_node *node, struct error *error)
{
    if (!node || yaml_is_null(node))
        return STATUS_OK;
    if (node->kind != YAML_SEQUENCE) {
        PASS(diagnostics_add(grid->found, node->mark, "zip", error,
                             "expected a list of mappings from paths to lists of values"));
        return STATUS_OK;
    }
    for (size_t i = 0; i < node->count; i++)
        PASS(read_zipped(grid, node->items[i], i, error));
    return STATUS_OK;
}

/* A search's paths are one group, which grows. An override on one of them would be lost. */
static enum status read_search(struct grid *grid, struct error *error)
{
    struct plan *plan = grid->plan;
    const struct yaml_node *values = plan->search ? plan->search->values : NULL;

    for (size_t i = 0; values && i < values->count; i++)
        PASS(axis_add(grid, "search.space", values->keys[i], values->items[i], error));
    for (size_t a = 0; values && a < plan->axis_count; a++) {
        const struct yaml_node *old = plan->axes[a].shadowed;
        if (old && old->mark.line == 0)
            PASS(diagnostics_add(grid->found, old->mark, plan->axes[a].path, error,
                                 "the search sets this; its range is in search.space"));
    }
    if (values)
        group_end(plan, 0);
    return STATUS_OK;
}

/* Find every axis's slot; an axis inside another one has lost its place, or its owner's. Such axes
 * are dropped, so that the others can be checked. */
static enum status find_slots(struct grid *grid, struct error *error)
{
    struct plan *plan = grid->plan;
    size_t kept = 0, groups = 0;

    for (size_t i = 0; i < plan->axis_count; i++) {
        struct plan_axis axis = plan->axes[i];
        const struct yaml_node *placeholder = grid->placeholders[i];
        bool whole = placeholder->kind == YAML_SCALAR;
        if (!find_slot(plan->root, placeholder, true, &axis.parent, &axis.slot) || !whole) {
            PASS(diagnostics_add(grid->found, grid->keys[i]->mark, axis.path, error,
                                 whole ? "another axis sets what encloses this one"
                                       : "another axis sets a part of this one"));
            continue;
        }
        size_t size = plan->group_sizes[axis.group];
        if (kept == 0 || grid->last_group != axis.group)
            groups++;
        grid->last_group = axis.group;
        axis.group = groups - 1;
        plan->group_sizes[axis.group] = size;
        plan->axes[kept++] = axis;
    }
    plan->axis_count = kept;
    plan->group_count = groups;
    memcpy(plan->grid_sizes, plan->group_sizes, groups * sizeof *plan->grid_sizes);
    plan->grid_count = grid_points(plan, SIZE_MAX - 1);
    return STATUS_OK;
}

enum status grid_build(struct plan *plan, struct diagnostics *found, struct error *error)
{
    struct grid grid = {.plan = plan, .found = found};

    PASS(arena_new(&plan->arena, &plan->axes, PLAN_MAX_AXES, sizeof *plan->axes, error));
    PASS(arena_new(&plan->arena, &plan->group_sizes, PLAN_MAX_AXES, sizeof *plan->group_sizes,
                   error));
    PASS(
        arena_new(&plan->arena, &plan->grid_sizes, PLAN_MAX_AXES, sizeof *plan->grid_sizes, error));
    PASS(read_grid(&grid, yaml_get(plan->root, "grid"), error));
    PASS(read_zip(&grid, yaml_get(plan->root, "zip"), error));
    PASS(read_search(&grid, error));
    PASS(find_slots(&grid, error));
    if (!plan->search)
        PASS(repeats_check_written(plan, found, error));
    grid_place(plan, 0);
    return STATUS_OK;
}
