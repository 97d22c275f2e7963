/* Values without parts: numbers, texts, choices, and lists of numbers and of texts. */
#include "io/schema/schema_private.h"
#include "io/yaml/yaml_scalar.h"

#include <stdio.h>
#include <string.h>

enum status schema_mistake(struct reader *reader, struct yaml_mark mark,
                           const struct yaml_location *place, const char *format, ...)
{
    char path[YAML_LOCATION_TEXT], message[sizeof((struct error *)0)->message];
    va_list arguments;

    if (reader->quiet)
        return STATUS_OK;
    yaml_location_text(place, path);
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return diagnostics_add(reader->found, mark, path, reader->error, "%s", message);
}

const char *schema_found(const struct yaml_node *node, char shown[EXCERPT_TEXT + 8])
{
    char text[EXCERPT_TEXT];
    if (node->kind == YAML_SCALAR && !yaml_is_null(node))
        snprintf(shown, EXCERPT_TEXT + 8, "'%s'", excerpt(node->text, text));
    else
        snprintf(shown, EXCERPT_TEXT + 8, "%s",
                 node->kind == YAML_SEQUENCE  ? "a list"
                 : node->kind == YAML_MAPPING ? "a mapping"
                                              : "nothing");
    return shown;
}

static const char *noun_of(const struct field *field)
{
    switch (field->type) {
    case FIELD_BOOLEAN: return "true or false";
    case FIELD_INTEGER: return "a whole number";
    case FIELD_COUNT: return "a whole number, or all";
    case FIELD_SHARE: return "a number, or auto";
    case FIELD_REAL:
    case FIELD_REALS: return "a number";
    default: return "a text";
    }
}

static const char *list_choices(const struct field *field, char names[SCHEMA_NAMES])
{
    for (size_t i = 0; field->choices[i]; i++) {
        size_t used = strlen(names);
        snprintf(names + used, SCHEMA_NAMES - used, "%s%s", i ? ", " : "", field->choices[i]);
    }
    return names;
}

/* "expected <noun>, found <what>", for a value of the wrong kind. */
static enum status refuse_kind(struct reader *reader, const struct field *field,
                               const struct yaml_node *node, const struct yaml_location *place)
{
    char shown[EXCERPT_TEXT + 8], names[SCHEMA_NAMES] = "";

    if (field->type == FIELD_CHOICE)
        return schema_mistake(reader, node->mark, place, "expected one of: %s, found %s",
                              list_choices(field, names), schema_found(node, shown));
    return schema_mistake(reader, node->mark, place, "expected %s, found %s", noun_of(field),
                          schema_found(node, shown));
}

/* Why a scalar is no number of the field's type. */
static enum status refuse_number(struct reader *reader, const struct field *field,
                                 const struct yaml_node *node, const struct yaml_location *place,
                                 enum yaml_number reason)
{
    char text[EXCERPT_TEXT], expected[SCHEMA_EXPECTED], tail[SCHEMA_EXPECTED + 16] = "";
    bool real =
        field->type == FIELD_REAL || field->type == FIELD_REALS || field->type == FIELD_SHARE;

    excerpt(node->text, text);
    schema_expected(field, expected);
    if (expected[0])
        snprintf(tail, sizeof tail, "; expected %s", expected);
    if (node->quoted)
        return schema_mistake(reader, node->mark, place,
                              "'%s' in quotes is text; expected a number without quotes", text);
    switch (reason) {
    case YAML_NUMBER_LONG:
        return schema_mistake(reader, node->mark, place,
                              "a number of %zu characters; expected at most %d", strlen(node->text),
                              YAML_MAX_NUMBER);
    case YAML_NUMBER_RANGE:
        return schema_mistake(reader, node->mark, place, "%s is out of range%s", text,
                              expected[0] ? tail
                              : real      ? "; a number is at most 1.8e308"
                                          : "; a whole number has at most 64 bits");
    case YAML_NUMBER_INFINITE:
        return schema_mistake(reader, node->mark, place, "'%s' is not a finite number%s", text,
                              tail);
    case YAML_NUMBER_OCTAL:
        return schema_mistake(reader, node->mark, place,
                              "%s is ambiguous; write it without leading zeros, or octal as 0o%s",
                              text, text + strspn(text, "+-0"));
    default: break;
    }
    return schema_mistake(reader, node->mark, place, "'%s' is not %s%s", text,
                          real ? "a number" : "a whole number", tail);
}

