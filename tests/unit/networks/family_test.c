/* The families that come with the program, and what is said of malformed ones. */
#include "graph/family.h"

#include "base/memory.h"
#include "tests/unit/choose_family.h"

#include <CUnit/CUnit.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Append "conv1 4x8x8" for each node, with its inputs where they are not the one before. */
static void describe_nodes(const struct node_spec *nodes, size_t count, struct shape input,
                           struct text *text)
{
    struct shape shapes[128];

    for (size_t i = 0; i < count && i < 128; i++) {
        const struct layer *layer = layer_of(nodes[i].layer.kind);
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

static void check_expansion(const struct expansion_case *test, enum content content)
{
    struct shape input = {test->channels, test->height, test->width};
    struct arena arena = {0};
    struct component family = choose_family(test->choice, &arena);
    struct error error = {0};
    struct text text = {0};
    struct node_spec *nodes;
    size_t count;

    struct answer answer = {content, test->outputs};
    if (family_expand(&family, test->channels, answer, &arena, &nodes, &count, &error) == STATUS_OK)
        describe_nodes(nodes, count, input, &text);
    else
        text_append(&text, "%s", error.message);
    CU_ASSERT_STRING_EQUAL(text.bytes, test->expected);
    if (strcmp(text.bytes, test->expected) != 0)
        printf("%s:\n  %s\n", test->choice, text.bytes);
    text_release(&text);
    arena_release(&arena);
}

/* Families that come with the program, and the nodes that they come to. */
static const struct expansion_case shipped[] = {
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
    {"vgg, blocks: 5, convolutions: 1, width: 2, hidden: 9", 3, 32, 32, 10,
     "conv1 2x32x32, batchnorm1 2x32x32, relu1 2x32x32, maxpool1 2x16x16, conv2 4x16x16, "
     "batchnorm2 4x16x16, relu2 4x16x16, maxpool2 4x8x8, conv3 8x8x8, batchnorm3 8x8x8, "
     "relu3 8x8x8, maxpool3 8x4x4, conv4 16x4x4, batchnorm4 16x4x4, relu4 16x4x4, "
     "maxpool4 16x2x2, conv5 16x2x2, batchnorm5 16x2x2, relu5 16x2x2, maxpool5 16x1x1, "
     "flatten1 16x1x1, dense1 9x1x1, relu6 9x1x1, dropout1 9x1x1, dense2 9x1x1, relu7 9x1x1, "
     "dropout2 9x1x1, dense3 10x1x1"},
    {"alexnet_small, width: 2, hidden: 9", 1, 28, 28, 10,
     "conv1 2x14x14, relu1 2x14x14, maxpool1 2x7x7, conv2 6x7x7, relu2 6x7x7, maxpool2 6x4x4, "
     "conv3 12x4x4, relu3 12x4x4, conv4 8x4x4, relu4 8x4x4, conv5 8x4x4, relu5 8x4x4, "
     "maxpool3 8x2x2, flatten1 32x1x1, dropout1 32x1x1, dense1 9x1x1, relu6 9x1x1, "
     "dropout2 9x1x1, dense2 9x1x1, relu7 9x1x1, dense3 10x1x1"},
    {"resnet, blocks: 2, stages: 2, width: 4", 3, 32, 32, 10,
     "conv1 4x32x32, batchnorm1 4x32x32, trunk 4x32x32, conv2 4x32x32, batchnorm2 4x32x32, "
     "relu2 4x32x32, conv3 4x32x32, body1_1 4x32x32, add1<body1_1+trunk 4x32x32, "
     "trunk1_1 4x32x32, conv4 4x32x32, batchnorm4 4x32x32, relu4 4x32x32, conv5 4x32x32, "
     "body1_2 4x32x32, add2<body1_2+trunk1_1 4x32x32, trunk1_2 4x32x32, conv6 8x16x16, "
     "batchnorm6 8x16x16, relu6 8x16x16, conv7 8x16x16, body2_1 8x16x16, "
     "conv8<trunk1_2 8x16x16, shortcut2_1 8x16x16, add3<body2_1+shortcut2_1 8x16x16, "
     "trunk2_1 8x16x16, conv9 8x16x16, batchnorm9 8x16x16, relu8 8x16x16, conv10 8x16x16, "
     "body2_2 8x16x16, add4<body2_2+trunk2_1 8x16x16, trunk2_2 8x16x16, "
     "global_avgpool1 8x1x1, dense1 10x1x1"},
    {"resnet9, width: 2", 3, 28, 32, 10,
     "conv1 2x28x32, batchnorm1 2x28x32, relu1 2x28x32, conv2 4x28x32, batchnorm2 4x28x32, "
     "relu2 4x28x32, trunk1 4x14x16, conv3 4x14x16, batchnorm3 4x14x16, relu3 4x14x16, "
     "conv4 4x14x16, batchnorm4 4x14x16, body1_1 4x14x16, add1<trunk1+body1_1 4x14x16, "
     "conv5 8x14x16, batchnorm5 8x14x16, relu5 8x14x16, trunk2 8x7x8, conv6 16x7x8, "
     "batchnorm6 16x7x8, relu6 16x7x8, trunk3 16x3x4, conv7 16x3x4, batchnorm7 16x3x4, "
     "relu7 16x3x4, conv8 16x3x4, batchnorm8 16x3x4, body3_1 16x3x4, "
     "add2<trunk3+body3_1 16x3x4, maxpool4 16x1x1, global_avgpool1 16x1x1, dense1 10x1x1, scale1 "
     "10x1x1"},
    {"unet, depth: 2, width: 2, batchnorm: 0", 3, 8, 8, 3,
     "conv1 2x8x8, relu1 2x8x8, conv2 2x8x8, skip1 2x8x8, maxpool1 2x4x4, conv3 4x4x4, "
     "relu3 4x4x4, conv4 4x4x4, skip2 4x4x4, maxpool2 4x2x2, conv5 8x2x2, relu5 8x2x2, "
     "conv6 8x2x2, relu6 8x2x2, up1 4x4x4, concat1<skip2+up1 8x4x4, conv7 4x4x4, relu7 4x4x4, "
     "conv8 4x4x4, relu8 4x4x4, up2 2x8x8, concat2<skip1+up2 4x8x8, conv9 2x8x8, relu9 2x8x8, "
     "conv10 2x8x8, relu10 2x8x8, difference 3x8x8, add1<difference+input 3x8x8"},
    {"red_cnn, width: 2", 1, 30, 30, 1,
     "conv1 2x26x26, relu1 2x26x26, conv2 2x22x22, skip1 2x22x22, conv3 2x18x18, "
     "relu3 2x18x18, conv4 2x14x14, skip2 2x14x14, conv5 2x10x10, relu5 2x10x10, up1 2x14x14, "
     "add1<up1+skip2 2x14x14, relu6 2x14x14, transposed_conv2 2x18x18, relu7 2x18x18, "
     "up2 2x22x22, add2<up2+skip1 2x22x22, relu8 2x22x22, transposed_conv4 2x26x26, "
     "relu9 2x26x26, up 1x30x30, add3<up+input 1x30x30, relu10 1x30x30"},
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

/* … that give masks or numbers: what they learn is not added to the image. */
static const struct answered_case {
    enum content content;
    struct expansion_case expansion;
} answered[] = {
    {CONTENT_MASK,
     {"unet, depth: 1, width: 2, batchnorm: 0", 3, 8, 8, 3,
      "conv1 2x8x8, relu1 2x8x8, conv2 2x8x8, skip1 2x8x8, maxpool1 2x4x4, conv3 4x4x4, "
      "relu3 4x4x4, conv4 4x4x4, relu4 4x4x4, up1 2x8x8, concat1<skip1+up1 4x8x8, conv5 2x8x8, "
      "relu5 2x8x8, conv6 2x8x8, relu6 2x8x8, conv7 3x8x8"}},
    {CONTENT_MAP,
     {"fcn, depth: 2, width: 4", 1, 9, 7, 1,
      "conv1 4x9x7, batchnorm1 4x9x7, relu1 4x9x7, conv2 4x9x7, batchnorm2 4x9x7, relu2 4x9x7, "
      "conv3 1x9x7"}},
    {CONTENT_NUMBERS,
     {"regressor, blocks: 2, width: 3, hidden: 5, batchnorm: 0", 1, 9, 7, 2,
      "conv1 3x9x7, relu1 3x9x7, maxpool1 3x4x3, conv2 6x4x3, relu2 6x4x3, global_avgpool1 6x1x1, "
      "dense1 5x1x1, relu3 5x1x1, dense2 2x1x1"}},
};

static void test_families(void)
{
    load_families("networks/families");
    for (size_t i = 0; i < sizeof answered / sizeof *answered; i++)
        check_expansion(&answered[i].expansion, answered[i].content);
    for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++)
        check_expansion(&shipped[i], CONTENT_IMAGE);

    const struct registry *registry = families_registry();
    const struct descriptor *dncnn = registry_find(registry, "dncnn");
    CU_ASSERT_PTR_NOT_NULL_FATAL(dncnn);
    CU_ASSERT(family_serves(dncnn, CONTENT_IMAGE) && !family_serves(dncnn, CONTENT_SCORES));
    CU_ASSERT(family_serves(registry_find(registry, "lenet5"), CONTENT_SCORES));
    CU_ASSERT_STRING_EQUAL(dncnn->source, "Zhang, Zuo, Chen, Meng, Zhang 2017");
    CU_ASSERT_STRING_EQUAL(dncnn->fields[1].name, "width");
    CU_ASSERT_STRING_EQUAL(dncnn->fields[1].default_value, "16");
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
         "family 'blocks', line 18: layers[1].layers[1].layers[0]: more than 4096 "
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
    load_families("tests/unit/families");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_expansion(&cases[i], CONTENT_IMAGE);
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
    load_families("tests/unit/families");
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

    CU_ASSERT_EQUAL(families_load(TEXTS(directory), &found, &error), STATUS_OK);
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
    CU_ASSERT_EQUAL(families_load(TEXTS("tests/no such folder"), &found, &error), STATUS_IO);
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
            status = families_load(TEXTS(directories[d]), &found, &error);
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

    load_families("networks/families");
    struct component dncnn = {.kind = registry_find(families_registry(), "dncnn"),
                              .config = config};
    while (status == STATUS_MEMORY && n < 1000) {
        struct arena arena = {0};
        struct node_spec *nodes;
        memory_fail_at(++n);
        status = family_expand(&dncnn, 1, (struct answer){CONTENT_IMAGE, 1}, &arena, &nodes, &count,
                               NULL);
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
    CU_add_test(suite, "the families expand to their nodes", test_families);
    CU_add_test(suite, "rounds, names in rounds, bounds", test_rounds);
    CU_add_test(suite, "images of other sides are refused", test_sides);
    CU_add_test(suite, "malformed families have their messages", test_malformed);
    CU_add_test(suite, "out of memory anywhere", test_out_of_memory);
    CU_add_test(suite, "out of memory while expanding", test_expand_out_of_memory);
}
