/* Networks made of families: shapes, mistakes, initialisation, forward and backward. */
#include "graph/apply.h"
#include "graph/family.h"
#include "graph/program.h"
#include "networks/engines/registry.h"
#include "tests/property/layer_cases.h"
#include "tests/unit/graph.h"
#include "tests/unit/network_noise.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

void network_suite(void);

/* A residual denoiser of depth 3 and width 4. */
static const struct row denoiser[] = {
    {"conv1", "conv", "filters=4 kernel=3", {-1, -2}},
    {"relu1", "relu", "", {0, -2}},
    {"conv2", "conv", "filters=4 kernel=3 bias=false", {1, -2}},
    {"batchnorm1", "batchnorm", "", {2, -2}},
    {"relu2", "relu", "", {3, -2}},
    {"residual", "conv", "filters=1 kernel=3", {4, -2}},
    {"add1", "add", "", {5, -1}},
};

/* LeNet-5 with full connections, ReLU and max pooling, its first convolution padded by 2. */
static const struct row lenet[] = {
    {"conv1", "conv", "filters=6 kernel=5", {-1, -2}},
    {"relu1", "relu", "", {0, -2}},
    {"maxpool1", "maxpool", "", {1, -2}},
    {"conv2", "conv", "filters=16 kernel=5 padding=valid", {2, -2}},
    {"relu2", "relu", "", {3, -2}},
    {"maxpool2", "maxpool", "", {4, -2}},
    {"flatten1", "flatten", "", {5, -2}},
    {"dense1", "dense", "outputs=120", {6, -2}},
    {"relu3", "relu", "", {7, -2}},
    {"dense2", "dense", "outputs=84", {8, -2}},
    {"relu4", "relu", "", {9, -2}},
    {"dense3", "dense", "outputs=10", {10, -2}},
};

enum { DENOISER = sizeof denoiser / sizeof *denoiser, LENET = sizeof lenet / sizeof *lenet };

static void expect_shape(const struct network *network, size_t node, int c, int h, int w)
{
    CU_ASSERT(shape_equal(network->nodes[node].out, (struct shape){c, h, w}));
}

/* Parameters: 4 x 9 + 4, 4 x 4 x 9, 4 + 4, 4 x 9 + 1. Multiply-adds: 64 pixels of 36 + 144 + 36 in
 * the convolutions, and one a value in batch normalisation. */
static void test_denoiser(void)
{
    struct graph graph;
    struct layer_work work[DENOISER];

    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, denoiser, DENOISER, small, small), STATUS_OK);
    const struct network *network = &graph.network;
    CU_ASSERT_EQUAL(network->parameters, 40 + 144 + 8 + 37);
    CU_ASSERT_EQUAL(network->statistics, 8);
    expect_shape(network, 0, 4, 8, 8);
    expect_shape(network, 5, 1, 8, 8);
    CU_ASSERT_EQUAL(network->nodes[3].parameter_offset[1], 40 + 144 + 4);
    CU_ASSERT_EQUAL(network->nodes[3].momentum, 0.1);
    struct operations operations = network_operations(network);
    CU_ASSERT_EQUAL(operations.multiply_adds, 64 * (36 + 144 + 36) + 64 * 4);
    CU_ASSERT_EQUAL(operations.additions, 64 * (4 + 1) + 64);
    CU_ASSERT_EQUAL(operations.comparisons, 2 * 64 * 4);
    network_work(network, work);
    CU_ASSERT_STRING_EQUAL(work[2].name, "conv2");
    CU_ASSERT_EQUAL(work[2].m, 64);
    CU_ASSERT_EQUAL(work[2].k, 36);
    CU_ASSERT_EQUAL(work[2].n, 4);
    CU_ASSERT_EQUAL(work[2].weights, 144);
    network_release(&graph.network);
}

