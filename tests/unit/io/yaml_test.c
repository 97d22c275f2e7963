/* io/yaml: texts become trees, and what is wrong with them. */
#include "io/yaml/yaml.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void yaml_suite(void);

/* What is wrong with `yaml`, a line a mistake; and the tree as one line ("" for none). */
static void parse(const char *yaml, size_t length, struct text *said, struct text *tree)
{
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct yaml_node *root;
    struct error error;
    char line[2048];

    text_append(said, "%s", "");
    text_append(tree, "%s", "");
    CU_ASSERT_EQUAL_FATAL(yaml_parse(&arena, "x.yaml", yaml, length, &root, &found, &error),
                          STATUS_OK);
    diagnostics_sort(&found);
    for (size_t i = 0; i < found.count; i++) {
        error_text(&found.items[i], line, sizeof line);
        text_append(said, "%s%s", i ? "\n" : "", line);
        CU_ASSERT_EQUAL(found.items[i].code, STATUS_CONFIG);
    }
    if (root)
        yaml_print(root, tree);
    else
        CU_ASSERT(found.count > 0);
    diagnostics_release(&found);
    arena_release(&arena);
}

struct example {
    const char *yaml, *said, *tree;
};

static void check(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct text said = {0}, tree = {0};
        parse(examples[i].yaml, strlen(examples[i].yaml), &said, &tree);
        CU_ASSERT_STRING_EQUAL(said.bytes, examples[i].said);
        CU_ASSERT_STRING_EQUAL(tree.bytes, examples[i].tree);
        if (strcmp(said.bytes, examples[i].said) != 0 || strcmp(tree.bytes, examples[i].tree) != 0)
            printf("for:\n%s\nsaid:\n%s\ntree:\n%s\n", examples[i].yaml, said.bytes, tree.bytes);
        text_release(&said);
        text_release(&tree);
    }
}

#define CHECK(examples) check(examples, sizeof examples / sizeof *examples)

static void test_trees(void)
{
    static const struct example examples[] = {
        {"a: 1\nb:\n  - x\n  - {c: d e}\n", "", "{a: 1, b: [x, {c: d e}]}"},
        {"- 'it''s'\n- \"\\u00e9\\n\"\n- '5'\n- plain: a\n", "",
         "[\"it's\", \"\xC3\xA9\\n\", \"5\", {plain: a}]"},
        {"\xEF\xBB\xBF"
         "a: b\r\nc: d\r\n",
         "", "{a: b, c: d}"},
        {"--- # comment\na: ~\nb: null\nc:\nd: 'null'\n...\n", "",
         "{a: ~, b: ~, c: ~, d: \"null\"}"},
        {"%YAML 1.1\n---\n!!map {a: !!str 5, b: !!int '5', c: !!seq [], d: ! 7}\n", "",
         "{a: \"5\", b: 5, c: [], d: \"7\"}"},
        {"a: &x [1, {b: 2}]\nc: *x\nd: [*x]\n", "",
         "{a: [1, {b: 2}], c: [1, {b: 2}], d: [[1, {b: 2}]]}"},
        {"a: &x 1\nb: &x 2\nc: *x\n", "", "{a: 1, b: 2, c: 2}"},
        {"&k key: *k\n", "", "{key: key}"},
        {"a: |\n  one\n  two\nb: >\n  one\n  two\n", "",
         "{a: \"one\\ntwo\\n\", b: \"one two\\n\"}"},
        {"yes: on\n'<<': 1\n", "", "{\"yes\": on, \"<<\": 1}"},
        {"[-, --, -a, ., ..., '', '- ', a#b, 'a ', é]", "",
         "[\"-\", \"--\", -a, ., \"...\", \"\", \"- \", \"a#b\", \"a \", \"é\"]"},
    };
    CHECK(examples);
}

