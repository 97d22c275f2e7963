/*
 * `also:` adds points off the grid: a list of mappings from axes to one value each. The axes that a
 * mapping does not name run through their values in the grid, so that it may stand for several
 * points. Values that the grid lacks become positions of their groups behind the grid's, and the
 * points are listed by these positions: a grid of many axes does not grow by every combination with
 * the new values, and the trials of the grid keep their numbers.
 */
#include "plan/steps.h"

#include <stdio.h>
#include <string.h>

/* What one mapping adds. */
struct addition {
    uint32_t *at; /* [groups]: a position; ANY: each of the grid's */
};

static const uint32_t ANY = UINT32_MAX;

struct also {
    struct plan *plan;
    struct diagnostics *found;
    const struct yaml_node *node;
    struct addition *additions; /* [node->count] */
};

static bool is_equal(const struct yaml_node *a, const struct yaml_node *b, struct text *left,
                     struct text *right)
{
    text_clear(left);
    text_clear(right);
    grid_value_print(a, left);
    grid_value_print(b, right);
    return left->bytes && right->bytes && strcmp(left->bytes, right->bytes) == 0;
}

/* Where the group has these values, one for each of its axes; its size where it has not. */
static enum status find_position(const struct plan *plan, size_t group,
                                 struct yaml_node *const *values, size_t *position,
                                 struct error *error)
{
    struct text left = {0}, right = {0};
    enum status status = STATUS_OK;

    for (*position = 0; *position < plan->group_sizes[group]; ++*position) {
        bool all = true;
        for (size_t a = 0; a < plan->axis_count && all; a++)
            if (plan->axes[a].group == group)
                all = is_equal(plan->axes[a].values[*position], values[a], &left, &right);
        if (all)
            break;
    }
    TRY(text_status(&left, error));
    TRY(text_status(&right, error));
out:
    text_release(&left);
    text_release(&right);
    return status;
}

/* Put the values behind those of the group's axes. */
static enum status add_position(struct plan *plan, size_t group, struct yaml_node *const *values,
                                struct error *error)
{
    for (size_t a = 0; a < plan->axis_count; a++) {
        struct plan_axis *axis = &plan->axes[a];
        struct yaml_node **more;
        if (axis->group != group)
            continue;
        PASS(arena_new(&plan->arena, &more, axis->count + 1, sizeof *more, error));
        memcpy(more, axis->values, axis->count * sizeof *more);
        more[axis->count++] = values[a];
        axis->values = more;
    }
    plan->group_sizes[group]++;
    return STATUS_OK;
}

/* The values of mapping `index`, each at its axis's place in `values`. */
static enum status read_values(const struct also *also, size_t index, struct yaml_node **values,
                               struct error *error)
{
    const struct yaml_node *node = also->node->items[index];
    char where[PLAN_MAX_PATH + 60];

    snprintf(where, sizeof where, "also[%zu]", index);
    if (node->kind != YAML_MAPPING || node->count == 0)
        return diagnostics_add(also->found, node->mark, where, error,
                               "expected a mapping from axes to a value, as in '{network.width: "
                               "24}'");
    for (size_t i = 0; i < node->count; i++) {
        const char *path = node->keys[i]->text, *best = NULL;
        const struct plan_axis *axis = plan_axis_find(also->plan, path, &best);
        snprintf(where, sizeof where, "also[%zu].%.200s", index, path);
        if (axis)
            values[axis - also->plan->axes] = node->items[i];
        else
            PASS(diagnostics_add(also->found, node->keys[i]->mark, where, error,
                                 "no such axis in `grid` or `zip`%s%s%s",
                                 best ? "; did you mean '" : "", best ? best : "",
                                 best ? "'?" : ""));
    }
    return STATUS_OK;
}

/* Axes that are zipped need a value together. */
static enum status check_zipped(const struct also *also, size_t index,
                                struct yaml_node *const *values, struct error *error)
{
    const struct plan *plan = also->plan;
    char where[40];

    snprintf(where, sizeof where, "also[%zu]", index);
    for (size_t a = 0; a + 1 < plan->axis_count; a++)
        if (plan->axes[a].group == plan->axes[a + 1].group && !values[a] != !values[a + 1])
            return diagnostics_add(also->found, also->node->items[index]->mark, where, error,
                                   "'%.100s' and '%.100s' are zipped; give a value to both or to "
                                   "neither",
                                   plan->axes[a].path, plan->axes[a + 1].path);
    return STATUS_OK;
}

/* Do both add the same point, or some of the same? `other` NULL: the grid. */
static bool overlap(const struct plan *plan, const struct addition *addition,
                    const struct addition *other)
{
    for (size_t g = 0; g < plan->group_count; g++) {
        uint32_t one = addition->at[g], two = other ? other->at[g] : ANY;
        if (one == two)
            continue;
        if (one != ANY && two != ANY)
            return false;
        if ((one == ANY ? two : one) >= plan->grid_sizes[g])
            return false;
    }
    return true;
}

