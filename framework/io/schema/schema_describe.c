/* Field tables for people: a paragraph a setting, and the settings of a part below its name. */
#include "base/columns.h"
#include "io/schema/schema_private.h"

#include <stdio.h>
#include <string.h>

enum { TYPE = 400, INDENT = 2, HELP = 4, NARROWEST = 20 };

static void type_text(const struct field *field, char text[TYPE])
{
    static const char *const nouns[] = {
        [FIELD_BOOLEAN] = "true or false", [FIELD_INTEGER] = "whole number",
        [FIELD_COUNT] = "whole number",    [FIELD_REAL] = "number",
        [FIELD_SHARE] = "number",          [FIELD_TEXT] = "text",
        [FIELD_REALS] = "numbers",         [FIELD_TEXTS] = "texts",
        [FIELD_NODE] = "anything",         [FIELD_RECORD] = "settings",
    };
    char expected[SCHEMA_EXPECTED];

    if (field->type == FIELD_NODE && field->fields) {
        snprintf(text, TYPE, "settings");
        return;
    }
    if (field->registry) {
        snprintf(text, TYPE, "%s%s", field->registry()->noun,
                 field->type == FIELD_COMPONENTS ? "s" : "");
        return;
    }
    if (field->type == FIELD_CHOICE) {
        text[0] = '\0';
        for (size_t i = 0; field->choices[i]; i++) {
            size_t used = strlen(text);
            snprintf(text + used, TYPE - used, "%s%s", i ? ", " : "", field->choices[i]);
        }
        return;
    }
    schema_expected(field, expected);
    bool bounds = schema_has_minimum(field) || schema_has_maximum(field);
    snprintf(text, TYPE, "%s%s%s%s", nouns[field->type],
             bounds               ? ", "
             : schema_word(field) ? ", or "
                                  : "",
             bounds ? expected : "", !bounds && schema_word(field) ? schema_word(field) : "");
    size_t used = strlen(text);
    if (!bounds && field->unit)
        snprintf(text + used, TYPE - used, ", %s", field->unit);
}

/* `words`, the first line of which begins at `used`, and the others at `indent`. */
static void append_wrapped(struct text *text, const char *words, size_t used, size_t indent,
                           size_t columns)
{
    size_t length = strlen(words), room = columns > used ? columns - used : 0;
    size_t least = columns > indent + NARROWEST ? columns - indent : NARROWEST;

    for (;;) {
        size_t fit = columns_fit_words(words, length, room);
        text_append_bytes(text, words, fit);
        for (words += fit, length -= fit; length && *words == ' '; words++)
            length--;
        if (!length)
            break;
        text_append(text, "\n%*s", (int)indent, "");
        room = least;
    }
    text_append(text, "\n");
}

static void describe_field(const struct field *field, size_t indent, size_t columns,
                           struct text *text)
{
    char type[TYPE];
    struct text line = {0};

    type_text(field, type);
    text_append(&line, "%s: %s", field->name, type);
    if (field->default_value)
        text_append(&line, " (default %s)",
                    field->default_value[0] ? field->default_value : "\"\"");
    else if (schema_required(field))
        text_append(&line, " (required)");
    text_append(text, "%*s", (int)indent, "");
    append_wrapped(text, line.bytes ? line.bytes : "", indent, indent + 2 * HELP, columns);
    if (field->help && field->help[0]) {
        text_append(text, "%*s", (int)(indent + HELP), "");
        append_wrapped(text, field->help, indent + HELP, indent + HELP, columns);
    }
    text->failed = text->failed || line.failed;
    text_release(&line);
}

static void describe_part(const struct field *part, size_t indent, size_t columns,
                          struct text *text)
{
    bool helps = part->help && part->help[0];

    text_append(text, "%*s%s%s", (int)indent, "", part->name, helps ? ": " : "\n");
    if (helps)
        append_wrapped(text, part->help, indent + strlen(part->name) + 2, indent + HELP, columns);
}

/* Parts come last, each below its name; or their names alone. */
static void describe_fields(const struct field *fields, bool whole, size_t indent, size_t columns,
                            struct text *text)
{
    bool after = false;

    for (const struct field *f = fields; f->name; f++)
        if (!f->fields) {
            describe_field(f, indent, columns, text);
            after = true;
        }
    for (const struct field *f = fields; f->name; f++) {
        if (!f->fields)
            continue;
        text_append(text, "%s", after ? "\n" : "");
        after = whole;
        describe_part(f, indent, columns, text);
        if (whole)
            describe_fields(f->fields, true, indent + INDENT, columns, text);
    }
}

void schema_describe(const struct field *fields, size_t columns, struct text *text)
{
    if (fields && fields->name)
        describe_fields(fields, true, INDENT, columns, text);
    else
        text_append(text, "%*sno settings\n", INDENT, "");
}

void schema_outline(const struct field *fields, size_t columns, struct text *text)
{
    describe_fields(fields, false, INDENT, columns, text);
}
