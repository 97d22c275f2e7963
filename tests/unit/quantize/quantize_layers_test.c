/* Every layer in integers, against the layer itself in float32 with the same rounded weights. */
#include "quantize/products.h"
#include "quantize/run.h"
#include "tests/unit/family_networks.h"
#include "tests/unit/graph.h"

#include <stdio.h>

void quantize_layers_suite(void);

/* A small network, its ranges over some random inputs, and the same in integers. */
struct layer_trial {
    struct graph graph;
    struct quantized_network quantized;
    struct quantized_plan plan;
    float *parameters, *statistics, *input, *output, *expected;
    unsigned char *memory;
};

/* Of all nodes, over one input. */
static void measure_ranges(const struct network *network, const struct layer_trial *t,
                           struct activation_ranges *ranges)
{
    struct program program;
    struct executor executor;

    CU_ASSERT_EQUAL_FATAL(memory_new(&ranges->nodes, network->count, sizeof *ranges->nodes, NULL),
                          STATUS_OK);
    ranges->count = network->count;
    CU_ASSERT_EQUAL_FATAL(program_new(&program, network, started_engine("reference"),
                                      PRECISION_FLOAT32, 1, PROGRAM_OBSERVE, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(executor_new(&executor, &program, NULL, NULL), STATUS_OK);
    program_pack(&program, t->parameters, t->statistics);
    memcpy(executor.input, t->input, shape_size(network->input) * sizeof(float));
    executor_forward(&executor, t->parameters, t->statistics, (struct random_key){0}, 0);
    CU_ASSERT(value_range_add(&ranges->input, t->input, shape_size(network->input)));
    for (size_t i = 0; i < network->count; i++)
        CU_ASSERT(value_range_add(&ranges->nodes[i], executor.nodes[i].copy,
                                  shape_size(network->nodes[i].out)));
    executor_release(&executor);
    program_release(&program);
}

/* Folded parameters become those that the integers stand for. */
static void round_parameters(struct layer_trial *t)
{
    for (size_t i = 0; i < t->quantized.count; i++) {
        const struct quantized_node *made = &t->quantized.nodes[i];
        const struct network_node *node = quantized_layer(&t->quantized, i);
        if (!node->parameter_count)
            continue;
        float *weights = t->quantized.folded.parameters + node->parameter_offset[0];
        float *biases = t->quantized.folded.parameters + node->parameter_offset[1];
        size_t taps = (size_t)made->kernel * (size_t)made->kernel;
        bool transposed = made->kind == QUANTIZED_TRANSPOSED_CONV;
        for (size_t c = 0; c < made->channels; c++) {
            for (size_t k = 0; k < made->row; k++)
                weights[transposed ? (k / taps * made->channels + c) * taps + k % taps
                                   : c * made->row + k] =
                    made->weight_scales[c] * (float)made->weights[c * made->row + k];
            if (node->parameter_count > 1)
                biases[c] = (float)((double)made->biases[c] * (double)made->in[0].scale *
                                    (double)made->weight_scales[c]);
        }
    }
}

static void trial_new(struct layer_trial *t, const struct row *rows, size_t count,
                      struct shape input, struct shape output)
{
    struct activation_ranges ranges = {0};
    size_t in = shape_size(input), out = shape_size(output);

    memset(t, 0, sizeof *t);
    CU_ASSERT_EQUAL_FATAL(graph_build(&t->graph, rows, count, input, output), STATUS_OK);
    random_parameters(&t->graph.network, &t->parameters, &t->statistics);
    t->input = some_floats(in);
    t->output = some_floats(out);
    t->expected = some_floats(out);
    random_values(t->input, in, -0.7, 1, 9);
    measure_ranges(&t->graph.network, t, &ranges);
    CU_ASSERT_EQUAL_FATAL(quantized_new(&t->quantized, &t->graph.network, t->parameters,
                                        t->statistics, &ranges, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(quantized_plan_new(&t->plan, &t->quantized, &t->graph.network, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(memory_new(&t->memory, t->plan.bytes, 1, NULL), STATUS_OK);
    activation_ranges_release(&ranges);
}

static void trial_release(struct layer_trial *t)
{
    quantized_plan_release(&t->plan);
    quantized_release(&t->quantized);
    network_release(&t->graph.network);
    memory_free(t->parameters);
    memory_free(t->statistics);
    memory_free(t->input);
    memory_free(t->output);
    memory_free(t->expected);
    memory_free(t->memory);
}

static void round_input(struct layer_trial *t)
{
    size_t count = shape_size(t->plan.input);
    int8_t *levels = NULL;

    CU_ASSERT_EQUAL_FATAL(memory_new(&levels, count, 1, NULL), STATUS_OK);
    quantize_values(t->quantized.input, t->input, count, levels);
    dequantize_values(t->quantized.input, levels, count, t->input);
    memory_free(levels);
}

/* Both outputs; returns the largest distance in steps of the output's levels; where the output is
 * float32, relative to the largest value. */
static double largest_distance(struct layer_trial *t)
{
    size_t count = shape_size(t->plan.output);
    struct quantization out = quantized_output(&t->quantized);
    double most = 0, largest = 0;
    bool real = quantized_ends_in_float(&t->quantized);

    round_input(t);
    round_parameters(t);
    infer_one(&t->quantized.folded.network, started_engine("reference"),
              t->quantized.folded.parameters, NULL, t->input, t->expected);
    memset(t->memory, 0xa5, t->plan.bytes);
    quantized_run(&t->plan, t->input, t->output, t->memory);
    for (size_t i = 0; i < count; i++) {
        double expected = (double)t->expected[i], got = (double)t->output[i];
        double low = (double)out.scale * (QUANTIZED_LOW - out.zero);
        double high = (double)out.scale * (QUANTIZED_HIGH - out.zero);
        expected = real || expected > low ? expected : low;
        expected = real || expected < high ? expected : high;
        most = fmax(most, fabs(expected - got));
        largest = fmax(largest, fabs(expected));
    }
    return real ? most / largest : most / (double)out.scale;
}

/* Half a step for the last rounding, and a quarter for the one before it, where sums are small. */
static void test_layers(void)
{
    static struct layer_trial t;

    for (size_t k = 0; k < layer_case_count; k++) {
        const struct layer_case *item = &layer_cases[k];
        struct row row = {"x", item->layer, item->settings, {-1, -1}};
        const struct layer *layer = layer_of(registry_find(registry_layers(), item->layer));
        struct shape in[2] = {item->in, item->in}, out;
        union {
            double alignment;
            unsigned char bytes[128];
        } config;
        layer_configure(&layer->descriptor, item->settings, config.bytes);
        CU_ASSERT_EQUAL_FATAL(layer->shape(config.bytes, in, &out, NULL), STATUS_OK);
        trial_new(&t, &row, 1, item->in, out);
        double far = largest_distance(&t);
        bool right = far <= (quantized_ends_in_float(&t.quantized) ? 1e-5 : 0.75);
        CU_ASSERT(right);
        if (!right)
            printf("%s %s: %g steps\n", item->layer, item->settings, far);
        trial_release(&t);
    }
}

static double check_rows(const struct row *rows, size_t count, struct shape in, struct shape out)
{
    static struct layer_trial t;

    trial_new(&t, rows, count, in, out);
    double far = largest_distance(&t);
    trial_release(&t);
    return far;
}

#define ROWS(...)                                                                                  \
    (const struct row[])                                                                           \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/* Inputs with scales and zero points of their own; each rounding adds half a step of its own. */
static void test_two_inputs(void)
{
    static const struct shape in = {2, 6, 5}, twice = {4, 6, 5};

    CU_ASSERT(check_rows(ROWS({"s", "sigmoid", "", {-1, -2}}, {"a", "add", "", {0, -1}}), 2, in,
                         in) <= 1);
    CU_ASSERT(check_rows(ROWS({"s", "scale", "factor=9", {-1, -2}}, {"a", "add", "", {-1, 0}}), 2,
                         in, in) <= 1.1);
    CU_ASSERT(check_rows(ROWS({"s", "scale", "factor=-0.01", {-1, -2}}, {"a", "add", "", {0, -1}}),
                         2, in, in) <= 1);
    CU_ASSERT(check_rows(ROWS({"s", "sigmoid", "", {-1, -2}}, {"c", "concat", "", {0, -1}}), 2, in,
                         twice) <= 1);
    CU_ASSERT(check_rows(ROWS({"r", "relu", "", {-1, -2}}, {"c", "concat", "", {-1, 0}}), 2, in,
                         twice) <= 1);
}

/* Integers behind what is computed in float32. */
static void test_float_inside(void)
{
    CU_ASSERT(check_rows(ROWS({"s", "softmax", "", {-1, -2}}, {"p", "maxpool", "", {0, -2}},
                              {"f", "flatten", "", {1, -2}}),
                         3, (struct shape){3, 4, 4}, (struct shape){12, 1, 1}) <= 0.52);
}

/* The sum has the relu's range; the relu does nothing. */
static void test_relu(void)
{
    static struct layer_trial t;

    trial_new(&t,
              ROWS({"c", "conv", "filters=4 kernel=3", {-1, -2}}, {"b", "batchnorm", "", {0, -2}},
                   {"r", "relu", "", {1, -2}}),
              3, (struct shape){2, 7, 6}, (struct shape){4, 7, 6});
    CU_ASSERT_EQUAL(t.quantized.count, 2);
    CU_ASSERT_EQUAL(t.quantized.nodes[1].kind, QUANTIZED_SAME);
    CU_ASSERT_EQUAL(t.quantized.nodes[0].out.zero, QUANTIZED_LOW);
    CU_ASSERT_EQUAL(t.quantized.nodes[0].low, QUANTIZED_LOW);
    CU_ASSERT_EQUAL(t.plan.steps[0].offset, t.plan.steps[1].offset);
    CU_ASSERT(largest_distance(&t) <= 0.52);
    trial_release(&t);
    /* Read twice, it is a table. */
    trial_new(&t,
              ROWS({"c", "conv", "filters=2 kernel=3", {-1, -2}}, {"r", "relu", "", {0, -2}},
                   {"a", "add", "", {0, 1}}),
              3, (struct shape){2, 7, 6}, (struct shape){2, 7, 6});
    CU_ASSERT_EQUAL(t.quantized.nodes[1].kind, QUANTIZED_TABLE);
    CU_ASSERT(largest_distance(&t) <= 2);
    trial_release(&t);
}

/* Channels whose weights are all 0, whose weights are tiny beside the bias, and sums that would not
 * fit into 32 bits. */
static void test_unusual_weights(void)
{
    static struct layer_trial t;
    struct row row = {"d", "dense", "outputs=4", {-1, -2}};
    enum { INPUTS = 70000 };
    struct activation_ranges ranges = {.input = {0, 1}, .count = 1};
    struct value_range range = {-3, 7e4F};

    trial_new(&t, &row, 1, (struct shape){INPUTS, 1, 1}, (struct shape){4, 1, 1});
    quantized_plan_release(&t.plan);
    quantized_release(&t.quantized);
    for (size_t i = 0; i < INPUTS; i++) {
        t.parameters[i] = 0;
        t.parameters[INPUTS + i] = 1e-20F;
        t.parameters[2 * INPUTS + i] = 1;
        t.parameters[3 * INPUTS + i] = i < 7 ? 0.1F : 0;
        t.input[i] = 1;
    }
    for (size_t c = 0; c < 4; c++)
        t.parameters[4 * INPUTS + c] = 2;
    ranges.nodes = &range;
    CU_ASSERT_EQUAL_FATAL(
        quantized_new(&t.quantized, &t.graph.network, t.parameters, t.statistics, &ranges, NULL),
        STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(quantized_plan_new(&t.plan, &t.quantized, &t.graph.network, NULL),
                          STATUS_OK);
    const struct quantized_node *node = &t.quantized.nodes[0];
    CU_ASSERT_EQUAL(node->weights[0], 0);
    CU_ASSERT(node->biases[1] > 1 << 29);
    CU_ASSERT(node->weights[2 * INPUTS] < 127);
    CU_ASSERT_EQUAL(node->weights[3 * INPUTS], 127);
    CU_ASSERT(largest_distance(&t) <= 0.52);
    trial_release(&t);
}

/* As in plain C, whatever the processor has. */
static void test_products(void)
{
    enum { MOST = 8 * PRODUCT_STEP };
    const struct products *best = products_best();
    int16_t weights[PRODUCT_FILTERS * MOST], x[MOST];
    struct random_stream stream = random_stream((struct random_key){.seed = 1}, RANDOM_GENERATE, 0);
    int32_t sums[PRODUCT_FILTERS], expected[PRODUCT_FILTERS];

    for (size_t count = 0; count <= MOST; count += PRODUCT_STEP) {
        for (size_t i = 0; i < count * PRODUCT_FILTERS; i++)
            weights[i] = (int16_t)((int)random_below(&stream, 255) - 127);
        for (size_t i = 0; i < count; i++)
            x[i] = (int16_t)((int)random_below(&stream, 511) - 255);
        best->four(weights, x, count, sums);
        products_plain.four(weights, x, count, expected);
        CU_ASSERT_EQUAL(memcmp(sums, expected, sizeof sums), 0);
        CU_ASSERT_EQUAL(best->one(weights, x, count), expected[0]);
    }
}

static void test_refusals(void)
{
    static struct layer_trial t;
    struct quantized_network quantized;
    struct value_range range = {0, 1};
    struct activation_ranges ranges = {.input = {0, 1}, .nodes = &range, .count = 1};
    struct row row = {"c", "conv", "filters=2 kernel=3", {-1, -2}};
    struct error error = {0};

    trial_new(&t, &row, 1, (struct shape){2, 5, 5}, (struct shape){2, 5, 5});
    t.parameters[3] = NAN;
    CU_ASSERT_EQUAL(
        quantized_new(&quantized, &t.graph.network, t.parameters, t.statistics, &ranges, &error),
        STATUS_DIVERGED);
    CU_ASSERT_STRING_EQUAL(error.message, "c: a parameter is not finite");
    trial_release(&t);
}

void quantize_layers_suite(void)
{
    CU_pSuite suite = CU_add_suite("quantize_layers", NULL, NULL);
    CU_add_test(suite, "every layer is within a step", test_layers);
    CU_add_test(suite, "two inputs with different scales", test_two_inputs);
    CU_add_test(suite, "float32 in the middle becomes integers again", test_float_inside);
    CU_add_test(suite, "a relu is part of the sum before it", test_relu);
    CU_add_test(suite, "zeros, large biases and long sums", test_unusual_weights);
    CU_add_test(suite, "products are the same on every processor", test_products);
    CU_add_test(suite, "parameters that are not finite are refused", test_refusals);
}
