/* io/schema: defaults, printing, JSON Schema, registries. */
#include "io/schema/schema.h"
#include "tests/unit/schema_sample.h"
#include "tests/unit/schema_table.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

void schema_suite(void);

/* A number that may be a mapping of what the chosen component has within it. */
struct opened_source {
    const char *list;
    int64_t side;
};

struct opened {
    struct component source;
    int64_t test;
};

static const struct field opened_source_fields[] = {
    {"test_list", FIELD_TEXT, offsetof(struct opened_source, list), .default_value = "''",
     .within = "test", .help = "file that lists them"},
    {"test_side", FIELD_INTEGER, offsetof(struct opened_source, side), .default_value = "1",
     .within = "test", .help = "of each"},
    {0}};

static const struct registry *opened_registry(void)
{
    static const struct descriptor plain = {.name = "plain", .summary = "a", .version = 1},
                                   recorded = {.name = "recorded",
                                               .summary = "b",
                                               .fields = opened_source_fields,
                                               .config_size = sizeof(struct opened_source),
                                               .version = 1};
    static const struct descriptor *const rows[] = {&plain, &recorded};
    static const struct registry registry = {"data set", 2, rows};
    return &registry;
}

static const struct field opened_fields[] = {{"name", FIELD_SELECT, offsetof(struct opened, source),
                                              .registry = opened_registry, .help = "a choice"},
                                             {"test", FIELD_COUNT, offsetof(struct opened, test),
                                              .minimum = 1, .maximum = 9, .opens = true,
                                              .help = "how many"},
                                             {0}};

