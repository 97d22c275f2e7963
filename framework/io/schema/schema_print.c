/* Structs back to YAML that reads as the same structs. */
#include "io/schema/schema_private.h"
#include "io/yaml/yaml_scalar.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void print_flow(const struct field *field, const void *member, struct text *text);

/* Values that stand on one line and have no fields. */
static void print_value(const struct field *field, const void *member, struct text *text)
{
    int64_t number = 0;

    if (field->type == FIELD_INTEGER || field->type == FIELD_COUNT || field->type == FIELD_CHOICE)
        number = *(const int64_t *)member;
    switch (field->type) {
    case FIELD_BOOLEAN: text_append(text, *(const bool *)member ? "true" : "false"); break;
    case FIELD_COUNT:
        if (number == COUNT_ALL) {
            text_append(text, "all");
            break;
        } /* fall through */
    case FIELD_INTEGER: text_append(text, "%" PRId64, number); break;
    case FIELD_SHARE:
        if (*(const double *)member == (double)SHARE_AUTO) {
            text_append(text, "auto");
            break;
        } /* fall through */
    case FIELD_REAL: text_append_real(text, *(const double *)member); break;
    case FIELD_CHOICE: yaml_print_scalar(field->choices[number], false, text); break;
    default: yaml_print_scalar(*(const char *const *)member, true, text); break;
    }
}

static void print_list(const struct field *field, const void *member, struct text *text)
{
    bool numbers = field->type == FIELD_REALS;
    const struct real_list *reals = member;
    const struct text_list *texts = member;
    size_t count = numbers ? reals->count : texts->count;

    bool brackets = !field->plain || count != 1;

    text_append(text, brackets ? "[" : "");
    for (size_t i = 0; i < count; i++) {
        if (i)
            text_append(text, ", ");
        if (numbers)
            text_append_real(text, reals->items[i]);
        else
            yaml_print_scalar(texts->items[i], true, text);
    }
    text_append(text, brackets ? "]" : "");
}

static void print_tuned(const struct tuned_field *tuned, struct text *text)
{
    size_t size = schema_member_size(tuned->field->type);

    text_append(text, "{tune: [");
    for (size_t i = 0; i < tuned->count; i++) {
        if (i)
            text_append(text, ", ");
        print_value(tuned->field, (const char *)tuned->values + i * size, text);
    }
    text_append(text, "]}");
}

static const struct tuned_field *find_tuned(const struct component *component,
                                            const struct field *field)
{
    for (size_t i = 0; component && i < component->tuned_count; i++)
        if (component->tuned[i].field == field)
            return &component->tuned[i];
    return NULL;
}

/* Is it a default that says nothing? */
static bool is_unsaid(const struct field *field, const void *member)
{
    if (!field->unsaid)
        return false;
    switch (field->type) {
    case FIELD_BOOLEAN:
    case FIELD_RECORD: return !*(const bool *)member;
    case FIELD_REAL: return *(const double *)member == strtod(field->default_value, NULL);
    case FIELD_CHOICE:
        return strcmp(field->choices[*(const int64_t *)member], field->default_value) == 0;
    case FIELD_TEXT: return !(*(const char *const *)member)[0];
    case FIELD_REALS: return ((const struct real_list *)member)->count == 0;
    default: return ((const struct text_list *)member)->count == 0;
    }
}

/* Nothing to say: a FIELD_NODE that was not given, or a default that says nothing. */
static bool is_absent(const struct field *field, const void *member)
{
    return is_unsaid(field, member) ||
           (field->type == FIELD_NODE && !*(const struct yaml_node *const *)member);
}

/* "a: 1, b: 2", with commas; `owner`, if any, may have tuned some of the fields. */
static void print_pairs(const struct field *fields, const void *record,
                        const struct component *owner, bool *first, struct text *text)
{
    for (; fields && fields->name; fields++) {
        const void *member = schema_member_const(fields, record);
        const struct tuned_field *tuned = find_tuned(owner, fields);
        const struct component *chosen = fields->type == FIELD_SELECT ? member : NULL;

        if ((!tuned && is_absent(fields, member)) || (chosen && !chosen->kind))
            continue;
        text_append(text, *first ? "" : ", ");
        yaml_print_scalar(fields->name, true, text);
        text_append(text, ": ");
        *first = false;
        if (tuned)
            print_tuned(tuned, text);
        else
            print_flow(fields, member, text);
        if (chosen)
            print_pairs(chosen->kind->fields, chosen->config, NULL, first, text);
    }
}

void schema_print_component(const struct component *component, struct text *text)
{
    bool first = true;

    if (!component->kind) {
        text_append(text, "~");
        return;
    }
    yaml_print_scalar(component->kind->name, true, text);
    if (!component->kind->fields || !component->kind->fields->name)
        return;
    text_append(text, ": {");
    print_pairs(component->kind->fields, component->config, component, &first, text);
    text_append(text, "}");
}

/* A component as the value of a key or in a flow list, where "name: {}" needs braces. */
static void print_braced(const struct component *component, struct text *text)
{
    bool braces = component->kind && component->kind->fields && component->kind->fields->name;
    text_append(text, braces ? "{" : "");
    schema_print_component(component, text);
    text_append(text, braces ? "}" : "");
}

static void print_flow(const struct field *field, const void *member, struct text *text)
{
    const struct component *component = member;
    const struct component_list *list = member;
    bool first = true;

    switch (field->type) {
    case FIELD_REALS:
    case FIELD_TEXTS: print_list(field, member, text); break;
    case FIELD_RECORD:
        text_append(text, "{");
        print_pairs(field->fields, member, NULL, &first, text);
        text_append(text, "}");
        break;
    case FIELD_SELECT: yaml_print_scalar(component->kind->name, true, text); break;
    case FIELD_COMPONENT: print_braced(component, text); break;
    case FIELD_COMPONENTS:
        text_append(text, "[");
        for (size_t i = 0; i < list->count; i++) {
            text_append(text, i ? ", " : "");
            print_braced(&list->items[i], text);
        }
        text_append(text, "]");
        break;
    case FIELD_NODE: yaml_print(*(const struct yaml_node *const *)member, text); break;
    default: print_value(field, member, text); break;
    }
}

void schema_print_value(const struct field *field, const void *member, struct text *text)
{
    print_flow(field, member, text);
}

static void print_block_list(const struct component_list *list, int indent, struct text *text)
{
    for (size_t i = 0; i < list->count; i++) {
        text_append(text, "\n%*s- ", indent + 2, "");
        schema_print_component(&list->items[i], text);
    }
}

void schema_print(const struct field *fields, const void *record, int indent, struct text *text)
{
    for (; fields && fields->name; fields++) {
        const void *member = schema_member_const(fields, record);
        const struct component *chosen = fields->type == FIELD_SELECT ? member : NULL;
        const struct component_list *list = fields->type == FIELD_COMPONENTS ? member : NULL;

        if (is_absent(fields, member) || (chosen && !chosen->kind))
            continue;
        text_append(text, "%*s", indent, "");
        yaml_print_scalar(fields->name, true, text);
        text_append(text, ":");
        if (fields->type == FIELD_RECORD) {
            text_append(text, "\n");
            schema_print(fields->fields, member, indent + 2, text);
            continue;
        }
        if (list && list->count) {
            print_block_list(list, indent, text);
        } else {
            text_append(text, " ");
            print_flow(fields, member, text);
        }
        text_append(text, "\n");
        if (chosen)
            schema_print(chosen->kind->fields, chosen->config, indent, text);
    }
}
