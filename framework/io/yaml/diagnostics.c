#include "io/yaml/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nobody reads more; and a hostile file must not fill the memory with mistakes. */
enum { DIAGNOSTICS_MAX = 1000 };

static bool same(const struct error *a, const struct error *b)
{
    return a->where.line == b->where.line && a->where.column == b->where.column &&
           strcmp(a->message, b->message) == 0 && strcmp(a->where.path, b->where.path) == 0 &&
           strcmp(a->where.file, b->where.file) == 0;
}

enum status diagnostics_add(struct diagnostics *found, struct yaml_mark mark, const char *path,
                            struct error *error, const char *format, ...)
{
    struct error mistake = {.code = STATUS_CONFIG};

    if (found->count > DIAGNOSTICS_MAX)
        return STATUS_OK;
    if (found->count == DIAGNOSTICS_MAX) {
        snprintf(mistake.message, sizeof mistake.message,
                 "more than %d mistakes; the others are not shown", DIAGNOSTICS_MAX);
    } else {
        snprintf(mistake.where.file, sizeof mistake.where.file, "%s", mark.file ? mark.file : "");
        snprintf(mistake.where.path, sizeof mistake.where.path, "%s", path ? path : "");
        mistake.where.line = mark.line;
        mistake.where.column = mark.column;
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(mistake.message, sizeof mistake.message, format, arguments);
        va_end(arguments);
    }
    for (size_t i = 0; i < found->count; i++)
        if (same(&found->items[i], &mistake))
            return STATUS_OK;
    PASS(memory_reserve(&found->items, &found->capacity, found->count + 1, sizeof *found->items,
                        error));
    found->items[found->count++] = mistake;
    return STATUS_OK;
}

static int compare(const void *left, const void *right)
{
    const struct location *a = &((const struct error *)left)->where;
    const struct location *b = &((const struct error *)right)->where;

    if (!a->file[0] != !b->file[0])
        return a->file[0] ? -1 : 1; /* what belongs to no file comes last */
    int order = strcmp(a->file, b->file);
    if (!order)
        order = (a->line > b->line) - (a->line < b->line);
    if (!order)
        order = (a->column > b->column) - (a->column < b->column);
    if (!order)
        order = strcmp(a->path, b->path);
    if (!order)
        order =
            strcmp(((const struct error *)left)->message, ((const struct error *)right)->message);
    return order;
}

void diagnostics_sort(struct diagnostics *found)
{
    if (found->count > 1)
        qsort(found->items, found->count, sizeof *found->items, compare);
}

void diagnostics_release(struct diagnostics *found)
{
    memory_free(found->items);
    memset(found, 0, sizeof *found);
}
