/*
 * Overrides "PATH=VALUE": the value is YAML. Where the path is an axis of the grid, the axis's list
 * is replaced (a single value makes a list of one); "grid.PATH=[…]" adds an axis; else the value is
 * put at the path. Later ones win. A mistake's place is the override itself: "--set
 * train.epochs=x".
 */
#include "plan/steps.h"

#include <string.h>

struct override {
    const char *shown; /* as a message names it */
    const char *path;
    struct yaml_node *value;
};

static void mark_all(struct yaml_node *node, struct yaml_mark mark)
{
    node->mark = mark;
    for (size_t i = 0; i < node->count; i++) {
        mark_all(node->items[i], mark);
        if (node->kind == YAML_MAPPING)
            node->keys[i]->mark = mark;
    }
}

/* Parse the value. Syntax mistakes are reported at the override. */
static enum status parse_value(struct plan *plan, struct override *override, const char *text,
                               struct diagnostics *found, struct error *error)
{
    struct yaml_mark mark = {override->shown, 0, 0};
    struct diagnostics mistakes = {0};
    enum status status = STATUS_OK;

    TRY(yaml_parse(&plan->arena, override->shown, text, strlen(text), &override->value, &mistakes,
                   error));
    for (size_t i = 0; i < mistakes.count; i++)
        TRY(diagnostics_add(found, mark, override->path, error, "%s", mistakes.items[i].message));
    if (mistakes.count)
        override->value = NULL;
    if (override->value)
        mark_all(override->value, mark);
out:
    diagnostics_release(&mistakes);
    return status;
}

/* The list of an axis in a mapping of axes is what it stands for: where it is kept, or NULL. */
static struct yaml_node **axis_list(const struct yaml_node *mapping, const char *path)
{
    if (mapping && mapping->kind == YAML_MAPPING)
        for (size_t i = 0; i < mapping->count; i++)
            if (strcmp(mapping->keys[i]->text, path) == 0)
                return &mapping->items[i];
    return NULL;
}

static struct yaml_node **find_axis_list(const struct plan *plan, const char *path)
{
    const struct yaml_node *zip = yaml_get(plan->root, "zip");
    struct yaml_node **list = axis_list(yaml_get(plan->root, "grid"), path);

    for (size_t i = 0; !list && zip && zip->kind == YAML_SEQUENCE && i < zip->count; i++)
        list = axis_list(zip->items[i], path);
    return list;
}

/* A sequence of one value, or a mapping of one pair. */
static enum status wrap(struct arena *arena, const char *key, struct yaml_node *value,
                        struct yaml_node **node, struct error *error)
{
    struct yaml_node *name = NULL;

    PASS(arena_new(arena, node, 1, sizeof **node, error));
    **node = (struct yaml_node){
        .kind = key ? YAML_MAPPING : YAML_SEQUENCE, .mark = value->mark, .count = 1, .capacity = 1};
    PASS(arena_new(arena, &(*node)->items, 1, sizeof *(*node)->items, error));
    (*node)->items[0] = value;
    if (!key)
        return STATUS_OK;
    PASS(arena_new(arena, &(*node)->keys, 1, sizeof *(*node)->keys, error));
    PASS(arena_new(arena, &name, 1, sizeof *name, error));
    *name = (struct yaml_node){.kind = YAML_SCALAR, .mark = value->mark, .text = key};
    (*node)->keys[0] = name;
    return STATUS_OK;
}

/* Add the pair of `single`, a mapping of one, to `mapping`. */
static enum status add_pair(struct arena *arena, struct yaml_node *mapping,
                            const struct yaml_node *single, struct error *error)
{
    struct yaml_node **items, **keys;
    size_t count = mapping->count;

    PASS(arena_new(arena, &items, count + 1, sizeof *items, error));
    PASS(arena_new(arena, &keys, count + 1, sizeof *keys, error));
    for (size_t i = 0; i < count; i++) {
        items[i] = mapping->items[i];
        keys[i] = mapping->keys[i];
    }
    items[count] = single->items[0];
    keys[count] = single->keys[0];
    mapping->items = items;
    mapping->keys = keys;
    mapping->count = mapping->capacity = count + 1;
    return STATUS_OK;
}

/* "grid.PATH=[…]", where there is no such axis yet. */
static enum status add_axis(struct plan *plan, const struct override *override,
                            struct diagnostics *found, struct error *error)
{
    struct yaml_node *grid = yaml_get(plan->root, "grid"), *single = NULL;
    const char *path = override->path + strlen("grid.");

