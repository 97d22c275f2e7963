/*
 * JSON Schema, draft 2020-12, for editors. Of the draft's words only those are used that editors
 * have known since draft 7: FIELD_SELECT becomes if/then with one branch for each name, which
 * describes that name's keys and forbids the others'.
 */
#include "io/schema/schema_json.h"

#include "io/schema/schema_private.h"

#include <string.h>

static void print_record(struct json *json, const struct field *fields, bool tunable);

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

    for (; !json->partial && fields && fields->name; fields++) {
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
    bool partial = json->partial;

    if (!registry->count)
        return;
    json->partial = false; /* a component comes whole from one file */
    json_key(json, "oneOf");
    json_open(json, "[");
    if (field->default_value && strcmp(field->default_value, "~") == 0)
        schema_json_const(json, "type", "null");
    schema_json_reference(json);
    if (schema_json_any_by_name(registry)) {
        json_next(json);
        json_open(json, "{");
        schema_json_names(json, registry, false);
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
        schema_json_object(json, nullable);
        print_record(json, kind->fields, field->tunable);
        json_close(json, "}");
        json_close(json, "}");
        json_pair_raw(json, "additionalProperties", "false");
        json_close(json, "}");
    }
    json_close(json, "]");
    json->partial = partial;
}

/* What is kept as it is written has no references. */
static void print_kept(struct json *json, const struct field *field)
{
    struct json plain = *json;

    if (!field->fields)
        return;
    plain.references = false;
    schema_json_object(&plain, true);
    print_record(&plain, field->fields, false);
    plain.references = json->references;
    *json = plain;
}

/* What stands between the braces of a field's schema. */
static void print_field(struct json *json, const struct field *field, bool tunable)
{
    bool number = field->type == FIELD_INTEGER || field->type == FIELD_REAL || schema_word(field);

    schema_json_help(json, field);
    if (number && tunable)
        schema_json_tunable(json, field);
    else if (number)
        schema_json_number_schema(json, field);
    switch (field->type) {
    case FIELD_BOOLEAN: schema_json_type(json, "\"boolean\""); break;
    case FIELD_TEXT: json_pair_raw(json, "type", "[\"string\", \"number\", \"boolean\"]"); break;
    case FIELD_CHOICE:
    case FIELD_SELECT: schema_json_word(json, field); break;
    case FIELD_REALS:
    case FIELD_TEXTS: schema_json_list_schema(json, field); break;
    case FIELD_RECORD:
        schema_json_object(json, !schema_any_required(field->fields));
        print_record(json, field->fields, false);
        break;
    case FIELD_NODE: print_kept(json, field); break;
    case FIELD_COMPONENT: print_component(json, field); break;
    case FIELD_COMPONENTS:
        schema_json_type(json, "\"array\"");
        json_key(json, "items");
        json_open(json, "{");
        print_component(json, field);
        json_close(json, "}");
        break;
    default: break;
    }
    schema_json_default(json, field);
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

/* if the name is this one, then … */
static void open_branch(struct json *json, const struct field *select,
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
    if (!select->default_value || strcmp(select->default_value, kind->name) != 0) {
        json_key(json, "required");
        text_append(json->text, "[");
        json_string(json, select->name);
        text_append(json->text, "]");
    }
    json_close(json, "}");
    json_key(json, "then");
    json_open(json, "{");
}

static void close_branch(struct json *json)
{
    json_close(json, "}");
    json_close(json, "}");
}

/* These keys and not the others'. */
static void print_branch(struct json *json, const struct field *select,
                         const struct descriptor *kind)
{
    open_branch(json, select, kind);
    json_pair(json, "description", kind->summary);
    json_key(json, "properties");
    json_open(json, "{");
    print_properties(json, kind->fields, false);
    print_foreign(json, select->registry(), kind->fields, "false");
    json_close(json, "}");
    print_required(json, kind->fields);
    close_branch(json);
}

/* Only that the keys are present. */
static void print_branch_required(struct json *json, const struct field *select,
                                  const struct descriptor *kind)
{
    open_branch(json, select, kind);
    print_required(json, kind->fields);
    close_branch(json);
}

static void print_branches(struct json *json, const struct field *fields,
                           void (*print)(struct json *json, const struct field *select,
                                         const struct descriptor *kind))
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
            print(json, fields, registry->rows[i]);
        }
    }
    if (!first)
        json_close(json, "]");
}

static void print_record(struct json *json, const struct field *fields, bool tunable)
{
    json_key(json, "properties");
    json_open(json, "{");
    print_properties(json, fields, tunable);
    for (const struct field *f = fields; f && f->name; f++)
        if (f->type == FIELD_SELECT)
            print_foreign(json, f->registry(), fields, "true");
    json_close(json, "}");
    print_required(json, fields);
    print_branches(json, fields, print_branch);
    json_pair_raw(json, "additionalProperties", "false");
}

/* What sections must have together, whichever files it comes from. */
static void print_complete(struct json *json, const struct field *fields)
{
    print_required(json, fields);
    json_key(json, "properties");
    json_open(json, "{");
    for (const struct field *f = fields; f->name; f++)
        if (f->type == FIELD_RECORD) {
            json_key(json, f->name);
            json_open(json, "{");
            print_complete(json, f->fields);
            json_close(json, "}");
        }
    json_close(json, "}");
    print_branches(json, fields, print_branch_required);
}

void schema_json(const struct field *fields, bool references, const char *include, int indent,
                 struct text *text)
{
    struct json json = {
        .text = text, .indent = indent, .references = references, .partial = include != NULL};

    json_open(&json, "{");
    json_pair(&json, "type", "object"); /* the file itself is no reference */
    print_record(&json, fields, false);
    json_close(&json, "}");
    if (!include)
        return;
    json.partial = false;
    json_next(&json);
    json_open(&json, "{");
    json_key(&json, "if");
    json_open(&json, "{");
    json_key(&json, "not");
    json_open(&json, "{");
    json_key(&json, "required");
    text_append(text, "[");
    json_string(&json, include);
    text_append(text, "]");
    json_close(&json, "}");
    json_close(&json, "}");
    json_key(&json, "then");
    json_open(&json, "{");
    print_complete(&json, fields);
    json_close(&json, "}");
    json_close(&json, "}");
}
