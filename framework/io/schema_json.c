/*
 * JSON Schema, draft 2020-12, for editors. Of the draft's words only those are used that editors
 * have known since draft 7: FIELD_SELECT becomes if/then with one branch for each name, which
 * describes that name's keys and forbids the others'.
 */
#include "io/json.h"
#include "io/schema_private.h"
#include "io/yaml_scalar.h"

#include <inttypes.h>
#include <string.h>

static void print_record(struct json *json, const struct field *fields, bool nullable);

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

static void print_default(struct json *json, const struct field *field)
{
    struct arena arena = {0};
    struct yaml_node scratch;
    const struct yaml_node *node;
    bool as_text =
        field->type == FIELD_TEXT || field->type == FIELD_TEXTS || field->type == FIELD_CHOICE;

    if (!field->fallback)
        return;
    if (schema_fallback(field, (struct yaml_mark){0}, &arena, &scratch, &node, NULL) != STATUS_OK) {
        json->text->failed = true;
    } else {
        json_key(json, "default");
        print_node(json, node, as_text);
    }
    arena_release(&arena);
}

static void print_help(struct json *json, const struct field *field)
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

/* Type and bounds of one number, without braces. */
static void print_number(struct json *json, const struct field *field)
{
    bool real =
        field->type == FIELD_REAL || field->type == FIELD_REALS || field->type == FIELD_SHARE;

    json_pair(json, "type", real ? "number" : "integer");
    if (schema_has_minimum(field)) {
        json_key(json, "minimum");
        text_append_real(json->text, field->minimum);
    }
    if (schema_has_maximum(field)) {
        json_key(json, "maximum");
        text_append_real(json->text, field->maximum);
    }
}

static void print_const(struct json *json, const char *name, const char *value)
{
    json_next(json);
    json_open(json, "{");
    json_pair(json, name, value);
    json_close(json, "}");
}

/* A number, or the word that is allowed in its place. */
static void print_number_schema(struct json *json, const struct field *field)
{
    if (!schema_word(field)) {
        print_number(json, field);
        return;
    }
    json_key(json, "anyOf");
    json_open(json, "[");
    print_const(json, "const", schema_word(field));
    json_next(json);
    json_open(json, "{");
    print_number(json, field);
    json_close(json, "}");
    json_close(json, "]");
}

/* A number, or {tune: [numbers]}. */
static void print_tunable(struct json *json, const struct field *field)
{
    json_key(json, "anyOf");
    json_open(json, "[");
    json_next(json);
    json_open(json, "{");
    print_number_schema(json, field);
    json_close(json, "}");
    json_next(json);
    json_open(json, "{");
    json_pair(json, "type", "object");
    json_key(json, "properties");
    json_open(json, "{");
    json_key(json, "tune");
    json_open(json, "{");
    json_pair(json, "type", "array");
    json_pair_raw(json, "minItems", "1");
    json_key(json, "items");
    json_open(json, "{");
    print_number_schema(json, field);
    json_close(json, "}");
    json_close(json, "}");
    json_close(json, "}");
    json_pair_raw(json, "required", "[\"tune\"]");
    json_pair_raw(json, "additionalProperties", "false");
    json_close(json, "}");
    json_close(json, "]");
}

/* Of one item, or a list of such. */
static void print_list_schema(struct json *json, const struct field *field)
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
static void print_names(struct json *json, const struct registry *registry, bool all)
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

static bool any_by_name(const struct registry *registry)
{
    for (size_t i = 0; i < registry->count; i++)
        if (!schema_any_required(registry->rows[i]->fields))
            return true;
    return false;
}

static void print_field(struct json *json, const struct field *field, bool tunable);

static void print_properties(struct json *json, const struct field *fields, bool tunable)
{
    for (; fields && fields->name; fields++) {
        json_key(json, fields->name);
        json_open(json, "{");
        print_field(json, fields, tunable);
        json_close(json, "}");
    }
}

static void print_required(struct json *json, const struct field *fields)
{
    bool first = true;

    for (; fields && fields->name; fields++) {
        if (!schema_required(fields) &&
            !(fields->type == FIELD_RECORD && schema_any_required(fields->fields)))
            continue;
        if (first)
            json_key(json, "required");
        text_append(json->text, first ? "[" : ", ");
        json_string(json, fields->name);
        first = false;
    }
    if (!first)
        text_append(json->text, "]");
}

/* A component: its name, or an object with its name as the only key. */
static void print_component(struct json *json, const struct field *field)
{
    const struct registry *registry = field->registry();

    if (!registry->count)
        return;
    json_key(json, "oneOf");
    json_open(json, "[");
    if (field->fallback && strcmp(field->fallback, "~") == 0)
        print_const(json, "type", "null");
    if (any_by_name(registry)) {
        json_next(json);
        json_open(json, "{");
        print_names(json, registry, false);
        json_close(json, "}");
    }
    for (size_t i = 0; i < registry->count; i++) {
        const struct descriptor *kind = registry->rows[i];
        bool nullable = !schema_any_required(kind->fields);
        json_next(json);
        json_open(json, "{");
        json_pair(json, "type", "object");
        json_pair_raw(json, "minProperties", "1");
        json_key(json, "properties");
        json_open(json, "{");
        json_key(json, kind->name);
        json_open(json, "{");
        json_pair(json, "description", kind->summary);
        json_pair_raw(json, "type", nullable ? "[\"object\", \"null\"]" : "\"object\"");
        json_key(json, "properties");
        json_open(json, "{");
        print_properties(json, kind->fields, field->tunable);
        json_close(json, "}");
        print_required(json, kind->fields);
        json_pair_raw(json, "additionalProperties", "false");
        json_close(json, "}");
        json_close(json, "}");
        json_pair_raw(json, "additionalProperties", "false");
        json_close(json, "}");
    }
    json_close(json, "]");
}

