/*
 * What is different between two texts of a stage (plan_step_text): lines "path: value". Values
 * that are lists or mappings are taken apart, so that the setting itself is named.
 */
#include "plan/plan.h"

#include <string.h>

enum { MOST_SHOWN = 60 }; /* bytes of a value */

struct key_line {
    const char *path, *value; /* not terminated */
    size_t path_length, value_length;
};

struct comparison {
    struct text *text;
    size_t count;
    struct error *error;
};

/* The next line of a text; false at its end. A line without a colon is a path alone. */
static bool next_line(const char **at, struct key_line *line)
{
    size_t length = strcspn(*at, "\n");
    const char *colon = *at;

    if (!**at)
        return false;
    while (colon < *at + length && !(colon[0] == ':' && colon[1] == ' '))
        colon++;
    line->path = *at;
    line->path_length = (size_t)(colon - *at);
    line->value = colon < *at + length ? colon + 2 : colon;
    line->value_length = (size_t)(*at + length - line->value);
    *at += length + ((*at)[length] == '\n');
    return true;
}

static bool same_path(const struct key_line *a, const struct key_line *b)
{
    return a->path_length == b->path_length && memcmp(a->path, b->path, a->path_length) == 0;
}

/* The line of the same path in `text`, the `nth` of them. */
static bool find_line(const char *text, const struct key_line *wanted, size_t nth,
                      struct key_line *line)
{
    while (next_line(&text, line))
        if (same_path(line, wanted) && nth-- == 0)
            return true;
    return false;
}

/* Number of earlier lines with the same path. */
static size_t count_before(const char *text, const struct key_line *line)
{
    struct key_line other;
    size_t count = 0;

    while (next_line(&text, &other) && other.path < line->path)
        count += same_path(&other, line);
    return count;
}

/* On one line, and not longer than one reads: a machine that is new is not told in full. */
static void print_value(const struct yaml_node *node, struct text *text)
{
    size_t begin = text->length, end = begin + MOST_SHOWN;

    if (node)
        yaml_print(node, text);
    else
        text_append(text, "nothing");
    if (text->length <= end)
        return;
    while (((unsigned char)text->bytes[end] & 0xC0) == 0x80)
        end--; /* not in the middle of a character */
    text->length = end;
    text_append(text, "…");
}

static enum status compare_nodes(struct comparison *comparison, const char *path,
                                 const struct yaml_node *before, const struct yaml_node *after);

/* One member of two mappings or lists. */
static enum status compare_members(struct comparison *comparison, const char *path,
                                   const struct yaml_node *before, const struct yaml_node *after,
                                   size_t i)
{
    struct text inner = {0};
    enum status status = STATUS_OK;

    if (after->kind == YAML_MAPPING)
        text_append(&inner, "%s.%s", path, after->keys[i]->text);
    else
        text_append(&inner, "%s[%zu]", path, i);
    TRY(text_status(&inner, comparison->error));
    TRY(compare_nodes(comparison, inner.bytes,
                      after->kind == YAML_MAPPING ? yaml_get(before, after->keys[i]->text)
                                                  : before->items[i],
                      after->items[i]));
out:
    text_release(&inner);
    return status;
}

/* Are they taken apart? Mappings of the same keys, and lists of one length. */
static bool comparable(const struct yaml_node *before, const struct yaml_node *after)
{
    if (!before || !after || before->kind != after->kind || before->count != after->count ||
        after->kind == YAML_SCALAR)
        return false;
    for (size_t i = 0; after->kind == YAML_MAPPING && i < after->count; i++)
        if (!yaml_get(before, after->keys[i]->text))
            return false;
    return true;
}

static enum status compare_nodes(struct comparison *comparison, const char *path,
                                 const struct yaml_node *before, const struct yaml_node *after)
{
    struct text old = {0}, new = {0};
    enum status status = STATUS_OK;

    if (comparable(before, after)) {
        for (size_t i = 0; i < after->count; i++)
            TRY(compare_members(comparison, path, before, after, i));
        goto out;
    }
    if (before && after) {
        yaml_print(before, &old);
        yaml_print(after, &new);
        TRY(text_status(&old, comparison->error));
        TRY(text_status(&new, comparison->error));
        if (strcmp(old.bytes, new.bytes) == 0)
            goto out;
        text_clear(&old);
        text_clear(&new);
    }
    print_value(before, &old);
    print_value(after, &new);
    TRY(text_status(&old, comparison->error));
    TRY(text_status(&new, comparison->error));
    text_append(comparison->text, "%s%s %s -> %s", comparison->count++ ? ", " : "", path, old.bytes,
                new.bytes);
out:
    text_release(&old);
    text_release(&new);
    return status;
}

/* A value as YAML, or verbatim if it is not YAML. */
static enum status parse(struct arena *arena, const struct key_line *line, struct yaml_node **node,
                         struct error *error)
{
    struct diagnostics mistakes = {0};
    enum status status = STATUS_OK;

    *node = NULL;
    if (!line)
        goto out;
    TRY(yaml_parse(arena, "value", line->value, line->value_length, node, &mistakes, error));
    if (!*node || mistakes.count) {
        TRY(arena_new(arena, node, 1, sizeof **node, error));
        (*node)->kind = YAML_SCALAR;
        TRY(arena_copy(arena, line->value, line->value_length, &(*node)->text, error));
    }
out:
    diagnostics_release(&mistakes);
    return status;
}

static enum status compare_lines(struct comparison *comparison, const struct key_line *before,
                                 const struct key_line *after)
{
    struct arena arena = {0};
    struct yaml_node *old, *new;
    const struct key_line *line = after ? after : before;
    const char *path;
    enum status status = STATUS_OK;

    TRY(arena_copy(&arena, line->path, line->path_length, &path, comparison->error));
    if (strcmp(path, "input") == 0)
        goto out;                              /* the stage before has its own text */
    if (strcmp(path, "network layers") == 0) { /* a digest: nothing that anybody can read */
        if (comparison->count == 0) {
            text_append(comparison->text, "%s", path);
            comparison->count = 1;
        }
        goto out;
    }
    TRY(parse(&arena, before, &old, comparison->error));
    TRY(parse(&arena, after, &new, comparison->error));
    TRY(compare_nodes(comparison, path, old, new));
out:
    arena_release(&arena);
    return status;
}

enum status plan_difference(const char *before, const char *after, struct text *text, size_t *count,
                            struct error *error)
{
    struct comparison comparison = {.text = text, .error = error};
    struct key_line line, other;
    enum status status = STATUS_OK;

    for (const char *at = after; next_line(&at, &line);) {
        bool there = find_line(before, &line, count_before(after, &line), &other);
        if (!there || other.value_length != line.value_length ||
            memcmp(other.value, line.value, line.value_length) != 0)
            TRY(compare_lines(&comparison, there ? &other : NULL, &line));
    }
    for (const char *at = before; next_line(&at, &line);)
        if (!find_line(after, &line, count_before(before, &line), &other))
            TRY(compare_lines(&comparison, &line, NULL));
    TRY(text_status(text, error));
out:
    *count = comparison.count;
    return status;
}
