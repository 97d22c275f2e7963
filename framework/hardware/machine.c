#include "hardware/machine.h"

#include "hardware/registry.h"
#include "io/schema/catalog.h"

#include <stddef.h>
#include <string.h>

static const struct field machine_fields[] = {
    {"machine", FIELD_TEXT, offsetof(struct machine, name),
     .help = "its name; the file is NAME.yaml"},
    {"about", FIELD_TEXT, offsetof(struct machine, about), .default_value = "",
     .help = "one-line description"},
    {"source", FIELD_TEXT, offsetof(struct machine, source), .default_value = "",
     .help = "source of its figures"},
    {"model", FIELD_SELECT, offsetof(struct machine, model), .registry = registry_cost_models,
     .help = "the cost model; its settings are keys beside this one"},
    {0},
};

static const char plural[] = "machines";

enum status machine_names(const struct text_list *folders, struct arena *arena,
                          struct text_list *names, struct error *error)
{
    struct catalog catalog;
    enum status status = catalog_list(folders, plural, arena, &catalog, error);

    *names = catalog.names;
    return status;
}

enum status machine_load(const struct text_list *folders, const char *name, struct yaml_mark mark,
                         const char *path, struct arena *arena, struct machine *machine,
                         struct diagnostics *found, struct error *error)
{
    struct yaml_node *root;

    memset(machine, 0, sizeof *machine);
    return catalog_read(folders, plural, name, mark, path, machine_fields, machine, arena, &root,
                        found, error);
}

double machine_value_bytes(const struct machine *machine)
{
    const struct descriptor *model = machine->model.kind;

    for (const struct field *field = model->fields; field && field->name; field++)
        if (field->type == FIELD_REAL && strcmp(field->name, "bytes_per_value") == 0)
            return *(const double *)(const void *)((const char *)machine->model.config +
                                                   field->offset);
    return 0;
}
