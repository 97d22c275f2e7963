/* Expressions, the families that come with the program, and what is said of malformed ones. */
#include "network/family.h"

#include "base/memory.h"
#include "network/expression.h"

#include <CUnit/CUnit.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_expressions(void)
{
    static const struct expression_name names[] = {
        {"depth", 5},    {"width", 16}, {"big", INT64_MAX}, {"depth", 7}, /* hides the first */
        {"minimum", 30}, {"notes", 20},
    };
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {
        {"${7}", 7},
        {" ${ depth - 2 } ", 5},
        {"${2 + 3 * 4}", 14},
        {"${(2 + 3) * 4}", 20},
        {"${10 - 4 - 3}", 3},
        {"${100 / 10 / 5}", 2},
        {"${7 / 2}", 3},
        {"${-7 / 2}", -3},
        {"${-(1 - width)}", 15},
        {"${--3}", 3},
        {"${2 * -3}", -6},
        {"${9223372036854775807}", INT64_MAX},
        {"${-big - 1}", INT64_MIN},
        {"${width*8/3}", 42},
        {"${2 ^ depth}", 128},
        {"${2 ^ 3 ^ 2}", 512},
        {"${-2 ^ 2}", -4},
        {"${2 * 3 ^ 2 + 1}", 19},
        {"${0 ^ 0}", 1},
        {"${0 ^ big}", 0},
        {"${-1 * (-1) ^ big}", 1},
        {"${(-1) ^ (big - 1)}", 1},
        {"${(-2) ^ 63}", INT64_MIN},
        {"${depth > 6}", 1},
        {"${depth<7}", 0},
        {"${depth <= 7} ", 1},
        {"${depth >= 8}", 0},
        {"${depth == 7}", 1},
        {"${depth != 7}", 0},
        {"${1 + (depth > 0 and width == 16)}", 2},
        {"${1 + depth == 2 * 4}", 1},
        {"${1 or 0 and 0}", 1},
        {"${(1 or 0) and 0}", 0},
        {"${not 0 and 5}", 1},
        {"${not depth == 7}", 0},
        {"${not not 3}", 1},
        {"${0 or 0}", 0},
        {"${min(depth, width)}", 7},
        {"${max(depth, width)}", 16},
        {"${max(1, 2, depth > 100, 3 - 9)}", 2},
        {"${min(4)}", 4},
        {"${minimum + notes}", 50},
    };
    struct expression_scope scope = {names, sizeof names / sizeof *names, false};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = -1;
        struct error error = {0};
        CU_ASSERT_EQUAL(expression_evaluate(cases[i].text, &scope, &value, &error), STATUS_OK);
        CU_ASSERT_EQUAL(value, cases[i].value);
    }
}

