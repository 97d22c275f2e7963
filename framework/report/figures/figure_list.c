#include "report/figures/figure_list.h"

#include "interfaces/figure.h"
#include "report/figures/registry.h"

#include <stdio.h>
#include <string.h>

static const struct field fields[] = {
    {"figures", FIELD_COMPONENTS, 0, .registry = registry_figures, .help = "figures to draw"}, {0}};

/* The mapping without its other keys. */
static struct yaml_node only_figures(const struct yaml_node *root)
{
    struct yaml_node only = *root;

    only.count = 0;
    for (size_t i = 0; root->kind == YAML_MAPPING && i < root->count; i++)
        if (strcmp(root->keys[i]->text, "figures") == 0) {
            only.keys = &root->keys[i];
            only.items = &root->items[i];
            only.count = 1;
        }
    return only;
}

/* What the settings say for themselves; whether the results have it is seen when they are read. */
static enum status check_settings(const struct component *component, size_t index,
                                  struct diagnostics *found, struct error *error)
{
    const struct figure *figure = figure_of(component->kind);
    const char *key, *mistake = figure_style_mistake(component->config, &key);
    char path[160];

    snprintf(path, sizeof path, "figures[%zu].%s.%s", index, component->kind->name, key);
    if (mistake)
        PASS(diagnostics_add(found, component->node->mark, path, error, "%s", mistake));
    mistake = figure->objection ? figure->objection(component->config, 1) : NULL;
    snprintf(path, sizeof path, "figures[%zu]", index);
    if (mistake)
        PASS(diagnostics_add(found, component->node->mark, path, error, "%s", mistake));
    return STATUS_OK;
}

enum status figure_list_read(const char *path, struct arena *arena, struct component_list *figures,
                             struct diagnostics *found, struct error *error)
{
    struct yaml_node *root = NULL;

    *figures = (struct component_list){0};
    PASS(yaml_parse_file(arena, path, &root, NULL, found, error));
    if (found->count)
        return STATUS_OK;
    const struct yaml_node only = only_figures(root);
    PASS(schema_read(fields, &only, "", figures, arena, found, error));
    bool sound = found->count == 0;
    for (size_t i = 0; sound && i < figures->count; i++)
        PASS(check_settings(&figures->items[i], i, found, error));
    return STATUS_OK;
}
