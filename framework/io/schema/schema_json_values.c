/* What a JSON Schema says of single values: types, bounds, words, defaults. */
#include "io/schema/schema_json.h"

#include "io/schema/schema_private.h"

#include <inttypes.h>
#include <string.h>

/* `${…}` somewhere, which is not `$${`. */
#define REFERENCE "(^|[^$])\\$\\{[^}]+\\}"

/* A default as JSON: what is plain and looks like a number, boolean or null, is one. */
static void print_node(struct json *json, const struct yaml_node *node, bool as_text)
{
    int64_t integer;
    double real;
    bool boolean;

    if (node->kind != YAML_SCALAR) {
        text_append(json->text, node->kind == YAML_SEQUENCE ? "[" : "{");
        for (size_t i = 0; i < node->count; i++) {
            text_append(json->text, i ? ", " : "");
            if (node->kind == YAML_MAPPING) {
                json_string(json, node->keys[i]->text);
                text_append(json->text, ": ");
            }
            print_node(json, node->items[i], as_text);
        }
        text_append(json->text, node->kind == YAML_SEQUENCE ? "]" : "}");
    } else if (!as_text && yaml_is_null(node)) {
        text_append(json->text, "null");
    } else if (!as_text && yaml_boolean(node, &boolean)) {
        text_append(json->text, boolean ? "true" : "false");
    } else if (!as_text && yaml_integer(node, &integer)) {
        text_append(json->text, "%" PRId64, integer);
    } else if (!as_text && yaml_real(node, &real)) {
        text_append_real(json->text, real);
    } else {
        json_string(json, node->text);
    }
}

void schema_json_default(struct json *json, const struct field *field)
{
    struct arena arena = {0};
    struct yaml_node scratch;
    const struct yaml_node *node;
    bool as_text =
        field->type == FIELD_TEXT || field->type == FIELD_TEXTS || field->type == FIELD_CHOICE;

    if (!field->default_value)
        return;
    if (schema_default(field, (struct yaml_mark){0}, &arena, &scratch, &node, NULL) != STATUS_OK) {
        json->text->failed = true;
    } else {
        json_key(json, "default");
        print_node(json, node, as_text);
    }
    arena_release(&arena);
}

void schema_json_help(struct json *json, const struct field *field)
{
    struct text help = {0};

    text_append(&help, "%s", field->help ? field->help : field->name);
    if (field->unit)
        text_append(&help, " (%s)", field->unit);
    if (help.bytes)
        json_pair(json, "description", help.bytes);
    json->text->failed = json->text->failed || help.failed;
    text_release(&help);
}

/* The types, as "\"object\", \"null\"", and a reference beside them: of the words that stand with a
 * type, each looks at values of its own type only, and so does the pattern. */
void schema_json_type(struct json *json, const char *types)
{
    bool several = json->references || strchr(types, ',');

    json_key(json, "type");
    text_append(json->text, several ? "[%s%s]" : "%s%s", types,
                json->references ? ", \"string\"" : "");
    if (json->references)
        json_pair(json, "pattern", REFERENCE);
}

/* One more alternative, where a value may be a reference. */
void schema_json_reference(struct json *json)
{
    if (!json->references)
        return;
    json_next(json);
    json_open(json, "{");
    json_pair(json, "type", "string");
    json_pair(json, "pattern", REFERENCE);
    json_close(json, "}");
}

/* Type and bounds of one number, without braces. */
static void print_number(struct json *json, const struct field *field)
{
    bool real =
        field->type == FIELD_REAL || field->type == FIELD_REALS || field->type == FIELD_SHARE;

    schema_json_type(json, real ? "\"number\"" : "\"integer\"");
    if (schema_has_minimum(field)) {
        json_key(json, "minimum");
        text_append_real(json->text, field->minimum);
    }
    if (schema_has_maximum(field)) {
        json_key(json, "maximum");
        text_append_real(json->text, field->maximum);
    }
}

