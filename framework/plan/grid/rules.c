/*
 * `exclude:` and `only:` are lists of rules, each a mapping from axes to a value or a list of
 * values. A grid point that matches all of a rule's axes is dropped by `exclude:`; where there is
 * `only:`, a point that matches none of its rules is. Rules are turned into one flag for each value
 * of each axis first, so that a point costs a look-up an axis.
 */
#include "plan/steps.h"

#include <stdio.h>
#include <string.h>

struct matcher { /* one axis of a rule */
    size_t group;
    bool *matches; /* [values of the axis] */
};

struct rule {
    struct matcher *matchers;
    size_t count;
};

/* The rules of one section. */
struct excluder {
    struct plan *plan;
    struct diagnostics *found;
    const char *section;
    const struct yaml_node *node;
    struct arena arena;
    struct rule *rules;
    size_t count;
};

const struct plan_axis *plan_axis_find(const struct plan *plan, const char *path, const char **best)
{
    for (size_t a = 0; a < plan->axis_count; a++) {
        if (strcmp(plan->axes[a].path, path) == 0)
            return &plan->axes[a];
        text_nearest(path, plan->axes[a].path, best);
    }
    return NULL;
}

/* Set the flags of the axis's values that equal `value`. */
static enum status match_value(struct excluder *excluder, const struct plan_axis *axis,
                               const struct yaml_node *value, const char *where, bool *matches,
                               struct error *error)
{
    struct text wanted = {0}, text = {0};
    bool any = false;
    enum status status = STATUS_OK;

    grid_value_print(value, &wanted);
    TRY(text_status(&wanted, error));
    for (size_t i = 0; i < axis->count; i++) {
        text_clear(&text);
        grid_value_print(axis->values[i], &text);
        TRY(text_status(&text, error));
        if (strcmp(text.bytes, wanted.bytes) == 0)
            matches[i] = any = true;
    }
    if (!any)
        TRY(diagnostics_add(excluder->found, value->mark, where, error,
                            "%.100s is not one of the axis's values", wanted.bytes));
out:
    text_release(&wanted);
    text_release(&text);
    return status;
}

static enum status read_matcher(struct excluder *excluder, size_t index,
                                const struct yaml_node *key, const struct yaml_node *values,
                                struct matcher *matcher, struct error *error)
{
    const char *best = NULL;
    const struct plan_axis *axis = plan_axis_find(excluder->plan, key->text, &best);
    char where[PLAN_MAX_PATH + 60];

    snprintf(where, sizeof where, "%s[%zu].%.200s", excluder->section, index, key->text);
    if (!axis) {
        PASS(diagnostics_add(excluder->found, key->mark, where, error, "no such axis%s%s%s",
                             best ? "; did you mean '" : "", best ? best : "", best ? "'?" : ""));
        return STATUS_OK;
    }
    matcher->group = axis->group;
    PASS(arena_new(&excluder->arena, &matcher->matches, axis->count, 1, error));
    if (values->kind != YAML_SEQUENCE) {
        PASS(match_value(excluder, axis, values, where, matcher->matches, error));
        return STATUS_OK;
    }
    if (values->count == 0)
        PASS(diagnostics_add(excluder->found, values->mark, where, error, "the list is empty"));
    for (size_t i = 0; i < values->count; i++)
        PASS(match_value(excluder, axis, values->items[i], where, matcher->matches, error));
    return STATUS_OK;
}

static enum status read_rule(struct excluder *excluder, size_t index, const struct yaml_node *node,
                             struct error *error)
{
    struct rule *rule = &excluder->rules[index];
    char where[40];

    snprintf(where, sizeof where, "%s[%zu]", excluder->section, index);
    if (node->kind != YAML_MAPPING || node->count == 0) {
        PASS(diagnostics_add(excluder->found, node->mark, where, error,
                             "expected a mapping from axes to values"));
        return STATUS_OK;
    }
    rule->count = node->count;
    PASS(arena_new(&excluder->arena, &rule->matchers, rule->count, sizeof *rule->matchers, error));
    for (size_t i = 0; i < node->count; i++)
        PASS(read_matcher(excluder, index, node->keys[i], node->items[i], &rule->matchers[i],
                          error));
    return STATUS_OK;
}

static enum status read_rules(struct excluder *excluder, struct error *error)
{
    const struct yaml_node *node = excluder->node;