static void test_expression_mistakes(void)
{
    static const struct expression_name names[] = {{"depth", 4}, {"width", 8}};
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"depth", "'depth' is not one whole expression, such as ${2 * width}"},
        {"${}", "in '${}': expected a number, a name or '(' at the end"},
        {"${", "'${' is not one whole expression, such as ${2 * width}"},
        {"${depth", "'${depth' is not one whole expression, such as ${2 * width}"},
        {"a${depth}", "'a${depth}' is not one whole expression, such as ${2 * width}"},
        {"${depth}${depth}",
         "in '${depth}${depth}': expected an operator, such as + or ==, found '}'"},
        {"${depth -}", "in '${depth -}': expected a number, a name or '(' at the end"},
        {"${* 2}", "in '${* 2}': expected a number, a name or '(', found '*'"},
        {"${(1 + 2}", "in '${(1 + 2}': expected ')' at the end"},
        {"${(1 2)}", "in '${(1 2)}': expected ')', found '2'"},
        {"${1)}", "in '${1)}': expected an operator, such as + or ==, found ')'"},
        {"${3 % 2}", "in '${3 % 2}': expected an operator, such as + or ==, found '%'"},
        {"${widht}", "in '${widht}': unknown name 'widht'; did you mean 'width'?"},
        {"${filters}", "in '${filters}': unknown name 'filters'"},
        {"${1 / 0}", "in '${1 / 0}': division by zero"},
        {"${1 / (depth - 4)}", "in '${1 / (depth - 4)}': division by zero"},
        {"${9223372036854775808}",
         "in '${9223372036854775808}': a value does not fit in 64 bits (signed)"},
        {"${9223372036854775807 + 1}",
         "in '${9223372036854775807 + 1}': a value does not fit in 64 bits (signed)"},
        {"${-9223372036854775807 - 2}",
         "in '${-9223372036854775807 - 2}': a value does not fit in 64 bits (signed)"},
        {"${4294967296 * 4294967296}",
         "in '${4294967296 * 4294967296}': a value does not fit in 64 bits (signed)"},
        {"${(-9223372036854775807 - 1) / -1}",
         "in '${(-9223372036854775807 - 1) / -1}': a value does not fit in 64 bits (signed)"},
        {"${-(-9223372036854775807 - 1)}",
         "in '${-(-9223372036854775807 - 1)}': a value does not fit in 64 bits (signed)"},
        {"${2 ^ 63}", "in '${2 ^ 63}': a value does not fit in 64 bits (signed)"},
        {"${2 ^ (depth - 5)}", "in '${2 ^ (depth - 5)}': the exponent -1 is negative"},
        {"${2 ^ }", "in '${2 ^ }': expected a number, a name or '(' at the end"},
        {"${1 = 1}", "in '${1 = 1}': expected an operator, such as + or ==, found '='"},
        {"${1 < 2 < 3}", "in '${1 < 2 < 3}': expected an operator, such as + or ==, found '<'"},
        {"${1 and}", "in '${1 and}': expected a number, a name or '(' at the end"},
        {"${1 & 1}", "in '${1 & 1}': expected an operator, such as + or ==, found '&'"},
        {"${not}", "in '${not}': expected a number, a name or '(' at the end"},
        {"${min}", "in '${min}': expected '(' at the end"},
        {"${max()}", "in '${max()}': expected a number, a name or '(', found ')'"},
        {"${max(1, 2}", "in '${max(1, 2}': expected ')' at the end"},
        {"${max(1 2)}", "in '${max(1 2)}': expected ')', found '2'"},
        {"${--------------------------------1}", NULL},
        {"${---------------------------------1}",
         "in '${---------------------------------1}': nested more than 32 deep"},
        {"${1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1}",
         "in '${1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1^1}': nested more "
         "than 32 deep"},
    };
    struct expression_scope scope = {names, 2, false};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value;
        struct error error = {0};
        enum status status = expression_evaluate(cases[i].text, &scope, &value, &error);
        CU_ASSERT_EQUAL(status, cases[i].message ? STATUS_CONFIG : STATUS_OK);
        CU_ASSERT_STRING_EQUAL(error.message, cases[i].message ? cases[i].message : "");
    }
    scope.lenient = true;
    int64_t value;
    CU_ASSERT_EQUAL(expression_evaluate("${1 / 0 + 9223372036854775808 + 2 ^ -1 + 3 ^ 99}", &scope,
                                        &value, NULL),
                    STATUS_OK);
    CU_ASSERT_EQUAL(expression_evaluate("${widht}", &scope, &value, NULL), STATUS_CONFIG);
}

/* Append "conv1 4x8x8" for each node, with its inputs where they are not the one before. */
static void describe_nodes(const struct node_spec *nodes, size_t count, struct shape input,
                           struct text *text)
{
    struct shape shapes[128];

    for (size_t i = 0; i < count && i < 128; i++) {
        const struct layer *layer = (const struct layer *)nodes[i].layer.kind;
        struct shape in[LAYER_MAX_INPUTS];
        struct error error = {0};
        bool plain = layer->inputs == 1 && nodes[i].inputs[0] == (int)i - 1;

        for (int k = 0; k < layer->inputs; k++)
            in[k] = nodes[i].inputs[k] < 0 ? input : shapes[nodes[i].inputs[k]];
        CU_ASSERT_EQUAL(layer->shape(nodes[i].layer.config, in, &shapes[i], &error), STATUS_OK);
        text_append(text, "%s%s", i ? ", " : "", nodes[i].name);
        for (int k = 0; k < layer->inputs && !plain; k++)
            text_append(text, "%s%s", k ? "+" : "<",
                        nodes[i].inputs[k] < 0 ? "input" : nodes[nodes[i].inputs[k]].name);
        text_append(text, " %dx%dx%d", shapes[i].channels, shapes[i].height, shapes[i].width);
    }
}

struct expansion_case {
    const char *choice; /* as in an experiment's network section, without the braces */
    int channels, height, width;
    int outputs;
    const char *expected; /* the nodes, or the error's message */
};