/* What is said of the text; and what it comes to, printed. */
static void check_opened(const char *yaml, const char *said, const char *printed)
{
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct yaml_node *root;
    struct opened opened;
    struct error error;
    struct text text = {0};
    char line[512] = "";

    CU_ASSERT_EQUAL_FATAL(yaml_parse(&arena, "x", yaml, strlen(yaml), &root, &found, &error),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(schema_read(opened_fields, root, "", &opened, &arena, &found, &error),
                          STATUS_OK);
    if (found.count)
        error_text(&found.items[0], line, sizeof line);
    CU_ASSERT_STRING_EQUAL(line, said);
    if (strcmp(line, said) != 0)
        printf("for: %s\nsaid: %s\nexpected: %s\n", yaml, line, said);
    schema_print(opened_fields, &opened, 0, &text);
    if (printed)
        CU_ASSERT_STRING_EQUAL(text.bytes, printed);
    text_release(&text);
    diagnostics_release(&found);
    arena_release(&arena);
}

static void test_opened(void)
{
    static const char lists[] = "name: recorded\ntest_list: a.csv\ntest_side: 1\ntest: all\n";

    check_opened("{name: recorded, test: {list: a.csv}}", "", lists);
    check_opened("{test: {list: a.csv}, name: recorded}", "", lists);
    check_opened(lists, "", lists);
    check_opened("{name: recorded, test: {side: 3, list: a}}", "",
                 "name: recorded\ntest_list: a\ntest_side: 3\ntest: all\n");
    check_opened("{name: recorded, test: 5}", "",
                 "name: recorded\ntest_list: \"\"\ntest_side: 1\ntest: 5\n");
    check_opened("{name: plain, test: 5}", "", "name: plain\ntest: 5\n");
    check_opened("{name: recorded, test: {side: x}}",
                 "x:1:31: test_side: 'x' is not a whole number", NULL);
    check_opened("{name: recorded, test: {lisd: x}}",
                 "x:1:25: test.lisd: unknown key; expected one of: list, side", NULL);
    check_opened("{name: recorded, test: {}}",
                 "x:1:24: test: expected a whole number, or all, found a mapping", NULL);
    check_opened("{name: plain, test: {list: x}}",
                 "x:1:21: test: expected a whole number, or all, found a mapping", NULL);
    check_opened("{name: recorded, test: 10}",
                 "x:1:24: test: 10 is out of range; expected 1 to 9, or all", NULL);
}

static void check_defaults(const struct sample *sample)
{
    const struct sample_gaussian *gaussian = sample->first.config;

    CU_ASSERT_STRING_EQUAL(sample->about, "");
    CU_ASSERT_EQUAL(sample->task, 0);
    CU_ASSERT_EQUAL(sample->seed, 2019);
    CU_ASSERT_EQUAL(sample->epochs, 20);
    CU_ASSERT_EQUAL(sample->images, COUNT_ALL);
    CU_ASSERT_EQUAL(sample->rate, 1e-3);
    CU_ASSERT_FALSE(sample->verbose);
    CU_ASSERT_EQUAL_FATAL(sample->levels.count, 2);
    CU_ASSERT_EQUAL(sample->levels.items[1], 127.5);
    CU_ASSERT_EQUAL(sample->hardware.count, 0);
    CU_ASSERT_EQUAL(sample->patch.per_image, 8);
    CU_ASSERT_PTR_EQUAL(sample->filter.method.kind, &sample_filters[0]);
    CU_ASSERT_PTR_EQUAL_FATAL(sample->first.kind, &sample_stages[0]);
    CU_ASSERT_EQUAL(gaussian->sigma, 2);
    CU_ASSERT_EQUAL(gaussian->radius, COUNT_ALL);
    CU_ASSERT_EQUAL(gaussian->tail.scale, 0.5);
    CU_ASSERT_PTR_NULL(sample->last.kind);
    CU_ASSERT_EQUAL(sample->stages.count, 0);
    CU_ASSERT_EQUAL_FATAL(sample->fixed.count, 2);
    CU_ASSERT_EQUAL(((const struct sample_gaussian *)sample->fixed.items[1].config)->sigma, 3);
    CU_ASSERT_PTR_NULL(sample->grid);
}

static void test_defaults(void)
{
    /* The second text is full of mistakes: each member still has its default. */
    static const char *const yamls[] = {
        "name: a",
        "{name: [], about: [], task: [], seed: x, epochs: x, images: x, rate: x, verbose: x, "
        "levels: [x], hardware: {}, patch: 3, filter: {method: x}, first: x, last: x, stages: x, "
        "fixed: x}"};
    for (size_t i = 0; i < 2; i++) {
        struct arena arena = {0};
        struct text said = {0};
        struct sample sample;
        memset(&sample, 0x5A, sizeof sample);
        read_sample(yamls[i], &sample, &arena, &said);
        CU_ASSERT_EQUAL(i > 0, said.length > 0);
        CU_ASSERT_STRING_EQUAL(sample.name, i ? "" : "a");
        check_defaults(&sample);
        text_release(&said);
        arena_release(&arena);
    }
}

static const char full[] =
    "name: \"a: b # \\\"c\\\"\\n\\u2028\"\n"
    "about: \"null\"\n"
    "task: classify\n"
    "seed: -9223372036854775808\n"
    "epochs: 0x10\n"
    "images: 1_000\n"
    "rate: 1e-3\n"
    "verbose: Yes\n"
    "levels: [.5, 1., 0.1, 2e2]\n"
    "hardware: tpu_v1\n"
    "patch:\n"
    "filter: {weights: on, method: residual_trim, fraction: 0.25}\n"
    "first: {sharpen: {amount: -123456.789}}\n"
    "last: identity\n"
    "stages:\n"
    "  - gaussian: {sigma: {tune: [0.4, 0.8, 1.2]}, radius: {tune: [all, 3]}}\n"
    "  - median:\n"
    "  - identity\n"
    "fixed: []\n"
    "grid: {network.width: [4, '8'], a: ~}\n";

static const char full_printed[] =
    "name: \"a: b # \\\"c\\\"\\n\\u2028\"\n"
    "about: \"null\"\n"
    "task: classify\n"
    "seed: -9223372036854775808\n"
    "epochs: 16\n"
    "images: 1000\n"
    "rate: 0.001\n"
    "verbose: true\n"
    "levels: [0.5, 1, 0.1, 200]\n"
    "hardware: [tpu_v1]\n"
    "patch:\n"
    "  size: 0\n"
    "  per_image: 8\n"
    "filter:\n"
    "  method: residual_trim\n"
    "  fraction: 0.25\n"
    "  robust: false\n"
    "  weights: true\n"
    "first: {sharpen: {amount: -123456.789}}\n"
    "last: identity\n"
    "stages:\n"
    "  - gaussian: {sigma: {tune: [0.4, 0.8, 1.2]}, radius: {tune: [all, 3]}, tail: {scale: 0.5}}\n"
    "  - median: {radius: 1}\n"
    "  - identity\n"
    "fixed: []\n"
    "grid: {network.width: [4, \"8\"], a: ~}\n";

static void test_round_trip(void)
{
    struct arena arena = {0};
    struct text said = {0}, once = {0}, twice = {0};
    struct sample sample, again;

    read_sample(full, &sample, &arena, &said);
    CU_ASSERT_STRING_EQUAL(said.bytes, "");
    CU_ASSERT_STRING_EQUAL(sample.name, "a: b # \"c\"\n\xE2\x80\xA8");
    CU_ASSERT_EQUAL(sample.seed, INT64_MIN);
    schema_print(sample_fields, &sample, 0, &once);
    CU_ASSERT_STRING_EQUAL(once.bytes, full_printed);
    read_sample(once.bytes, &again, &arena, &said);
    CU_ASSERT_STRING_EQUAL(said.bytes, "");
    schema_print(sample_fields, &again, 0, &twice);
    CU_ASSERT_STRING_EQUAL(twice.bytes, full_printed);
    CU_ASSERT_EQUAL(memcmp(&sample.levels.items[2], &again.levels.items[2], sizeof(double)), 0);
    CU_ASSERT_STRING_EQUAL(again.name, sample.name);
    text_release(&said);
    text_release(&once);
    text_release(&twice);
    arena_release(&arena);
}

static void test_tuned(void)
{
    struct arena arena = {0};
    struct text said = {0};
    struct sample sample;
    struct sample_gaussian config;

    read_sample(full, &sample, &arena, &said);
    const struct component *stage = &sample.stages.items[0];
    CU_ASSERT_EQUAL_FATAL(stage->tuned_count, 2);
    CU_ASSERT_EQUAL(stage->tuned[0].count, 3);
    CU_ASSERT_EQUAL(((const struct sample_gaussian *)stage->config)->sigma, 0.4);
    memcpy(&config, stage->config, sizeof config);
    schema_apply_tuned(stage, 0, 2, &config);
    schema_apply_tuned(stage, 1, 1, &config);
    CU_ASSERT_EQUAL(config.sigma, 1.2);
    CU_ASSERT_EQUAL(config.radius, 3);
    CU_ASSERT_EQUAL(config.tail.scale, 0.5);
    CU_ASSERT_EQUAL(sample.stages.items[1].tuned_count, 0);
    text_release(&said);
    arena_release(&arena);
}

static void test_registry_find(void)
{
    const struct registry *registry = sample_stage_registry(), empty = {"thing", 0, NULL};
    for (size_t i = 0; i < registry->count; i++)
        CU_ASSERT_PTR_EQUAL(registry_find(registry, registry->rows[i]->name), registry->rows[i]);
    CU_ASSERT_PTR_NULL(registry_find(registry, "a"));
    CU_ASSERT_PTR_NULL(registry_find(registry, "medial"));
    CU_ASSERT_PTR_NULL(registry_find(registry, "z"));
    CU_ASSERT_PTR_NULL(registry_find(&empty, "z"));
}

static void test_describe(void)
{
    struct text text = {0}, whole = {0};
    size_t columns = 0;

    schema_describe(sample_gaussian_fields, 40, &text);
    CU_ASSERT_STRING_EQUAL(text.bytes, "  sigma: number, 0.1 to 100 pixels\n"
                                       "          (default 1)\n"
                                       "      standard deviation\n"
                                       "  radius: whole number, 1 to 50 pixels,\n"
                                       "          or all (default all)\n"
                                       "      where the window is cut\n"
                                       "\n"
                                       "  tail: beyond the window\n"
                                       "    scale: number, 0 to 2 (default 0.5)\n"
                                       "        of the tail\n");
    text_clear(&text);
    schema_outline(sample_gaussian_fields, 80, &text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "\n\n  tail: beyond the window\n"));
    CU_ASSERT_PTR_NULL(strstr(text.bytes, "scale"));
    schema_describe(sample_fields, 60, &whole);
    for (const char *c = whole.bytes; *c; c++) {
        columns = *c == '\n' ? 0 : columns + 1;
        CU_ASSERT(columns <= 60);
        CU_ASSERT_FALSE(*c == ' ' && c[1] == '\n');
    }
    text_clear(&text);
    schema_describe(NULL, 80, &text);
    CU_ASSERT_STRING_EQUAL(text.bytes, "  no settings\n");
    text_release(&text);
    text_release(&whole);
}