static void test_mistakes(void)
{
    static const struct example examples[] = {
        {"a: 1\nb: 2\na: 3\na: 4\n",
         "x.yaml:3:1: a: duplicate key; the first is in line 1\n"
         "x.yaml:4:1: a: duplicate key; the first is in line 1",
         "{a: 1, b: 2}"},
        {"p:\n  - {q: 1, 'q': 2}\n", "x.yaml:2:12: p[0].q: duplicate key; the first is in line 2",
         "{p: [{q: 1}]}"},
        {"[a]: 1\nb: 2\n{c: d}: 3\n",
         "x.yaml:1:1: a key must be a single value, not a list or a mapping\n"
         "x.yaml:3:1: a key must be a single value, not a list or a mapping",
         "{b: 2}"},
        {"{a: 1, ? : 2}", "x.yaml:1:10: a key is missing before ':'", "{a: 1}"},
        {"a: 1\n: 2\n",
         "x.yaml:2:1: expected a key; check the indentation of the mapping that starts in line 1",
         ""},
        {"a: &x {b: 1}\nc:\n  <<: *x\n",
         "x.yaml:3:3: c: merge keys (<<) are not supported; write the keys out",
         "{a: {b: 1}, c: {}}"},
        {"a: !foo 1\nb: !!binary aGk=\nc: !!seq {}\nd: !!set {}\n",
         "x.yaml:1:4: a: unknown tag '!foo'\n"
         "x.yaml:2:4: b: unknown tag 'binary'\n"
         "x.yaml:3:4: c: this value does not match its tag: 'seq'\n"
         "x.yaml:4:4: d: unknown tag 'set'",
         "{a: 1, b: \"aGk=\", c: {}, d: {}}"},
        {"a: *nowhere\n", "x.yaml:1:4: a: unknown alias 'nowhere'", "{a: ~}"},
        {"a: &x [1, *x]\n", "x.yaml:1:11: a[1]: alias within the value that it names: 'x'", ""},
        {"a: 1\n---\nb: 2\n", "x.yaml:2:1: a second document starts here; expected only one",
         "{a: 1}"},
        {"a: \"x\\0y\"\n", "x.yaml:1:4: a: a text cannot hold the character \\0", "{a: x}"},
        {"", "x.yaml:1:1: empty; expected a value", ""},
        {"# only a comment\n", "x.yaml:1:1: empty; expected a value", ""},
        {"---\n", "x.yaml:1:1: empty; expected a value", ""},
    };
    CHECK(examples);
}

static void test_syntax(void)
{
    static const struct example examples[] = {
        {"a:\n\t- b\n", "x.yaml:2:1: a tab in the indentation; YAML requires spaces", ""},
        {"a:\n  b: 1\n\tc: 2\n", "x.yaml:3:1: a tab in the indentation; YAML requires spaces", ""},
        {"a: @b\n", "x.yaml:1:4: a text cannot start with '@'; put it in quotes", ""},
        {"a: %b\n", "x.yaml:1:4: a text cannot start with '%'; put it in quotes", ""},
        {"a: 'b\nc: d\n", "x.yaml:1:4: the quote that opens here is never closed", ""},
        {"a: [1, 2\nb: 3\n", "x.yaml:1:9: expected ',' or ']' in the list that starts in line 1",
         ""},
        {"a: {b: 1\n", "x.yaml:1:9: expected ',' or '}' in the mapping that starts in line 1", ""},
        {"a: b: c\n",
         "x.yaml:1:5: unexpected ':'; check the indentation, or put the text in quotes", ""},
        {"a: 1\n  b: 2\n",
         "x.yaml:2:4: unexpected ':'; check the indentation, or put the text in quotes", ""},
        {"a:\n  b: 1\n c: 2\n",
         "x.yaml:3:2: expected a key; check the indentation of the mapping that starts in line 1",
         ""},
        {"a:\n  - b\n  c: 1\n",
         "x.yaml:3:3: expected '- '; check the indentation of the list that starts in line 2", ""},
        {"a: 1\nbcd\n", "x.yaml:2:1: expected ':' and a space after this key", ""},
        {"a: - b\n", "x.yaml:1:4: unexpected '-'; a list starts on its own line", ""},
        {"a: \"\\q\"\n",
         "x.yaml:1:5: unknown escape after a backslash; in single quotes a backslash is "
         "literal",
         ""},
        {"a: !x!y 1\n", "x.yaml:1:4: unknown tag", ""},
        {"a: [}\n", "x.yaml:1:5: expected a value", ""},
        {"%YAML 3.0\n---\na: 1\n", "x.yaml:1:1: expected YAML 1.1 or 1.2", ""},
        {"a: \x01\n", "x.yaml:1:4: control character 0x01; is this a binary file?", ""},
        {"a: \xC2\x81\n", "x.yaml:1:4: a control character, which YAML does not allow", ""},
        {"a: b\n\xC3\xA9: \xFF\n",
         "x.yaml:2:4: byte 0xFF is not UTF-8 text; is this a binary file?", ""},
        {"\xED\xA0\x80", "x.yaml:1:1: byte 0xED is not UTF-8 text; is this a binary file?", ""},
        {"\xC3", "x.yaml:1:1: byte 0xC3 is not UTF-8 text; is this a binary file?", ""},
        {"\xFF\xFE"
         "a",
         "x.yaml:1:1: UTF-16 text; expected UTF-8", ""},
    };
    CHECK(examples);

    struct text said = {0}, tree = {0};
    parse("a: b\0c\n", 7, &said, &tree);
    CU_ASSERT_STRING_EQUAL(said.bytes,
                           "x.yaml:1:5: control character 0x00; is this a binary file?");
    text_release(&said);
    text_release(&tree);
}