static void check_expansion(const struct expansion_case *test)
{
    struct shape input = {test->channels, test->height, test->width};
    struct choice {
        struct component family;
    } choice = {0};
    static const struct field fields[] = {
        {"family", FIELD_SELECT, 0, .registry = families_registry, .help = "the network"},
        {0},
    };
    struct arena arena = {0};
    struct diagnostics found = {0};
    struct error error = {0};
    struct yaml_node *root = NULL;
    struct text text = {0};
    struct node_spec *nodes;
    size_t count;
    char yaml[128];

    snprintf(yaml, sizeof yaml, "{family: %s}", test->choice);
    CU_ASSERT_EQUAL(yaml_parse(&arena, "test", yaml, strlen(yaml), &root, &found, &error),
                    STATUS_OK);
    CU_ASSERT_EQUAL(schema_read(fields, root, "network", &choice, &arena, &found, &error),
                    STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(found.count, 0);
    if (family_expand(&choice.family, test->channels, test->outputs, &arena, &nodes, &count,
                      &error) == STATUS_OK)
        describe_nodes(nodes, count, input, &text);
    else
        text_append(&text, "%s", error.message);
    CU_ASSERT_STRING_EQUAL(text.bytes, test->expected);
    if (strcmp(text.bytes, test->expected) != 0)
        printf("%s:\n  %s\n", test->choice, text.bytes);
    text_release(&text);
    diagnostics_release(&found);
    arena_release(&arena);
}

static void load(const char *directory)
{
    struct diagnostics found = {0};
    struct error error = {0};
    char line[2048];

    CU_ASSERT_EQUAL(families_load(directory, &found, &error), STATUS_OK);
    for (size_t i = 0; i < found.count; i++) {
        error_text(&found.items[i], line, sizeof line);
        puts(line);
    }
    CU_ASSERT_EQUAL(found.count, 0);
    diagnostics_release(&found);
}

static void test_families(void)
{
    static const struct expansion_case cases[] = {
        {"dncnn, depth: 2, width: 3, batchnorm: 0", 3, 20, 30, 3,
         "conv1 3x20x30, relu1 3x20x30, residual 3x20x30, add1<residual+input 3x20x30"},
        {"dncnn", 1, 28, 28, 1,
         "conv1 16x28x28, relu1 16x28x28, conv2 16x28x28, batchnorm1 16x28x28, relu2 16x28x28, "
         "conv3 16x28x28, batchnorm2 16x28x28, relu3 16x28x28, residual 1x28x28, "
         "add1<residual+input 1x28x28"},
        {"autoencoder, depth: 1, width: 5", 3, 32, 32, 3,
         "conv1 5x32x32, relu1 5x32x32, maxpool1 5x16x16, upsample1 5x32x32, conv2 5x32x32, "
         "relu2 5x32x32, conv3 3x32x32"},
        {"autoencoder", 1, 28, 28, 1,
         "conv1 16x28x28, relu1 16x28x28, maxpool1 16x14x14, conv2 16x14x14, relu2 16x14x14, "
         "maxpool2 16x7x7, upsample1 16x14x14, conv3 16x14x14, relu3 16x14x14, "
         "upsample2 16x28x28, conv4 16x28x28, relu4 16x28x28, conv5 1x28x28"},
        {"mlp, depth: 0", 3, 4, 4, 10, "flatten1 48x1x1, dense1 10x1x1"},
        {"mlp, width: 20", 1, 28, 28, 10,
         "flatten1 784x1x1, dense1 20x1x1, relu1 20x1x1, dense2 20x1x1, relu2 20x1x1, "
         "dense3 10x1x1"},
        {"lenet5", 1, 28, 28, 10,
         "conv1 6x28x28, relu1 6x28x28, maxpool1 6x14x14, conv2 16x10x10, relu2 16x10x10, "
         "maxpool2 16x5x5, flatten1 400x1x1, dense1 120x1x1, relu3 120x1x1, dense2 84x1x1, "
         "relu4 84x1x1, dense3 10x1x1"},
        {"lenet5, width: 1", 3, 32, 32, 100,
         "conv1 1x32x32, relu1 1x32x32, maxpool1 1x16x16, conv2 2x12x12, relu2 2x12x12, "
         "maxpool2 2x6x6, flatten1 72x1x1, dense1 20x1x1, relu3 20x1x1, dense2 14x1x1, "
         "relu4 14x1x1, dense3 100x1x1"},
    };
    load("networks/families");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_expansion(&cases[i]);

    const struct registry *registry = families_registry();
    const struct descriptor *dncnn = registry_find(registry, "dncnn");
    CU_ASSERT_PTR_NOT_NULL_FATAL(dncnn);
    CU_ASSERT(family_serves(dncnn, TASK_DENOISE) && !family_serves(dncnn, TASK_CLASSIFY));
    CU_ASSERT(family_serves(registry_find(registry, "lenet5"), TASK_CLASSIFY));
    CU_ASSERT_STRING_EQUAL(dncnn->source, "Zhang, Zuo, Chen, Meng, Zhang 2017");
    CU_ASSERT_STRING_EQUAL(dncnn->fields[1].name, "width");
    CU_ASSERT_STRING_EQUAL(dncnn->fields[1].fallback, "16");
    CU_ASSERT(dncnn->version > 0 && dncnn->version != registry_find(registry, "lenet5")->version);
    for (size_t i = 1; i < registry->count; i++)
        CU_ASSERT(strcmp(registry->rows[i - 1]->name, registry->rows[i]->name) < 0);
    families_release();
    CU_ASSERT_EQUAL(families_registry()->count, 0);
}

/* Rounds within rounds, names in rounds, expressions in fields that are true or false. */
static void test_rounds(void)
{
    static const struct expansion_case cases[] = {
        {"blocks", 1, 9, 9, 1,
         "stem 4x9x9, head1 4x9x9, relu1 4x9x9, conv3 4x9x9, add1<head1+head1 4x9x9, "
         "head2 8x9x9, relu2 8x9x9, conv5 4x9x9, add2<head2+head2 8x9x9"},
        {"blocks, stages: 1, blocks: 2", 1, 9, 9, 1,
         "stem 4x9x9, head1 4x9x9, relu1 4x9x9, conv3 4x9x9, relu2 4x9x9, conv4 4x9x9, "
         "add1<head1+head1 4x9x9"},
        {"blocks, stages: 0", 1, 9, 9, 1, "stem 4x9x9, relu1 4x9x9"},
        {"blocks, divisor: 0", 1, 9, 9, 1,
         "family 'blocks', line 10: layers[0].conv.filters: in '${4 / divisor}': division by zero"},
        {"blocks, stages: 5, blocks: 1000", 1, 9, 9, 1,
         "family 'blocks', line 18: layers[1].layers[1].layers[0]: these are more than 4096 "
         "layers"},
        {"blocks, stages: 1, blocks: 5000", 1, 9, 9, 1,
         "family 'blocks', line 16: layers[1].layers[1].repeat: 5000 is out of range; expected 0 "
         "to 4096"},
        {"rounds", 1, 16, 16, 1,
         "skip1 2x16x16, maxpool1 2x8x8, skip2 4x8x8, maxpool2 4x4x4, inner1_1 3x4x4, "
         "inner1_2 4x4x4, inner2_1 4x4x4, inner2_2 5x4x4, upsample1 5x8x8, meet1<skip2 4x8x8, "
         "upsample2 4x16x16, meet2<skip1 2x16x16"},
        {"rounds, off: 1", 1, 16, 16, 1,
         "family 'rounds', line 28: layers[2].layers[1].from: there is no layer 'skip3' before "
         "this one; did you mean 'skip2'?"},
    };
    load("tests/unit/families");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_expansion(&cases[i]);
    families_release();
}

/* Images that a family does not take are refused by their sides. */
static void test_sides(void)
{
    static const struct {
        int64_t depth, off, sides;
        int height, width;
        const char *message;
    } cases[] = {
        {2, 0, 1, 8, 12, ""},
        {2, 0, 1, 8, 14,
         "rounds: with these parameters the sides of images must be multiples of 4; these are 8 x "
         "14"},
        {3, 0, 1, 12, 16,
         "rounds: with these parameters the sides of images must be multiples of 8; these are 12 x "
         "16"},
        {2, 0, 0, 8, 8,
         "family 'rounds', line 10: sides_multiple_of: 0 is out of range; expected 1 or more"},
        {63, 0, 1, 8, 8,
         "family 'rounds', line 10: sides_multiple_of: in '${sides * 2 ^ depth}': a value does not "
         "fit in 64 bits (signed)"},
    };
    load("tests/unit/families");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t config[] = {cases[i].depth, cases[i].off, cases[i].sides};
        struct component rounds = {.kind = registry_find(families_registry(), "rounds"),
                                   .config = config};
        struct shape input = {1, cases[i].height, cases[i].width};
        struct error error = {0};
        enum status status = family_check_sides(&rounds, input, &error);
        CU_ASSERT_EQUAL(status, *cases[i].message ? STATUS_CONFIG : STATUS_OK);
        CU_ASSERT_STRING_EQUAL(error.message, cases[i].message);
    }
    families_release();
}

