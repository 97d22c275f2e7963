/* What holds for every row of every registry, and for every field of its table. */
#include "data/registry.h"
#include "filters/registry.h"
#include "guard/registry.h"
#include "hardware/registry.h"
#include "launch/registry.h"
#include "networks/engines/registry.h"
#include "networks/layers/registry.h"
#include "noise/registry.h"
#include "report/figures/registry.h"
#include "search/registry.h"
#include "train/registry.h"
#include "train/stages/registry.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct registry *(*const registries[])(void) = {
    registry_augmentations, registry_datasets,  registry_degradations, registry_stages,
    registry_filters,       registry_layers,    registry_engines,      registry_losses,
    registry_optimizers,    registry_schedules, registry_cost_models,  registry_figures,
    registry_launchers,     registry_searches,  registry_label_noises, registry_guards,
};

typedef void row_check(const struct registry *registry, const struct descriptor *row);

static void for_each_row(row_check *check)
{
    for (size_t i = 0; i < sizeof registries / sizeof *registries; i++) {
        const struct registry *registry = registries[i]();
        for (size_t j = 0; j < registry->count; j++)
            check(registry, registry->rows[j]);
    }
}

/* CU_ASSERT that tells which row, and which field of it, is wrong. */
static void expect(bool good, const struct descriptor *row, const struct field *field,
                   const char *what)
{
    CU_ASSERT(good);
    if (!good)
        printf("%s%s%s: %s\n", row->name, field ? "." : "", field ? field->name : "", what);
}

static bool is_identifier(const char *name)
{
    return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")];
}

/* One line that does not end with a full stop. */
static bool is_line(const char *text)
{
    return text && *text && !strchr(text, '\n') && text[strlen(text) - 1] != '.';
}

static void check_name(const struct registry *registry, const struct descriptor *row)
{
    expect(is_identifier(row->name), row, NULL, "its name is not lower-case words");
    expect(is_line(row->summary), row, NULL, "its summary is not a line without a full stop");
    expect(row->version >= 1, row, NULL, "its version is below 1");
    expect(!row->source || *row->source, row, NULL, "its source is empty");
    expect(registry_find(registry, row->name) == row, row, NULL, "it is not found by name");
}

static void test_rows(void)
{
    for (size_t i = 0; i < sizeof registries / sizeof *registries; i++) {
        const struct registry *registry = registries[i]();
        CU_ASSERT(registry->count > 0);
        CU_ASSERT(is_line(registry->noun));
        for (size_t j = 1; j < registry->count; j++)
            expect(strcmp(registry->rows[j - 1]->name, registry->rows[j]->name) < 0,
                   registry->rows[j], NULL, "it does not stand in sorted order");
    }
    for_each_row(check_name);
}

static bool has_bounds_type(const struct field *field)
{
    return field->type == FIELD_INTEGER || field->type == FIELD_COUNT ||
           field->type == FIELD_REAL || field->type == FIELD_REALS || field->type == FIELD_SHARE;
}

static void check_table(const struct descriptor *row, const struct field *fields, size_t size)
{
    for (const struct field *f = fields; f && f->name; f++) {
        expect(is_identifier(f->name), row, f, "its name is not lower-case words");
        expect(is_line(f->help), row, f, "its help is not a line without a full stop");
        expect(f->offset < size, row, f, "it lies outside of the struct");
        expect(f->minimum <= f->maximum, row, f, "its bounds are the wrong way round");
        expect(has_bounds_type(f) || (f->minimum == 0 && f->maximum == 0), row, f,
               "it has bounds but is no number");
        expect((f->type == FIELD_CHOICE) == (f->choices != NULL), row, f, "choices do not fit");
        expect((f->type == FIELD_RECORD) == (f->fields != NULL), row, f, "fields do not fit");
        bool named =
            f->type == FIELD_SELECT || f->type == FIELD_COMPONENT || f->type == FIELD_COMPONENTS;
        expect(named == (f->registry != NULL), row, f, "the registry does not fit");
        for (const struct field *g = fields; g < f; g++)
            expect(strcmp(g->name, f->name) != 0, row, f, "another field has its name");
        if (f->type == FIELD_RECORD)
            check_table(row, f->fields, size - f->offset);
    }
}

static void check_fields(const struct registry *registry, const struct descriptor *row)
{
    (void)registry;
    check_table(row, row->fields, row->config_size);
}

static void test_fields(void)
{
    for_each_row(check_fields);
}

/* Read `yaml` ("" for an empty mapping) and print what was read; false where it has mistakes. */
static bool read_and_print(const struct field *fields, size_t size, const char *yaml,
                           struct text *text)
{
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;
    void *record = NULL;
    bool good = false;

