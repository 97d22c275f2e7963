/*
 * Reading of family files. A family becomes a descriptor like those of kinds that are written in C,
 * its field table built from `parameters:`, so that plans, `describe` and `schema` need not know
 * the difference. A file with a mistake is left out of the registry; its mistakes are for the
 * caller to show.
 */
#include "graph/family.h"
#include "graph/family_expand.h"
#include "tasks/registry.h"

#include "base/hash.h"
#include "io/schema/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct family_file {
    const char *family, *about, *source;
    struct text_list tasks;
    struct yaml_node *parameters, *sides, *layers;
};

#define AT(member) offsetof(struct family_file, member)

static const struct field file_fields[] = {
    {"family", FIELD_TEXT, AT(family), .help = "its name; the file is NAME.yaml"},
    {"about", FIELD_TEXT, AT(about), .help = "one-line description"},
    {"source", FIELD_TEXT, AT(source), .default_value = "''", .help = "paper that it follows"},
    {"tasks", FIELD_TEXTS, AT(tasks), .help = "tasks that it serves, such as [classify, denoise]"},
    {"parameters", FIELD_NODE, AT(parameters), .default_value = "~", .help = "its settings"},
    {FAMILY_SIDES, FIELD_NODE, AT(sides), .default_value = "1",
     .help = "a whole number that must divide height and width of the images"},
    {"layers", FIELD_NODE, AT(layers), .help = "its layers, from the input to the output"},
    {0},
};

struct parameter {
    int64_t default_value, minimum, maximum;
    const char *help;
};

#define PARAMETER_BOUNDS .minimum = -1e9, .maximum = 1e9

static const struct field parameter_fields[] = {
    {"default", FIELD_INTEGER, offsetof(struct parameter, default_value), PARAMETER_BOUNDS,
     .help = "default value"},
    {"minimum", FIELD_INTEGER, offsetof(struct parameter, minimum), PARAMETER_BOUNDS,
     .help = "smallest value"},
    {"maximum", FIELD_INTEGER, offsetof(struct parameter, maximum), PARAMETER_BOUNDS,
     .help = "largest value"},
    {"help", FIELD_TEXT, offsetof(struct parameter, help), .help = "what it sets"},
    {0},
};

static struct {
    struct arena arena;
    struct registry registry;
    const struct descriptor **rows; /* [registry.count] */
} families = {.registry = {.noun = "family"}};

const struct registry *families_registry(void)
{
    return &families.registry;
}

void families_release(void)
{
    arena_release(&families.arena);
    families.rows = NULL;
    families.registry.rows = NULL;
    families.registry.count = 0;
}

bool family_serves(const struct descriptor *descriptor, enum content labels)
{
    const struct family *family = family_of(descriptor);
    labels = labels == CONTENT_FEATURES ? CONTENT_SCORES : labels;
    return (family->serves >> labels & 1) != 0;
}

/* What reading one file works with. */
struct family_reader {
    struct arena *arena;
    struct diagnostics *found;
    struct error *error;
};

#define MISTAKE(reader, node, path, ...)                                                           \
    diagnostics_add((reader)->found, (node)->mark, path, (reader)->error, __VA_ARGS__)

/* "classify, denoise" */
static void list_tasks(char *names, size_t size)
{
    size_t length = 0;

    names[0] = '\0';
    for (size_t t = 0; task_names[t] && length < size; t++)
        length +=
            (size_t)snprintf(names + length, size - length, "%s%s", t ? ", " : "", task_names[t]);
}

static enum status tasks_read(struct family_reader *reader, const struct yaml_node *root,
                              const struct text_list *tasks, struct family *family)
{
    const struct yaml_node *list = yaml_get(root, "tasks");
    char path[32], names[200];

    list_tasks(names, sizeof names);
    for (size_t i = 0; i < tasks->count; i++) {
        const char *guess = NULL;
        const struct task *task = task_find(tasks->items[i]);
        if (task) {
            family->serves |= 1U << task->labels;
            continue;
        }
        for (size_t t = 0; task_names[t]; t++)
            text_nearest(tasks->items[i], task_names[t], &guess);
        snprintf(path, sizeof path, "tasks[%zu]", i);
        PASS(MISTAKE(reader, list->kind == YAML_SEQUENCE ? list->items[i] : list, path,
                     "unknown task '%s'%s%s%s", tasks->items[i],
                     guess ? "; did you mean '" : "; known are ", guess ? guess : names,
                     guess ? "'?" : ""));
    }
    if (tasks->count == 0 && list)
        PASS(MISTAKE(reader, list, "tasks", "expected one or more of: %s", names));
    return STATUS_OK;
}

static enum status parameter_name_check(struct family_reader *reader, const struct yaml_node *key,
                                        const char *path)
{
    if (!expression_is_name(key->text))
        return MISTAKE(reader, key, path, EXPAND_NAME_RULE);
    if (expand_is_reserved(key->text))
        return MISTAKE(reader, key, path, "'%s' is already in use", key->text);
    return STATUS_OK;
}