static void test_json(void)
{
    static const char expected[] = "{\n"
                                   "  \"type\": \"object\",\n"
                                   "  \"properties\": {\n"
                                   "    \"fraction\": {\n"
                                   "      \"description\": \"of the items that is dropped\",\n"
                                   "      \"type\": \"number\",\n"
                                   "      \"minimum\": 0,\n"
                                   "      \"maximum\": 1,\n"
                                   "      \"default\": 0.05\n"
                                   "    },\n"
                                   "    \"robust\": {\n"
                                   "      \"description\": \"medians instead of means\",\n"
                                   "      \"type\": \"boolean\",\n"
                                   "      \"default\": false\n"
                                   "    }\n"
                                   "  },\n"
                                   "  \"additionalProperties\": false\n"
                                   "}";
    struct text text = {0};

    schema_json(sample_trim_fields, false, NULL, 0, &text);
    CU_ASSERT_STRING_EQUAL(text.bytes, expected);
    text_release(&text);
}

/* Where texts with `${…}` stand for values, each type has them beside its own. */
static void test_json_references(void)
{
    static const char *const expected[] = {
        "\"type\": [\"number\", \"string\"],\n",
        "\"type\": [\"boolean\", \"string\"],\n",
        "\"pattern\": \"(^|[^$])\\\\$\\\\{[^}]+\\\\}\"",
    };
    struct text text = {0}, plain = {0};

    schema_json(sample_trim_fields, true, NULL, 0, &text);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, expected[i]));
    CU_ASSERT_EQUAL(strncmp(text.bytes, "{\n  \"type\": \"object\",\n", 22), 0); /* not the file */
    schema_json(sample_fields, false, NULL, 0, &plain);
    CU_ASSERT_PTR_NULL(strstr(plain.bytes, "pattern"));
    text_release(&plain);
    text_release(&text);
}

