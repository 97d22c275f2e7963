/*
 * `include: [shared/mnist.yaml, …]`: fragments of experiment files, found from where the file lies
 * that names them. Sections are put together key by key; a key's value is taken whole. The
 * including file wins over what it includes, and of two fragments the later one over the earlier.
 * Fragments may include others. Nodes keep their marks, so that mistakes tell the fragment's line.
 */
#include "plan/steps.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_FRAGMENTS = 64, MOST_DEPTH = 16 };

struct includer {
    struct plan *plan;
    struct diagnostics *found;
    const char *open[MOST_DEPTH + 1]; /* files that are being read, the experiment first */
    size_t depth;
};

static enum status include_all(struct includer *includer, struct yaml_node *root,
                               struct error *error);

/* Take a key out of a mapping. */
static struct yaml_node *take(struct yaml_node *mapping, const char *key)
{
    for (size_t i = 0; i < mapping->count; i++) {
        struct yaml_node *value = mapping->items[i];
        if (strcmp(mapping->keys[i]->text, key) != 0)
            continue;
        mapping->count--;
        memmove(&mapping->items[i], &mapping->items[i + 1],
                (mapping->count - i) * sizeof *mapping->items);
        memmove(&mapping->keys[i], &mapping->keys[i + 1],
                (mapping->count - i) * sizeof *mapping->keys);
        return value;
    }
    return NULL;
}

static enum status append(struct arena *arena, struct yaml_node *mapping, struct yaml_node *key,
                          struct yaml_node *value, struct error *error)
{
    size_t count = mapping->count;

    if (count == mapping->capacity) {
        struct yaml_node **items, **keys;
        PASS(arena_new(arena, &items, 2 * count + 4, sizeof *items, error));
        PASS(arena_new(arena, &keys, 2 * count + 4, sizeof *keys, error));
        for (size_t i = 0; i < count; i++) {
            items[i] = mapping->items[i];
            keys[i] = mapping->keys[i];
        }
        mapping->items = items;
        mapping->keys = keys;
        mapping->capacity = 2 * count + 4;
    }
    mapping->items[count] = value;
    mapping->keys[count] = key;
    mapping->count++;
    return STATUS_OK;
}

/* Add what `from` has and `to` has not; sections, which stand at the top, key by key. */
static enum status merge(struct arena *arena, struct yaml_node *to, const struct yaml_node *from,
                         bool top, struct error *error)
{
    for (size_t i = 0; i < from->count; i++) {
        struct yaml_node *own = yaml_get(to, from->keys[i]->text);
        if (!own)
            PASS(append(arena, to, from->keys[i], from->items[i], error));
        else if (top && own->kind == YAML_MAPPING && from->items[i]->kind == YAML_MAPPING)
            PASS(merge(arena, own, from->items[i], false, error));
    }
    return STATUS_OK;
}

/* The fragment's path: as it stands where that is absolute, else beside the file that names it. */
static enum status find_path(struct includer *includer, const char *name, const char **path,
                             struct error *error)
{
    const char *file = includer->open[includer->depth], *slash = strrchr(file, '/');
    struct text text = {0};
    enum status status = STATUS_OK;

    if (name[0] != '/' && slash)
        text_append_bytes(&text, file, (size_t)(slash - file) + 1);
    text_append(&text, "%s", name);
    TRY(text_keep(&text, &includer->plan->arena, path, error));
out:
    text_release(&text);
    return status;
}

static bool same_file(const char *a, const char *b)
{
    struct stat first, second;

    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* What is wrong with including this file; NULL: nothing. */
static const char *fault(const struct includer *includer, const char *path)
{
    struct stat about;

    for (size_t i = 0; i <= includer->depth; i++)
        if (same_file(includer->open[i], path))
            return "is circular: the file includes itself, directly or through others";
    if (includer->depth == MOST_DEPTH)
        return "nested too deeply; expected at most 16 levels of files";
    if (includer->plan->fragment_count == MOST_FRAGMENTS)
        return "too many fragments; expected at most 64";
    if (stat(path, &about) != 0)
        return "there is no such file";
    return S_ISREG(about.st_mode) ? NULL : "expected a YAML file";
}

static enum status read_fragment(struct includer *includer, const char *name, const char *path,
                                 struct yaml_node **root, struct error *error)
{
    struct plan *plan = includer->plan;
    struct plan_fragment fragment = {.name = name};

    PASS(yaml_parse_file(&plan->arena, path, root, &fragment.yaml, includer->found, error));
    if (fragment.yaml) {
        PASS(memory_reserve(&plan->fragments, &plan->fragment_capacity, plan->fragment_count + 1,
                            sizeof *plan->fragments, error));
        plan->fragments[plan->fragment_count++] = fragment;
    }
    if (*root && (*root)->kind != YAML_MAPPING) {
        PASS(diagnostics_add(includer->found, (*root)->mark, "", error,
                             "expected a mapping of sections, as in an experiment file"));
        *root = NULL;
    }
    return STATUS_OK;
}

static enum status include_one(struct includer *includer, const struct yaml_node *name,
                               const char *where, struct yaml_node *into, struct error *error)
{
    struct yaml_node *root = NULL;
    const char *path, *wrong;
    enum status status = STATUS_OK;

    if (name->kind != YAML_SCALAR || yaml_is_null(name) || !name->text[0])
        return diagnostics_add(includer->found, name->mark, where, error,
                               "expected the path of a fragment");
    TRY(find_path(includer, name->text, &path, error));
    wrong = fault(includer, path);
    if (wrong) {
        TRY(diagnostics_add(includer->found, name->mark, where, error, "'%.200s': %s", path,
                            wrong));
        goto out;
    }
    TRY(read_fragment(includer, name->text, path, &root, error));
    if (!root)
        goto out;
    includer->open[++includer->depth] = path;
    status = include_all(includer, root, error);
    includer->depth--;
    if (status == STATUS_OK)
        status = merge(&includer->plan->arena, into, root, true, error);
out:
    return status;
}

/* Put what `root` includes into it. */
static enum status include_all(struct includer *includer, struct yaml_node *root,
                               struct error *error)
{
    const struct yaml_node *list = take(root, "include");
    char where[40];

    if (!list || yaml_is_null(list))
        return STATUS_OK;
    if (list->kind == YAML_SCALAR) {
        PASS(include_one(includer, list, "include", root, error));
    } else if (list->kind == YAML_MAPPING) {
        PASS(diagnostics_add(includer->found, list->mark, "include", error,
                             "expected a list of paths of fragments"));
    }
    for (size_t i = list->kind == YAML_SEQUENCE ? list->count : 0; i-- > 0;) {
        snprintf(where, sizeof where, "include[%zu]", i);
        PASS(include_one(includer, list->items[i], where, root, error));
    }
    return STATUS_OK;
}

enum status fragments_include(struct plan *plan, struct diagnostics *found, struct error *error)
{
    struct includer includer = {.plan = plan, .found = found, .open = {plan->path}};

    return include_all(&includer, plan->root, error);
}
