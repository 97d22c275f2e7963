/* Networks that compute as integers would: what is rounded, what gradients come to, and that the
 * integers give the same. */
#include "quantize/fake_quantize.h"
#include "quantize/quantized_layers.h"
#include "quantize/rounded.h"
#include "quantize/run.h"
#include "tests/golden/rounding.h"
#include "tests/unit/family_networks.h"
#include "tests/unit/graph.h"

void quantize_rounded_suite(void);

/* As PyTorch's fake_quantize_per_tensor_affine. */
static void test_values(void)
{
    enum { COUNT = sizeof rounding_x / sizeof *rounding_x };
    struct quantization how = {rounding_scale, ROUNDING_ZERO};
    struct shape shape = {1, 1, COUNT};
    float y[COUNT], dx[COUNT];
    struct layer_call call = {.config = &how,
                              .batch = 1,
                              .inputs = 1,
                              .in = {shape},
                              .out = shape,
                              .x = {rounding_x},
                              .y = y,
                              .dy = rounding_slopes,
                              .dx = {dx}};
    size_t clipped = 0;

    for (size_t i = 0; i < COUNT; i++)
        dx[i] = 1; /* it adds */
    layer_fake_quantize.forward(&call);
    layer_fake_quantize.backward(&call);
    for (size_t i = 0; i < COUNT; i++) {
        CU_ASSERT_DOUBLE_EQUAL((double)y[i], (double)rounding_y[i], 1e-6);
        CU_ASSERT_DOUBLE_EQUAL((double)dx[i], 1 + (double)rounding_dx[i], 1e-6);
        clipped += rounding_dx[i] == 0;
    }
    CU_ASSERT(clipped > 5 && clipped < 35);
}

static void test_not_a_number(void)
{
    struct quantization how = {1, 0};
    struct shape shape = {1, 1, 1};
    float x = NAN, y = 0;
    struct layer_call call = {
        .config = &how, .batch = 1, .in = {shape}, .out = shape, .x = {&x}, .y = &y};

    layer_fake_quantize.forward(&call);
    CU_ASSERT(isnan(y)); /* a training that diverges is told */
}

static const struct row dense_row[] = {{"d", "dense", "outputs=3 bias=false", {-1, -2}}};

/* As PyTorch's fake_quantize_per_channel_affine with the largest weight as the last level. */
static void check_weights(int bits, const float *weights, const float *expected)
{
    enum { COUNT = ROUNDING_ROWS * ROUNDING_COLUMNS };
    static struct graph graph;
    struct value_range node = {-1, 1};
    struct activation_ranges ranges = {
        .input = {0, 1}, .nodes = &node, .count = 1, .weight_bits = bits};
    struct quantized_network q;
    float rounded[COUNT];

    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, dense_row, 1, (struct shape){ROUNDING_COLUMNS, 1, 1},
                                      (struct shape){ROUNDING_ROWS, 1, 1}),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(quantized_new(&q, &graph.network, weights, NULL, &ranges, NULL),
                          STATUS_OK);
    memcpy(rounded, weights, sizeof rounded);
    quantized_round(quantized_layer(&q, 0), &q.nodes[0], rounded);
    for (size_t i = 0; i < COUNT; i++) {
        double level = (double)q.nodes[0].weight_scales[i / ROUNDING_COLUMNS];
        CU_ASSERT_DOUBLE_EQUAL((double)rounded[i], (double)expected[i], 1e-5 * level);
        CU_ASSERT_DOUBLE_EQUAL((double)rounded[i], level * (double)q.nodes[0].weights[i],
                               1e-5 * level);
        CU_ASSERT(abs(q.nodes[0].weights[i]) < 1 << (bits - 1));
    }
    quantized_release(&q);
    network_release(&graph.network);
}

static void test_weights(void)
{
    check_weights(8, rounding_weights_8, rounding_rounded_8);
    check_weights(4, rounding_weights_4, rounding_rounded_4);
    check_weights(2, rounding_weights_2, rounding_rounded_2);
}

/* The sum of folded parameters times `slopes`. */
static double weigh(const struct fold_source *source, const float *slopes)
{
    const struct network *folded = &source->folded->network;
    float *values = some_floats(folded->parameters);
    double sum = 0;

    for (size_t at = 0; at < folded->count; at++)
        fold_node(source, at, values);
    for (size_t i = 0; i < folded->parameters; i++)
        sum += (double)slopes[i] * (double)values[i];
    memory_free(values);
    return sum;
}

