/*
 * References: `${network.width}` in a value of the experiment file stands for what is at that path,
 * grid points' values included. Where it is all of the value, that becomes what is referred to,
 * with its type; within a text, numbers and texts are put in. `$${` is a plain `${`.
 *
 * They are found once. At each grid point every value is first made what was written, then what is
 * meant, those that others refer to before these.
 */
#include "plan/grid/reference.h"

#include <stdio.h>
#include <string.h>

enum { MOST_REFERENCES = 1000 };

enum state { UNRESOLVED, RESOLVING, RESOLVED };

struct scan {
    struct plan *plan;
    struct diagnostics *found;
};

static bool has_reference(const char *text)
{
    return strstr(text, "${") != NULL;
}

/* Cut the text at `${` and `}`. */
static enum status cut(struct scan *scan, struct plan_reference *reference, struct error *error)
{
    struct arena *arena = &scan->plan->arena;
    const char *text = reference->original.text, *from = text;
    size_t most = 2;

    for (const char *c = text; *c; c++)
        most += *c == '$' ? 2 : 0;
    PASS(arena_new(arena, &reference->pieces, most, sizeof *reference->pieces, error));
    while (*from) {
        struct reference_piece *piece = &reference->pieces[reference->count++];
        const char *mark = strstr(from, "${"), *end = mark ? strchr(mark, '}') : NULL;
        bool plain = mark && mark > from && mark[-1] == '$';
        size_t length = !mark ? strlen(from) : (size_t)(mark - from) - plain;
        if (mark == from && !end) {
            PASS(diagnostics_add(scan->found, reference->node->mark, reference->path, error,
                                 "'${' without a '}' after it; write $${ for a literal '${'"));
            reference->count--;
            break;
        }
        if (mark == from) {
            PASS(arena_copy(arena, mark + 2, (size_t)(end - mark) - 2, &piece->target, error));
            from = end + 1;
            continue;
        }
        PASS(arena_copy(arena, from, length, &piece->text, error));
        from += length;
        if (plain) { /* the second $ goes, the brace stays text */
            PASS(arena_copy(arena, "${", 2, &reference->pieces[reference->count++].text, error));
            from += 3;
        }
    }
    return STATUS_OK;
}

static enum status add(struct scan *scan, struct yaml_node *node, const char *path,
                       struct error *error)
{
    struct plan *plan = scan->plan;
    struct plan_reference reference = {.node = node, .original = *node};

    if (plan->reference_count == MOST_REFERENCES)
        return diagnostics_add(scan->found, node->mark, path, error,
                               "more than %d references; that is the most that a file may have",
                               MOST_REFERENCES);
    PASS(arena_copy(&plan->arena, path, strlen(path), &reference.path, error));
    PASS(cut(scan, &reference, error));
    PASS(memory_reserve(&plan->references, &plan->reference_capacity, plan->reference_count + 1,
                        sizeof *plan->references, error));
    plan->references[plan->reference_count++] = reference;
    return STATUS_OK;
}

static bool is_axis_value(const struct plan *plan, const struct yaml_node *parent, size_t slot)
{
    for (size_t a = 0; a < plan->axis_count; a++)
        if (plan->axes[a].parent == parent && plan->axes[a].slot == slot)
            return true;
    return false;
}

static enum status walk(struct scan *scan, struct yaml_node *node, const char *path,
                        struct error *error)
{
    struct text inner = {0};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < node->count; i++) {
        bool mapping = node->kind == YAML_MAPPING;
        if (mapping && !path[0] && grid_is_section(node->keys[i]->text))
            continue;
        if (is_axis_value(scan->plan, node, i))
            continue;
        text_clear(&inner);
        if (mapping)
            text_append(&inner, "%s%s%s", path, path[0] ? "." : "", node->keys[i]->text);
        else
            text_append(&inner, "%s[%zu]", path, i);
        TRY(text_status(&inner, error));
        if (node->items[i]->kind != YAML_SCALAR)
            TRY(walk(scan, node->items[i], inner.bytes, error));
        else if (has_reference(node->items[i]->text))
            TRY(add(scan, node->items[i], inner.bytes, error));
    }