void schema_json_const(struct json *json, const char *name, const char *value)
{
    json_next(json);
    json_open(json, "{");
    json_pair(json, name, value);
    json_close(json, "}");
}

/* A number, or the word allowed instead. */
void schema_json_number_schema(struct json *json, const struct field *field)
{
    if (!schema_word(field)) {
        print_number(json, field);
        return;
    }
    json_key(json, "anyOf");
    json_open(json, "[");
    schema_json_const(json, "const", schema_word(field));
    if (field->opens)
        schema_json_const(json, "type", "object");
    json_next(json);
    json_open(json, "{");
    print_number(json, field);
    json_close(json, "}");
    json_close(json, "]");
}

/* A number, or {tune: [numbers]}. */
void schema_json_tunable(struct json *json, const struct field *field)
{
    json_key(json, "anyOf");
    json_open(json, "[");
    json_next(json);
    json_open(json, "{");
    schema_json_number_schema(json, field);
    json_close(json, "}");
    json_next(json);
    json_open(json, "{");
    json_pair(json, "type", "object");
    json_key(json, "properties");
    json_open(json, "{");
    json_key(json, "tune");
    json_open(json, "{");
    schema_json_type(json, "\"array\"");
    json_pair_raw(json, "minItems", "1");
    json_key(json, "items");
    json_open(json, "{");
    schema_json_number_schema(json, field);
    json_close(json, "}");
    json_close(json, "}");
    json_close(json, "}");
    json_pair_raw(json, "required", "[\"tune\"]");
    json_pair_raw(json, "additionalProperties", "false");
    json_close(json, "}");
    json_close(json, "]");
}

/* Of one item, or a list of such. */
void schema_json_list_schema(struct json *json, const struct field *field)
{
    for (int list = 0; list < 2; list++) {
        if (list) {
            json_next(json);
            json_open(json, "{");
            json_pair(json, "type", "array");
            json_key(json, "items");
        } else {
            json_key(json, "anyOf");
            json_open(json, "[");
            json_next(json);
        }
        json_open(json, "{");
        if (field->type == FIELD_REALS)
            print_number(json, field);
        else
            json_pair_raw(json, "type", "[\"string\", \"number\", \"boolean\"]");
        json_close(json, "}");
        if (list) {
            json_close(json, "}");
            json_close(json, "]");
        }
    }
}

/* The names of those that can be chosen by name alone. */
void schema_json_names(struct json *json, const struct registry *registry, bool all)
{
    bool first = true;

    if (!registry->count) {
        json_pair(json, "type", "string");
        return;
    }
    json_key(json, "enum");
    text_append(json->text, "[");
    for (size_t i = 0; i < registry->count; i++) {
        if (!all && schema_any_required(registry->rows[i]->fields))
            continue;
        text_append(json->text, first ? "" : ", ");
        json_string(json, registry->rows[i]->name);
        first = false;
    }
    text_append(json->text, "]");
}

bool schema_json_any_by_name(const struct registry *registry)
{
    for (size_t i = 0; i < registry->count; i++)
        if (!schema_any_required(registry->rows[i]->fields))
            return true;
    return false;
}

/* One of some words. */
static void print_words(struct json *json, const struct field *field)
{
    if (field->type == FIELD_SELECT) {
        schema_json_names(json, field->registry(), true);
        return;
    }
    json_key(json, "enum");
    text_append(json->text, "[");
    for (size_t i = 0; field->choices[i]; i++) {
        text_append(json->text, i ? ", " : "");
        json_string(json, field->choices[i]);
    }
    text_append(json->text, "]");
}

void schema_json_word(struct json *json, const struct field *field)
{
    if (!json->references) {
        print_words(json, field);
        return;
    }
    json_key(json, "anyOf");
    json_open(json, "[");
    json_next(json);
    json_open(json, "{");
    print_words(json, field);
    json_close(json, "}");
    schema_json_reference(json);
    json_close(json, "]");
}

void schema_json_object(struct json *json, bool nullable)
{
    schema_json_type(json, nullable ? "\"object\", \"null\"" : "\"object\"");
}