/* What stands between the braces of a field's schema. */
static void print_field(struct json *json, const struct field *field, bool tunable)
{
    bool number = field->type == FIELD_INTEGER || field->type == FIELD_REAL || schema_word(field);

    print_help(json, field);
    if (number && tunable)
        print_tunable(json, field);
    else if (number)
        print_number_schema(json, field);
    switch (field->type) {
    case FIELD_BOOLEAN: json_pair(json, "type", "boolean"); break;
    case FIELD_TEXT: json_pair_raw(json, "type", "[\"string\", \"number\", \"boolean\"]"); break;
    case FIELD_CHOICE:
        json_key(json, "enum");
        text_append(json->text, "[");
        for (size_t i = 0; field->choices[i]; i++) {
            text_append(json->text, i ? ", " : "");
            json_string(json, field->choices[i]);
        }
        text_append(json->text, "]");
        break;
    case FIELD_REALS:
    case FIELD_TEXTS: print_list_schema(json, field); break;
    case FIELD_RECORD:
        print_record(json, field->fields, !schema_any_required(field->fields));
        break;
    case FIELD_NODE:
        if (field->fields)
            print_record(json, field->fields, true);
        break;
    case FIELD_SELECT: print_names(json, field->registry(), true); break;
    case FIELD_COMPONENT: print_component(json, field); break;
    case FIELD_COMPONENTS:
        json_pair(json, "type", "array");
        json_key(json, "items");
        json_open(json, "{");
        print_component(json, field);
        json_close(json, "}");
        break;
    default: break;
    }
    print_default(json, field);
}

/* The keys of every alternative of a FIELD_SELECT, each once: print `value` for those that are
 * neither in `own` nor were printed before. */
static void print_foreign(struct json *json, const struct registry *registry,
                          const struct field *own, const char *value)
{
    for (size_t i = 0; i < registry->count; i++)
        for (const struct field *f = registry->rows[i]->fields; f && f->name; f++) {
            bool skip = false;
            for (const struct field *o = own; o && o->name; o++)
                skip = skip || strcmp(o->name, f->name) == 0;
            for (size_t j = 0; j < i && !skip; j++)
                for (const struct field *g = registry->rows[j]->fields; g && g->name; g++)
                    skip = skip || strcmp(g->name, f->name) == 0;
            if (!skip)
                json_pair_raw(json, f->name, value);
        }
}

/* if the name is this one, then these keys and not the others'. */
static void print_branch(struct json *json, const struct field *select,
                         const struct descriptor *kind)
{
    json_next(json);
    json_open(json, "{");
    json_key(json, "if");
    json_open(json, "{");
    json_key(json, "properties");
    json_open(json, "{");
    json_key(json, select->name);
    json_open(json, "{");
    json_pair(json, "const", kind->name);
    json_close(json, "}");
    json_close(json, "}");
    if (!select->fallback || strcmp(select->fallback, kind->name) != 0) {
        json_key(json, "required");
        text_append(json->text, "[");
        json_string(json, select->name);
        text_append(json->text, "]");
    }
    json_close(json, "}");
    json_key(json, "then");
    json_open(json, "{");
    json_pair(json, "description", kind->summary);
    json_key(json, "properties");
    json_open(json, "{");
    print_properties(json, kind->fields, false);
    print_foreign(json, select->registry(), kind->fields, "false");
    json_close(json, "}");
    print_required(json, kind->fields);
    json_close(json, "}");
    json_close(json, "}");
}

static void print_branches(struct json *json, const struct field *fields)
{
    bool first = true;

    for (; fields && fields->name; fields++) {
        if (fields->type != FIELD_SELECT)
            continue;
        const struct registry *registry = fields->registry();
        for (size_t i = 0; i < registry->count; i++) {
            if (first) {
                json_key(json, "allOf");
                json_open(json, "[");
            }
            first = false;
            print_branch(json, fields, registry->rows[i]);
        }
    }
    if (!first)
        json_close(json, "]");
}

static void print_record(struct json *json, const struct field *fields, bool nullable)
{
    json_pair_raw(json, "type", nullable ? "[\"object\", \"null\"]" : "\"object\"");
    json_key(json, "properties");
    json_open(json, "{");
    print_properties(json, fields, false);
    for (const struct field *f = fields; f && f->name; f++)
        if (f->type == FIELD_SELECT)
            print_foreign(json, f->registry(), fields, "true");
    json_close(json, "}");
    print_required(json, fields);
    print_branches(json, fields);
    json_pair_raw(json, "additionalProperties", "false");
}

void schema_json(const struct field *fields, int indent, struct text *text)
{
    struct json json = {text, indent, false};

    json_open(&json, "{");
    print_record(&json, fields, false);
    json_close(&json, "}");
}
