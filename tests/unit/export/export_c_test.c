/* Networks exported as C: places in memory, names, what is refused. tests/export_c/run compiles and
 * runs what is written. */
#include "base/random.h"
#include "export/c_layers.h"
#include "export/c_memory.h"
#include "export/c_source.h"
#include "export/static_memory.h"
#include "io/files/bytes.h"
#include "tests/unit/export/export_int8.h"
#include "tests/unit/graph.h"
#include "tests/unit/scratch.h"

#include <math.h>
#include <unistd.h>

void export_c_suite(void);

enum { MOST_BLOCKS = 40, ROUNDS = 200, MOST_BYTES = 1 << 20 };

/* -------------------------------------------------------------------- static memory -- */

static bool alive_together(const struct static_block *a, const struct static_block *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* No two blocks that are alive at one moment share a byte; the most that is alive at once fits. */
static void check_blocks(const struct static_block *blocks, size_t count, size_t alignment,
                         size_t bytes)
{
    size_t least = 0, sum = 0;

    for (size_t a = 0; a < count; a++) {
        size_t alive = 0;
        CU_ASSERT_EQUAL(blocks[a].offset % alignment, 0);
        CU_ASSERT(blocks[a].offset + blocks[a].bytes <= bytes);
        for (size_t b = 0; b < count; b++) {
            if (a != b && alive_together(&blocks[a], &blocks[b]))
                CU_ASSERT(blocks[a].offset + blocks[a].bytes <= blocks[b].offset ||
                          blocks[b].offset + blocks[b].bytes <= blocks[a].offset);
            if (blocks[b].first <= blocks[a].first && blocks[a].first <= blocks[b].last)
                alive += blocks[b].bytes;
        }
        least = alive > least ? alive : least;
        sum += blocks[a].bytes + alignment;
    }
    CU_ASSERT(bytes >= least && bytes <= sum);
}

static void test_random_blocks(void)
{
    struct static_block blocks[MOST_BLOCKS];

    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct random_stream stream =
            random_stream((struct random_key){.seed = 9}, RANDOM_GENERATE, round);
        size_t count = random_below(&stream, MOST_BLOCKS + 1), bytes;
        size_t alignment = (size_t)1 << random_below(&stream, 4);
        for (size_t i = 0; i < count; i++) {
            size_t first = random_below(&stream, 30);
            blocks[i] = (struct static_block){.bytes = 1 + random_below(&stream, 500),
                                              .first = first,
                                              .last = first + random_below(&stream, 9)};
        }
        CU_ASSERT_EQUAL_FATAL(static_memory_place(blocks, count, alignment, &bytes, NULL),
                              STATUS_OK);
        check_blocks(blocks, count, alignment, bytes);
    }
}