    PASS(wrap(&plan->arena, path, override->value, &single, error));
    if (grid && grid->kind == YAML_MAPPING)
        PASS(add_pair(&plan->arena, grid, single, error));
    else
        PASS(yaml_set(&plan->arena, plan->root, "grid", single, NULL, found, error));
    return STATUS_OK;
}

/* The axis of a mapping of axes whose values enclose the path, or NULL. */
static const char *enclosing_axis(const struct yaml_node *mapping, const char *path)
{
    for (size_t i = 0; mapping && mapping->kind == YAML_MAPPING && i < mapping->count; i++) {
        const char *axis = mapping->keys[i]->text;
        size_t length = strlen(axis);
        if (strncmp(path, axis, length) == 0 && (path[length] == '.' || path[length] == '['))
            return axis;
    }
    return NULL;
}

/* A value put inside an axis's would be lost: the axis replaces it. */
static enum status refuse_lost(const struct plan *plan, const struct override *override, bool *lost,
                               struct diagnostics *found, struct error *error)
{
    const struct yaml_node *zip = yaml_get(plan->root, "zip");
    const char *axis = enclosing_axis(yaml_get(plan->root, "grid"), override->path);

    for (size_t i = 0; !axis && zip && zip->kind == YAML_SEQUENCE && i < zip->count; i++)
        axis = enclosing_axis(zip->items[i], override->path);
    *lost = axis != NULL;
    if (!axis)
        return STATUS_OK;
    return diagnostics_add(found, override->value->mark, override->path, error,
                           "the axis '%.100s' of the grid sets what encloses this; override the "
                           "axis",
                           axis);
}

static enum status apply(struct plan *plan, struct override *override, struct diagnostics *found,
                         struct error *error)
{
    bool named = strncmp(override->path, "grid.", 5) == 0 && override->path[5];
    struct yaml_node **list = find_axis_list(plan, override->path + (named ? 5 : 0));
    bool lost = false;

    if (!list && !named)
        PASS(refuse_lost(plan, override, &lost, found, error));
    if (lost)
        return STATUS_OK;
    if (list && override->value->kind == YAML_SEQUENCE)
        *list = override->value;
    else if (list)
        PASS(wrap(&plan->arena, NULL, override->value, list, error));
    else if (named)
        PASS(add_axis(plan, override, found, error));
    else
        PASS(yaml_set(&plan->arena, plan->root, override->path, override->value, NULL, found,
                      error));
    return STATUS_OK;
}

/* Cut "PATH=VALUE" in two and apply it. What the user typed is `option` and `typed`. */
static enum status read_override(struct plan *plan, const char *option, const char *typed,
                                 const char *text, struct diagnostics *found, struct error *error)
{
    struct override override = {0};
    struct text shown = {0};
    const char *equals = strchr(text, '=');
    enum status status = STATUS_OK;

    TRY(arena_print(&plan->arena, &override.shown, error, "%s %.200s%s", option, typed,
                    strlen(typed) > 200 ? "..." : ""));
    struct yaml_mark mark = {override.shown, 0, 0};
    if (!equals || equals == text || !equals[1]) {
        TRY(diagnostics_add(found, mark, "", error,
                            "expected PATH=VALUE, such as train.epochs=2 or network.width=[4,8]"));
        goto out;
    }
    if (equals - text > PLAN_MAX_PATH) {
        TRY(diagnostics_add(found, mark, "", error, "the path is too long"));
        goto out;
    }
    TRY(arena_copy(&plan->arena, text, (size_t)(equals - text), &override.path, error));
    TRY(parse_value(plan, &override, equals + 1, found, error));
    if (override.value)
        TRY(apply(plan, &override, found, error));
out:
    text_release(&shown);
    return status;
}

enum status overrides_apply(struct plan *plan, const struct plan_options *options,
                            struct diagnostics *found, struct error *error)
{
    struct text engine = {0};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < options->override_count; i++)
        TRY(read_override(plan, "--set", options->overrides[i], options->overrides[i], found,
                          error));
    if (options->engine) {
        text_append(&engine, "train.engine=%s", options->engine);
        TRY(text_status(&engine, error));
        TRY(read_override(plan, "--engine", options->engine, engine.bytes, found, error));
    }
out:
    text_release(&engine);
    return status;
}
