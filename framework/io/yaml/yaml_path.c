#include "io/yaml/yaml_tree.h"

#include "io/yaml/yaml_location.h"

#include <limits.h>
#include <string.h>

struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key)
{
    if (mapping && mapping->kind == YAML_MAPPING)
        for (size_t i = 0; i < mapping->count; i++)
            if (strcmp(mapping->keys[i]->text, key) == 0)
                return mapping->items[i];
    return NULL;
}

enum status yaml_append(struct arena *arena, struct yaml_node *parent, struct yaml_node *key,
                        struct yaml_node *value, struct error *error)
{
    if (parent->count == parent->capacity) {
        size_t capacity = parent->capacity ? 2 * parent->capacity : 4;
        struct yaml_node **items, **keys = NULL;
        PASS(arena_new(arena, &items, capacity, sizeof *items, error));
        if (parent->kind == YAML_MAPPING)
            PASS(arena_new(arena, &keys, capacity, sizeof *keys, error));
        for (size_t i = 0; i < parent->count; i++) {
            items[i] = parent->items[i];
            if (keys)
                keys[i] = parent->keys[i];
        }
        parent->items = items;
        parent->keys = keys;
        parent->capacity = capacity;
    }
    if (parent->kind == YAML_MAPPING)
        parent->keys[parent->count] = key;
    parent->items[parent->count++] = value;
    return STATUS_OK;
}

enum status yaml_new(struct arena *arena, enum yaml_kind kind, struct yaml_mark mark,
                     const char *text, struct yaml_node **node, struct error *error)
{
    PASS(arena_new(arena, node, 1, sizeof **node, error));
    (*node)->kind = kind;
    (*node)->mark = mark;
    (*node)->text = text;
    return STATUS_OK;
}

/* `file` of the copied marks is copied once, as long as it stays the same. */
struct file_copy {
    const char *from, *to;
};

static enum status copy_node(struct arena *arena, const struct yaml_node *node,
                             struct file_copy *file, struct yaml_node **copy, struct error *error)
{
    struct yaml_node *key = NULL, *item;

    PASS(yaml_new(arena, node->kind, node->mark, NULL, copy, error));
    if (node->mark.file && node->mark.file != file->from) {
        PASS(arena_copy(arena, node->mark.file, strlen(node->mark.file), &file->to, error));
        file->from = node->mark.file;
    }
    (*copy)->mark.file = node->mark.file ? file->to : NULL;
    (*copy)->quoted = node->quoted;
    if (node->text)
        PASS(arena_copy(arena, node->text, strlen(node->text), &(*copy)->text, error));
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == YAML_MAPPING)
            PASS(copy_node(arena, node->keys[i], file, &key, error));
        PASS(copy_node(arena, node->items[i], file, &item, error));
        PASS(yaml_append(arena, *copy, key, item, error));
    }
    return STATUS_OK;
}

enum status yaml_copy(struct arena *arena, const struct yaml_node *node, struct yaml_node **copy,
                      struct error *error)
{
    struct file_copy file = {NULL, NULL};
    *copy = NULL;
    return copy_node(arena, node, &file, copy, error);
}

/* One step of a path: a name, or an index in brackets. */
struct path_step {
    const char *name; /* not terminated */
    size_t length;
    size_t index; /* where name is NULL */
};

/* The longest key of `mapping` that the path begins with, up to a dot, a bracket or the end: keys
 * may hold dots themselves ("grid.network.width"). */
static size_t match_key(const struct yaml_node *mapping, const char *path)
{
    size_t longest = 0;
    for (size_t i = 0; mapping && mapping->kind == YAML_MAPPING && i < mapping->count; i++) {
        size_t length = strlen(mapping->keys[i]->text);
        if (length > longest && strncmp(mapping->keys[i]->text, path, length) == 0 &&
            strchr(".[", path[length]))
            longest = length;
    }
    return longest;
}

/* Take the next step off *path, which is not empty. `at` is the node it starts from, or NULL. */
static bool take_step(const char **path, const struct yaml_node *at, struct path_step *step)
{
    const char *c = *path;

    memset(step, 0, sizeof *step);
    if (*c == '[') {
        const char *digits = ++c;
        for (; *c >= '0' && *c <= '9' && step->index < SIZE_MAX / 100; c++)
            step->index = step->index * 10 + (size_t)(*c - '0');
        if (c == digits || *c++ != ']')
            return false;
    } else {
        step->name = c;
        step->length = match_key(at, c);
        if (!step->length)
            step->length = strcspn(c, ".[]");
        c += step->length;
        if (!step->length || *c == ']')
            return false;
    }
    if (*c == '.') {
        c++;
        if (!*c || *c == '[' || *c == '.')
            return false;
    } else if (*c && *c != '[') {
        return false;
    }
    *path = c;
    return true;
}

/* The slot that a step leads to, or NULL. */
static struct yaml_node **follow(const struct yaml_node *node, const struct path_step *step)
{
    if (!step->name)
        return node->kind == YAML_SEQUENCE && step->index < node->count ? &node->items[step->index]
                                                                        : NULL;
    if (node->kind == YAML_MAPPING)
        for (size_t i = 0; i < node->count; i++)
            if (strncmp(node->keys[i]->text, step->name, step->length) == 0 &&
                !node->keys[i]->text[step->length])
                return &node->items[i];
    return NULL;
}

