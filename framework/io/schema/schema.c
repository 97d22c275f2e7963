#include "io/schema/schema.h"

#include "io/schema/schema_private.h"

#include <string.h>

const struct descriptor *registry_find(const struct registry *registry, const char *name)
{
    size_t low = 0, high = registry->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, registry->rows[middle]->name);
        if (order == 0)
            return registry->rows[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

void schema_apply_tuned(const struct component *component, size_t j, size_t k, void *config)
{
    const struct tuned_field *tuned = &component->tuned[j];
    size_t size = schema_member_size(tuned->field->type);
    memcpy(schema_member(tuned->field, config), (const char *)tuned->values + k * size, size);
}

size_t schema_member_size(enum field_type type)
{
    switch (type) {
    case FIELD_BOOLEAN: return sizeof(bool);
    case FIELD_INTEGER:
    case FIELD_COUNT:
    case FIELD_CHOICE: return sizeof(int64_t);
    case FIELD_REAL:
    case FIELD_SHARE: return sizeof(double);
    case FIELD_TEXT: return sizeof(const char *);
    case FIELD_REALS: return sizeof(struct real_list);
    case FIELD_TEXTS: return sizeof(struct text_list);
    case FIELD_SELECT:
    case FIELD_COMPONENT: return sizeof(struct component);
    case FIELD_COMPONENTS: return sizeof(struct component_list);
    case FIELD_NODE: return sizeof(struct yaml_node *);
    case FIELD_RECORD: break; /* as its fields say */
    }
    return 0;
}

bool schema_required(const struct field *field)
{
    return !field->default_value && field->type != FIELD_RECORD && field->type != FIELD_NODE;
}

bool schema_any_required(const struct field *fields)
{
    for (; fields && fields->name; fields++)
        if (schema_required(fields) ||
            (fields->type == FIELD_RECORD && schema_any_required(fields->fields)))
            return true;
    return false;
}

/* Tables write "no bound on this side" as a number that no value reaches. */
static const double unreachable = 9.2e18;

bool schema_has_minimum(const struct field *field)
{
    return !(field->minimum == 0 && field->maximum == 0) && field->minimum > -unreachable;
}

bool schema_has_maximum(const struct field *field)
{
    return !(field->minimum == 0 && field->maximum == 0) && field->maximum < unreachable;
}

static void append_number(double number, char text[SCHEMA_EXPECTED])
{
    struct text shown = {0};
    text_append_real(&shown, number);
    if (shown.bytes)
        strncat(text, shown.bytes, SCHEMA_EXPECTED - strlen(text) - 1);
    text_release(&shown);
}

static void append(const char *more, char text[SCHEMA_EXPECTED])
{
    strncat(text, more, SCHEMA_EXPECTED - strlen(text) - 1);
}

const char *schema_word(const struct field *field)
{
    return field->type == FIELD_COUNT ? "all" : field->type == FIELD_SHARE ? "auto" : NULL;
}

void schema_expected(const struct field *field, char text[SCHEMA_EXPECTED])
{
    bool low = schema_has_minimum(field), high = schema_has_maximum(field);

    text[0] = '\0';
    if (low && !high)
        append("at least ", text);
    if (low)
        append_number(field->minimum, text);
    if (high)
        append(low ? " to " : "at most ", text);
    if (high)
        append_number(field->maximum, text);
    if ((low || high) && field->unit) {
        append(" ", text);
        append(field->unit, text);
    }
    if (!schema_word(field))
        return;
    if (!low && !high)
        append(field->type == FIELD_COUNT ? "a whole number" : "a number", text);
    append(", or ", text);
    append(schema_word(field), text);
}