/* Append the mistakes of the file `name`, a line each, without the folder. */
static void messages_of(const struct diagnostics *found, const char *name, struct text *text)
{
    char line[2048];

    for (size_t i = 0; i < found->count; i++) {
        const char *slash = strrchr(found->items[i].where.file, '/');
        struct error item = found->items[i];
        snprintf(item.where.file, sizeof item.where.file, "%s",
                 slash ? slash + 1 : found->items[i].where.file);
        if (strcmp(item.where.file, name) != 0)
            continue;
        error_text(&item, line, sizeof line);
        text_append(text, "%s\n", line);
    }
}

static void read_text(const char *path, struct text *text)
{
    char bytes[4096];
    FILE *file = fopen(path, "r");

    CU_ASSERT_PTR_NOT_NULL(file);
    if (!file)
        return;
    for (size_t got = fread(bytes, 1, sizeof bytes, file); got;
         got = fread(bytes, 1, sizeof bytes, file))
        text_append_bytes(text, bytes, got);
    fclose(file);
}

/* Each malformed file has its messages beside it, exactly, and none gets into the registry. */
static void test_malformed(void)
{
    static const char directory[] = "tests/bad/families";
    struct diagnostics found = {0};
    struct error error = {0};
    size_t files = 0;

    CU_ASSERT_EQUAL(families_load(directory, &found, &error), STATUS_OK);
    diagnostics_sort(&found);
    CU_ASSERT_EQUAL(families_registry()->count, 0);
    DIR *stream = opendir(directory);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    for (const struct dirent *item = readdir(stream); item; item = readdir(stream)) {
        struct text expected = {0}, messages = {0};
        char path[512];
        const char *ending = strstr(item->d_name, ".yaml");
        if (!ending)
            continue;
        snprintf(path, sizeof path, "%s/%.*s.message", directory, (int)(ending - item->d_name),
                 item->d_name);
        read_text(path, &expected);
        messages_of(&found, item->d_name, &messages);
        CU_ASSERT(expected.bytes && messages.bytes && strcmp(expected.bytes, messages.bytes) == 0);
        if (!expected.bytes || !messages.bytes || strcmp(expected.bytes, messages.bytes) != 0)
            printf("%s says:\n%s", item->d_name, messages.bytes ? messages.bytes : "(nothing)\n");
        text_release(&messages);
        text_release(&expected);
        files++;
    }
    closedir(stream);
    CU_ASSERT(files >= 20);
    diagnostics_release(&found);
    families_release();
    CU_ASSERT_EQUAL(families_load("tests/no such folder", &found, &error), STATUS_IO);
}