/* Unsaid settings are printed where they are not the default, or are tuned. */
static void test_unsaid(void)
{
    static const char *const words[] = {"plain", "odd", NULL};
    struct unsaid {
        double width;
        int64_t word;
        bool bold;
    } unsaid = {1.5, 0, false};
    static const struct field fields[] = {{"width", FIELD_REAL, offsetof(struct unsaid, width),
                                           .default_value = "1.5", .unsaid = true, .help = "a"},
                                          {"word", FIELD_CHOICE, offsetof(struct unsaid, word),
                                           .default_value = "plain", .choices = words,
                                           .unsaid = true, .help = "b"},
                                          {"bold", FIELD_BOOLEAN, offsetof(struct unsaid, bold),
                                           .default_value = "false", .unsaid = true, .help = "c"},
                                          {0}};
    static const struct descriptor descriptor = {"thing", "a thing",     NULL,
                                                 fields,  sizeof unsaid, 1};
    double widths[] = {1.5, 2};
    struct tuned_field tuned = {&fields[0], 2, widths};
    struct component component = {.kind = &descriptor, .config = &unsaid};
    struct text text = {0};

    schema_print_component(&component, &text);
    CU_ASSERT_STRING_EQUAL(text.bytes, "thing: {}");
    text_clear(&text);
    component.tuned = &tuned;
    component.tuned_count = 1;
    unsaid.word = 1;
    schema_print_component(&component, &text);
    CU_ASSERT_STRING_EQUAL(text.bytes, "thing: {width: {tune: [1.5, 2]}, word: odd}");
    text_clear(&text);
    unsaid = (struct unsaid){2, 0, true};
    schema_print(fields, &unsaid, 0, &text);
    CU_ASSERT_STRING_EQUAL(text.bytes, "width: 2\nbold: true\n");
    text_release(&text);
}

/* A section that may be left out is printed where it stands, with its defaults. */
static void test_section_left_out(void)
{
    static const struct {
        const char *yaml, *printed;
    } cases[] = {
        {"{}", "{}"},
        {"{part: ~}", "{}"},
        {"{part: {}}", "{part: {width: 3}}"},
        {"{part: {width: 4}}", "{part: {width: 4}}"},
    };
    struct part {
        bool given;
        int64_t width;
    };
    struct whole {
        struct part part;
    } whole;
    static const struct field part_fields[] = {
        {"width", FIELD_INTEGER, offsetof(struct part, width), .default_value = "3", .help = "a"},
        {0}};
    static const struct field fields[] = {{"part", FIELD_RECORD, offsetof(struct whole, part),
                                           .default_value = "{}", .unsaid = true,
                                           .fields = part_fields, .help = "b"},
                                          {0}};
    static const struct field around[] = {
        {"whole", FIELD_RECORD, 0, .default_value = "{}", .fields = fields, .help = "c"}, {0}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct diagnostics found = {0};
        struct yaml_node *root;
        struct text text = {0};
        memset(&whole, 0xff, sizeof whole);
        CU_ASSERT_EQUAL_FATAL(
            yaml_parse(&arena, "test", cases[i].yaml, strlen(cases[i].yaml), &root, &found, NULL),
            STATUS_OK);
        CU_ASSERT_EQUAL_FATAL(schema_read(fields, root, "", &whole, &arena, &found, NULL),
                              STATUS_OK);
        CU_ASSERT_EQUAL(found.count, 0);
        CU_ASSERT_EQUAL(whole.part.width, i == 3 ? 4 : 3);
        schema_print_value(around, &whole, &text);
        CU_ASSERT_STRING_EQUAL(text.bytes, cases[i].printed);
        text_release(&text);
        arena_release(&arena);
        diagnostics_release(&found);
    }
}

