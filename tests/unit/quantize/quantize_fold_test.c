/* A folded network gives what the network gives. */
#include "quantize/fold.h"
#include "tests/unit/family_networks.h"
#include "tests/unit/graph.h"

void quantize_fold_suite(void);

static size_t count_of(const struct network *network, const char *layer)
{
    size_t count = 0;

    for (size_t i = 0; i < network->count; i++)
        count += strcmp(network->nodes[i].layer->descriptor.name, layer) == 0;
    return count;
}

/* Returns the folded network's number of nodes. */
static size_t check_fold(const struct network *network, const struct engine *engine,
                         const float *parameters, const float *statistics, const float *input)
{
    struct folded_network folded;
    size_t count = shape_size(network->output);
    float *expected = some_floats(count), *got = some_floats(count);

    CU_ASSERT_EQUAL_FATAL(network_fold(&folded, network, parameters, statistics, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(count_of(&folded.network, "batchnorm") + count_of(&folded.network, "scale"), 0);
    CU_ASSERT_EQUAL(folded.network.statistics, 0);
    for (size_t i = 0; i < folded.network.count; i++)
        CU_ASSERT(
            shape_equal(folded.network.nodes[i].out, network->nodes[folded.stands_for[i]].out));
    infer_one(network, engine, parameters, statistics, input, expected);
    infer_one(&folded.network, engine, folded.parameters, NULL, input, got);
    CU_ASSERT(relative_distance(got, expected, count) <= 1e-5);
    size_t nodes = folded.network.count;
    folded_network_release(&folded);
    memory_free(expected);
    memory_free(got);
    return nodes;
}

static void check_family(struct family_network *f)
{
    check_fold(&f->network, f->engine, f->parameters, f->statistics, f->images.pixels);
}

static void test_families(void)
{
    every_family_network((struct shape){3, 32, 32}, check_family);
}

/* Rows, how many nodes are left, and the shape that comes out of 2 x 6 x 6 values. */
static void check_rows(const struct row *rows, size_t count, size_t left, struct shape out)
{
    static struct graph graph;
    float *parameters, *statistics, input[2 * 6 * 6];

    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, rows, count, (struct shape){2, 6, 6}, out),
                          STATUS_OK);
    random_parameters(&graph.network, &parameters, &statistics);
    random_values(input, sizeof input / sizeof *input, -1, 1, 2);
    CU_ASSERT_EQUAL(
        check_fold(&graph.network, started_engine("reference"), parameters, statistics, input),
        left);
    memory_free(parameters);
    memory_free(statistics);
    network_release(&graph.network);
}

#define ROWS(...)                                                                                  \
    (const struct row[])                                                                           \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static void test_folds(void)
{
    check_rows(ROWS({"c", "conv", "filters=4 kernel=3 bias=false", {-1, -2}},
                    {"b", "batchnorm", "", {0, -2}}, {"s", "scale", "factor=-0.5", {1, -2}},
                    {"r", "relu", "", {2, -2}}),
               4, 2, (struct shape){4, 6, 6});
    check_rows(ROWS({"c", "depthwise", "kernel=3 multiplier=2", {-1, -2}},
                    {"b", "batchnorm", "epsilon=0.1", {0, -2}}),
               2, 1, (struct shape){4, 6, 6});
    check_rows(ROWS({"c", "transposed_conv", "filters=3 kernel=2 stride=2 bias=false", {-1, -2}},
                    {"b", "batchnorm", "", {0, -2}}),
               2, 1, (struct shape){3, 12, 12});
    check_rows(ROWS({"f", "flatten", "", {-1, -2}}, {"d", "dense", "outputs=5 bias=false", {0, -2}},
                    {"b", "batchnorm", "", {1, -2}}, {"s", "scale", "factor=3", {2, -2}}),
               4, 2, (struct shape){5, 1, 1});
}

/* Another reader, another layer between, or none before. */
static void test_stays(void)
{
    check_rows(ROWS({"c", "conv", "filters=2 kernel=3", {-1, -2}}, {"b", "batchnorm", "", {0, -2}},
                    {"a", "add", "", {0, 1}}),
               3, 3, (struct shape){2, 6, 6});
    check_rows(ROWS({"c", "conv", "filters=2 kernel=3", {-1, -2}}, {"p", "maxpool", "", {0, -2}},
                    {"b", "batchnorm", "", {1, -2}}),
               3, 3, (struct shape){2, 3, 3});
    check_rows(ROWS({"s", "scale", "factor=0.3", {-1, -2}}, {"b", "batchnorm", "", {0, -2}}), 2, 1,
               (struct shape){2, 6, 6});
    /* The output has to stay the last node's. */
    check_rows(ROWS({"c", "conv", "filters=2 kernel=3", {-1, -2}},
                    {"u", "conv", "filters=2 kernel=1", {-1, -2}}, {"b", "batchnorm", "", {0, -2}}),
               3, 3, (struct shape){2, 6, 6});
}

void quantize_fold_suite(void)
{
    CU_pSuite suite = CU_add_suite("quantize_fold", NULL, NULL);
    CU_add_test(suite, "every family gives the same, folded", test_families);
    CU_add_test(suite, "what follows weights goes into them", test_folds);
    CU_add_test(suite, "what does not becomes a depthwise convolution", test_stays);
}
