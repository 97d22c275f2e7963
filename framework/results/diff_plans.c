/* Two resolved plans, field by field. */
#include "results/diff.h"

#include <string.h>

struct plan_walk {
    struct arena arena; /* trees and paths */
    diff_field *found;
    void *context;
};

static enum status parse(struct plan_walk *walk, const char *text, struct yaml_node **root,
                         struct error *error)
{
    struct diagnostics mistakes = {0};
    enum status status = STATUS_OK;

    TRY(yaml_parse(&walk->arena, "/plan/resolved", text, strlen(text), root, &mistakes, error));
    if (mistakes.count)
        TRY(error_set(error, STATUS_DATA, "/plan/resolved is damaged: line %d: %s",
                      mistakes.items[0].where.line, mistakes.items[0].message));
out:
    diagnostics_release(&mistakes);
    return status;
}

/* "pipeline.stages[1]", "pipeline.stages" for the root's children without a dot in front. */
static enum status join(struct plan_walk *walk, const char *path, const char *key, size_t index,
                        const char **joined, struct error *error)
{
    struct text text = {0};
    enum status status = STATUS_OK;

    if (key)
        text_append(&text, "%s%s%s", path, path[0] ? "." : "", key);
    else
        text_append(&text, "%s[%zu]", path, index);
    TRY(text_keep(&text, &walk->arena, joined, error));
out:
    text_release(&text);
    return status;
}

static enum status equal(const struct yaml_node *a, const struct yaml_node *b, bool *same,
                         struct error *error)
{
    struct text left = {0}, right = {0};
    enum status status = STATUS_OK;

    yaml_print(a, &left);
    yaml_print(b, &right);
    TRY(text_status(&left, error));
    TRY(text_status(&right, error));
    *same = strcmp(left.bytes, right.bytes) == 0;
out:
    text_release(&left);
    text_release(&right);
    return status;
}

static enum status compare(struct plan_walk *walk, const char *path, const struct yaml_node *a,
                           const struct yaml_node *b, struct error *error);

/* Keys of both in the order of `a`, then those that `b` alone has. */
static enum status compare_mappings(struct plan_walk *walk, const char *path,
                                    const struct yaml_node *a, const struct yaml_node *b,
                                    struct error *error)
{
    const char *joined;

    for (size_t i = 0; i < a->count; i++) {
        const char *key = a->keys[i]->text;
        PASS(join(walk, path, key, 0, &joined, error));
        PASS(compare(walk, joined, a->items[i], yaml_get(b, key), error));
    }
    for (size_t i = 0; i < b->count; i++) {
        const char *key = b->keys[i]->text;
        if (yaml_get(a, key))
            continue;
        PASS(join(walk, path, key, 0, &joined, error));
        PASS(compare(walk, joined, NULL, b->items[i], error));
    }
    return STATUS_OK;
}

static enum status compare_sequences(struct plan_walk *walk, const char *path,
                                     const struct yaml_node *a, const struct yaml_node *b,
                                     struct error *error)
{
    size_t count = a->count > b->count ? a->count : b->count;
    const char *joined;

    for (size_t i = 0; i < count; i++) {
        PASS(join(walk, path, NULL, i, &joined, error));
        PASS(compare(walk, joined, i < a->count ? a->items[i] : NULL,
                     i < b->count ? b->items[i] : NULL, error));
    }
    return STATUS_OK;
}

/* Components with different names, as {adam: {…}}, are printed whole. */
static bool other_component(const struct yaml_node *a, const struct yaml_node *b)
{
    return a->count == 1 && b->count == 1 && strcmp(a->keys[0]->text, b->keys[0]->text) != 0;
}

static enum status compare(struct plan_walk *walk, const char *path, const struct yaml_node *a,
                           const struct yaml_node *b, struct error *error)
{
    bool same = false;

    if (a && b && a->kind == b->kind && a->kind == YAML_MAPPING && !other_component(a, b))
        return compare_mappings(walk, path, a, b, error);
    if (a && b && a->kind == b->kind && a->kind == YAML_SEQUENCE)
        return compare_sequences(walk, path, a, b, error);
    if (a && b)
        PASS(equal(a, b, &same, error));
    if (!same)
        PASS(walk->found(walk->context, path, a, b, error));
    return STATUS_OK;
}

enum status report_diff_plans(const char *a, const char *b, diff_field *found, void *context,
                              struct error *error)
{
    struct plan_walk walk = {.found = found, .context = context};
    struct yaml_node *left = NULL, *right = NULL;
    enum status status = STATUS_OK;

    TRY(parse(&walk, a, &left, error));
    TRY(parse(&walk, b, &right, error));
    TRY(compare(&walk, "", left, right, error));
out:
    arena_release(&walk.arena);
    return status;
}