/* `head`, then `count` times `body`, then `count` times `tail`. */
static void parse_repeated(const char *head, const char *body, const char *tail, size_t count,
                           struct text *said, struct text *tree)
{
    struct text yaml = {0};
    text_append(&yaml, "%s", head);
    for (size_t i = 0; i < count; i++)
        text_append(&yaml, "%s", body);
    for (size_t i = 0; i < count; i++)
        text_append(&yaml, "%s", tail);
    parse(yaml.bytes, yaml.length, said, tree);
    text_release(&yaml);
}

static void check_repeated(const char *head, const char *body, const char *tail, size_t count,
                           const char *expected)
{
    struct text said = {0}, tree = {0};
    parse_repeated(head, body, tail, count, &said, &tree);
    CU_ASSERT_STRING_EQUAL(said.bytes, expected);
    if (strcmp(said.bytes, expected) != 0)
        printf("%s%s…: %.300s\n", head, body, said.bytes);
    text_release(&said);
    text_release(&tree);
}

static void test_bounds(void)
{
    struct text bomb = {0}, said = {0}, tree = {0};

    check_repeated("", "[", "]", 64, "");
    check_repeated("", "[", "]", 65,
                   "x.yaml:1:65: [0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]"
                   "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]"
                   "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]: nested too deeply; expected "
                   "at most 64 levels");
    check_repeated("", "[", "", 1000000,
                   "x.yaml:1:65: [0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]"
                   "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]"
                   "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]: nested too deeply; expected "
                   "at most 64 levels");
    check_repeated("[", "1,", "", 199999,
                   "x.yaml:1:400000: expected ',' or ']' in the list that starts in line 1");
    check_repeated("[1", ",1", "", 250000,
                   "x.yaml:1:400000: [199999]: too many values, with aliases expanded; expected at "
                   "most 200000");
    check_repeated("a: 1", " ", "", YAML_MAX_BYTES,
                   "x.yaml: too large; expected at most 1048576 bytes");

    text_append(&bomb, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
        text_append(&bomb, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++)
            text_append(&bomb, "%s*a%d", j ? ", " : "", i - 1);
        text_append(&bomb, "]\n");
    }
    parse(bomb.bytes, bomb.length, &said, &tree);
    CU_ASSERT_STRING_EQUAL(said.bytes,
                           "x.yaml:6:10: a5[0]: too many values, with aliases expanded; "
                           "expected at most 200000");
    if (strncmp(said.bytes, "x.yaml:6:10", 11) != 0)
        puts(said.bytes);
    text_release(&bomb);
    text_release(&said);
    text_release(&tree);
}

/* Aliases add to the depth of where they stand. */
static void test_alias_depth(void)
{
    struct text yaml = {0}, said = {0}, tree = {0};

    text_append(&yaml, "a0: &a0 [[[[[[[[x]]]]]]]]\n");
    for (int i = 1; i < 12; i++)
        text_append(&yaml, "a%d: &a%d [[[[[[[[*a%d]]]]]]]]\n", i, i, i - 1);
    parse(yaml.bytes, yaml.length, &said, &tree);
    CU_ASSERT_PTR_NOT_NULL(strstr(said.bytes, "nested too deeply; expected at most 64 levels"));
    text_release(&yaml);
    text_release(&said);
    text_release(&tree);
}

/* Ten thousand equal keys: found in reasonable time, told a thousand times at most. */
static void test_many_mistakes(void)
{
    struct text yaml = {0}, said = {0}, tree = {0};
    const char *last;

    for (int i = 0; i < 10000; i++)
        text_append(&yaml, "a: 1\n");
    parse(yaml.bytes, yaml.length, &said, &tree);
    last = strrchr(said.bytes, '\n');
    CU_ASSERT_PTR_NOT_NULL_FATAL(last);
    CU_ASSERT_STRING_EQUAL(last, "\nmore than 1000 mistakes; the others are not shown");
    CU_ASSERT_STRING_EQUAL(tree.bytes, "{a: 1}");
    text_release(&yaml);
    text_release(&said);
    text_release(&tree);
}

