/* io/yaml: scalars as values; nodes found, set and copied. */
#include "io/yaml/yaml.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

void yaml_values_suite(void);

static struct yaml_node scalar(const char *text)
{
    return (struct yaml_node){.kind = YAML_SCALAR, .text = text};
}

static void test_booleans_and_null(void)
{
    static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes",
                                      "YES",  "on",   "On",   "ON"};
    static const char *const no[] = {"false", "False", "FALSE", "no", "No",
                                     "NO",    "off",   "Off",   "OFF"};
    static const char *const neither[] = {"y", "n", "tRUE", "1", "0", "", "oN", "true "};
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    bool value;

    for (size_t i = 0; i < 9; i++) {
        struct yaml_node a = scalar(yes[i]), b = scalar(no[i]);
        value = false;
        CU_ASSERT(yaml_boolean(&a, &value) && value);
        CU_ASSERT(yaml_boolean(&b, &value) && !value);
        a.quoted = true;
        CU_ASSERT_FALSE(yaml_boolean(&a, &value));
    }
    for (size_t i = 0; i < sizeof neither / sizeof *neither; i++) {
        struct yaml_node node = scalar(neither[i]);
        CU_ASSERT_FALSE(yaml_boolean(&node, &value));
    }
    for (size_t i = 0; i < 5; i++) {
        struct yaml_node node = scalar(nulls[i]);
        CU_ASSERT(yaml_is_null(&node));
        node.quoted = true;
        CU_ASSERT_FALSE(yaml_is_null(&node));
    }
    CU_ASSERT_FALSE(yaml_is_null(NULL));
    CU_ASSERT_FALSE(yaml_boolean(NULL, &value));
}

static void test_integers(void)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"+5", 5},
                {"1_000", 1000},
                {"0x1F", 31},
                {"0xff_ff", 65535},
                {"-0x10", -16},
                {"0o17", 15},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN},
                {"0x7fffffffffffffff", INT64_MAX}};
    static const char *const bad[] = {"",
                                      "+",
                                      "-",
                                      "1.0",
                                      "1e3",
                                      "0x",
                                      "0xg",
                                      "0o8",
                                      "010",
                                      "00",
                                      "_1",
                                      "1 ",
                                      "1:30",
                                      "--1",
                                      "1-",
                                      "٣",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "0b11"};
    int64_t value;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct yaml_node node = scalar(good[i].text);
        value = 77;
        CU_ASSERT(yaml_integer(&node, &value));
        CU_ASSERT_EQUAL(value, good[i].value);
        node.quoted = true;
        CU_ASSERT_FALSE(yaml_integer(&node, &value));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct yaml_node node = scalar(bad[i]);
        CU_ASSERT_FALSE(yaml_integer(&node, &value));
    }
}

static void test_reals(void)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {{"1e-3", 1e-3},
                {".5", .5},
                {"1.", 1},
                {"-1.5E+2", -150},
                {"1_000.25", 1000.25},
                {"+0.1", 0.1},
                {"64", 64},
                {"0x10", 16},
                {"0o10", 8},
                {"1e308", 1e308},
                {"5e-324", 5e-324},
                {"0e5", 0},
                {"100000000000000000000", 1e20},
                {"00.5", 0.5}};
    static const char *const bad[] = {"",     ".",   "e5",  "1e",    "1e+",     ".inf",  "-.INF",
                                      ".NaN", "nan", "inf", "1e999", "1e-999",  "0x1p3", "1.2.3",
                                      "010",  "1,5", " 1",  "_1.0",  "infinity"};
    double value;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct yaml_node node = scalar(good[i].text);
        value = 77;
        CU_ASSERT(yaml_real(&node, &value));
        CU_ASSERT_EQUAL(value, good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct yaml_node node = scalar(bad[i]);
        CU_ASSERT_FALSE(yaml_real(&node, &value));
    }
    char longest[102] = "0.";
    memset(longest + 2, '3', 98);
    struct yaml_node node = scalar(longest);
    CU_ASSERT(yaml_real(&node, &value));
    longest[100] = '3';
    CU_ASSERT_FALSE(yaml_real(&node, &value));
}

