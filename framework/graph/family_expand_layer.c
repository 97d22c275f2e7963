/*
 * From one layer entry to a node: its fields with expressions made numbers, its name, its inputs.
 *
 * A node is named after its kind and its number among that kind (conv1, conv2 …). A name that is
 * given inside `repeat` gets the round's number behind it; `from` means the nearest earlier layer
 * of that name, so that each round finds its own; "skip${n}" is that of the n-th round.
 */
#include "graph/family_expand.h"

#include "networks/layers/registry.h"

#include <stdio.h>
#include <string.h>

void expand_path(char *path, const char *parent, const char *key)
{
    snprintf(path, EXPAND_PATH_BYTES, "%.*s.%.*s", EXPAND_PATH_BYTES / 2, parent,
             EXPAND_PATH_BYTES / 2 - 2, key);
}

enum status expand_number(struct expansion *walk, const struct yaml_node *node, const char *path,
                          bool hidden, int64_t *value, bool *known)
{
    struct expression_scope scope = {walk->names, walk->name_count, hidden};
    struct error wrong;

    *known = false;
    if (node->kind != YAML_SCALAR || !expression_present(node->text)) {
        *known = node->kind == YAML_SCALAR && yaml_integer(node, value);
        return *known
                   ? STATUS_OK
                   : EXPAND_MISTAKE(walk, node, path, "expected a whole number or an expression");
    }
    *known = expression_evaluate(node->text, &scope, value, &wrong) == STATUS_OK;
    return *known ? STATUS_OK : EXPAND_MISTAKE(walk, node, path, "%s", wrong.message);
}

static const struct field *field_find(const struct field *fields, const char *name)
{
    for (; fields && fields->name; fields++)
        if (strcmp(fields->name, name) == 0)
            return fields;
    return NULL;
}

/* A scalar that stands for an expression's value, as the field's type wants it; `any`: moved into
 * the field's range. */
static enum status value_node(struct expansion *walk, const struct yaml_node *from,
                              const struct field *field, bool any, int64_t value,
                              struct yaml_node **node)
{
    char text[32];

    if (any && field && (field->minimum != 0 || field->maximum != 0)) {
        if ((double)value < field->minimum)
            value = (int64_t)field->minimum;
        if ((double)value > field->maximum)
            value = (int64_t)field->maximum;
    }
    if (field && field->type == FIELD_BOOLEAN)
        snprintf(text, sizeof text, "%s", value ? "true" : "false");
    else
        snprintf(text, sizeof text, "%lld", (long long)value);
    PASS(arena_new(walk->arena, node, 1, sizeof **node, walk->error));
    **node = *from;
    (*node)->quoted = false;
    return arena_copy(walk->arena, text, strlen(text), &(*node)->text, walk->error);
}

/* A copy of a layer's fields in which expressions have become numbers. */
static enum status fields_evaluate(struct expansion *walk, const struct entry *entry,
                                   const char *path, struct yaml_node **result)
{
    const struct yaml_node *fields = entry->value;
    char item_path[EXPAND_PATH_BYTES];

    PASS(arena_new(walk->arena, result, 1, sizeof **result, walk->error));
    **result = *fields;
    if (fields->kind != YAML_MAPPING)
        return STATUS_OK;
    PASS(arena_new(walk->arena, &(*result)->items, fields->count, sizeof *fields->items,
                   walk->error));
    PASS(
        arena_new(walk->arena, &(*result)->keys, fields->count, sizeof *fields->keys, walk->error));
    (*result)->count = (*result)->capacity = 0;
    for (size_t i = 0; i < fields->count; i++) {
        struct yaml_node *item = fields->items[i];
        if (item->kind == YAML_SCALAR && expression_present(item->text)) {
            int64_t value = 1;
            bool known; /* else any value that will do: the mistake is said already */
            expand_path(item_path, path, fields->keys[i]->text);
            PASS(expand_number(walk, item, item_path, entry->hidden, &value, &known));
            PASS(value_node(walk, item,
                            field_find(entry->layer->descriptor.fields, fields->keys[i]->text),
                            entry->hidden || !known, known ? value : 1, &item));
        }
        (*result)->keys[(*result)->count] = fields->keys[i];
        (*result)->items[(*result)->count++] = item;
    }
    return STATUS_OK;
}