/* One parameter as a field of the family, with its default. */
static enum status parameter_read(struct family_reader *reader, const struct yaml_node *key,
                                  const struct yaml_node *node, struct field *field,
                                  int64_t *default_value)
{
    struct parameter parameter = {0};
    size_t before = reader->found->count;
    char path[128], text[32];

    snprintf(path, sizeof path, "parameters.%.90s", key->text);
    PASS(parameter_name_check(reader, key, path));
    PASS(schema_read(parameter_fields, node, path, &parameter, reader->arena, reader->found,
                     reader->error));
    if (reader->found->count == before && parameter.minimum >= parameter.maximum)
        PASS(MISTAKE(reader, node, path, "the minimum %lld is not below the maximum %lld",
                     (long long)parameter.minimum, (long long)parameter.maximum));
    else if (reader->found->count == before && (parameter.default_value < parameter.minimum ||
                                                parameter.default_value > parameter.maximum))
        PASS(MISTAKE(reader, node, path, "the default %lld is not between %lld and %lld",
                     (long long)parameter.default_value, (long long)parameter.minimum,
                     (long long)parameter.maximum));
    *default_value = parameter.default_value;
    snprintf(text, sizeof text, "%lld", (long long)parameter.default_value);
    field->name = key->text;
    field->type = FIELD_INTEGER;
    field->minimum = (double)parameter.minimum;
    field->maximum = (double)parameter.maximum;
    field->help = parameter.help;
    return arena_copy(reader->arena, text, strlen(text), &field->default_value, reader->error);
}

/* The field table, and the defaults as a configuration. */
static enum status parameters_read(struct family_reader *reader, const struct yaml_node *parameters,
                                   struct family *family, int64_t **defaults)
{
    struct field *fields;
    bool none = !parameters || yaml_is_null(parameters);
    size_t count = none || parameters->kind != YAML_MAPPING ? 0 : parameters->count;

    if (!none && parameters->kind != YAML_MAPPING)
        PASS(
            MISTAKE(reader, parameters, "parameters", "expected a mapping from names to settings"));
    PASS(arena_new(reader->arena, &fields, count + 1, sizeof *fields, reader->error));
    PASS(arena_new(reader->arena, defaults, count + 1, sizeof **defaults, reader->error));
    for (size_t i = 0; i < count; i++) {
        fields[i].offset = i * sizeof(int64_t);
        PASS(parameter_read(reader, parameters->keys[i], parameters->items[i], &fields[i],
                            &(*defaults)[i]));
    }
    family->parameter_count = count;
    family->descriptor.fields = fields;
    family->descriptor.config_size = count * sizeof(int64_t);
    return STATUS_OK;
}

/* A number that changes with the layers: 28 bits of the SHA-256 of their canonical text. */
static enum status fingerprint(const struct yaml_node *layers, int *number, struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};
    char digest[HASH_TEXT];

    yaml_print(layers, &text);
    TRY(text_status(&text, error));
    TRY(hash_of_texts(text.bytes, NULL, digest, error));
    digest[7] = 0;
    *number = (int)strtol(digest, NULL, 16);
out:
    text_release(&text);
    return status;
}

/* "networks/families/dncnn.yaml" is to hold the family "dncnn". */
static enum status name_check(struct family_reader *reader, const struct yaml_node *root,
                              const char *path, const char *name)
{
    const struct yaml_node *node = yaml_get(root, "family");
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    size_t length = strlen(file) - strlen(".yaml");

    if (!node || !name)
        return STATUS_OK; /* said already */
    if (!expression_is_name(name))
        return MISTAKE(reader, node, "family", EXPAND_NAME_RULE);
    if (strlen(name) != length || strncmp(file, name, length) != 0)
        return MISTAKE(reader, node, "family", "the file of family '%s' must be called %s.yaml",
                       name, name);
    return STATUS_OK;
}

/* *row stays NULL where the file has mistakes. */
static enum status family_read(struct family_reader *reader, const char *path,
                               const struct descriptor **row)
{
    struct yaml_node *root = NULL;
    struct family_file file = {0};
    struct family *family;
    int64_t *defaults;
    size_t before = reader->found->count;

    PASS(yaml_parse_file(reader->arena, path, &root, NULL, reader->found, reader->error));
    if (!root)
        return STATUS_OK;
    PASS(schema_read(file_fields, root, "", &file, reader->arena, reader->found, reader->error));
    if (root->kind != YAML_MAPPING)
        return STATUS_OK;
    PASS(arena_new(reader->arena, &family, 1, sizeof *family, reader->error));
    PASS(name_check(reader, root, path, file.family));
    PASS(tasks_read(reader, root, &file.tasks, family));
    PASS(parameters_read(reader, file.parameters, family, &defaults));
    family->descriptor.name = file.family;
    family->descriptor.summary = file.about;
    family->descriptor.source = file.source && *file.source ? file.source : NULL;
    family->layers = file.layers;
    family->sides = file.sides;
    if (!file.layers) {
        PASS(MISTAKE(reader, root, "", "required key 'layers' is missing"));
        return STATUS_OK;
    }
    PASS(expand_check(family, defaults, reader->arena, reader->found, reader->error));
    PASS(fingerprint(family->layers, &family->descriptor.version, reader->error));
    if (reader->found->count == before)
        *row = &family->descriptor;
    return STATUS_OK;
}

enum status families_load(const struct text_list *folders, struct diagnostics *found,
                          struct error *error)
{
    enum status status = STATUS_OK;
    struct family_reader reader = {&families.arena, found, error};
    struct catalog catalog;

    families_release();
    TRY(catalog_list(folders, "network families", &families.arena, &catalog, error));
    TRY(arena_new(&families.arena, &families.rows, catalog.names.count + 1, sizeof(void *), error));
    for (size_t i = 0; i < catalog.names.count; i++) {
        const struct descriptor *row = NULL;
        TRY(family_read(&reader, catalog.files[i], &row));
        if (row)
            families.rows[families.registry.count++] = row;
    }
    families.registry.rows = families.rows;
out:
    if (status != STATUS_OK)
        families_release();
    return status;
}