static struct yaml_node *parse_good(struct arena *arena, const char *yaml)
{
    struct diagnostics found = {0};
    struct yaml_node *root;
    CU_ASSERT_EQUAL_FATAL(yaml_parse(arena, "x.yaml", yaml, strlen(yaml), &root, &found, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    return root;
}

static void test_marks_and_find(void)
{
    struct arena arena = {0};
    struct yaml_node *root = parse_good(&arena, "a:\n  - x\n  - gaussian: {sigma: 2}\n"
                                                "grid: {network.width: [4, 8], network: {width: "
                                                "1}}\nb: &y [é, 1]\nc: *y\n");
    const struct yaml_node *sigma = yaml_find(root, "a[1].gaussian.sigma");

    CU_ASSERT_PTR_NOT_NULL_FATAL(sigma);
    CU_ASSERT_STRING_EQUAL(sigma->mark.file, "x.yaml");
    CU_ASSERT_EQUAL(sigma->mark.line, 3);
    CU_ASSERT_EQUAL(sigma->mark.column, 23);
    CU_ASSERT_EQUAL(yaml_find(root, "b[1]")->mark.column, 11);
    CU_ASSERT_EQUAL(yaml_find(root, "c")->mark.line, 6);
    CU_ASSERT_EQUAL(yaml_find(root, "c[0]")->mark.line, 5);
    CU_ASSERT_PTR_NOT_EQUAL(yaml_find(root, "c[0]"), yaml_find(root, "b[0]"));
    CU_ASSERT_STRING_EQUAL(yaml_find(root, "grid.network.width[1]")->text, "8");
    CU_ASSERT_PTR_EQUAL(yaml_find(root, "a"), yaml_get(root, "a"));
    static const char *const nowhere[] = {
        "",     "d",  "a[2]",         "a[0].x",
        "a.b",  "a[", "a[]",          "a[-1]",
        "a[x]", "a.", ".a",           "[0]",
        "a..b", "a]", "a[1]gaussian", "a[99999999999999999999999999]"};
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
        CU_ASSERT_PTR_NULL(yaml_find(root, nowhere[i]));
    CU_ASSERT_PTR_NULL(yaml_find(NULL, "a"));
    CU_ASSERT_PTR_NULL(yaml_get(NULL, "a"));
    CU_ASSERT_PTR_NULL(yaml_get(sigma, "a"));
    arena_release(&arena);
}

/* Put 7 at `path` of `yaml`; the tree or the mistake is as expected, and so is what stood there. */
static void check_set(const char *yaml, const char *path, const char *expected, const char *before)
{
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct yaml_node *root = parse_good(&arena, yaml), *old;
    struct yaml_node seven = scalar("7");
    struct text text = {0}, was = {0};
    struct error error;
    char line[2048];

    seven.mark = (struct yaml_mark){"--set", 0, 0};
    CU_ASSERT_EQUAL_FATAL(yaml_set(&arena, root, path, &seven, &old, &found, &error), STATUS_OK);
    if (found.count) {
        error_text(&found.items[0], line, sizeof line);
        text_append(&text, "%s", line);
    } else {
        yaml_print(root, &text);
        CU_ASSERT_PTR_EQUAL(yaml_find(root, path), &seven);
    }
    if (!before || found.count) {
        CU_ASSERT(found.count || !old);
    } else {
        CU_ASSERT_PTR_NOT_NULL_FATAL(old);
        yaml_print(old, &was);
        CU_ASSERT_STRING_EQUAL(was.bytes, before);
    }
    CU_ASSERT_STRING_EQUAL(text.bytes, expected);
    if (strcmp(text.bytes, expected) != 0)
        printf("%s at %s: %s\n", yaml, path, text.bytes);
    text_release(&text);
    text_release(&was);
    diagnostics_release(&found);
    arena_release(&arena);
}

static void test_set(void)
{
    check_set("a: 1", "a", "{a: 7}", "1");
    check_set("a: 1", "b", "{a: 1, b: 7}", NULL);
    check_set("a: 1", "b.c.d", "{a: 1, b: {c: {d: 7}}}", NULL);
    check_set("a: {b: [1, 2]}", "a.b[1]", "{a: {b: [1, 7]}}", "2");
    check_set("a: {b: [1, 2]}", "a.b", "{a: {b: 7}}", "[1, 2]");
    check_set("a:", "a.b", "{a: {b: 7}}", NULL);
    check_set("s: [median]", "s[0].median.radius", "{s: [{median: {radius: 7}}]}", NULL);
    check_set("s: [{median: ~}]", "s[0].median.radius", "{s: [{median: {radius: 7}}]}", NULL);
    check_set("o: adam", "o.adam.beta", "{o: {adam: {beta: 7}}}", NULL);
    check_set("g: {n.w: 1}", "g.n.w", "{g: {n.w: 7}}", "1");
    check_set("o: adam", "o.beta", "--set: o.beta: 'o' is 'adam' and has no key 'beta'", NULL);
    check_set("s: [median]", "s[1].median",
              "--set: s[1].median: there is no item 1; 's' has 1, counted from 0", NULL);
    check_set("s: [median]", "s.median",
              "--set: s.median: 's' is a list and has no key 'median'; write its items as 's[0]'",
              NULL);
    check_set("s: {a: 1}", "s[0]", "--set: s[0]: 's' is not a list and has no item 0", NULL);
    check_set("a: 1", "b[0]", "--set: b[0]: 'b' is not a list and has no item 0", NULL);
    static const char *const bad[] = {"", ".", "a.", "a[", "a[x]", "a..b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char expected[200];
        snprintf(expected, sizeof expected,
                 "--set: %s%snot a path; expected one such as 'train.epochs' or "
                 "'pipeline.stages[0].median.radius'",
                 bad[i], *bad[i] ? ": " : "");
        check_set("a: {}", bad[i], expected, NULL);
    }
}

static void test_copy(void)
{
    struct arena first = {0}, second = {0};
    static const char yaml[] = "{a: [1, \"2\", ~], b: {c: {}, d: []}}";
    struct yaml_node *root = parse_good(&first, yaml), *copy;
    struct text text = {0};

    CU_ASSERT_EQUAL_FATAL(yaml_copy(&second, root, &copy, NULL), STATUS_OK);
    arena_release(&first);
    yaml_print(copy, &text);
    CU_ASSERT_STRING_EQUAL(text.bytes, yaml);
    CU_ASSERT_STRING_EQUAL(yaml_find(copy, "b.c")->mark.file, "x.yaml");
    text_release(&text);
    arena_release(&second);
}

/* Let the n-th allocation fail, for every n, until none does. */
static void test_memory(void)
{
    static const char yaml[] = "{a: &x [1, 2, 3, 4, 5], b: *x, c: {d: 1, e: 2}}";
    for (size_t n = 1; n < 1000; n++) {
        struct arena arena = {0}, other = {0};
        struct diagnostics found = {0};
        struct yaml_node *root, *copy, seven = scalar("7");
        struct error error = {0};

        memory_fail_at(n);
        enum status status = yaml_parse(&arena, "x", yaml, sizeof yaml - 1, &root, &found, &error);
        if (status == STATUS_OK)
            status = yaml_copy(&other, root, &copy, &error);
        if (status == STATUS_OK)
            status = yaml_set(&other, copy, "p.q.r", &seven, NULL, &found, &error);
        if (status == STATUS_OK)
            status = yaml_set(&other, copy, "p[0]", &seven, NULL, &found, &error);
        memory_fail_at(0);
        size_t count = found.count;
        diagnostics_release(&found);
        arena_release(&arena);
        arena_release(&other);
        if (status == STATUS_OK) {
            CU_ASSERT_EQUAL(count, 1);
            CU_ASSERT(n > 4);
            return;
        }
        CU_ASSERT_EQUAL(status, STATUS_MEMORY);
    }
    CU_FAIL("allocations never end");
}

void yaml_values_suite(void)
{
    CU_pSuite suite = CU_add_suite("yaml_values", NULL, NULL);
    CU_add_test(suite, "booleans and null in all spellings", test_booleans_and_null);
    CU_add_test(suite, "integers in all spellings", test_integers);
    CU_add_test(suite, "reals in all spellings", test_reals);
    CU_add_test(suite, "marks, and nodes found by path", test_marks_and_find);
    CU_add_test(suite, "values put at paths", test_set);
    CU_add_test(suite, "copies stand alone", test_copy);
    CU_add_test(suite, "every allocation may fail", test_memory);
}