struct yaml_node *yaml_find(const struct yaml_node *root, const char *path)
{
    struct yaml_node **slot = NULL;
    struct path_step step;

    if (!root || !*path)
        return NULL;
    while (*path) {
        if (!take_step(&path, root, &step) || !(slot = follow(root, &step)))
            return NULL;
        root = *slot;
    }
    return *slot;
}

/* What yaml_set() works with. */
struct setter {
    struct arena *arena;
    const char *path;
    struct yaml_node *value;
    struct diagnostics *found;
    struct error *error;
};

/* An empty value stands for an empty mapping, and "name" for "name: {}". */
static enum status make_mapping(struct setter *setter, struct yaml_node *node,
                                const struct path_step *step)
{
    struct yaml_node *key, *empty;
    bool named = node->kind == YAML_SCALAR && strncmp(node->text, step->name, step->length) == 0 &&
                 !node->text[step->length];

    if (!named && !yaml_is_null(node))
        return STATUS_OK;
    if (named) {
        PASS(yaml_new(setter->arena, YAML_SCALAR, node->mark, node->text, &key, setter->error));
        PASS(yaml_new(setter->arena, YAML_MAPPING, node->mark, NULL, &empty, setter->error));
    }
    node->kind = YAML_MAPPING;
    node->text = NULL;
    node->quoted = false;
    if (named)
        PASS(yaml_append(setter->arena, node, key, empty, setter->error));
    return STATUS_OK;
}

/* Why `step` cannot be taken from `node`, which stands at the first `done` bytes of the path. */
static enum status refuse(struct setter *setter, const struct yaml_node *node, size_t done,
                          const struct path_step *step)
{
    char before[YAML_LOCATION_TEXT], name[EXCERPT_TEXT], shown[EXCERPT_TEXT];
    struct yaml_mark mark = setter->value->mark;
    size_t length = done < sizeof before ? done : sizeof before - 1;

    memcpy(before, setter->path, length);
    before[length] = '\0';
    while (length && before[length - 1] == '.')
        before[--length] = '\0';
    const char *what = length ? before : "the file";
    if (!step->name && node->kind == YAML_SEQUENCE)
        return diagnostics_add(setter->found, mark, setter->path, setter->error,
                               "there is no item %zu; '%s' has %zu, counted from 0", step->index,
                               what, node->count);
    if (!step->name)
        return diagnostics_add(setter->found, mark, setter->path, setter->error,
                               "'%s' is not a list and has no item %zu", what, step->index);
    length = step->length < sizeof name ? step->length : sizeof name - 1;
    memcpy(name, step->name, length);
    name[length] = '\0';
    if (node->kind == YAML_SEQUENCE)
        return diagnostics_add(setter->found, mark, setter->path, setter->error,
                               "'%s' is a list and has no key '%s'; write its items as '%s[0]'",
                               what, name, what);
    return diagnostics_add(setter->found, mark, setter->path, setter->error,
                           "'%s' is '%s' and has no key '%s'", what, excerpt(node->text, shown),
                           name);
}

/* The slot of `step` in `node`, made where it is missing; NULL after a mistake. */
static enum status make_slot(struct setter *setter, struct yaml_node *node, size_t done,
                             const struct path_step *step, struct yaml_node ***slot)
{
    struct yaml_node *key, *empty;
    const char *name;

    if (step->name && node->kind == YAML_SCALAR)
        PASS(make_mapping(setter, node, step));
    *slot = follow(node, step);
    if (*slot)
        return STATUS_OK;
    if (!step->name || node->kind != YAML_MAPPING) {
        PASS(refuse(setter, node, done, step));
        return STATUS_OK;
    }
    PASS(arena_copy(setter->arena, step->name, step->length, &name, setter->error));
    PASS(yaml_new(setter->arena, YAML_SCALAR, setter->value->mark, name, &key, setter->error));
    PASS(yaml_new(setter->arena, YAML_MAPPING, setter->value->mark, NULL, &empty, setter->error));
    PASS(yaml_append(setter->arena, node, key, empty, setter->error));
    *slot = &node->items[node->count - 1];
    return STATUS_OK;
}

enum status yaml_set(struct arena *arena, struct yaml_node *root, const char *path,
                     struct yaml_node *value, struct yaml_node **old, struct diagnostics *found,
                     struct error *error)
{
    struct setter setter = {arena, path, value, found, error};
    struct yaml_node *node = root, **slot = NULL;
    const char *rest = path;
    struct path_step step;

    if (old)
        *old = NULL;
    do {
        size_t done = (size_t)(rest - path);
        if (!*rest || !take_step(&rest, node, &step)) {
            PASS(diagnostics_add(found, value->mark, path, error,
                                 "not a path; expected one such as 'train.epochs' or "
                                 "'pipeline.stages[0].median.radius'"));
            return STATUS_OK;
        }
        size_t before = node->count;
        PASS(make_slot(&setter, node, done, &step, &slot));
        if (!slot)
            return STATUS_OK;
        if (old)
            *old = node->count == before ? *slot : NULL;
        node = *slot;
    } while (*rest);
    *slot = value;
    return STATUS_OK;
}
