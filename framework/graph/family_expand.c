/*
 * The walk over a family's entries. An entry is a layer's name, or a mapping of one layer with its
 * fields, and beside it `name`, `from`, `when`; or `repeat` with `layers`, and `as`, `when`. Nodes
 * come in the order of the file. Time and nodes are bounded by FAMILY_MAX_LAYERS.
 */
#include "graph/family_expand.h"

#include "networks/layers/registry.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *const reserved_names[] = {"and", "channels", "family",  "images", "max", "min",
                                             "not", "or",       "outputs", "round",  NULL};

bool expand_is_reserved(const char *name)
{
    for (size_t i = 0; reserved_names[i]; i++)
        if (strcmp(name, reserved_names[i]) == 0)
            return true;
    return false;
}

/* In an expansion the first mistake is the last. */
static bool is_stopped(const struct expansion *walk)
{
    return walk->visited > FAMILY_MAX_LAYERS || (!walk->checking && walk->found->count);
}

enum { OWN_KEYS = 6 };

static const char *const own_keys[OWN_KEYS] = {"name", "from", "when", "repeat", "layers", "as"};

static const struct layer *layer_find(const char *name)
{
    return layer_of(registry_find(registry_layers(), name));
}

/* A key that is neither a layer nor one of an entry's own; `whole`: the entry is that name alone.
 */
static enum status unknown_key(struct expansion *walk, const struct yaml_node *key,
                               const char *path, bool layer_known, bool whole)
{
    const struct registry *layers = registry_layers();
    const char *guess = NULL, *what = layer_known ? "key" : "layer";

    for (size_t i = 0; i < layers->count && !layer_known; i++)
        text_nearest(key->text, layers->rows[i]->name, &guess);
    for (size_t i = 0; i < OWN_KEYS && !whole; i++)
        text_nearest(key->text, own_keys[i], &guess);
    if (guess)
        return EXPAND_MISTAKE(walk, key, path, "unknown %s; did you mean '%s'?", what, guess);
    return EXPAND_MISTAKE(walk, key, path, "unknown %s", what);
}

/* Take note of a key that is not one of an entry's own: its layer, the only one, or a mistake. */
static enum status entry_layer(struct expansion *walk, const struct yaml_node *key,
                               const struct yaml_node *value, const char *path, struct entry *entry)
{
    const struct layer *layer = layer_find(key->text);
    char key_path[EXPAND_PATH_BYTES];
    bool known = entry->layer != NULL;

    expand_path(key_path, path, key->text);
    if (entry->kind && layer)
        return EXPAND_MISTAKE(walk, key, key_path,
                              "an entry names one layer; '%s' is already given", entry->kind);
    if (!entry->kind) {
        entry->kind = key->text;
        entry->value = value;
        entry->layer = layer;
    }
    return layer ? STATUS_OK : unknown_key(walk, key, key_path, known, !value);
}

static size_t own_key(const char *key)
{
    size_t k = 0;
    while (k < OWN_KEYS && strcmp(key, own_keys[k]) != 0)
        k++;
    return k;
}

/* The keys of an entry, layers first, so that a slip beside a layer is a slip, not the layer. */
static enum status keys_read(struct expansion *walk, const struct yaml_node *node, const char *path,
                             struct entry *entry)
{
    const struct yaml_node **own[OWN_KEYS] = {&entry->name,   &entry->from,   &entry->when,
                                              &entry->repeat, &entry->layers, &entry->as};

    for (int layers = 1; layers >= 0; layers--)
        for (size_t i = 0; i < node->count; i++) {
            size_t k = own_key(node->keys[i]->text);
            if (k < OWN_KEYS)
                *own[k] = node->items[i];
            else if ((layer_find(node->keys[i]->text) != NULL) == (layers == 1))
                PASS(entry_layer(walk, node->keys[i], node->items[i], path, entry));
        }
    return STATUS_OK;
}

static enum status entry_read(struct expansion *walk, const struct yaml_node *node,
                              const char *path, struct entry *entry)
{
    entry->node = node;
    if (node->kind == YAML_SCALAR)
        return entry_layer(walk, node, NULL, path, entry);
    if (node->kind == YAML_MAPPING)
        PASS(keys_read(walk, node, path, entry));
    if (!entry->kind && !entry->repeat)
        PASS(EXPAND_MISTAKE(walk, node, path, "expected a layer, or 'repeat' with 'layers'"));
    if (entry->repeat && (entry->kind || entry->name || entry->from || !entry->layers))
        PASS(EXPAND_MISTAKE(walk, node, path,
                            "'repeat' can only be combined with 'layers', 'as' and 'when'"));
    else if (entry->kind && (entry->layers || entry->as))
        PASS(EXPAND_MISTAKE(walk, entry->layers ? entry->layers : entry->as, path,
                            "'%s' needs 'repeat'", entry->layers ? "layers" : "as"));
    return STATUS_OK;
}