static enum status config_read(struct expansion *walk, const struct entry *entry, const char *path,
                               struct component *layer)
{
    static const struct field none[] = {{0}};
    const struct descriptor *kind = &entry->layer->descriptor;
    struct yaml_node *fields = NULL;
    char layer_path[EXPAND_PATH_BYTES];

    layer->kind = kind;
    layer->node = entry->node;
    expand_path(layer_path, path, kind->name);
    if (entry->value && !yaml_is_null(entry->value))
        PASS(fields_evaluate(walk, entry, layer_path, &fields));
    PASS(arena_new(walk->arena, &layer->config, kind->config_size ? kind->config_size : 1, 1,
                   walk->error));
    return schema_read(kind->fields ? kind->fields : none, fields, layer_path, layer->config,
                       walk->arena, walk->found, walk->error);
}

/* "conv12": what an unnamed layer may come to be called, or "conv", which may become so. */
static bool is_kind_name(const char *name)
{
    char kind[64];
    size_t length = strlen(name);

    while (length > 0 && name[length - 1] >= '0' && name[length - 1] <= '9')
        length--;
    snprintf(kind, sizeof kind, "%.*s", (int)length, name);
    return registry_find(registry_layers(), kind) != NULL;
}

static enum status name_check(struct expansion *walk, const struct yaml_node *name,
                              const char *path)
{
    if (name->kind != YAML_SCALAR || !expression_is_name(name->text))
        return EXPAND_MISTAKE(walk, name, path, EXPAND_NAME_RULE);
    if (strcmp(name->text, "input") == 0)
        return EXPAND_MISTAKE(walk, name, path, "'input' is the network's input");
    if (is_kind_name(name->text))
        return EXPAND_MISTAKE(walk, name, path, "'%s' is reserved for unnamed layers", name->text);
    return STATUS_OK;
}

static enum status name_choose(struct expansion *walk, const struct entry *entry, const char *path,
                               struct placed *placed)
{
    char name[EXPAND_PATH_BYTES], name_path[EXPAND_PATH_BYTES];

    if (entry->name && entry->name->kind == YAML_SCALAR) {
        placed->declared = entry->name->text;
        snprintf(name, sizeof name, "%.100s%s", entry->name->text, walk->suffix);
    } else {
        size_t number = 1;
        for (size_t i = 0; i < walk->count; i++)
            number += walk->nodes[i].spec.layer.kind == placed->spec.layer.kind;
        snprintf(name, sizeof name, "%.100s%zu", entry->kind, number);
    }
    PASS(arena_copy(walk->arena, name, strlen(name), &placed->spec.name, walk->error));
    if (!entry->name)
        return STATUS_OK;
    expand_path(name_path, path, "name");
    PASS(name_check(walk, entry->name, name_path));
    for (size_t i = 0; i < walk->count && !placed->hidden; i++)
        if (!walk->nodes[i].hidden && strcmp(walk->nodes[i].spec.name, name) == 0)
            PASS(EXPAND_MISTAKE(walk, entry->name, name_path, "a layer '%s' already exists", name));
    return STATUS_OK;
}

static enum status input_missing(struct expansion *walk, const struct yaml_node *node,
                                 const char *path, const char *name)
{
    const char *guess = NULL;

    for (size_t i = walk->count; i-- > 0;) {
        const struct placed *placed = &walk->nodes[i];
        bool declared = placed->declared && walk->checking;
        text_nearest(name, declared ? placed->declared : placed->spec.name, &guess);
    }
    text_nearest(name, "input", &guess);
    if (guess)
        return EXPAND_MISTAKE(walk, node, path,
                              "there is no layer '%s' before this one; did you mean '%s'?", name,
                              guess);
    return EXPAND_MISTAKE(walk, node, path, "there is no layer '%s' before this one", name);
}

