/* Programs and executors: failures, memory that they are given, what they share. */
#include "networks/engines/registry.h"
#include "tests/unit/engines.h"
#include "tests/unit/graph.h"

void program_suite(void);

enum { BATCH = 2 };

static const struct shape IMAGE = {3, 8, 6};

/* Prepared kernels, relus done by others, layers' own functions between, values read twice. */
static const struct row mixed[] = {
    {"conv1", "conv", "filters=20 kernel=3", {-1, -2}},
    {"norm1", "batchnorm", "", {0, -2}},
    {"relu1", "relu", "", {1, -2}},
    {"soft1", "softmax", "", {2, -2}},
    {"conv2", "conv", "filters=16 kernel=1", {3, -2}},
    {"conv3", "conv", "filters=16 kernel=1", {2, -2}},
    {"add1", "add", "", {4, 5}},
    {"relu2", "relu", "", {6, -2}},
    {"unread", "gelu", "", {7, -2}},
    {"join1", "concat", "", {7, 2}},
    {"pool1", "maxpool", "", {9, -2}},
    {"up1", "upsample", "", {10, -2}},
    {"conv4", "conv", "filters=3 kernel=3", {11, -2}},
    {"last", "add", "", {12, -1}},
};
enum { MIXED = sizeof mixed / sizeof *mixed };

static void build(struct graph *graph)
{
    CU_ASSERT_EQUAL_FATAL(graph_build(graph, mixed, MIXED, IMAGE, IMAGE), STATUS_OK);
}

/* Calls `check` with every engine, in every precision and use that it has. */
static void every_program(void (*check)(const struct network *network, const struct engine *engine,
                                        enum precision precision, enum program_use use))
{
    const struct registry *engines = registry_engines();
    struct graph graph;

    build(&graph);
    for (size_t e = 0; e < engines->count; e++) {
        const struct engine *engine = engine_of(engines->rows[e]);
        if (!engine_there(engine))
            continue;
        for (int p = PRECISION_FLOAT32; p <= PRECISION_BFLOAT16; p++)
            for (int use = PROGRAM_TRAIN; use <= PROGRAM_OBSERVE; use++)
                if (engine_check(engine, (enum precision)p, NULL) == STATUS_OK)
                    check(&graph.network, engine, (enum precision)p, (enum program_use)use);
    }
    network_release(&graph.network);
}

static bool is_zero(const void *object, size_t size)
{
    const unsigned char *bytes = object;
    while (size && bytes[size - 1] == 0)
        size--;
    return size == 0;
}

/* Fail the n-th allocation, for every n, until it works; leaks show under the sanitizer. */
static void check_allocation(const struct network *network, const struct engine *engine,
                             enum precision precision, enum program_use use)
{
    struct program program;
    struct executor executor;
    struct error error = {0};
    enum status status = STATUS_MEMORY;
    size_t n = 0, programs = 0;

    while (status != STATUS_OK && n < 1000) {
        memory_fail_at(++n);
        status = program_new(&program, network, engine, precision, BATCH, use, &error);
        if (status == STATUS_OK) {
            programs++;
            status = executor_new(&executor, &program, NULL, &error);
            if (status == STATUS_OK)
                executor_release(&executor);
            CU_ASSERT(is_zero(&executor, sizeof executor));
            program_release(&program);
        }
        memory_fail_at(0);
        CU_ASSERT(is_zero(&program, sizeof program));
        CU_ASSERT_FATAL(status == STATUS_OK || status == STATUS_MEMORY);
    }
    CU_ASSERT_EQUAL(status, STATUS_OK);
    CU_ASSERT(n > 5 && programs > 1 && programs < n);
}

static void test_allocation(void)
{
    every_program(check_allocation);
}

/* Two executors of one program, one in memory that it is given, do not disturb one another. */
static void check_sharing(const struct network *network, const struct engine *engine,
                          enum precision precision, enum program_use use)
{
    size_t in = BATCH * shape_size(network->input), out = BATCH * shape_size(network->output);
    struct random_stream stream = random_stream((struct random_key){.seed = 1}, RANDOM_GENERATE, 0);
    struct program program;
    struct executor first, second;
    float *parameters, *statistics, *kept;
    void *block;