/* Parameters by layer: 6 x 26, 16 x 151, 120 x 401, 84 x 121, 10 x 85. */
static void test_lenet(void)
{
    struct graph graph;

    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, lenet, LENET, digit, classes), STATUS_OK);
    const struct network *network = &graph.network;
    CU_ASSERT_EQUAL(network->parameters, 156 + 2416 + 48120 + 10164 + 850);
    CU_ASSERT_EQUAL(network->parameters, 61706);
    CU_ASSERT_EQUAL(network->statistics, 0);
    expect_shape(network, 0, 6, 28, 28);
    expect_shape(network, 2, 6, 14, 14);
    expect_shape(network, 3, 16, 10, 10);
    expect_shape(network, 5, 16, 5, 5);
    expect_shape(network, 6, 400, 1, 1);
    CU_ASSERT_EQUAL(network_operations(network).multiply_adds,
                    784 * 25 * 6 + 100 * 150 * 16 + 400 * 120 + 120 * 84 + 84 * 10);
    network_release(&graph.network);
}

static double peak_of(const struct row *rows, size_t count, struct shape input, struct shape target)
{
    struct graph graph;
    struct layer_work work[MOST_NODES];

    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, rows, count, input, target), STATUS_OK);
    double peak = network_work(&graph.network, work).peak_values;
    network_release(&graph.network);
    return peak;
}

/* Values alive at once, by hand; images of 8 x 8, 64 values a channel. */
static void test_peak(void)
{
    static const struct row chain[] = {{"conv1", "conv", "filters=4 kernel=3", {-1, -2}},
                                       {"relu1", "relu", "", {0, -2}},
                                       {"conv2", "conv", "filters=2 kernel=3", {1, -2}},
                                       {"conv3", "conv", "filters=1 kernel=3", {2, -2}}};
    static const struct row skips[] = {{"conv1", "conv", "filters=2 kernel=3", {-1, -2}},
                                       {"skip1", "relu", "", {0, -2}},
                                       {"pool1", "maxpool", "", {1, -2}},
                                       {"conv2", "conv", "filters=16 kernel=3", {2, -2}},
                                       {"conv3", "conv", "filters=4 kernel=3", {3, -2}},
                                       {"up1", "upsample", "factor=2", {4, -2}},
                                       {"concat1", "concat", "", {1, 5}},
                                       {"conv4", "conv", "filters=1 kernel=3", {6, -2}}};
    static const struct row twice = {"add1", "add", "", {-1, -1}};

    /* conv2: 4 + 2 channels. relu1 lies over conv1, and the input is dead by then. */
    CU_ASSERT_EQUAL(peak_of(chain, 4, small, small), 6 * 64);
    /* The input lives until the last sum: 1 + 4 + 4 channels at conv2. */
    CU_ASSERT_EQUAL(peak_of(denoiser, DENOISER, small, small), 9 * 64);
    /* concat1: 2 of the skip, 4 of up1, 6 of its own; conv3 has 2 x 64 of the skip and 20 x 16. */
    CU_ASSERT_EQUAL(peak_of(skips, 8, small, small), 12 * 64);
    CU_ASSERT_EQUAL(peak_of(&twice, 1, small, small), 64);
    /* maxpool1: 6 x 28 x 28 in, 6 x 14 x 14 out. */
    CU_ASSERT_EQUAL(peak_of(lenet, LENET, digit, classes), 4704 + 1176);
}

static void expect_mistake(const struct row *rows, size_t count, struct shape input,
                           struct shape target, const char *message)
{
    struct graph graph;