/* The name that an item of `from` means: "skip${depth - round}" is "skip2". While a file is checked
 * rounds are walked once, and it is that of any round, "skip". */
static enum status input_name(struct expansion *walk, const struct yaml_node *node,
                              const char *path, bool hidden, char name[EXPAND_PATH_BYTES],
                              bool *known)
{
    struct yaml_node number = *node;
    int64_t value = 0;

    *known = true;
    number.text = strstr(node->text, "${");
    if (!number.text) {
        snprintf(name, EXPAND_PATH_BYTES, "%s", node->text);
        return STATUS_OK;
    }
    PASS(expand_number(walk, &number, path, hidden, &value, known));
    int length = (int)(number.text - node->text);
    if (walk->checking)
        snprintf(name, EXPAND_PATH_BYTES, "%.*s", length, node->text);
    else
        snprintf(name, EXPAND_PATH_BYTES, "%.*s%lld", length, node->text, (long long)value);
    return STATUS_OK;
}

/* The node that a name in `from` means: the nearest one before. */
static enum status input_find(struct expansion *walk, const struct yaml_node *node,
                              const char *path, bool hidden, int *input)
{
    char name[EXPAND_PATH_BYTES];
    bool known;

    *input = -1;
    if (node->kind != YAML_SCALAR)
        return EXPAND_MISTAKE(walk, node, path,
                              "expected the name of a layer before this one, or 'input'");
    PASS(input_name(walk, node, path, hidden, name, &known));
    if (!known || strcmp(name, "input") == 0)
        return STATUS_OK;
    for (size_t i = walk->count; i-- > 0;) {
        const struct placed *placed = &walk->nodes[i];
        if ((placed->declared && strcmp(placed->declared, name) == 0) ||
            strcmp(placed->spec.name, name) == 0) {
            *input = (int)i;
            return STATUS_OK;
        }
    }
    return input_missing(walk, node, path, name);
}

static enum status inputs_choose(struct expansion *walk, const struct entry *entry,
                                 const char *path, int *inputs)
{
    const struct yaml_node *from = entry->from;
    size_t wanted = (size_t)entry->layer->inputs;
    size_t given = !from ? 1 : from->kind == YAML_SEQUENCE ? from->count : 1;
    char from_path[EXPAND_PATH_BYTES], item_path[EXPAND_PATH_BYTES + 32];

    expand_path(from_path, path, "from");
    if (!from && wanted > 1)
        return EXPAND_MISTAKE(walk, entry->node, path,
                              "'%s' takes %zu inputs: name them, as in from: [conv1, input]",
                              entry->kind, wanted);
    if (given != wanted)
        return EXPAND_MISTAKE(walk, from, from_path, "'%s' takes %zu input%s, not %zu", entry->kind,
                              wanted, wanted == 1 ? "" : "s", given);
    if (!from)
        inputs[0] = (int)walk->count - 1;
    else if (from->kind != YAML_SEQUENCE)
        PASS(input_find(walk, from, from_path, entry->hidden, &inputs[0]));
    for (size_t i = 0; from && from->kind == YAML_SEQUENCE && i < given; i++) {
        snprintf(item_path, sizeof item_path, "%s[%zu]", from_path, i);
        PASS(input_find(walk, from->items[i], item_path, entry->hidden, &inputs[i]));
    }
    return STATUS_OK;
}

enum status expand_layer(struct expansion *walk, const struct entry *entry, const char *path)
{
    struct placed placed = {.hidden = entry->hidden};

    if (entry->layer) {
        PASS(config_read(walk, entry, path, &placed.spec.layer));
        PASS(inputs_choose(walk, entry, path, placed.spec.inputs));
    }
    PASS(name_choose(walk, entry, path, &placed));
    PASS(memory_reserve(&walk->nodes, &walk->capacity, walk->count + 1, sizeof *walk->nodes,
                        walk->error));
    walk->nodes[walk->count++] = placed;
    return STATUS_OK;
}