static void test_out_of_memory(void)
{
    static const char *const directories[] = {"networks/families", "tests/bad/families"};
    for (size_t d = 0; d < 2; d++) {
        enum status status = STATUS_MEMORY;
        size_t n = 0;
        while (status == STATUS_MEMORY && n < 10000) {
            struct diagnostics found = {0};
            struct error error = {0};
            memory_fail_at(++n);
            status = families_load(directories[d], &found, &error);
            memory_fail_at(0);
            if (status != STATUS_OK)
                CU_ASSERT_EQUAL(families_registry()->count, 0);
            diagnostics_release(&found);
        }
        CU_ASSERT_EQUAL(status, STATUS_OK);
        CU_ASSERT(n > 5);
        families_release();
    }
}

static void test_expand_out_of_memory(void)
{
    int64_t config[] = {6, 8, 1};
    enum status status = STATUS_MEMORY;
    size_t n = 0, count = 0;

    load("networks/families");
    struct component dncnn = {.kind = registry_find(families_registry(), "dncnn"),
                              .config = config};
    while (status == STATUS_MEMORY && n < 1000) {
        struct arena arena = {0};
        struct node_spec *nodes;
        memory_fail_at(++n);
        status = family_expand(&dncnn, 1, 1, &arena, &nodes, &count, NULL);
        memory_fail_at(0);
        arena_release(&arena);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
    CU_ASSERT_EQUAL(count, 2 + 4 * 3 + 2);
    CU_ASSERT(n > 3);
    families_release();
}

void family_suite(void);

void family_suite(void)
{
    CU_pSuite suite = CU_add_suite("family", NULL, NULL);
    CU_add_test(suite, "expressions have their values", test_expressions);
    CU_add_test(suite, "wrong expressions are explained", test_expression_mistakes);
    CU_add_test(suite, "the families expand to their nodes", test_families);
    CU_add_test(suite, "rounds, names in rounds, bounds", test_rounds);
    CU_add_test(suite, "images of other sides are refused", test_sides);
    CU_add_test(suite, "malformed families have their messages", test_malformed);
    CU_add_test(suite, "out of memory anywhere", test_out_of_memory);
    CU_add_test(suite, "out of memory while expanding", test_expand_out_of_memory);
}
