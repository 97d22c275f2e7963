#include "io/schema/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char ending[] = ".yaml";

static bool is_on_shelf(const char *file)
{
    size_t length = strlen(file);

    return file[0] != '.' && length >= sizeof ending &&
           strcmp(file + length - (sizeof ending - 1), ending) == 0;
}

enum status catalog_names(const char *directory, const char *plural, struct arena *arena,
                          struct text_list *names, struct error *error)
{
    struct text_list list = {0};
    size_t capacity = 0;
    DIR *folder = opendir(directory);
    enum status status = STATUS_OK;

    *names = (struct text_list){0};
    if (!folder)
        TRY(error_system(error, "cannot list the %s in '%s'", plural, directory));
    for (const struct dirent *entry; (errno = 0, entry = readdir(folder));) {
        if (!is_on_shelf(entry->d_name))
            continue;
        size_t length = strlen(entry->d_name) - (sizeof ending - 1);
        TRY(memory_reserve(&list.items, &capacity, list.count + 1, sizeof *list.items, error));
        TRY(arena_copy(arena, entry->d_name, length, &list.items[list.count], error));
        list.count++;
    }
    if (errno)
        TRY(error_system(error, "cannot list the %s in '%s'", plural, directory));
    if (list.count)
        qsort(list.items, list.count, sizeof *list.items, text_compare);
    TRY(arena_new(arena, &names->items, list.count, sizeof *names->items, error));
    for (size_t i = 0; i < list.count; i++)
        names->items[i] = list.items[i];
    names->count = list.count;
out:
    memory_free(list.items);
    if (folder)
        closedir(folder);
    return status;
}

/* Is it among the directory's files? If not, that is the mistake. */
static enum status find(const char *directory, const char *plural, const char *kind,
                        const char *name, struct yaml_mark mark, const char *path, bool *there,
                        struct diagnostics *found, struct error *error)
{
    struct arena arena = {0};
    struct text_list names;
    const char *best = NULL;
    struct error fault = {0};
    enum status status = STATUS_OK;

    *there = false;
    status = catalog_names(directory, plural, &arena, &names, &fault);
    if (status == STATUS_IO) {
        TRY(diagnostics_add(found, mark, path, error, "%s", fault.message));
        goto out;
    }
    if (status != STATUS_OK) {
        if (error)
            *error = fault;
        goto out;
    }
    for (size_t i = 0; i < names.count && !*there; i++) {
        *there = strcmp(names.items[i], name) == 0;
        text_nearest(name, names.items[i], &best);
    }
    if (!*there)
        TRY(diagnostics_add(found, mark, path, error, "unknown %s '%.100s'%s%s%s", kind, name,
                            best ? "; did you mean '" : "", best ? best : "", best ? "'?" : ""));
out:
    arena_release(&arena);
    return status;
}

enum status catalog_read(const char *directory, const char *plural, const char *name,
                         struct yaml_mark mark, const char *path, const struct field *fields,
                         void *record, struct arena *arena, struct yaml_node **root,
                         struct diagnostics *found, struct error *error)
{
    const char *kind = fields[0].name;
    struct text file = {0};
    bool there = false;
    size_t before = found->count;
    enum status status = STATUS_OK;

    *root = NULL;
    TRY(find(directory, plural, kind, name, mark, path, &there, found, error));
    if (!there)
        goto out;
    TRY(text_print(&file, error, "%s/%s%s", directory, name, ending));
    TRY(yaml_parse_file(arena, file.bytes, root, NULL, found, error));
    if (!*root)
        goto out;
    TRY(schema_read(fields, *root, "", record, arena, found, error));
    const char *says = *(const char *const *)((const char *)record + fields[0].offset);
    if (found->count == before && strcmp(says, name) != 0) {
        const struct yaml_node *node = yaml_get(*root, kind);
        TRY(diagnostics_add(found, node ? node->mark : (*root)->mark, kind, error,
                            "the %s in '%s%s' must be named '%s'", kind, name, ending, name));
    }
out:
    text_release(&file);
    return status;
}