out:
    text_release(&inner);
    return status;
}

/* Values of an axis are what the trials are told apart by: they are written out. */
static enum status refuse(struct scan *scan, const struct plan_axis *axis,
                          const struct yaml_node *value, struct error *error)
{
    if (value->kind == YAML_SCALAR && has_reference(value->text))
        PASS(
            diagnostics_add(scan->found, value->mark, axis->path, error,
                            "a value of an axis cannot refer to another one; write it out, or pair "
                            "both with 'zip:'"));
    for (size_t i = 0; i < value->count; i++)
        PASS(refuse(scan, axis, value->items[i], error));
    return STATUS_OK;
}

/* Which groups of axes decide what the references stand for, those by way of others included. */
static enum status spread(struct scan *scan, struct error *error)
{
    struct plan *plan = scan->plan;
    size_t first = plan->change_count;

    for (size_t r = 0; r < plan->reference_count; r++)
        plan->changes[plan->change_count++] = (struct plan_change){plan->references[r].path, 0};
    for (bool more = true; more;) {
        more = false;
        for (size_t r = 0; r < plan->reference_count; r++) {
            const struct plan_reference *reference = &plan->references[r];
            uint64_t groups = plan->changes[first + r].groups;
            for (size_t i = 0; i < reference->count; i++)
                if (reference->pieces[i].target)
                    groups |= plan_groups_at(plan, reference->pieces[i].target);
            more = more || groups != plan->changes[first + r].groups;
            plan->changes[first + r].groups = groups;
        }
    }
    for (size_t r = 0; r < plan->reference_count; r++)
        if (plan->changes[first + r].groups && grid_is_shared(plan->references[r].path))
            PASS(diagnostics_add(
                scan->found, plan->references[r].node->mark, plan->references[r].path, error,
                "belongs to the whole experiment and cannot refer to what the grid "
                "varies"));
    return STATUS_OK;
}

enum status references_find(struct plan *plan, struct diagnostics *found, struct error *error)
{
    struct scan scan = {plan, found};

    for (size_t a = 0; a < plan->axis_count; a++)
        for (size_t i = 0; i < plan->axes[a].count; i++)
            PASS(refuse(&scan, &plan->axes[a], plan->axes[a].values[i], error));
    PASS(walk(&scan, plan->root, "", error));
    PASS(arena_new(&plan->arena, &plan->changes, plan->axis_count + plan->reference_count,
                   sizeof *plan->changes, error));
    for (size_t a = 0; a < plan->axis_count; a++)
        plan->changes[plan->change_count++] =
            (struct plan_change){plan->axes[a].path, (uint64_t)1 << plan->axes[a].group};
    return spread(&scan, error);
}

void references_release(struct plan *plan)
{
    for (size_t r = 0; r < plan->reference_count; r++)
        text_release(&plan->references[r].built);
    memory_free(plan->references);
}

/* What is resolved at a point. */
struct resolver {
    struct plan *plan;
    struct diagnostics *found;
};

static enum status mistake(struct resolver *resolver, struct plan_reference *reference,
                           const char *what, const char *target, const char *more,
                           struct error *error)
{
    reference->wrong = true;
    return diagnostics_add(resolver->found, reference->original.mark, reference->path, error,
                           "'${%.100s}' %s%.100s", target, what, more);
}

