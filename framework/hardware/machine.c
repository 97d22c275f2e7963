#include "hardware/machine.h"

#include "kinds/registry.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct field machine_fields[] = {
    {"machine", FIELD_TEXT, offsetof(struct machine, name), .help = "its name, as its file's"},
    {"about", FIELD_TEXT, offsetof(struct machine, about), .fallback = "",
     .help = "what it is, in one line"},
    {"source", FIELD_TEXT, offsetof(struct machine, source), .fallback = "",
     .help = "where its figures are from"},
    {"model", FIELD_SELECT, offsetof(struct machine, model), .registry = registry_cost_models,
     .help = "the cost model; its settings stand beside this key"},
    {0},
};

static const char ending[] = ".yaml";

static bool is_machine(const char *file)
{
    size_t length = strlen(file);

    return file[0] != '.' && length >= sizeof ending &&
           strcmp(file + length - (sizeof ending - 1), ending) == 0;
}

static int name_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum status machine_names(const char *directory, struct arena *arena, struct text_list *names,
                          struct error *error)
{
    struct text_list list = {0};
    size_t capacity = 0;
    DIR *folder = opendir(directory);
    enum status status = STATUS_OK;

    *names = (struct text_list){0};
    if (!folder)
        TRY(error_system(error, "cannot list the machines in '%s'", directory));
    for (const struct dirent *entry; (errno = 0, entry = readdir(folder));) {
        if (!is_machine(entry->d_name))
            continue;
        size_t length = strlen(entry->d_name) - (sizeof ending - 1);
        TRY(memory_reserve(&list.items, &capacity, list.count + 1, sizeof *list.items, error));
        TRY(arena_copy(arena, entry->d_name, length, &list.items[list.count], error));
        list.count++;
    }
    if (errno)
        TRY(error_system(error, "cannot list the machines in '%s'", directory));
    if (list.count)
        qsort(list.items, list.count, sizeof *list.items, name_order);
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

/* Is it among the directory's machines? If not, that is the mistake. */
static enum status find(const char *directory, const char *name, struct yaml_mark mark,
                        const char *path, bool *there, struct diagnostics *found,
                        struct error *error)
{
    struct arena arena = {0};
    struct text_list names;
    const char *best = NULL;
    struct error fault = {0};
    enum status status = STATUS_OK;

    *there = false;
    status = machine_names(directory, &arena, &names, &fault);
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
        TRY(diagnostics_add(found, mark, path, error, "unknown machine '%.100s'%s%s%s", name,
                            best ? "; did you mean '" : "", best ? best : "", best ? "'?" : ""));
out:
    arena_release(&arena);
    return status;
}

enum status machine_load(const char *directory, const char *name, struct yaml_mark mark,
                         const char *path, struct arena *arena, struct machine *machine,
                         struct diagnostics *found, struct error *error)
{
    struct yaml_node *root = NULL;
    struct text file = {0};
    bool there = false;
    size_t before = found->count;
    enum status status = STATUS_OK;

    memset(machine, 0, sizeof *machine);
    TRY(find(directory, name, mark, path, &there, found, error));
    if (!there)
        goto out;
    text_append(&file, "%s/%s%s", directory, name, ending);
    TRY(text_status(&file, error));
    TRY(yaml_parse_file(arena, file.bytes, &root, NULL, found, error));
    if (!root)
        goto out;
    TRY(schema_read(machine_fields, root, "", machine, arena, found, error));
    if (found->count == before && strcmp(machine->name, name) != 0) {
        const struct yaml_node *node = yaml_get(root, "machine");
        TRY(diagnostics_add(found, node ? node->mark : root->mark, "machine", error,
                            "the machine in '%s%s' must be named '%s'", name, ending, name));
    }
out:
    text_release(&file);
    return status;
}