static enum status check_new(const struct also *also, size_t index, struct error *error)
{
    const struct addition *additions = also->additions;
    struct yaml_mark mark = also->node->items[index]->mark;
    char where[40];

    snprintf(where, sizeof where, "also[%zu]", index);
    if (overlap(also->plan, &additions[index], NULL))
        return diagnostics_add(also->found, mark, where, error,
                               "the grid has this point; one with a value off the grid was "
                               "expected");
    for (size_t i = 0; i < index; i++)
        if (overlap(also->plan, &additions[index], &additions[i]))
            return diagnostics_add(also->found, mark, where, error,
                                   "also[%zu] has this point, or some of these, too", i);
    return STATUS_OK;
}

static enum status read_addition(const struct also *also, size_t index, struct error *error)
{
    struct plan *plan = also->plan;
    struct addition *addition = &also->additions[index];
    struct yaml_node *values[PLAN_MAX_AXES] = {0};
    size_t before = also->found->count, position;

    PASS(
        arena_new(&plan->arena, &addition->at, plan->group_count + 1, sizeof *addition->at, error));
    for (size_t g = 0; g < plan->group_count; g++)
        addition->at[g] = ANY;
    PASS(read_values(also, index, values, error));
    if (also->found->count == before)
        PASS(check_zipped(also, index, values, error));
    for (size_t a = 0; a < plan->axis_count && also->found->count == before; a++) {
        size_t group = plan->axes[a].group;
        if (!values[a] || addition->at[group] != ANY)
            continue;
        PASS(find_position(plan, group, values, &position, error));
        if (position == plan->group_sizes[group])
            PASS(add_position(plan, group, values, error));
        addition->at[group] = (uint32_t)position;
    }
    return also->found->count == before ? check_new(also, index, error) : STATUS_OK;
}

/* Points that the addition stands for, or `most` + 1 where there are more. */
static size_t points_of(const struct plan *plan, const struct addition *addition, size_t most)
{
    size_t points = 1;

    for (size_t g = 0; g < plan->group_count && points <= most; g++)
        if (addition->at[g] == ANY && !memory_multiply(points, plan->grid_sizes[g], &points))
            return most + 1;
    return points <= most ? points : most + 1;
}

/* The positions of its points, the last group fastest. */
static uint32_t *list_points(const struct plan *plan, const struct addition *addition, size_t count,
                             uint32_t *to)
{
    for (size_t p = 0; p < count; p++, to += plan->group_count) {
        size_t left = p;
        for (size_t g = plan->group_count; g-- > 0;) {
            to[g] =
                addition->at[g] == ANY ? (uint32_t)(left % plan->grid_sizes[g]) : addition->at[g];
            left /= addition->at[g] == ANY ? plan->grid_sizes[g] : 1;
        }
    }
    return to;
}

static enum status list_all(const struct also *also, size_t most, struct error *error)
{
    struct plan *plan = also->plan;
    size_t count = 0;

    for (size_t i = 0; i < also->node->count && count <= most; i++)
        count += points_of(plan, &also->additions[i], most);
    if (count > most)
        return diagnostics_add(also->found, also->node->mark, "also", error,
                               "more than %zu combinations; that is the most that can be planned",
                               most);
    PASS(
        arena_new(&plan->arena, &plan->also, count * plan->group_count, sizeof *plan->also, error));
    uint32_t *to = plan->also;
    for (size_t i = 0; i < also->node->count; i++)
        to = list_points(plan, &also->additions[i], points_of(plan, &also->additions[i], most), to);
    plan->also_count = count;
    return STATUS_OK;
}

enum status also_read(struct plan *plan, size_t most, struct diagnostics *found,
                      struct error *error)
{
    struct also also = {.plan = plan, .found = found, .node = yaml_get(plan->root, "also")};
    const struct yaml_node *search = yaml_get(plan->root, "search");
    size_t before = found->count;

    if (!also.node || yaml_is_null(also.node) || (search && !yaml_is_null(search)))
        return STATUS_OK; /* that a search takes none is told where it is read */
    if (also.node->kind != YAML_SEQUENCE)
        return diagnostics_add(found, also.node->mark, "also", error,
                               "expected a list of mappings from axes to a value");
    if (also.node->count > PLAN_MAX_EXCLUDES)
        return diagnostics_add(found, also.node->mark, "also", error,
                               "%zu points; at most %d are possible", also.node->count,
                               PLAN_MAX_EXCLUDES);
    PASS(arena_new(&plan->arena, &also.additions, also.node->count, sizeof *also.additions, error));
    for (size_t i = 0; i < also.node->count; i++)
        PASS(read_addition(&also, i, error));
    return found->count == before ? list_all(&also, most, error) : STATUS_OK;
}
