/* Field tables as tables for people, on terminals of 100 columns. */
#include "io/schema/schema_private.h"

#include <stdio.h>
#include <string.h>

enum { PAGE = 100, COLUMNS = 4, CELL = 400, GAP = 2 };

/* Name, value, default; then the help. */
struct field_row {
    char cells[COLUMNS - 1][CELL];
    const char *help;
};

static void type_text(const struct field *field, char text[CELL])
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
        snprintf(text, CELL, "settings");
        return;
    }
    if (field->registry) {
        snprintf(text, CELL, "%s%s", field->registry()->noun,
                 field->type == FIELD_COMPONENTS ? "s" : "");
        return;
    }
    if (field->type == FIELD_CHOICE) {
        text[0] = '\0';
        for (size_t i = 0; field->choices[i]; i++) {
            size_t used = strlen(text);
            snprintf(text + used, CELL - used, "%s%s", i ? ", " : "", field->choices[i]);
        }
        return;
    }
    schema_expected(field, expected);
    bool bounds = schema_has_minimum(field) || schema_has_maximum(field);
    snprintf(text, CELL, "%s%s%s%s", nouns[field->type],
             bounds               ? ", "
             : schema_word(field) ? ", or "
                                  : "",
             bounds ? expected : "", !bounds && schema_word(field) ? schema_word(field) : "");
    size_t used = strlen(text);
    if (!bounds && field->unit)
        snprintf(text + used, CELL - used, ", %s", field->unit);
}

/* Is told of each row, in table order; records are shown as dotted names. */
typedef void visitor(void *context, const struct field_row *row);

static void visit_fields(const struct field *fields, const char *prefix, visitor *visit,
                         void *context)
{
    for (; fields && fields->name; fields++) {
        struct field_row row = {.help = fields->help ? fields->help : ""};
        char name[CELL];
        int length = snprintf(name, sizeof name, "%s%s", prefix, fields->name);

        if (fields->type == FIELD_RECORD && length < CELL - 1) {
            strcat(name, ".");
            visit_fields(fields->fields, name, visit, context);
            continue;
        }
        memcpy(row.cells[0], name, sizeof name);
        type_text(fields, row.cells[1]);
        snprintf(row.cells[2], CELL, "%s",
                 !fields->default_value     ? (schema_required(fields) ? "required" : "")
                 : fields->default_value[0] ? fields->default_value
                                            : "\"\"");
        visit(context, &row);
        if (fields->type == FIELD_NODE && fields->fields && length < CELL - 1) {
            strcat(name, ".");
            visit_fields(fields->fields, name, visit, context);
        }
    }
}

/* The first `width` columns' worth of `text` that ends between words; its bytes. */
static size_t fit_words(const char *text, size_t width)
{
    size_t columns = 0, best = 0, i;

    for (i = 0; text[i]; i++) {
        if (text[i] == ' ')
            best = i;
        columns += ((unsigned char)text[i] & 0xC0) != 0x80;
        if (columns > width)
            return best ? best : i;
    }
    return i;
}

struct text_layout {
    size_t widths[COLUMNS]; /* of the columns, in characters */
    struct text *text;
};

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void measure(void *context, const struct field_row *row)
{
    static const size_t widest[COLUMNS - 1] = {40, 28, 16};
    struct text_layout *layout = context;

    for (size_t i = 0; i < COLUMNS - 1; i++) {
        size_t width = characters(row->cells[i]);
        width = width > widest[i] ? widest[i] : width;
        if (width > layout->widths[i])
            layout->widths[i] = width;
    }
}

/* Each cell is wrapped in its own column. */
static void print_row(void *context, const struct field_row *row)
{
    struct text_layout *layout = context;
    const char *rest[COLUMNS] = {row->cells[0], row->cells[1], row->cells[2], row->help};
    bool more = true;

    while (more) {
        size_t owed = GAP; /* spaces before the next text: none are left at a line's end */
        more = false;
        for (size_t i = 0; i < COLUMNS; i++) {
            size_t bytes = fit_words(rest[i], layout->widths[i]);
            if (bytes) {
                text_append(layout->text, "%*s", (int)owed, "");
                text_append_bytes(layout->text, rest[i], bytes);
                owed = 0;
            }
            size_t shown = 0;
            for (size_t k = 0; k < bytes; k++)
                shown += ((unsigned char)rest[i][k] & 0xC0) != 0x80;
            owed += layout->widths[i] + GAP - shown;
            rest[i] += bytes;
            while (*rest[i] == ' ')
                rest[i]++;
            more = more || *rest[i];
        }
        text_append(layout->text, "\n");
    }
}

void schema_describe(const struct field *fields, struct text *text)
{
    struct field_row titles = {.cells = {"name", "value", "default"}, .help = "meaning"};
    struct text_layout layout = {.text = text};
    size_t used = GAP;

    if (!fields || !fields->name) {
        text_append(text, "%*sno settings\n", GAP, "");
        return;
    }
    measure(&layout, &titles);
    visit_fields(fields, "", measure, &layout);
    for (size_t i = 0; i < COLUMNS - 1; i++)
        used += layout.widths[i] + GAP;
    layout.widths[COLUMNS - 1] = used + 20 < PAGE ? PAGE - used : 20;
    print_row(&layout, &titles);
    visit_fields(fields, "", print_row, &layout);
}