static enum status refuse_range(struct reader *reader, const struct field *field,
                                const struct yaml_node *node, const struct yaml_location *place)
{
    char text[EXCERPT_TEXT], expected[SCHEMA_EXPECTED];

    schema_expected(field, expected);
    return schema_mistake(reader, node->mark, place, "%s is out of range; expected %s",
                          excerpt(node->text, text), expected);
}

/* As a whole number: from 2^53 on, not every one is a double. */
static bool is_within(const struct field *field, int64_t value)
{
    const double most = 9.2e18; /* bounds beyond bound nothing */
    bool least = schema_has_minimum(field) && field->minimum > -most;

    return !(least && value < (int64_t)field->minimum) &&
           !(schema_has_maximum(field) && field->maximum < most && value > (int64_t)field->maximum);
}

static enum status read_integer(struct reader *reader, const struct field *field,
                                const struct yaml_node *node, const struct yaml_location *place,
                                int64_t *member, bool *good)
{
    int64_t value = 0;

    if (field->type == FIELD_COUNT && strcmp(node->text, "all") == 0) {
        *member = COUNT_ALL;
        *good = true;
        return STATUS_OK;
    }
    enum yaml_number reason = yaml_scan_integer(node->text, &value);
    if (node->quoted || reason != YAML_NUMBER_GOOD)
        return refuse_number(reader, field, node, place, reason);
    *good = is_within(field, value);
    if (!*good)
        return refuse_range(reader, field, node, place);
    *member = value;
    return STATUS_OK;
}

static enum status read_real(struct reader *reader, const struct field *field,
                             const struct yaml_node *node, const struct yaml_location *place,
                             double *member, bool *good)
{
    double value = 0;

    if (field->type == FIELD_SHARE && strcmp(node->text, "auto") == 0) {
        *member = SHARE_AUTO;
        *good = true;
        return STATUS_OK;
    }
    enum yaml_number reason = yaml_scan_real(node->text, &value);
    if (node->quoted || reason != YAML_NUMBER_GOOD)
        return refuse_number(reader, field, node, place, reason);
    *good = !(schema_has_minimum(field) && value < field->minimum) &&
            !(schema_has_maximum(field) && value > field->maximum);
    if (!*good)
        return refuse_range(reader, field, node, place);
    *member = value;
    return STATUS_OK;
}

static enum status read_choice(struct reader *reader, const struct field *field,
                               const struct yaml_node *node, const struct yaml_location *place,
                               int64_t *member, bool *good)
{
    char shown[EXCERPT_TEXT], names[SCHEMA_NAMES] = "";
    const char *near = NULL;

    for (int64_t i = 0; field->choices[i]; i++) {
        const char *choice = field->choices[i];
        if (strcmp(choice, node->text) == 0) {
            *member = i;
            *good = true;
            return STATUS_OK;
        }
        text_nearest(node->text, choice, &near);
    }
    excerpt(node->text, shown);
    if (near)
        return schema_mistake(reader, node->mark, place, "unknown choice '%s'; did you mean '%s'?",
                              shown, near);
    return schema_mistake(reader, node->mark, place, "unknown choice '%s'; expected one of: %s",
                          shown, list_choices(field, names));
}

static enum status read_boolean(struct reader *reader, const struct field *field,
                                const struct yaml_node *node, const struct yaml_location *place,
                                bool *member, bool *good)
{
    char text[EXCERPT_TEXT];

    *good = yaml_boolean(node, member);
    if (node->quoted)
        return schema_mistake(reader, node->mark, place,
                              "'%s' in quotes is text; expected true or false without quotes",
                              excerpt(node->text, text));
    return *good ? STATUS_OK : refuse_kind(reader, field, node, place);
}

static enum status read_text(struct reader *reader, const struct yaml_node *node,
                             const char **member, bool *good)
{
    *good = true;
    return arena_copy(reader->arena, node->text, strlen(node->text), member, reader->error);
}

