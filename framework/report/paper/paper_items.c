/* The items that a section lists, and mistakes at their places. */
#include "report/paper/paper_private.h"

#include <stdio.h>
#include <string.h>

bool paper_is_name(const char *name, bool macro)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static const char more[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t length = strlen(name);

    return macro ? length && name[0] >= 'A' && name[0] <= 'Z' && strspn(name, letters) == length
                 : length && strspn(name, more) == length;
}

struct yaml_mark paper_mark(const struct yaml_node *node, const char *key)
{
    const struct yaml_node *at = yaml_get(node, key);
    return at ? at->mark : node->mark;
}

enum status paper_mistake(struct reading *reading, struct yaml_mark mark, const char *section,
                          size_t index, const char *message, const char *name)
{
    struct text path = {0};
    enum status status = STATUS_OK;

    TRY(text_print(&path, reading->error, "%s[%zu]", section, index));
    TRY(diagnostics_add(reading->found, mark, path.bytes, reading->error, message, name));
out:
    text_release(&path);
    return status;
}

/* What a section lists, each read into `size` bytes; the nodes beside them. */
enum status paper_items(struct reading *reading, const struct yaml_node *list, const char *section,
                        const struct field *fields, size_t size, void *items, size_t *count)
{
    struct arena *arena = &reading->paper->arena;
    char path[64], *block;

    *count = 0;
    if (!list || yaml_is_null(list))
        return STATUS_OK;
    if (list->kind != YAML_SEQUENCE)
        return diagnostics_add(reading->found, list->mark, section, reading->error,
                               "expected a list");
    PASS(arena_new(arena, &block, list->count, size, reading->error));
    memcpy(items, &block, sizeof block);
    for (size_t i = 0; i < list->count; i++) {
        snprintf(path, sizeof path, "%s[%zu]", section, i);
        PASS(schema_read(fields, list->items[i], path, block + i * size, arena, reading->found,
                         reading->error));
    }
    *count = list->count;
    return STATUS_OK;
}
