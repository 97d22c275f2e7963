#include "io/schema/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char ending[] = ".yaml";

/* While it is listed. */
struct catalog_listing {
    struct arena *arena;
    struct catalog_entry {
        const char *name, *file;
        size_t folder;
    } * entries;
    size_t count, capacity;
};

static bool is_of_catalog(const char *file)
{
    size_t length = strlen(file);

    return file[0] != '.' && length >= sizeof ending &&
           strcmp(file + length - (sizeof ending - 1), ending) == 0;
}

static enum status list_folder(struct catalog_listing *listing, const struct text_list *folders,
                               size_t which, const char *plural, struct error *error)
{
    enum status status = STATUS_OK;
    const char *path = folders->items[which];
    DIR *folder = opendir(path);

    if (!folder)
        TRY(error_system(error, "cannot list the %s in '%s'", plural, path));
    for (const struct dirent *item; (errno = 0, item = readdir(folder));) {
        if (!is_of_catalog(item->d_name))
            continue;
        TRY(memory_reserve(&listing->entries, &listing->capacity, listing->count + 1,
                           sizeof *listing->entries, error));
        struct catalog_entry *entry = &listing->entries[listing->count];
        size_t length = strlen(item->d_name) - (sizeof ending - 1);
        TRY(arena_copy(listing->arena, item->d_name, length, &entry->name, error));
        TRY(arena_print(listing->arena, &entry->file, error, "%s/%s", path, item->d_name));
        entry->folder = which;
        listing->count++;
    }
    if (errno)
        TRY(error_system(error, "cannot list the %s in '%s'", plural, path));
out:
    if (folder)
        closedir(folder);
    return status;
}

static int by_name(const void *a, const void *b)
{
    const struct catalog_entry *first = a, *second = b;
    int order = strcmp(first->name, second->name);

    return order ? order : (first->folder > second->folder) - (first->folder < second->folder);
}

enum status catalog_list(const struct text_list *folders, const char *plural, struct arena *arena,
                         struct catalog *catalog, struct error *error)
{
    enum status status = STATUS_OK;
    struct catalog_listing listing = {.arena = arena};
    struct text_list *names = &catalog->names;

    *catalog = (struct catalog){0};
    for (size_t i = 0; i < folders->count; i++)
        TRY(list_folder(&listing, folders, i, plural, error));
    if (listing.count)
        qsort(listing.entries, listing.count, sizeof *listing.entries, by_name);
    TRY(arena_new(arena, &names->items, listing.count, sizeof *names->items, error));
    TRY(arena_new(arena, &catalog->files, listing.count, sizeof *catalog->files, error));
    for (size_t i = 0; i < listing.count; i++) {
        if (names->count && strcmp(names->items[names->count - 1], listing.entries[i].name) == 0)
            continue;
        names->items[names->count] = listing.entries[i].name;
        catalog->files[names->count++] = listing.entries[i].file;
    }
out:
    memory_free(listing.entries);
    return status;
}

/* The file of this name; that there is none is a mistake, and leaves *file NULL. */
static enum status find(const struct text_list *folders, const char *plural, const char *kind,
                        const char *name, struct yaml_mark mark, const char *path,
                        struct arena *arena, const char **file, struct diagnostics *found,
                        struct error *error)
{
    struct catalog catalog;
    const char *best = NULL;
    struct error fault = {0};
    enum status status = catalog_list(folders, plural, arena, &catalog, &fault);

    *file = NULL;
    if (status == STATUS_IO)
        return diagnostics_add(found, mark, path, error, "%s", fault.message);
    if (status != STATUS_OK) {
        if (error)
            *error = fault;
        return status;
    }
    for (size_t i = 0; i < catalog.names.count && !*file; i++) {
        if (strcmp(catalog.names.items[i], name) == 0)
            *file = catalog.files[i];
        text_nearest(name, catalog.names.items[i], &best);
    }
    if (*file)
        return STATUS_OK;
    return diagnostics_add(found, mark, path, error, "unknown %s '%.100s'%s%s%s", kind, name,
                           best ? "; did you mean '" : "", best ? best : "", best ? "'?" : "");
}

enum status catalog_read(const struct text_list *folders, const char *plural, const char *name,
                         struct yaml_mark mark, const char *path, const struct field *fields,
                         void *record, struct arena *arena, struct yaml_node **root,
                         struct diagnostics *found, struct error *error)
{
    const char *kind = fields[0].name, *file;
    size_t before = found->count;

    *root = NULL;
    PASS(find(folders, plural, kind, name, mark, path, arena, &file, found, error));
    if (!file)
        return STATUS_OK;
    PASS(yaml_parse_file(arena, file, root, NULL, found, error));
    if (!*root)
        return STATUS_OK;
    PASS(schema_read(fields, *root, "", record, arena, found, error));
    const char *says = *(const char *const *)((const char *)record + fields[0].offset);
    if (found->count == before && strcmp(says, name) != 0) {
        const struct yaml_node *node = yaml_get(*root, kind);
        PASS(diagnostics_add(found, node ? node->mark : (*root)->mark, kind, error,
                             "the %s in '%s%s' must be named '%s'", kind, name, ending, name));
    }
    return STATUS_OK;
}