static void write_file(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

/* The only mistake of the file is this one; NULL: none. */
static void check_file(const char *path, const char *expected)
{
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct yaml_node *root;
    const char *bytes;
    struct error error;

    CU_ASSERT_EQUAL_FATAL(yaml_parse_file(&arena, path, &root, &bytes, &found, &error), STATUS_OK);
    CU_ASSERT_EQUAL(found.count, expected != NULL);
    CU_ASSERT_EQUAL(root == NULL, expected != NULL);
    if (expected && found.count) {
        CU_ASSERT_STRING_EQUAL(found.items[0].message, expected);
        CU_ASSERT_STRING_EQUAL(found.items[0].where.file, path);
    }
    if (!expected)
        CU_ASSERT_STRING_EQUAL(bytes, "a: 1 # one\n");
    diagnostics_release(&found);
    arena_release(&arena);
}

static void test_files(void)
{
    const char *folder = getenv("UNDERSTUDY_TEST_DIR");
    char path[1024];
    char *large = calloc(1, YAML_MAX_BYTES + 1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(large);
    snprintf(path, sizeof path, "%s/yaml_test.yaml", folder ? folder : ".");
    write_file(path, "a: 1 # one\n", 11);
    check_file(path, NULL);
    write_file(path, "", 0);
    check_file(path, "the file is empty; expected a mapping, as 'key: value'");
    write_file(path, "# a\n\n  # b", 10);
    check_file(path, "the file is empty; expected a mapping, as 'key: value'");
    write_file(path,
               "\x7F"
               "ELF\0\0",
               6);
    check_file(path, "control character 0x7F; is this a binary file?");
    memset(large, ' ', YAML_MAX_BYTES + 1);
    large[0] = 'a';
    write_file(path, large, YAML_MAX_BYTES + 1);
    check_file(path, "too large; expected at most 1048576 bytes");
    remove(path);
    check_file(path, "cannot read the file: No such file or directory");
    CU_ASSERT_EQUAL_FATAL(mkdir(path, 0777), 0);
    check_file(path, "this is a directory; expected a YAML file");
    remove(path);
    free(large);
}

static void test_diagnostics(void)
{
    struct diagnostics found = {0};
    static const struct yaml_mark marks[] = {{"b", 1, 1}, {"a", 2, 1}, {"a", 1, 9},
                                             {"a", 1, 2}, {"a", 1, 2}, {NULL, 0, 0}};
    static const struct {
        const char *file;
        int line, column;
    } sorted[] = {{"a", 1, 2}, {"a", 1, 9}, {"a", 2, 1}, {"b", 1, 1}, {"", 0, 0}};

    for (size_t i = 0; i < 6; i++)
        CU_ASSERT_EQUAL(diagnostics_add(&found, marks[i], "p", NULL, "%s", "m"), STATUS_OK);
    diagnostics_sort(&found);
    CU_ASSERT_EQUAL_FATAL(found.count, 5);
    for (size_t i = 0; i < 5; i++) {
        CU_ASSERT_STRING_EQUAL(found.items[i].where.file, sorted[i].file);
        CU_ASSERT_EQUAL(found.items[i].where.line, sorted[i].line);
        CU_ASSERT_EQUAL(found.items[i].where.column, sorted[i].column);
    }
    diagnostics_release(&found);
    diagnostics_sort(&found);
}

void yaml_suite(void)
{
    CU_pSuite suite = CU_add_suite("yaml", NULL, NULL);
    CU_add_test(suite, "texts become trees", test_trees);
    CU_add_test(suite, "mistakes after which reading goes on", test_mistakes);
    CU_add_test(suite, "syntax that is not YAML", test_syntax);
    CU_add_test(suite, "depth, number and size are bounded", test_bounds);
    CU_add_test(suite, "aliases add to the depth", test_alias_depth);
    CU_add_test(suite, "mistakes are bounded", test_many_mistakes);
    CU_add_test(suite, "files that cannot be read", test_files);
    CU_add_test(suite, "mistakes are sorted and kept once", test_diagnostics);
}