/* A number, or the word `auto`: read, printed, described. */
static void test_share(void)
{
    static const struct field fields[] = {{"share", FIELD_SHARE, 0, .minimum = 0, .maximum = 0.9,
                                           .default_value = "auto", .help = "of the items"},
                                          {0}};
    static const struct {
        const char *yaml, *printed;
        double value;
        size_t mistakes;
    } cases[] = {{"{}", "share: auto\n", SHARE_AUTO, 0},
                 {"share: auto", "share: auto\n", SHARE_AUTO, 0},
                 {"share: 0", "share: 0\n", 0, 0},
                 {"share: 0.25", "share: 0.25\n", 0.25, 0},
                 {"share: -1", "share: auto\n", SHARE_AUTO, 1},
                 {"share: 'auto'", "share: auto\n", SHARE_AUTO, 0}};
    struct text text = {0};
    struct error error;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct diagnostics found = {0};
        struct yaml_node *root;
        double share = 7;
        CU_ASSERT_EQUAL_FATAL(yaml_parse(&arena, "x.yaml", cases[i].yaml, strlen(cases[i].yaml),
                                         &root, &found, &error),
                              STATUS_OK);
        CU_ASSERT_EQUAL_FATAL(schema_read(fields, root, "", &share, &arena, &found, &error),
                              STATUS_OK);
        CU_ASSERT_EQUAL(found.count, cases[i].mistakes);
        CU_ASSERT_EQUAL(share, cases[i].value);
        text_clear(&text);
        schema_print(fields, &share, 0, &text);
        CU_ASSERT_STRING_EQUAL(text.bytes, cases[i].printed);
        diagnostics_release(&found);
        arena_release(&arena);
    }
    text_clear(&text);
    schema_json(fields, false, NULL, 0, &text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "\"const\": \"auto\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "\"maximum\": 0.9"));
    text_clear(&text);
    schema_describe(fields, 80, &text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "number, 0 to 0.9, or auto"));
    text_release(&text);
}

/* Let the n-th allocation fail, for every n, until none does. */
static void test_memory(void)
{
    for (size_t n = 1; n < 100000; n++) {
        struct arena arena = {0};
        struct diagnostics found = {0};
        struct yaml_node *root;
        struct text text = {0};
        struct sample sample;
        struct error error = {0};

        memory_fail_at(n);
        enum status status = yaml_parse(&arena, "x", full, sizeof full - 1, &root, &found, &error);
        if (status == STATUS_OK)
            status = schema_read(sample_fields, root, "", &sample, &arena, &found, &error);
        if (status == STATUS_OK) {
            schema_print(sample_fields, &sample, 0, &text);
            schema_json(sample_fields, true, NULL, 0, &text);
            schema_describe(sample_fields, 80, &text);
            status = text_status(&text, &error);
        }
        memory_fail_at(0);
        CU_ASSERT_EQUAL(found.count, 0);
        text_release(&text);
        diagnostics_release(&found);
        arena_release(&arena);
        if (status == STATUS_OK) {
            CU_ASSERT(n > 5);
            return;
        }
        CU_ASSERT_EQUAL(status, STATUS_MEMORY);
        CU_ASSERT_EQUAL(error.code, STATUS_MEMORY);
    }
    CU_FAIL("allocations never end");
}

void schema_suite(void)
{
    CU_pSuite suite = CU_add_suite("schema", NULL, NULL);
    CU_add_test(suite, "a number that opens to a mapping", test_opened);
    CU_add_test(suite, "members have their defaults, after mistakes too", test_defaults);
    CU_add_test(suite, "unsaid settings", test_unsaid);
    CU_add_test(suite, "printed text reads as the same structs", test_round_trip);
    CU_add_test(suite, "tuned values are applied", test_tuned);
    CU_add_test(suite, "registries are searched", test_registry_find);
    CU_add_test(suite, "tables describe themselves in so many columns", test_describe);
    CU_add_test(suite, "tables are JSON Schemas", test_json);
    CU_add_test(suite, "schemas know references", test_json_references);
    CU_add_test(suite, "a share, or auto", test_share);
    CU_add_test(suite, "every allocation may fail", test_memory);
    CU_add_test(suite, "a section that may be left out", test_section_left_out);
}