/* The folded parameters are linear in each parameter of the original: differences are exact. */
static void check_fold_gradient(const struct row *rows, size_t count, struct shape out)
{
    static struct graph graph;
    struct folded_network folded;
    float *parameters, *statistics;

    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, rows, count, (struct shape){2, 6, 6}, out),
                          STATUS_OK);
    random_parameters(&graph.network, &parameters, &statistics);
    CU_ASSERT_EQUAL_FATAL(network_fold(&folded, &graph.network, parameters, statistics, NULL),
                          STATUS_OK);
    struct fold_source source = {&folded, &graph.network, parameters, statistics};
    float *slopes = some_floats(folded.network.parameters);
    float *gradients = some_floats(graph.network.parameters);
    random_values(slopes, folded.network.parameters, -1, 1, 4);
    for (size_t i = 0; i < graph.network.parameters; i++)
        gradients[i] = NAN; /* each is written */
    for (size_t at = 0; at < folded.network.count; at++)
        fold_gradient(&source, at, slopes, gradients);
    for (size_t i = 0; i < graph.network.parameters; i++) {
        float before = parameters[i];
        parameters[i] = before + 0.5F;
        double above = weigh(&source, slopes);
        parameters[i] = before - 0.5F;
        CU_ASSERT_DOUBLE_EQUAL((double)gradients[i], above - weigh(&source, slopes), 2e-5);
        parameters[i] = before;
    }
    memory_free(slopes);
    memory_free(gradients);
    memory_free(parameters);
    memory_free(statistics);
    folded_network_release(&folded);
    network_release(&graph.network);
}

#define ROWS(...)                                                                                  \
    (const struct row[])                                                                           \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static void test_fold_gradient(void)
{
    check_fold_gradient(ROWS({"c", "conv", "filters=4 kernel=3 bias=false", {-1, -2}},
                             {"b", "batchnorm", "", {0, -2}},
                             {"s", "scale", "factor=-0.5", {1, -2}}, {"r", "relu", "", {2, -2}},
                             {"d", "conv", "filters=2 kernel=1", {3, -2}}),
                        5, (struct shape){2, 6, 6});
    check_fold_gradient(ROWS({"c", "depthwise", "kernel=3 multiplier=2", {-1, -2}},
                             {"b", "batchnorm", "epsilon=0.1", {0, -2}},
                             {"e", "batchnorm", "", {1, -2}}),
                        3, (struct shape){4, 6, 6});
    check_fold_gradient(ROWS({"c", "transposed_conv", "filters=3 kernel=2 stride=2", {-1, -2}},
                             {"b", "batchnorm", "", {0, -2}}),
                        2, (struct shape){3, 12, 12});
    check_fold_gradient(ROWS({"p", "maxpool", "", {-1, -2}}, {"b", "batchnorm", "", {0, -2}},
                             {"f", "flatten", "", {1, -2}},
                             {"d", "dense", "outputs=5 bias=false", {2, -2}}),
                        4, (struct shape){5, 1, 1});
}

/* A network, its parameters, and an input. */
struct subject {
    const struct network *network;
    const struct engine *engine;
    const float *parameters, *statistics, *input;
};

