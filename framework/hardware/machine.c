#include "hardware/machine.h"

#include "hardware/registry.h"
#include "io/schema/catalog.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct field machine_fields[] = {
    {"machine", FIELD_TEXT, offsetof(struct machine, name),
     .help = "its name; the file is NAME.yaml"},
    {"about", FIELD_TEXT, offsetof(struct machine, about), .default_value = "",
     .help = "one-line description"},
    {"source", FIELD_TEXT, offsetof(struct machine, source), .default_value = "",
     .help = "source of its figures"},
    {"sources", FIELD_NODE, offsetof(struct machine, sources),
     .help = "mapping from each number below to the place in 'source' or to a source of its own"},
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

/* The model's number field of this name, or NULL. */
static const struct field *number_field(const struct machine *machine, const char *name)
{
    for (const struct field *field = machine->model.kind->fields; field && field->name; field++)
        if (strcmp(field->name, name) == 0)
            return field->type == FIELD_INTEGER || field->type == FIELD_REAL ||
                           field->type == FIELD_REALS
                       ? field
                       : NULL;
    return NULL;
}

/* Every number of the file has a source. */
static enum status check_numbers(const struct machine *machine, const struct yaml_node *root,
                                 struct diagnostics *found, struct error *error)
{
    for (size_t i = 0; i < root->count; i++) {
        const char *name = root->keys[i]->text;
        const struct yaml_node *source = yaml_get(machine->sources, name);
        if (!number_field(machine, name) ||
            (source && source->kind == YAML_SCALAR && *source->text))
            continue;
        PASS(diagnostics_add(found, root->items[i]->mark, name, error,
                             "a number without a source; expected 'sources: {%s: table, data sheet "
                             "or measurement}'",
                             name));
    }
    return STATUS_OK;
}

/* Every source is that of a number of the file. */
static enum status check_sources(const struct machine *machine, const struct yaml_node *root,
                                 struct diagnostics *found, struct error *error)
{
    const struct yaml_node *sources = machine->sources;
    char path[160];

    if (sources && sources->kind != YAML_MAPPING)
        return diagnostics_add(found, sources->mark, "sources", error,
                               "expected a mapping from numbers to their sources");
    for (size_t i = 0; sources && i < sources->count; i++) {
        const char *name = sources->keys[i]->text, *best = NULL;
        if (number_field(machine, name) && yaml_get(root, name))
            continue;
        for (size_t k = 0; k < root->count; k++)
            if (number_field(machine, root->keys[k]->text))
                text_nearest(name, root->keys[k]->text, &best);
        snprintf(path, sizeof path, "sources.%.100s", name);
        PASS(diagnostics_add(found, sources->keys[i]->mark, path, error,
                             "not a number of this machine%s%s%s", best ? "; did you mean '" : "",
                             best ? best : "", best ? "'?" : ""));
    }
    return STATUS_OK;
}

/* Numbers that do not go together. */
static enum status check_model(const struct machine *machine, const struct yaml_node *root,
                               struct diagnostics *found, struct error *error)
{
    const struct cost_model *model = cost_model_of(machine->model.kind);
    const char *field = "model";
    struct error fault = {0};

    if (!model->check || model->check(machine->model.config, &field, &fault) == STATUS_OK)
        return STATUS_OK;
    const struct yaml_node *node = yaml_get(root, field);
    return diagnostics_add(found, node ? node->mark : root->mark, field, error, "%s",
                           fault.message);
}

enum status machine_load(const struct text_list *folders, const char *name, struct yaml_mark mark,
                         const char *path, struct arena *arena, struct machine *machine,
                         struct diagnostics *found, struct error *error)
{
    struct yaml_node *root;
    size_t before = found->count;

    memset(machine, 0, sizeof *machine);
    PASS(catalog_read(folders, plural, name, mark, path, machine_fields, machine, arena, &root,
                      found, error));
    if (found->count > before)
        return STATUS_OK;
    PASS(check_numbers(machine, root, found, error));
    PASS(check_sources(machine, root, found, error));
    return check_model(machine, root, found, error);
}