    if (!node || yaml_is_null(node))
        return STATUS_OK;
    if (node->kind != YAML_SEQUENCE) {
        PASS(diagnostics_add(excluder->found, node->mark, excluder->section, error,
                             "expected a list of mappings from axes to values"));
        return STATUS_OK;
    }
    if (node->count > PLAN_MAX_EXCLUDES) {
        PASS(diagnostics_add(excluder->found, node->mark, excluder->section, error,
                             "%zu rules; at most %d are possible", node->count, PLAN_MAX_EXCLUDES));
        return STATUS_OK;
    }
    excluder->count = node->count;
    PASS(
        arena_new(&excluder->arena, &excluder->rules, node->count, sizeof *excluder->rules, error));
    for (size_t i = 0; i < node->count; i++)
        PASS(read_rule(excluder, i, node->items[i], error));
    return STATUS_OK;
}

static bool matches(const struct rule *rule, const size_t *positions)
{
    bool all = rule->count > 0;

    for (size_t m = 0; m < rule->count && all; m++) {
        const struct matcher *matcher = &rule->matchers[m];
        all = matcher->matches && matcher->matches[positions[matcher->group]];
    }
    return all;
}

/* The first rule that the point matches; the number of rules where there is none. */
static size_t first_match(const struct excluder *excluder, const size_t *positions)
{
    size_t r = 0;

    while (r < excluder->count && !matches(&excluder->rules[r], positions))
        r++;
    return r;
}

enum status plan_rule_say(struct plan *plan, const char *section, size_t index,
                          struct yaml_mark mark, struct text *text, struct error *error)
{
    struct plan_rule rule = {.section = section, .index = index, .mark = mark};

    PASS(text_keep(text, &plan->arena, &rule.text, error));
    PASS(memory_reserve(&plan->rules, &plan->rule_capacity, plan->rule_count + 1,
                        sizeof *plan->rules, error));
    plan->rules[plan->rule_count++] = rule;
    return STATUS_OK;
}

enum status plan_rule_add(struct plan *plan, const char *section, size_t index,
                          const struct yaml_node *key, const struct yaml_node *node,
                          struct error *error)
{
    struct text text = {0};

    if (key)
        text_append(&text, "%s: ", key->text);
    grid_value_print(node, &text);
    enum status status =
        plan_rule_say(plan, section, index, key ? key->mark : node->mark, &text, error);
    text_release(&text);
    return status;
}

/* Every rule of `exclude:`, then `only:` as a whole. */
static enum status list_rules(const struct excluder *exclude, const struct excluder *only,
                              struct error *error)
{
    for (size_t r = 0; r < exclude->count; r++)
        PASS(plan_rule_add(exclude->plan, "exclude", r, NULL, exclude->node->items[r], error));
    if (only->count)
        PASS(plan_rule_add(only->plan, "only", 0, NULL, only->node, error));
    return STATUS_OK;
}

/* Which rule drops the point, from 1; 0: none does. What `also:` adds need not be in `only:`. */
static uint32_t verdict(const struct excluder *exclude, const struct excluder *only, size_t point)
{
    size_t positions[PLAN_MAX_AXES];

    grid_positions(exclude->plan, point, positions);
    size_t dropped = first_match(exclude, positions);
    if (dropped < exclude->count)
        return (uint32_t)dropped + 1;
    if (only->count && point < only->plan->grid_count &&
        first_match(only, positions) == only->count)
        return (uint32_t)exclude->count + 1;
    return 0;
}

static enum status none_left(const struct excluder *exclude, const struct excluder *only,
                             struct error *error)
{
    const struct excluder *blamed = only->count ? only : exclude;

    return diagnostics_add(blamed->found, blamed->node->mark, blamed->section, error,
                           "no trial is left");
}

enum status rules_apply(struct plan *plan, struct diagnostics *found, struct error *error)
{
    struct excluder exclude = {.plan = plan,
                               .found = found,
                               .section = "exclude",
                               .node = yaml_get(plan->root, "exclude")};
    struct excluder only = {
        .plan = plan, .found = found, .section = "only", .node = yaml_get(plan->root, "only")};
    size_t before = found->count;
    enum status status = STATUS_OK;

    TRY(read_rules(&exclude, error));
    TRY(read_rules(&only, error));
    if (found->count > before)
        goto out;
    TRY(list_rules(&exclude, &only, error));
    plan->point_count = grid_points(plan, SIZE_MAX - 1);
    TRY(arena_new(&plan->arena, &plan->kept, plan->point_count, sizeof *plan->kept, error));
    TRY(arena_new(&plan->arena, &plan->verdicts, plan->point_count, sizeof *plan->verdicts, error));
    plan->kept_count = 0;
    for (size_t p = 0; p < plan->point_count; p++) {
        plan->verdicts[p] = verdict(&exclude, &only, p);
        if (plan->verdicts[p])
            plan->rules[plan->verdicts[p] - 1].dropped++;
        else
            plan->kept[plan->kept_count++] = p;
    }
    if (plan->kept_count == 0)
        TRY(none_left(&exclude, &only, error));
out:
    arena_release(&exclude.arena);
    arena_release(&only.arena);
    return status;
}