static void run_integers(const struct subject *s, const struct quantized_network *q, float *output)
{
    struct quantized_plan plan;
    unsigned char *memory = NULL;

    CU_ASSERT_EQUAL_FATAL(quantized_plan_new(&plan, q, s->network, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(memory_new(&memory, plan.bytes, 1, NULL), STATUS_OK);
    quantized_run(&plan, s->input, output, memory);
    memory_free(memory);
    quantized_plan_release(&plan);
}

static void run_rounded(const struct subject *s, const struct rounded_network *rounded,
                        float *output)
{
    struct fold_source source = {&rounded->quantized.folded, s->network, s->parameters,
                                 s->statistics};
    size_t size = shape_size(s->network->input);
    float *input = some_floats(size), *computed = some_floats(rounded->network.parameters);

    memcpy(input, s->input, size * sizeof *input);
    rounded_input(rounded, input, size);
    for (size_t at = 0; at < rounded_nodes(rounded); at++)
        rounded_fill(rounded, &source, at, computed);
    infer_one(&rounded->network, s->engine, computed, NULL, input, output);
    memory_free(input);
    memory_free(computed);
}

/* One layer after the other: biases and factors are rounded in integers alone, which moves at most
 * `share` of the values, and these by one level. */
static void check_layers(const struct row *rows, size_t count, struct shape out, double share)
{
    static struct graph graph;
    struct value_range nodes[MOST_NODES];
    struct activation_ranges ranges = {.input = {-0.5F, 1}, .nodes = nodes, .count = count};
    struct rounded_network rounded;
    float *parameters, *statistics, input[2 * 6 * 6];
    size_t size = shape_size(out), moved = 0;
    float *integers = some_floats(size), *got = some_floats(size);

    for (size_t i = 0; i < count; i++)
        nodes[i] = (struct value_range){-1.5F, 2};
    CU_ASSERT_EQUAL_FATAL(graph_build(&graph, rows, count, (struct shape){2, 6, 6}, out),
                          STATUS_OK);
    random_parameters(&graph.network, &parameters, &statistics);
    random_values(input, sizeof input / sizeof *input, -0.7, 1.2, 2);
    struct subject subject = {&graph.network, started_engine("reference"), parameters, statistics,
                              input};
    CU_ASSERT_EQUAL_FATAL(
        rounded_new(&rounded, &graph.network, parameters, statistics, &ranges, NULL), STATUS_OK);
    double level = (double)quantized_output(&rounded.quantized).scale;
    run_integers(&subject, &rounded.quantized, integers);
    run_rounded(&subject, &rounded, got);
    for (size_t i = 0; i < size; i++) {
        double apart = fabs((double)got[i] - (double)integers[i]) / level;
        CU_ASSERT(apart < 1.01);
        moved += apart > 0.01;
    }
    CU_ASSERT((double)moved <= share * (double)size);
    rounded_release(&rounded);
    memory_free(parameters);
    memory_free(statistics);
    memory_free(integers);
    memory_free(got);
    network_release(&graph.network);
}

static void test_layers(void)
{
    check_layers(ROWS({"c", "conv", "filters=4 kernel=3 bias=false", {-1, -2}},
                      {"b", "batchnorm", "", {0, -2}}, {"r", "relu", "", {1, -2}},
                      {"m", "maxpool", "", {2, -2}}, {"u", "upsample", "", {3, -2}}),
                 5, (struct shape){4, 6, 6}, 0.01);
    check_layers(ROWS({"a", "avgpool", "", {-1, -2}},
                      {"t", "transposed_conv", "filters=2 kernel=2 stride=2", {0, -2}},
                      {"s", "sigmoid", "", {1, -2}}, {"p", "add", "", {2, -1}}),
                 4, (struct shape){2, 6, 6}, 0.01);
    check_layers(ROWS({"b", "batchnorm", "", {-1, -2}}, {"g", "global_avgpool", "", {0, -2}},
                      {"f", "flatten", "", {1, -2}}, {"d", "dense", "outputs=30", {2, -2}}),
                 4, (struct shape){30, 1, 1}, 0.01);
    /* A product with a small integer is rounded twice (quantize/fixed_point.h). */
    check_layers(ROWS({"m", "maxpool", "", {-1, -2}}, {"u", "upsample", "", {0, -2}},
                      {"j", "concat", "", {1, -1}}),
                 3, (struct shape){4, 6, 6}, 0.3);
}

/* No further from the integers than the network itself; where layers are few far nearer. Values
 * that one layer moves by a level move others in those after it: in deep networks the two part. */
static void check_family(struct family_network *f)
{
    struct calibration how = {CALIBRATION_MSE, 99.99};
    struct subject subject = {&f->network, f->engine, f->parameters, f->statistics,
                              f->images.pixels};
    size_t count = shape_size(f->network.output);
    float *whole = some_floats(count), *integers = some_floats(count), *got = some_floats(count);
    struct activation_ranges ranges;
    struct rounded_network rounded;

    CU_ASSERT_EQUAL_FATAL(calibrate_activations(&f->family, f->engine, f->parameters, f->statistics,
                                                &f->images, f->answer, &how, &ranges, NULL),
                          STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(
        rounded_new(&rounded, &f->network, f->parameters, f->statistics, &ranges, NULL), STATUS_OK);
    CU_ASSERT_EQUAL(rounded.network.parameters, rounded.quantized.folded.network.parameters);
    CU_ASSERT_EQUAL(rounded.network.statistics, 0);
    infer_one(&f->network, f->engine, f->parameters, f->statistics, f->images.pixels, whole);
    run_integers(&subject, &rounded.quantized, integers);
    run_rounded(&subject, &rounded, got);
    double left = relative_distance(got, integers, count);
    double all = relative_distance(whole, integers, count);
    CU_ASSERT(left <= all);
    if (!(left <= all))
        printf("%s, %s: %g of %g\n", f->family.kind->name, f->task->descriptor.name, left, all);
    rounded_release(&rounded);
    activation_ranges_release(&ranges);
    memory_free(whole);
    memory_free(integers);
    memory_free(got);
}

static void test_families(void)
{
    every_family_network((struct shape){1, 32, 32}, check_family);
}

void quantize_rounded_suite(void)
{
    CU_pSuite suite = CU_add_suite("quantize_rounded", NULL, NULL);
    CU_add_test(suite, "values and slopes as PyTorch's fake quantiser", test_values);
    CU_add_test(suite, "what is not a number stays so", test_not_a_number);
    CU_add_test(suite, "weights as PyTorch's, of any number of bits", test_weights);
    CU_add_test(suite, "gradients go back through folding", test_fold_gradient);
    CU_add_test(suite, "every layer, rounded, is what integers give", test_layers);
    CU_add_test(suite, "every family, rounded, is near what integers give", test_families);
}