static enum status list_walk(struct expansion *walk, const struct yaml_node *list, const char *path,
                             bool hidden);

/* What the rounds' number is called in expressions. */
static enum status round_name(struct expansion *walk, const struct yaml_node *as, const char *path,
                              const char **name)
{
    char as_path[EXPAND_PATH_BYTES];

    *name = "round";
    if (!as)
        return STATUS_OK;
    expand_path(as_path, path, "as");
    if (as->kind != YAML_SCALAR)
        return EXPAND_MISTAKE(walk, as, as_path, EXPAND_NAME_RULE);
    *name = as->text; /* with a mistake too, so that one mistake stays one */
    if (!expression_is_name(as->text))
        return EXPAND_MISTAKE(walk, as, as_path, EXPAND_NAME_RULE);
    bool taken = expand_is_reserved(as->text);
    for (size_t i = 0; i < walk->name_count && !taken; i++)
        taken = strcmp(walk->names[i].name, as->text) == 0;
    if (taken)
        return EXPAND_MISTAKE(walk, as, as_path, "'%s' is already in use", as->text);
    return STATUS_OK;
}

static enum status repeat_walk(struct expansion *walk, const struct entry *entry, const char *path)
{
    char inner[EXPAND_PATH_BYTES], repeat_path[EXPAND_PATH_BYTES];
    bool hidden = entry->hidden, known;
    const char *name;
    int64_t rounds = 0;
    size_t length = strlen(walk->suffix), outer = walk->name_count;

    expand_path(repeat_path, path, "repeat");
    expand_path(inner, path, "layers");
    PASS(expand_number(walk, entry->repeat, repeat_path, hidden, &rounds, &known));
    if (known && !hidden && (rounds < 0 || rounds > FAMILY_MAX_LAYERS))
        PASS(EXPAND_MISTAKE(walk, entry->repeat, repeat_path,
                            "%lld is out of range; expected 0 to %d", (long long)rounds,
                            (int)FAMILY_MAX_LAYERS));
    if (outer == walk->family->parameter_count + 3 + EXPAND_MAX_ROUNDS_DEEP) {
        PASS(EXPAND_MISTAKE(walk, entry->repeat, repeat_path, "nested more than %d deep",
                            (int)EXPAND_MAX_ROUNDS_DEEP));
        return STATUS_OK;
    }
    PASS(round_name(walk, entry->as, path, &name));
    if (walk->checking) {
        hidden = hidden || rounds < 1;
        rounds = 1;
    }
    walk->name_count = outer + 1;
    for (int64_t round = 0; round < rounds && !is_stopped(walk); round++) {
        walk->names[outer] = (struct expression_name){name, round};
        snprintf(walk->suffix + length, sizeof walk->suffix - length, "%s%lld", length ? "_" : "",
                 (long long)round + 1);
        PASS(list_walk(walk, entry->layers, inner, hidden));
    }
    walk->suffix[length] = 0;
    walk->name_count = outer;
    return STATUS_OK;
}

static enum status entry_walk(struct expansion *walk, const struct yaml_node *node,
                              const char *path, bool hidden)
{
    struct entry entry = {.hidden = hidden};
    char when_path[EXPAND_PATH_BYTES];
    int64_t when = 1;
    bool known;

    if (++walk->visited > FAMILY_MAX_LAYERS)
        return EXPAND_MISTAKE(walk, node, path, "more than %d layers", (int)FAMILY_MAX_LAYERS);
    PASS(entry_read(walk, node, path, &entry));
    if (entry.when) {
        expand_path(when_path, path, "when");
        PASS(expand_number(walk, entry.when, when_path, hidden, &when, &known));
        entry.hidden = hidden || when == 0;
    }
    if (entry.hidden && !walk->checking)
        return STATUS_OK;
    if (entry.repeat && entry.layers)
        PASS(repeat_walk(walk, &entry, path));
    else if (entry.kind)
        PASS(expand_layer(walk, &entry, path));
    return STATUS_OK;
}

static enum status list_walk(struct expansion *walk, const struct yaml_node *list, const char *path,
                             bool hidden)
{
    char item_path[EXPAND_PATH_BYTES + 32];

    if (list->kind != YAML_SEQUENCE || list->count == 0)
        return EXPAND_MISTAKE(walk, list, path, "expected a list of layers");
    for (size_t i = 0; i < list->count && !is_stopped(walk); i++) {
        snprintf(item_path, sizeof item_path, "%s[%zu]", path, i);
        PASS(entry_walk(walk, list->items[i], item_path, hidden));
    }
    return STATUS_OK;
}

/* What names mean at the outermost level. */
static enum status scope_fill(struct expansion *walk, const void *config, int channels,
                              struct answer answer)
{
    const struct family *family = walk->family;
    const int64_t *values = config;
    size_t count = family->parameter_count;