    CU_ASSERT_EQUAL_FATAL(memory_new(&parameters, network->parameters, sizeof(float), NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(memory_new(&statistics, network->statistics, sizeof(float), NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(memory_new(&kept, out, sizeof(float), NULL), STATUS_OK);
    network_initialise(network, (struct random_key){.seed = 2}, parameters, statistics);
    CU_ASSERT_EQUAL_FATAL(program_new(&program, network, engine, precision, BATCH, use, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(memory_new(&block, program.bytes, 1, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(executor_new(&first, &program, NULL, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(executor_new(&second, &program, block, NULL), STATUS_OK);
    program_pack(&program, parameters, statistics);
    for (size_t i = 0; i < in; i++)
        first.input[i] = second.input[i] = (float)random_uniform(&stream);
    executor_forward(&first, parameters, statistics, (struct random_key){0}, 0);
    memcpy(kept, first.output, out * sizeof *kept);
    executor_forward(&second, parameters, statistics, (struct random_key){0}, 0);
    CU_ASSERT_EQUAL(memcmp(kept, second.output, out * sizeof *kept), 0);
    for (size_t i = 0; i < in; i++)
        second.input[i] = -1;
    executor_forward(&second, parameters, statistics, (struct random_key){0}, 0);
    CU_ASSERT_EQUAL(memcmp(kept, first.output, out * sizeof *kept), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(kept, second.output, out * sizeof *kept), 0);
    executor_release(&first);
    executor_release(&second);
    program_release(&program);
    memory_free(block);
    memory_free(kept);
    memory_free(parameters);
    memory_free(statistics);
}

static void test_sharing(void)
{
    every_program(check_sharing);
}

/* Inference shares memory between values, training keeps them all. */
static void test_memory(void)
{
    const struct registry *engines = registry_engines();
    struct graph graph;

    build(&graph);
    for (size_t e = 0; e < engines->count; e++) {
        const struct engine *engine = engine_of(engines->rows[e]);
        size_t bytes[2];
        if (!engine_there(engine))
            continue;
        for (int use = PROGRAM_TRAIN; use <= PROGRAM_INFER; use++) {
            struct program program;
            CU_ASSERT_EQUAL_FATAL(program_new(&program, &graph.network, engine, PRECISION_FLOAT32,
                                              BATCH, (enum program_use)use, NULL),
                                  STATUS_OK);
            bytes[use] = program.bytes;
            program_release(&program);
        }
        CU_ASSERT(bytes[PROGRAM_INFER] < bytes[PROGRAM_TRAIN] / 2);
    }
    network_release(&graph.network);
}

/* What an engine does not have is refused, and nothing is left behind. */
static void test_precision(void)
{
    const struct registry *engines = registry_engines();
    struct graph graph;
    struct program program;
    size_t refused = 0;

    build(&graph);
    for (size_t e = 0; e < engines->count; e++) {
        const struct engine *engine = engine_of(engines->rows[e]);
        struct error error = {0};
        if (!engine_there(engine) || engine_check(engine, PRECISION_BFLOAT16, NULL) == STATUS_OK)
            continue;
        CU_ASSERT_EQUAL(program_new(&program, &graph.network, engine, PRECISION_BFLOAT16, BATCH,
                                    PROGRAM_TRAIN, &error),
                        STATUS_UNAVAILABLE);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "bfloat16 needs"));
        CU_ASSERT(is_zero(&program, sizeof program));
        refused++;
    }
    CU_ASSERT(refused >= 2); /* those without kernels */
    network_release(&graph.network);
}

/* Asked beforehand: a library may hang where it does not get its memory. */
static void test_room(void)
{
    struct engine engine = {.descriptor = {.name = "vast"}, .thread_room = SIZE_MAX / 4};
    struct error error = {0};

    CU_ASSERT_EQUAL(engine_take_room(&engine, 2, &error), STATUS_MEMORY);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "engine 'vast' takes"));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "room for 0 of 2"));
    engine.thread_room = 1 << 20;
    CU_ASSERT_EQUAL(engine_take_room(&engine, 4, &error), STATUS_OK);
    engine.thread_room = 0;
    CU_ASSERT_EQUAL(engine_take_room(&engine, 1 << 20, &error), STATUS_OK);
}

static void check_own_precision(const struct network *network, const struct engine *engine)
{
    if (!engine_there(engine) || engine_check(engine, PRECISION_BFLOAT16, NULL) != STATUS_OK)
        return;
    for (int use = PROGRAM_TRAIN; use <= PROGRAM_OBSERVE; use++) {
        struct program program;
        struct error error = {0};
        enum status status = program_new(&program, network, engine, PRECISION_BFLOAT16, BATCH,
                                         (enum program_use)use, &error);
        if (status != STATUS_OK)
            printf("%s\n", error.message);
        CU_ASSERT_EQUAL(status, STATUS_OK);
        if (status != STATUS_OK) {
            CU_ASSERT(is_zero(&program, sizeof program));
            continue;
        }
        for (size_t i = 0; i < network->count; i++)
            if (network->nodes[i].parameter_count)
                CU_ASSERT_EQUAL(program.nodes[i].precision, PRECISION_BFLOAT16);
        program_release(&program);
    }
}

/* Few channels, groups that fill no block, transposed, depthwise: every weight is used in the
 * precision that was asked for. */
static void test_no_other_precision(void)
{
    static const struct row rows[] = {
        {"conv1", "conv", "filters=2 kernel=3", {-1, -2}},
        {"norm1", "batchnorm", "", {0, -2}},
        {"each1", "depthwise", "kernel=3", {1, -2}},
        {"up1", "transposed_conv", "filters=6 kernel=2 stride=2", {2, -2}},
        {"pool1", "maxpool", "", {3, -2}},
        {"soft1", "softmax", "", {4, -2}},
        {"conv2", "conv", "filters=6 kernel=3 groups=2", {5, -2}},
        {"conv3", "conv", "filters=3 kernel=1", {6, -2}},
    };
    const struct registry *engines = registry_engines();

    for (size_t count = 1; count <= sizeof rows / sizeof *rows; count++) {
        struct graph graph;
        struct shape out = IMAGE;
        out.channels = count < 4 ? 2 : count < 8 ? 6 : 3;
        if (count == 4) {
            out.height *= 2;
            out.width *= 2;
        }
        if (graph_build(&graph, rows, count, IMAGE, out) != STATUS_OK)
            printf("%s\n", graph.error.message);
        CU_ASSERT_FATAL(graph.network.count == count);
        for (size_t e = 0; e < engines->count; e++)
            check_own_precision(&graph.network, engine_of(engines->rows[e]));
        network_release(&graph.network);
    }
}

/* What the network gives for 2 images, in inference. */
static void infer(const struct network *network, const struct engine *engine, float *output)
{
    enum { MOST = 60000 };
    static float parameters[MOST], statistics[MOST];
    struct random_stream stream = random_stream((struct random_key){.seed = 7}, RANDOM_GENERATE, 0);
    struct program program;
    struct executor executor;

    CU_ASSERT_FATAL(network->parameters <= MOST && network->statistics <= MOST);
    for (size_t i = 0; i < MOST; i++)
        parameters[i] = (float)(random_uniform(&stream) - 0.5);
    for (size_t i = 0; i < MOST; i++)
        statistics[i] = (float)random_uniform(&stream);
    CU_ASSERT_EQUAL_FATAL(
        program_new(&program, network, engine, PRECISION_FLOAT32, BATCH, PROGRAM_INFER, NULL),
        STATUS_OK);
    program_pack(&program, parameters, statistics);
    CU_ASSERT_EQUAL_FATAL(executor_new(&executor, &program, NULL, NULL), STATUS_OK);
    for (size_t i = 0; i < BATCH * shape_size(network->input); i++)
        executor.input[i] = (float)random_uniform(&stream);
    executor_forward(&executor, parameters, statistics, (struct random_key){0}, 0);
    memcpy(output, executor.output, BATCH * shape_size(network->output) * sizeof *output);
    executor_release(&executor);
    program_release(&program);
}

/* Badly filled blocks stay plain in inference; the library's own kernels, in blocks, give the same.
 */
static void check_narrow(const struct row *rows, size_t count, struct shape in, struct shape out)
{
    const struct engine *engine = engine_of(registry_find(registry_engines(), "onednn"));
    static float plain[20000], blocks[20000];
    struct graph graph;

    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, rows, count, in, out), STATUS_OK);
    CU_ASSERT_FATAL(BATCH * shape_size(out) <= sizeof plain / sizeof *plain);
    infer(&graph.network, engine, plain);
    engine->kernels->keep_plain(false);
    infer(&graph.network, engine, blocks);
    engine->kernels->keep_plain(true);
    CU_ASSERT(memcmp(plain, blocks, BATCH * shape_size(out) * sizeof *plain) == 0);
    network_release(&graph.network);
}

static void test_narrow(void)
{
    static const struct row first[] = {{"conv", "conv", "filters=8 kernel=3", {-1, -2}},
                                       {"norm", "batchnorm", "", {0, -2}},
                                       {"relu", "relu", "", {1, -2}},
                                       {"gelu", "gelu", "", {2, -2}},
                                       {"pool", "avgpool", "", {3, -2}}},
                            second[] = {{"conv", "conv", "filters=11 kernel=5", {-1, -2}},
                                        {"relu", "relu", "", {0, -2}},
                                        {"pool", "maxpool", "", {1, -2}},
                                        {"norm", "batchnorm", "", {2, -2}},
                                        {"up", "upsample", "", {3, -2}}},
                            third[] = {{"conv", "conv", "filters=9 kernel=3 dilation=2", {-1, -2}},
                                       {"silu", "silu", "", {0, -2}},
                                       {"add", "add", "", {0, 1}}};

    if (!engine_there(engine_of(registry_find(registry_engines(), "onednn"))))
        return;
    check_narrow(first, 5, (struct shape){3, 10, 18}, (struct shape){8, 5, 9});
    check_narrow(second, 5, (struct shape){1, 8, 20}, (struct shape){11, 8, 20});
    check_narrow(third, 3, (struct shape){2, 9, 17}, (struct shape){9, 9, 17});
}

/* Layers of every width: blocks are full, nearly empty, or would waste so much that others compute;
 * images are wide or narrow. */
static void test_widths(void)
{
    static const int across[] = {14, 30, 46};

    if (!engine_there(engine_of(registry_find(registry_engines(), "onednn"))))
        return;
    for (int width = 1; width <= 24; width++) {
        struct shape image = {2, 6, across[width % 3]}, out = {width, 6, image.width};
        char filters[64], transposed[64], wide[64], twice[64];
        snprintf(filters, sizeof filters, "filters=%d kernel=3", width);
        snprintf(transposed, sizeof transposed, "filters=%d kernel=5 padding=2", width);
        snprintf(twice, sizeof twice, "filters=%d kernel=2 stride=2", width);
        snprintf(wide, sizeof wide, "filters=%d kernel=5", (width + 7) / 8 * 8);
        const struct row rows[] = {
            {"first", "conv", filters, {-1, -2}}, {"relu", "relu", "", {0, -2}},
            {"second", "conv", wide, {1, -2}},    {"norm", "batchnorm", "", {2, -2}},
            {"pool", "maxpool", "", {3, -2}},     {"up", "upsample", "", {4, -2}},
            {"third", "conv", filters, {5, -2}},  {"back", "transposed_conv", transposed, {6, -2}},
            {"both", "concat", "", {3, 7}},       {"fourth", "conv", filters, {8, -2}},
            {"silu", "silu", "", {9, -2}},        {"sum", "add", "", {10, 6}},
            {"gelu", "gelu", "", {11, -2}},       {"twice", "transposed_conv", twice, {12, -2}},
            {"half", "maxpool", "", {13, -2}},
        };
        check_narrow(rows, sizeof rows / sizeof *rows, image, out);
    }
}

void program_suite(void)
{
    CU_pSuite suite = CU_add_suite("program", NULL, NULL);
    CU_add_test(suite, "every allocation may fail", test_allocation);
    CU_add_test(suite, "executors of one program are independent", test_sharing);
    CU_add_test(suite, "inference needs less memory", test_memory);
    CU_add_test(suite, "a precision that is not there", test_precision);
    CU_add_test(suite, "room for a library is asked for beforehand", test_room);
    CU_add_test(suite, "few channels give the bits of blocks", test_narrow);
    CU_add_test(suite, "so does every width", test_widths);
    CU_add_test(suite, "no weight is used in another precision", test_no_other_precision);
}