static enum status read_scalar(struct reader *reader, const struct field *field,
                               const struct yaml_node *node, const struct yaml_location *place,
                               void *member, bool *good)
{
    if (node->kind != YAML_SCALAR || yaml_is_null(node))
        return refuse_kind(reader, field, node, place);
    switch (field->type) {
    case FIELD_BOOLEAN: return read_boolean(reader, field, node, place, member, good);
    case FIELD_INTEGER:
    case FIELD_COUNT: return read_integer(reader, field, node, place, member, good);
    case FIELD_REAL:
    case FIELD_SHARE:
    case FIELD_REALS: return read_real(reader, field, node, place, member, good);
    case FIELD_CHOICE: return read_choice(reader, field, node, place, member, good);
    default: return read_text(reader, node, member, good);
    }
}

/* A list of numbers or texts. A single value stands for a list of one. */
static enum status read_list(struct reader *reader, const struct field *field,
                             const struct yaml_node *node, const struct yaml_location *place,
                             void *member, bool *good)
{
    bool numbers = field->type == FIELD_REALS, all = true;
    bool list = node->kind == YAML_SEQUENCE;
    size_t count = list ? node->count : 1;
    size_t size = numbers ? sizeof(double) : sizeof(const char *);
    char *items, shown[EXCERPT_TEXT + 8];

    if (node->kind == YAML_MAPPING || yaml_is_null(node))
        return schema_mistake(reader, node->mark, place, "expected a list, found %s",
                              schema_found(node, shown));
    PASS(arena_new(reader->arena, &items, count, size, reader->error));
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item = list ? node->items[i] : node;
        struct yaml_location here = {place, NULL, i, item->mark};
        bool fine = false;
        PASS(read_scalar(reader, field, item, list ? &here : place, items + i * size, &fine));
        all = all && fine;
    }
    if (!all)
        return STATUS_OK;
    if (numbers)
        *(struct real_list *)member = (struct real_list){(double *)(void *)items, count};
    else
        *(struct text_list *)member = (struct text_list){(const char **)(void *)items, count};
    *good = true;
    return STATUS_OK;
}

/* {tune: [0.4, 0.8]}: the values to try, the first of which the member gets. */
static enum status read_tuned(struct reader *reader, const struct field *field,
                              const struct yaml_node *list, const struct yaml_location *place,
                              void *member, bool *good)
{
    struct component *component = reader->tuning;
    size_t size = schema_member_size(field->type), count = 0;
    struct yaml_location tune = {place, "tune", 0, list->mark};
    char *values, shown[EXCERPT_TEXT + 8];
    bool all = true;

    if (list->kind != YAML_SEQUENCE)
        return schema_mistake(reader, list->mark, &tune, "expected a list of values, found %s",
                              schema_found(list, shown));
    if (list->count == 0)
        return schema_mistake(reader, list->mark, &tune,
                              "the list is empty; expected at least one value to try");
    PASS(arena_new(reader->arena, &values, list->count, size, reader->error));
    for (size_t i = 0; i < list->count; i++) {
        struct yaml_location here = {&tune, NULL, i, list->items[i]->mark};
        bool fine = false;
        PASS(read_scalar(reader, field, list->items[i], &here, values + i * size, &fine));
        all = all && fine;
    }
    if (!all)
        return STATUS_OK;
    if (!component->tuned) {
        while (component->kind->fields[count].name)
            count++;
        PASS(arena_new(reader->arena, &component->tuned, count, sizeof *component->tuned,
                       reader->error));
    }
    component->tuned[component->tuned_count++] = (struct tuned_field){field, list->count, values};
    memcpy(member, values, size);
    *good = true;
    return STATUS_OK;
}

static bool is_number(const struct field *field)
{
    return field->type == FIELD_INTEGER || field->type == FIELD_COUNT ||
           field->type == FIELD_REAL || field->type == FIELD_SHARE;
}

enum status schema_read_value(struct reader *reader, const struct field *field,
                              const struct yaml_node *node, const struct yaml_location *place,
                              void *member, bool *good)
{
    if (field->type == FIELD_REALS || field->type == FIELD_TEXTS)
        return read_list(reader, field, node, place, member, good);
    if (node->kind == YAML_MAPPING && node->count == 1 &&
        strcmp(node->keys[0]->text, "tune") == 0) {
        if (is_number(field) && reader->tuning)
            return read_tuned(reader, field, node->items[0], place, member, good);
        return schema_mistake(reader, node->mark, place, "this cannot be tuned; expected %s",
                              noun_of(field));
    }
    return read_scalar(reader, field, node, place, member, good);
}