/* A chain needs its largest neighbours; a hole that a larger block left is used. */
static void test_known_blocks(void)
{
    struct static_block chain[] = {{100, 0, 1, 0}, {40, 1, 2, 0}, {60, 2, 3, 0}, {20, 3, 4, 0}};
    struct static_block hole[] = {{40, 0, 1, 0}, {8, 0, 9, 0}, {20, 2, 9, 0}, {20, 2, 9, 0}};
    size_t bytes;

    CU_ASSERT_EQUAL_FATAL(static_memory_place(chain, 4, 4, &bytes, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(bytes, 140);
    CU_ASSERT_EQUAL_FATAL(static_memory_place(hole, 4, 4, &bytes, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(bytes, 48);
    CU_ASSERT_EQUAL_FATAL(static_memory_place(NULL, 0, 4, &bytes, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(bytes, 0);
}

static void test_too_large(void)
{
    struct static_block blocks[] = {{SIZE_MAX / 2, 0, 1, 0}, {SIZE_MAX / 2, 0, 1, 0}};
    struct error error = {0};
    size_t bytes;

    CU_ASSERT_EQUAL(static_memory_place(blocks, 2, 4, &bytes, &error), STATUS_MEMORY);
    CU_ASSERT_STRING_EQUAL(error.message, "the network's values do not fit in memory");
}

/* ------------------------------------------------------------------ values of a graph -- */

/* Places in float32, or of values of `bytes` where these, too, follow the layers' rows. */
static void places_new(struct c_memory *memory, const struct network *network,
                       struct c_memory_need need)
{
    enum c_values values[MOST_NODES];

    for (size_t i = 0; i < network->count; i++)
        values[i] = c_layer_find(network->nodes[i].layer->descriptor.name)->values;
    need.values = values;
    CU_ASSERT_EQUAL_FATAL(c_memory_new(memory, network, &need, NULL), STATUS_OK);
}

/* relu and sigmoid write over what they read; add takes the place of the input that dies. */
static void test_places(void)
{
    static const struct row rows[] = {{"a", "conv", "filters=4 kernel=3", {-1, -2}},
                                      {"b", "relu", "", {0, -2}},
                                      {"c", "conv", "filters=4 kernel=3", {1, -2}},
                                      {"d", "sigmoid", "", {2, -2}},
                                      {"e", "add", "", {1, 3}},
                                      {"f", "dropout", "", {4, -2}},
                                      {"g", "conv", "filters=1 kernel=3", {5, -2}},
                                      {"h", "relu", "", {6, -2}}};
    static const size_t owners[] = {0, 0, 2, 2, 0, 0, 6, 6};
    struct shape shape = {1, 5, 5};
    struct graph graph;
    struct c_memory memory;

    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, rows, sizeof rows / sizeof *rows, shape, shape),
                          STATUS_OK);
    places_new(&memory, &graph.network, (struct c_memory_need){.value_bytes = 4});
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++) {
        CU_ASSERT_EQUAL(memory.places[i].owner, owners[i]);
        CU_ASSERT_EQUAL(memory.places[i].room, i < 6 ? ROOM_MEMORY : ROOM_OUTPUT);
        CU_ASSERT_EQUAL(memory.places[i].offset, memory.places[owners[i]].offset);
    }
    CU_ASSERT_NOT_EQUAL(memory.places[0].offset, memory.places[2].offset);
    CU_ASSERT_EQUAL(memory.bytes, 2 * 4 * 25 * 4);
    c_memory_release(&memory);
    /* Integers of one byte need a quarter. */
    places_new(&memory, &graph.network, (struct c_memory_need){.value_bytes = 1});
    CU_ASSERT_EQUAL(memory.bytes, 2 * 4 * 25);
    c_memory_release(&memory);
    /* Input and output of their own take what is free at the beginning and at the end. */
    places_new(&memory, &graph.network,
               (struct c_memory_need){.value_bytes = 1, .own_input = true, .own_output = true});
    CU_ASSERT_EQUAL(memory.bytes, 2 * 4 * 25);
    CU_ASSERT(memory.input >= memory.places[0].offset + 100 ||
              memory.input + 25 <= memory.places[0].offset);
    CU_ASSERT(memory.output >= memory.places[5].offset + 100 ||
              memory.output + 25 <= memory.places[5].offset);
    c_memory_release(&memory);
    network_release(&graph.network);
}

/* The input is the caller's: nothing is written over it, and what only hands it on at the end is
 * copied. */
static void test_input(void)
{
    static const struct row rows[] = {
        {"a", "dropout", "", {-1, -2}}, {"b", "relu", "", {0, -2}}, {"c", "flatten", "", {0, -2}}};
    struct shape shape = {1, 5, 5};
    struct graph graph;
    struct c_memory memory;

    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, rows, 3, shape, (struct shape){25, 1, 1}), STATUS_OK);
    places_new(&memory, &graph.network, (struct c_memory_need){.value_bytes = 4});
    CU_ASSERT_EQUAL(memory.places[0].room, ROOM_INPUT);
    CU_ASSERT_EQUAL(memory.places[1].room, ROOM_MEMORY);
    CU_ASSERT_EQUAL(memory.places[2].room, ROOM_OUTPUT);
    CU_ASSERT_EQUAL(memory.places[2].owner, 2);
    c_memory_release(&memory);
    network_release(&graph.network);
}

/* ------------------------------------------------------------------------------ names -- */

static void check_name(const char *name, const char *expected)
{
    struct text identifier = {0};

    CU_ASSERT_EQUAL_FATAL(c_source_name(name, &identifier, NULL), STATUS_OK);
    CU_ASSERT_STRING_EQUAL(identifier.bytes, expected);
    text_release(&identifier);
}

static void test_names(void)
{
    struct text identifier = {0};
    struct error error = {0};
    char longer[100];

    check_name("denoiser", "denoiser");
    check_name("cells-v1.2", "cells_v1_2");
    check_name("a -- b", "a_b");
    check_name("2layers", "network_2layers");
    check_name("_x", "network__x");
    check_name("-x", "network_x");
    check_name("Math", "network_Math");
    check_name("int", "int");
    check_name("\xc3\xa4rger", "network_rger");
    CU_ASSERT_EQUAL(c_source_name("-_.", &identifier, &error), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, "'-_.' has no letter or digit to name a C file by");
    CU_ASSERT_EQUAL(c_source_name("", &identifier, &error), STATUS_CONFIG);
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    CU_ASSERT_EQUAL(c_source_name(longer, &identifier, &error), STATUS_CONFIG);
    text_release(&identifier);
}

static void check_float(float value, const char *expected)
{
    struct text text = {0};

    c_float_print(value, &text);
    CU_ASSERT_STRING_EQUAL(text.bytes, expected);
    text_release(&text);
}

static void test_floats(void)
{
    check_float(0, "0.0F");
    check_float(-0.0F, "-0.0F");
    check_float(1, "1.0F");
    check_float(0.1F, "0.100000001F");
    check_float(1e20F, "1.00000002e+20F");
    check_float(0x1p-149F, "1.40129846e-45F");
    for (uint32_t bits = 1; bits < 0x7f000000; bits += 0x3fffd) {
        struct text text = {0};
        float value, back;
        memcpy(&value, &bits, sizeof value);
        c_float_print(value, &text);
        back = strtof(text.bytes, NULL);
        CU_ASSERT_EQUAL(memcmp(&value, &back, sizeof value), 0);
        text_release(&text);
    }
}

/* ---------------------------------------------------------------------------- layers -- */

static void test_layers(void)
{
    for (size_t i = 0; i < registry_layers()->count; i++) {
        const char *name = registry_layers()->rows[i]->name;
        const struct c_layer *row = c_layer_find(name);
        CU_ASSERT_PTR_NOT_NULL(row);
        if (!row)
            printf("layer %s has no row in framework/export/c_layers.c\n", name);
    }
    CU_ASSERT_PTR_NULL(c_layer_find("no_such_layer"));
}

/* ---------------------------------------------------------------------------- export -- */

struct model { /* a small network with everything that export_c() reads */
    struct graph graph;
    struct descriptor kind;
    struct component family;
    float parameters[64], statistics[4];
    struct image_set examples, outputs;
    struct quantized_network quantized; /* model_quantize() */
    struct exported_network exported;
};

static const struct row model_rows[] = {{"a", "conv", "filters=2 kernel=3", {-1, -2}},
                                        {"b", "batchnorm", "", {0, -2}},
                                        {"c", "relu", "", {1, -2}}};

static void model_new(struct model *model)
{
    struct shape in = {1, 4, 4}, out = {2, 4, 4};

    memset(model, 0, sizeof *model);
    CU_ASSERT_EQUAL_FATAL(graph_build(&model->graph, model_rows, 3, in, out), STATUS_OK);
    CU_ASSERT_FATAL(model->graph.network.parameters <= 64);
    CU_ASSERT_EQUAL_FATAL(model->graph.network.statistics, 4);
    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(&model->examples, 1, in, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(image_set_new_uniform(&model->outputs, 1, out, NULL), STATUS_OK);
    model->kind = (struct descriptor){.name = "by hand"};
    model->family.kind = &model->kind;
    model->exported = (struct exported_network){.name = "test",
                                                .family = &model->family,
                                                .network = &model->graph.network,
                                                .parameters = model->parameters,
                                                .statistics = model->statistics,
                                                .answer = {CONTENT_MASK, 2},
                                                .examples = &model->examples,
                                                .outputs = &model->outputs};
}

/* What is exported are integers from here on. */
static void model_quantize(struct model *model)
{
    struct exported_network *exported = &model->exported;

    for (size_t i = 0; i < model->graph.network.parameters; i++)
        model->parameters[i] = (float)(i % 5) / 4;
    for (size_t i = 0; i < shape_size(model->graph.network.input); i++)
        model->examples.pixels[i] = (float)(i % 7) / 6;
    CU_ASSERT_EQUAL_FATAL(export_int8_new(&model->quantized, exported->network,
                                          exported->parameters, exported->statistics,
                                          exported->examples, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(export_int8_answer(&model->quantized, exported->network,
                                             exported->examples, &model->outputs, NULL),
                          STATUS_OK);
    exported->quantized = &model->quantized;
}

static void model_release(struct model *model)
{
    quantized_release(&model->quantized);
    image_set_release(&model->examples);
    image_set_release(&model->outputs);
    network_release(&model->graph.network);
}

static bool is_written(const char *name)
{
    char path[SCRATCH_PATH];

    return access(scratch_path(path, name), F_OK) == 0;
}

/* Fails with this message, and writes nothing. */
static void check_refused(const struct model *model, enum status status, const char *message)
{
    char path[SCRATCH_PATH];
    struct error error = {0};

    CU_ASSERT_EQUAL(export_c(&model->exported, scratch_path(path, "refused"), "x", &error), status);
    CU_ASSERT_STRING_EQUAL(error.message, message);
    CU_ASSERT_FALSE(is_written("refused/x.c"));
}

static void test_refused(void)
{
    struct model model;

    model_new(&model);
    model.parameters[3] = NAN;
    check_refused(&model, STATUS_DIVERGED, "parameter 4 is not finite: it cannot be exported");
    model.parameters[3] = 0;
    model.statistics[1] = INFINITY;
    check_refused(&model, STATUS_DIVERGED, "statistic 2 is not finite: it cannot be exported");
    model.statistics[1] = 0;
    model.outputs.pixels[2] = NAN;
    check_refused(&model, STATUS_DIVERGED, "output 3 is not finite: it cannot be exported");
    model.outputs.pixels[2] = 0;
    model.exported.outputs = &model.examples;
    check_refused(&model, STATUS_DATA, "example 1 has an output of another shape");
    model.exported.outputs = &model.outputs;
    struct layer odd = *model.graph.network.nodes[1].layer;
    odd.descriptor.name = "odd";
    model.graph.network.nodes[1].layer = &odd;
    check_refused(&model, STATUS_UNAVAILABLE, "layer 'b' (odd) cannot be exported as C");
    model.examples.count = 0;
    check_refused(&model, STATUS_DATA, "no example tests the exported network");
    model.examples.count = 1;
    model_release(&model);
}

/* The three files, under a name that C takes; the header tells memory and weights. */
static void test_files(void)
{
    char path[SCRATCH_PATH];
    struct model model;
    struct bytes header = {0};
    struct error error = {0};

    model_new(&model);
    CU_ASSERT_EQUAL_FATAL(export_c(&model.exported, scratch_path(path, "files"), "a-b", &error),
                          STATUS_OK);
    CU_ASSERT(is_written("files/a_b.c") && is_written("files/a_b_test.c"));
    CU_ASSERT_EQUAL_FATAL(bytes_read(&header, scratch_path(path, "files/a_b.h"), MOST_BYTES, NULL),
                          STATUS_OK);
    struct text text = {0};
    text_append_bytes(&text, (const char *)header.data, header.length);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "#define A_B_INPUT_SIZE 16\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "#define A_B_OUTPUT_CHANNELS 2\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "#define A_B_RAM_BYTES 0 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "#define A_B_CONSTANT_BYTES 104\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "int a_b_class(const float output[A_B_OUTPUT_SIZE], "
                                              "int row, int column);\n"));
    text_release(&text);
    bytes_release(&header);
    model_release(&model);
}

/* The text of an exported file, for text_release(). */
static void read_exported(const char *name, struct text *text)
{
    char path[SCRATCH_PATH];
    struct bytes file = {0};

    CU_ASSERT_EQUAL_FATAL(bytes_read(&file, scratch_path(path, name), MOST_BYTES, NULL), STATUS_OK);
    text_append_bytes(text, (const char *)file.data, file.length);
    bytes_release(&file);
}

static void check_holds(const struct text *text, const char *part)
{
    CU_ASSERT_PTR_NOT_NULL(strstr(text->bytes, part));
    if (!strstr(text->bytes, part))
        printf("there is no '%s'\n", part);
}

/* Weights of a byte; how integers stand for real numbers; the relu is part of the convolution. */
static void test_integers(void)
{
    char path[SCRATCH_PATH];
    struct model model;
    struct text header = {0}, source = {0}, test = {0};
    struct error error = {0};

    model_new(&model);
    model_quantize(&model);
    CU_ASSERT_EQUAL_FATAL(export_c(&model.exported, scratch_path(path, "int8"), "x", &error),
                          STATUS_OK);
    read_exported("int8/x.h", &header);
    read_exported("int8/x.c", &source);
    read_exported("int8/x_test.c", &test);
    /* 18 weights; of both channels a bias, a mantissa and a shift */
    check_holds(&header, "#define X_CONSTANT_BYTES 36\n");
    check_holds(&header, "#define X_RAM_BYTES 48 ");
    check_holds(&header, "#define X_INPUT_SCALE 0.00392156886F\n#define X_INPUT_ZERO (-128)\n");
    check_holds(&header, "#define X_OUTPUT_ZERO (-128)\n");
    check_holds(&header, "void x_run_int8(const int8_t input[X_INPUT_SIZE], int8_t "
                         "output[X_OUTPUT_SIZE]);\n");
    check_holds(&header, "beside them the caller's input (16 bytes) and\n * output (32 bytes)");
    check_holds(&source, "    /* 2 c: 2 x 4 x 4, as it is */\n");
    check_holds(&source, "    x_run_int8(memory + 32, memory);\n");
    check_holds(&test, "        x_run_int8(inputs_int8[i], integers);\n");
    text_release(&header);
    text_release(&source);
    text_release(&test);
    model_release(&model);
}

/* A network that was quantised for images of another size. */
static void test_other_size(void)
{
    struct model model, other;

    model_new(&model);
    model_quantize(&model);
    model_new(&other);
    network_release(&other.graph.network);
    CU_ASSERT_EQUAL_FATAL(
        graph_build(&other.graph, model_rows, 3, (struct shape){1, 5, 4}, (struct shape){2, 5, 4}),
        STATUS_OK);
    other.exported.quantized = &model.quantized;
    check_refused(&other, STATUS_CONFIG, "the network was quantised for images of another size");
    model_release(&other);
    model_release(&model);
}

/* Until nothing fails any more. */
static void fail_allocations(const struct model *model)
{
    char path[SCRATCH_PATH];

    for (size_t n = 1;; n++) {
        memory_fail_at(n);
        enum status status =
            export_c(&model->exported, scratch_path(path, "allocation"), "x", NULL);
        memory_fail_at(0);
        if (status == STATUS_OK) {
            CU_ASSERT(n > 5);
            break;
        }
        CU_ASSERT_EQUAL_FATAL(status, STATUS_MEMORY);
    }
}

static void test_allocation(void)
{
    struct model model;

    model_new(&model);
    fail_allocations(&model);
    model_quantize(&model);
    fail_allocations(&model);
    model_release(&model);
}

void export_c_suite(void)
{
    CU_pSuite suite = CU_add_suite("export_c", NULL, NULL);
    CU_add_test(suite, "random blocks never share memory while alive", test_random_blocks);
    CU_add_test(suite, "memory of known blocks", test_known_blocks);
    CU_add_test(suite, "sizes that cannot be added up", test_too_large);
    CU_add_test(suite, "values take the places of those that nobody needs", test_places);
    CU_add_test(suite, "the input stays as it is", test_input);
    CU_add_test(suite, "names become C's, or are refused", test_names);
    CU_add_test(suite, "constants read back as the same bits", test_floats);
    CU_add_test(suite, "every layer can be exported", test_layers);
    CU_add_test(suite, "what cannot be exported is refused by name", test_refused);
    CU_add_test(suite, "files and what the header tells", test_files);
    CU_add_test(suite, "integers: files and what the header tells", test_integers);
    CU_add_test(suite, "integers for another size are refused", test_other_size);
    CU_add_test(suite, "every allocation may fail", test_allocation);
}