    CU_ASSERT_EQUAL_FATAL(memory_new(&record, size + 1, 1, NULL), STATUS_OK);
    if (*yaml)
        CU_ASSERT_EQUAL_FATAL(yaml_parse(&arena, "test", yaml, strlen(yaml), &root, &found, NULL),
                              STATUS_OK);
    if (!found.count)
        CU_ASSERT_EQUAL_FATAL(schema_read(fields, root, "", record, &arena, &found, NULL),
                              STATUS_OK);
    text_append(text, "%s", "");
    if (!found.count) {
        schema_print(fields, record, 0, text);
        good = true;
    }
    for (size_t i = 0; i < found.count; i++)
        printf("%s: %s: %s\n", yaml, found.items[i].where.path, found.items[i].message);
    memory_free(record);
    diagnostics_release(&found);
    arena_release(&arena);
    return good;
}

static bool any_required(const struct field *fields)
{
    for (; fields && fields->name; fields++)
        if ((!fields->default_value && fields->type != FIELD_RECORD &&
             fields->type != FIELD_NODE) ||
            (fields->type == FIELD_RECORD && any_required(fields->fields)))
            return true;
    return false;
}

/* A default that stands in the user's file reads as the default does. */
static void check_field_default(const struct descriptor *row, const struct field *field,
                                size_t size)
{
    const struct field alone[] = {*field, {0}};
    struct text yaml = {0}, written = {0}, unwritten = {0};

    text_append(&yaml, "%s: %s", field->name,
                field->default_value[0] ? field->default_value : "''");
    if (strchr(field->default_value,
               ':')) { /* a component with settings needs braces on one line */
        text_clear(&yaml);
        text_append(&yaml, "%s: %s%s%s", field->name,
                    strchr("[{", field->default_value[0]) ? "" : "{", field->default_value,
                    strchr("[{", field->default_value[0]) ? "" : "}");
    }
    expect(read_and_print(alone, size, yaml.bytes, &written), row, field,
           "its default is refused by its own table");
    expect(read_and_print(alone, size, "", &unwritten), row, field, "its default does not read");
    expect(strcmp(written.bytes, unwritten.bytes) == 0, row, field,
           "its default, written out, reads as something else");
    text_release(&yaml);
    text_release(&written);
    text_release(&unwritten);
}

static void check_field_defaults(const struct descriptor *row, const struct field *fields,
                                 size_t size)
{
    for (; fields && fields->name; fields++) {
        if (fields->type == FIELD_RECORD)
            check_field_defaults(row, fields->fields, size);
        else if (fields->default_value)
            check_field_default(row, fields, size);
    }
}

static void check_defaults(const struct registry *registry, const struct descriptor *row)
{
    struct text once = {0}, twice = {0};

    (void)registry;
    check_field_defaults(row, row->fields, row->config_size);
    if (row->fields && !any_required(row->fields)) {
        expect(read_and_print(row->fields, row->config_size, "", &once), row, NULL,
               "its defaults do not read");
        expect(read_and_print(row->fields, row->config_size, once.bytes, &twice), row, NULL,
               "its printed defaults do not read");
        expect(strcmp(once.bytes, twice.bytes) == 0, row, NULL,
               "its printed defaults read as something else");
    }
    text_release(&once);
    text_release(&twice);
}

static void test_defaults(void)
{
    for_each_row(check_defaults);
}

static void check_texts(const struct registry *registry, const struct descriptor *row)
{
    struct text described = {0}, json = {0}, quoted = {0};
    size_t columns = 0;

    (void)registry;
    schema_describe(row->fields, 80, &described);
    schema_json(row->fields, true, NULL, 0, &json);
    for (const struct field *f = row->fields; f && f->name; f++) {
        text_clear(&quoted);
        text_append(&quoted, "\"%s\": {", f->name);
        expect(strstr(json.bytes, quoted.bytes) != NULL, row, f, "it is not in the JSON Schema");
        expect(strstr(described.bytes, f->name) != NULL, row, f, "it is not described");
    }
    for (const char *c = described.bytes; *c; c++) {
        columns = *c == '\n' ? 0 : columns + ((*c & 0xC0) != 0x80);
        expect(columns <= 80, row, NULL, "its description is wider than 80 columns");
    }
    text_release(&described);
    text_release(&json);
    text_release(&quoted);
}

static void test_texts(void)
{
    for_each_row(check_texts);
}

void registries_suite(void);
void registries_suite(void)
{
    CU_pSuite suite = CU_add_suite("registries", NULL, NULL);
    CU_add_test(suite, "rows are sorted and say what they are", test_rows);
    CU_add_test(suite, "fields are complete", test_fields);
    CU_add_test(suite, "defaults are valid and read back", test_defaults);
    CU_add_test(suite, "every field is described", test_texts);
}