/* The key in the tree that comes nearest to the part of `target` that is not there. */
static enum status missing(struct resolver *resolver, struct plan_reference *reference,
                           const char *target, struct error *error)
{
    const struct yaml_node *node = resolver->plan->root;
    const char *best = NULL;
    char above[PLAN_MAX_PATH + 1] = "", guess[2 * PLAN_MAX_PATH + 40];
    size_t length = strlen(target), known = 0;

    for (size_t end = 1; end <= length && end <= PLAN_MAX_PATH; end++) {
        if (target[end] && target[end] != '.' && target[end] != '[')
            continue;
        memcpy(above, target, end);
        above[end] = '\0';
        const struct yaml_node *next = yaml_find(resolver->plan->root, above);
        if (!next)
            break;
        node = next;
        known = end;
    }
    const char *rest = target + known + (target[known] == '.');
    char wrong[PLAN_MAX_PATH + 1];
    snprintf(wrong, sizeof wrong, "%.*s", (int)strcspn(rest, ".["), rest);
    for (size_t i = 0; node->kind == YAML_MAPPING && i < node->count; i++)
        if (known || !grid_is_section(node->keys[i]->text))
            text_nearest(wrong, node->keys[i]->text, &best);
    if (plan_groups_at(resolver->plan, target))
        return mistake(resolver, reference, "does not exist at every point of the grid", target, "",
                       error);
    if (!best)
        return mistake(resolver, reference,
                       "is not in this file; write a default out to refer to it", target, "",
                       error);
    snprintf(guess, sizeof guess, "%.*s%s%.100s%.100s'?", (int)known, target, known ? "." : "",
             best, rest + strlen(wrong));
    return mistake(resolver, reference, "is not in this file; did you mean '", target, guess,
                   error);
}

static enum status resolve(struct resolver *resolver, struct plan_reference *reference,
                           struct error *error);

/* What `target` names, with all that is referred to there in its place. NULL after a mistake. */
static enum status follow(struct resolver *resolver, struct plan_reference *reference,
                          const char *target, const struct yaml_node **node, struct error *error)
{
    struct plan *plan = resolver->plan;

    *node = NULL;
    for (size_t r = 0; r < plan->reference_count; r++) {
        struct plan_reference *other = &plan->references[r];
        if (!path_touches(other->path, target))
            continue;
        if (other->state == RESOLVING) {
            PASS(mistake(resolver, reference, "is circular: it leads back to ", target,
                         other == reference ? "itself" : other->path, error));
            return STATUS_OK;
        }
        PASS(resolve(resolver, other, error));
        if (other->wrong) {
            PASS(mistake(resolver, reference, "has a mistake itself", target, "", error));
            return STATUS_OK;
        }
    }
    if (target[0] && !grid_is_section(target))
        *node = yaml_find(plan->root, target);
    if (!*node)
        PASS(missing(resolver, reference, target, error));
    return STATUS_OK;
}

static enum status build(struct resolver *resolver, struct plan_reference *reference,
                         struct error *error)
{
    text_clear(&reference->built);
    text_append(&reference->built, "%s", "");
    for (size_t i = 0; i < reference->count; i++) {
        const struct reference_piece *piece = &reference->pieces[i];
        const struct yaml_node *node;
        if (!piece->target) {
            text_append(&reference->built, "%s", piece->text);
            continue;
        }
        PASS(follow(resolver, reference, piece->target, &node, error));
        if (!node)
            return STATUS_OK;
        if (node->kind != YAML_SCALAR) {
            PASS(mistake(resolver, reference,
                         "is not a single value, and cannot stand within a text", piece->target, "",
                         error));
            return STATUS_OK;
        }
        text_append(&reference->built, "%s", node->text);
    }
    PASS(text_status(&reference->built, error));
    reference->node->text = reference->built.bytes;
    return STATUS_OK;
}

static enum status resolve(struct resolver *resolver, struct plan_reference *reference,
                           struct error *error)
{
    struct yaml_mark mark = reference->original.mark;
    const struct yaml_node *node = NULL;
    enum status status = STATUS_OK;

    if (reference->state == RESOLVED)
        return STATUS_OK;
    reference->state = RESOLVING;
    if (reference->count == 1 && reference->pieces[0].target) {
        TRY(follow(resolver, reference, reference->pieces[0].target, &node, error));
        if (node) {
            *reference->node = *node;
            reference->node->mark = mark;
        }
    } else {
        TRY(build(resolver, reference, error));
    }
out:
    reference->state = RESOLVED;
    return status;
}

enum status references_place(struct plan *plan, struct diagnostics *found, struct error *error)
{
    struct resolver resolver = {plan, found};

    for (size_t r = 0; r < plan->reference_count; r++) {
        *plan->references[r].node = plan->references[r].original;
        plan->references[r].state = UNRESOLVED;
        plan->references[r].wrong = false;
    }
    for (size_t r = 0; r < plan->reference_count; r++)
        PASS(resolve(&resolver, &plan->references[r], error));
    return STATUS_OK;
}