    CU_ASSERT_EQUAL(graph_build(&graph, rows, count, input, target), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(graph.error.message, message);
    network_release(&graph.network);
}

static void test_mistakes(void)
{
    static const struct row two[] = {{"conv1", "conv", "filters=4 kernel=3", {-1, -2}},
                                     {"add1", "add", "", {0, -1}}};
    static const struct row dense = {"dense1", "dense", "outputs=3", {-1, -2}};
    static const struct row even = {"conv1", "conv", "filters=1 kernel=4", {-1, -2}};
    static const struct row large = {"conv1", "conv", "filters=1 kernel=9 padding=valid", {-1, -2}};
    static const struct row groups = {"conv1", "conv", "filters=4 kernel=3 groups=2", {-1, -2}};
    static const struct row pool = {"maxpool1", "maxpool", "size=9", {-1, -2}};
    static const struct row huge = {"upsample1", "upsample", "factor=16", {-1, -2}};

    expect_mistake(two, 2, small, small,
                   "add1: the inputs of add have different shapes: 4 x 8 x 8 and 1 x 8 x 8");
    expect_mistake(&dense, 1, small, classes,
                   "dense1: dense takes a flat input, not one of 1 x 8 x 8; put flatten before it");
    expect_mistake(&even, 1, small, small,
                   "conv1: padding 'same' has no middle for a kernel that reaches over 4 pixels; "
                   "use an odd kernel or padding 'valid'");
    expect_mistake(&large, 1, small, small,
                   "conv1: a kernel that reaches over 9 x 9 pixels does not fit into an input of "
                   "8 x 8");
    expect_mistake(&groups, 1, small, small,
                   "conv1: 2 groups do not divide 1 input channels and 4 filters");
    expect_mistake(&pool, 1, small, small,
                   "maxpool1: a window of 9 x 9 pixels does not fit into an input of 8 x 8");
    expect_mistake(&huge, 1, (struct shape){1, 65536, 65536}, small,
                   "upsample1: 1 x 1048576 x 1048576 values are too many; at most 68719476736");
    expect_mistake(two, 1, small, small,
                   "the last layer, conv1, gives 4 x 8 x 8 values; expected 1 x 8 x 8");
    expect_mistake(two, 0, small, small, "a network needs at least one layer");
}

/* A network with parameters, on one engine. */
struct machine {
    struct graph graph;
    const struct engine *engine;
    struct program program;
    struct executor executor;
    float *parameters, *statistics, *gradients;
};

static void machine_new(struct machine *m, const char *engine, int batch)
{
    struct random_key key = {.seed = 5};

    CU_ASSERT_EQUAL_FATAL(graph_build(&m->graph, denoiser, DENOISER, small, small), STATUS_OK);
    const struct network *network = &m->graph.network;
    m->engine = engine_of(registry_find(registry_engines(), engine));
    CU_ASSERT_PTR_NOT_NULL_FATAL(m->engine);
    CU_ASSERT_EQUAL_FATAL(m->engine->start(NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        program_new(&m->program, network, m->engine, PRECISION_FLOAT32, batch, PROGRAM_TRAIN, NULL),
        STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(executor_new(&m->executor, &m->program, NULL, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(memory_new(&m->parameters, network->parameters, sizeof(float), NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(memory_new(&m->gradients, network->parameters, sizeof(float), NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(memory_new(&m->statistics, network->statistics, sizeof(float), NULL),
                          STATUS_OK);
    network_initialise(network, key, m->parameters, m->statistics);
}

static const float *machine_forward(struct machine *m, const float *x)
{
    memcpy(m->executor.input, x, (size_t)m->program.batch * shape_size(small) * sizeof(float));
    program_pack(&m->program, m->parameters, m->statistics);
    executor_forward(&m->executor, m->parameters, m->statistics, (struct random_key){0}, 0);
    return m->executor.output;
}

static void machine_backward(struct machine *m, const float *dy)
{
    memcpy(m->executor.output_gradient, dy,
           (size_t)m->program.batch * shape_size(small) * sizeof(float));
    executor_backward(&m->executor, m->parameters, m->gradients);
}

static void machine_release(struct machine *m)
{
    executor_release(&m->executor);
    program_release(&m->program);
    memory_free(m->parameters);
    memory_free(m->gradients);
    memory_free(m->statistics);
    network_release(&m->graph.network);
}

static void test_initialisation(void)
{
    struct machine m;
    uint8_t decays[229];
    double squares = 0;

    machine_new(&m, "reference", 1);
    for (size_t i = 0; i < 144; i++)
        squares += (double)m.parameters[40 + i] * (double)m.parameters[40 + i];
    CU_ASSERT_DOUBLE_EQUAL(squares / 144, 2.0 / 36, 0.02);
    CU_ASSERT_EQUAL(m.parameters[36], 0);  /* bias */
    CU_ASSERT_EQUAL(m.parameters[184], 1); /* scale */
    CU_ASSERT_EQUAL(m.parameters[188], 0); /* shift */
    CU_ASSERT_EQUAL(m.statistics[3], 0);
    CU_ASSERT_EQUAL(m.statistics[4], 1);
    network_decays(&m.graph.network, decays);
    CU_ASSERT(decays[35] == 1 && decays[36] == 0 && decays[40] == 1 && decays[184] == 0 &&
              decays[192] == 1 && decays[228] == 0);
    machine_release(&m);
}

/* The whole chain, skip connection included, by a difference quotient in a random direction. */
static void test_backward(void)
{
    struct machine m;
    float x[3 * 64], dy[3 * 64], direction[229], kept[229];
    double analytic = 0, numeric = 0;

    machine_new(&m, "reference", 3);
    fill_noise(x, 3 * 64, 1);
    fill_noise(dy, 3 * 64, 2);
    fill_noise(direction, 229, 3);
    memcpy(kept, m.parameters, sizeof kept);
    machine_forward(&m, x);
    machine_backward(&m, dy);
    for (int sign = -1; sign <= 1; sign += 2) {
        for (int i = 0; i < 229; i++)
            m.parameters[i] = kept[i] + (float)sign * 1e-3F * direction[i];
        const float *y = machine_forward(&m, x);
        for (int i = 0; i < 3 * 64; i++)
            numeric += sign * (double)y[i] * (double)dy[i] / 2e-3;
    }
    for (int i = 0; i < 229; i++)
        analytic += (double)m.gradients[i] * (double)direction[i];
    CU_ASSERT_DOUBLE_EQUAL(numeric / analytic, 1, 2e-3);
    machine_release(&m);
}

/* Nothing of one step is left over in the next. */
static void test_again(void)
{
    struct machine m;
    float x[3 * 64], dy[3 * 64], first[229];

    machine_new(&m, "openblas", 3);
    fill_noise(x, 3 * 64, 1);
    fill_noise(dy, 3 * 64, 2);
    for (int round = 0; round < 2; round++) {
        memset(m.gradients, round, sizeof first);
        machine_forward(&m, x);
        machine_backward(&m, dy);
        if (round == 0)
            memcpy(first, m.gradients, sizeof first);
    }
    CU_ASSERT_EQUAL(memcmp(first, m.gradients, sizeof first), 0);
    CU_ASSERT_NOT_EQUAL(first[0], 0);
    machine_release(&m);
}

/* Without weights in the last convolution, what comes out is what goes in. */
static void test_skip(void)
{
    struct machine m;
    float x[2 * 64];

    machine_new(&m, "openblas", 2);
    fill_noise(x, 2 * 64, 4);
    memset(m.parameters + 192, 0, 37 * sizeof(float));
    const float *y = machine_forward(&m, x);
    CU_ASSERT_EQUAL(memcmp(x, y, sizeof x), 0);
    machine_release(&m);
}

static void test_finite(void)
{
    struct machine m;
    float x[2 * 64];
    size_t node = 99;

    machine_new(&m, "openblas", 2);
    fill_noise(x, 2 * 64, 4);
    machine_forward(&m, x);
    CU_ASSERT_TRUE(executor_finite(&m.executor, &node));
    m.parameters[41] = INFINITY;
    machine_forward(&m, x);
    CU_ASSERT_FALSE(executor_finite(&m.executor, &node));
    CU_ASSERT_EQUAL(node, 2);
    m.parameters[0] = NAN;
    machine_forward(&m, x);
    CU_ASSERT_FALSE(executor_finite(&m.executor, &node));
    CU_ASSERT_EQUAL(node, 0);
    machine_release(&m);
}

void network_suite(void)
{
    CU_pSuite suite = CU_add_suite("network", NULL, NULL);
    CU_add_test(suite, "a residual denoiser's shapes, parameters, work", test_denoiser);
    CU_add_test(suite, "LeNet-5 has 61,706 parameters", test_lenet);
    CU_add_test(suite, "activations alive at once", test_peak);
    CU_add_test(suite, "what does not fit is said with the layer's name", test_mistakes);
    CU_add_test(suite, "initial parameters and where weight decay applies", test_initialisation);
    CU_add_test(suite, "the whole network's gradient", test_backward);
    CU_add_test(suite, "a second step has the same gradients", test_again);
    CU_add_test(suite, "the skip connection", test_skip);
    CU_add_test(suite, "the first layer that is not finite is named", test_finite);
}