    PASS(memory_new(&walk->names, count + 3 + EXPAND_MAX_ROUNDS_DEEP, sizeof *walk->names,
                    walk->error));
    for (size_t i = 0; i < count; i++)
        walk->names[i] = (struct expression_name){family->descriptor.fields[i].name, values[i]};
    walk->names[count] = (struct expression_name){"channels", channels};
    walk->names[count + 1] = (struct expression_name){"outputs", answer.count};
    walk->names[count + 2] = (struct expression_name){"images", answer.content == CONTENT_IMAGE};
    walk->name_count = count + 3;
    return STATUS_OK;
}

/* Walk the whole family. The caller frees walk->names and walk->nodes. */
static enum status family_walk(struct expansion *walk, const void *config, int channels,
                               struct answer answer)
{
    PASS(scope_fill(walk, config, channels, answer));
    return list_walk(walk, walk->family->layers, "layers", false);
}

/* The value of `sides_multiple_of`; 1, with a mistake reported, if it is wrong. */
static enum status sides_read(struct expansion *walk, int64_t *number)
{
    const struct yaml_node *sides = walk->family->sides;
    int64_t value = 1;
    bool known;

    *number = 1;
    PASS(expand_number(walk, sides, FAMILY_SIDES, false, &value, &known));
    if (known && value < 1)
        PASS(EXPAND_MISTAKE(walk, sides, FAMILY_SIDES, "%lld is out of range; expected 1 or more",
                            (long long)value));
    else if (known)
        *number = value;
    return STATUS_OK;
}

enum status expand_check(const struct family *family, const void *config, struct arena *arena,
                         struct diagnostics *found, struct error *error)
{
    struct expansion walk = {.family = family, .arena = arena, .found = found};

    walk.error = error;
    walk.checking = true;
    int64_t sides;
    enum status status = STATUS_OK;

    TRY(family_walk(&walk, config, 1, (struct answer){CONTENT_IMAGE, 1}));
    TRY(sides_read(&walk, &sides));
out:
    memory_free(walk.nodes);
    memory_free(walk.names);
    return status;
}

/* The first mistake of an expansion, as the error of a trial whose parameters led to it. */
static enum status expansion_error(const struct family *family, const struct error *mistake,
                                   struct error *error)
{
    return error_set(error, STATUS_CONFIG, "family '%s', line %d: %s: %s", family->descriptor.name,
                     mistake->where.line, mistake->where.path, mistake->message);
}

/* The number that must divide the sides of images, for the family's parameters. */
static enum status sides_of(const struct component *component, int channels, int *multiple,
                            struct error *error)
{
    enum status status = STATUS_OK;
    const struct family *family = family_of(component->kind);
    struct diagnostics found = {0};
    struct expansion walk = {.family = family, .found = &found};
    int64_t sides;

    walk.error = error;
    TRY(scope_fill(&walk, component->config, channels, (struct answer){CONTENT_IMAGE, 1}));
    TRY(sides_read(&walk, &sides));
    if (found.count)
        TRY(expansion_error(family, &found.items[0], error));
    *multiple = sides < INT_MAX ? (int)sides : INT_MAX;
out:
    diagnostics_release(&found);
    memory_free(walk.names);
    return status;
}

enum status family_check_sides(const struct component *component, struct shape input,
                               struct error *error)
{
    int multiple;

    PASS(sides_of(component, input.channels, &multiple, error));
    if (input.height % multiple || input.width % multiple)
        return error_set(error, STATUS_CONFIG,
                         "%s: with these parameters the sides of images must be multiples of %d; "
                         "these are %d x %d",
                         component->kind->name, multiple, input.height, input.width);
    return STATUS_OK;
}

static int raised(int side, int multiple)
{
    return side % multiple ? side + multiple - side % multiple : side;
}

enum status family_fit(const struct component *component, struct shape *input, struct error *error)
{
    int multiple;

    PASS(sides_of(component, input->channels, &multiple, error));
    input->height = raised(input->height, multiple);
    input->width = raised(input->width, multiple);
    return STATUS_OK;
}

enum status family_expand(const struct component *component, int channels, struct answer answer,
                          struct arena *arena, struct node_spec **nodes, size_t *count,
                          struct error *error)
{
    enum status status = STATUS_OK;
    const struct family *family = family_of(component->kind);
    struct diagnostics found = {0};
    struct expansion walk = {.family = family, .arena = arena, .found = &found};

    walk.error = error;
    *nodes = NULL;
    *count = 0;
    TRY(family_walk(&walk, component->config, channels, answer));
    if (found.count)
        TRY(expansion_error(family, &found.items[0], error));
    if (walk.count == 0)
        TRY(error_set(error, STATUS_CONFIG, "family '%s': no layer is left with these parameters",
                      family->descriptor.name));
    TRY(arena_new(arena, nodes, walk.count, sizeof **nodes, error));
    for (size_t i = 0; i < walk.count; i++)
        (*nodes)[i] = walk.nodes[i].spec;
    *count = walk.count;
out:
    diagnostics_release(&found);
    memory_free(walk.nodes);
    memory_free(walk.names);
    return status;
}
