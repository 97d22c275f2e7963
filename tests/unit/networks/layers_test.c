/* What layers do beyond the laws of tests/property: shapes and mistakes, drawing, pooling's edges
 * and ties, which primitive they are, what they count. */
#include "math/exponential.h"
#include "networks/engines/registry.h"
#include "tests/property/layer_cases.h"

#include <CUnit/CUnit.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct layer_bench bench_of(const struct layer_case *item)
{
    struct layer_bench bench;
    const struct engine *engine = engine_of(registry_find(registry_engines(), "reference"));

    CU_ASSERT_PTR_NOT_NULL_FATAL(engine);
    CU_ASSERT_EQUAL_FATAL(engine->start(NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(layer_bench_new(&bench, item, engine, 0, NULL), STATUS_OK);
    layer_bench_fill(&bench, 3);
    return bench;
}

static void expect_shape(const struct layer_case *item, struct shape shape)
{
    struct layer_bench bench = bench_of(item);
    CU_ASSERT_TRUE(shape_equal(bench.out, shape));
    layer_bench_release(&bench);
}

#define CASE(...) (&(struct layer_case){__VA_ARGS__})
#define ITEM(name, text, ...) CASE(.layer = name, .settings = text, .batch = 1, .in = __VA_ARGS__)

static void test_shapes(void)
{
    expect_shape(ITEM("depthwise", "kernel=3 multiplier=4 stride=2", {3, 9, 8}),
                 (struct shape){12, 5, 4});
    expect_shape(ITEM("transposed_conv", "filters=5 kernel=2 stride=2", {3, 4, 7}),
                 (struct shape){5, 8, 14});
    expect_shape(ITEM("transposed_conv", "filters=1 kernel=4 stride=2 padding=1", {3, 4, 7}),
                 (struct shape){1, 8, 14});
    expect_shape(ITEM("maxpool", "size=3 stride=2 padding=1", {2, 8, 1}), (struct shape){2, 4, 1});
    expect_shape(ITEM("avgpool", "size=3", {2, 8, 9}), (struct shape){2, 2, 3});
    expect_shape(ITEM("global_avgpool", "", {6, 5, 4}), (struct shape){6, 1, 1});
    expect_shape(ITEM("concat", "", {6, 5, 4}, .second = {3, 5, 4}), (struct shape){9, 5, 4});
    expect_shape(ITEM("softmax", "", {6, 5, 4}), (struct shape){6, 5, 4});
}

static void expect_mistake(const struct layer_case *item, const char *message)
{
    struct layer_bench bench;
    struct error error = {0};

    CU_ASSERT_EQUAL(layer_bench_new(&bench, item, NULL, 0, &error), STATUS_CONFIG);
    CU_ASSERT_STRING_EQUAL(error.message, message);
}

static void test_mistakes(void)
{
    expect_mistake(ITEM("maxpool", "size=3 padding=2", {1, 8, 8}),
                   "padding 2 is more than half of a window of 3 x 3 pixels");
    expect_mistake(ITEM("avgpool", "size=1 padding=1", {1, 8, 8}),
                   "padding 1 is more than half of a window of 1 x 1 pixels");
    expect_mistake(ITEM("avgpool", "size=9", {1, 8, 12}),
                   "a window of 9 x 9 pixels does not fit into an input of 8 x 12");
    expect_mistake(ITEM("maxpool", "size=7 padding=2", {1, 8, 2}),
                   "a window of 7 x 7 pixels does not fit into an input of 8 x 2");
    expect_mistake(ITEM("concat", "", {4, 8, 8}, .second = {4, 8, 7}),
                   "the inputs of concat have different sizes: 8 x 8 and 8 x 7 pixels");
    expect_mistake(ITEM("concat", "", {INT32_MAX, 1, 1}), "2147483647 and 2147483647 channels are "
                                                          "too many");
    expect_mistake(ITEM("depthwise", "kernel=4", {1, 8, 8}),
                   "padding 'same' has no middle for a kernel that reaches over 4 pixels; use an "
                   "odd kernel or padding 'valid'");
    expect_mistake(ITEM("depthwise", "kernel=3 multiplier=256", {1 << 23, 1, 1}),
                   "8388608 channels times 256 filters are too many");
    expect_mistake(ITEM("transposed_conv", "filters=1 kernel=3 padding=3", {1, 8, 8}),
                   "padding 3 cuts off whole kernels of 3 x 3 pixels");
    expect_mistake(ITEM("transposed_conv", "filters=1 kernel=4 padding=3", {1, 2, 8}),
                   "padding 3 leaves nothing of an input of 2 x 8 pixels");
    expect_mistake(ITEM("transposed_conv", "filters=1 kernel=63 stride=63", {1, 4096, 4096}),
                   "an output of 258048 x 258048 pixels is too large");
}

/* The share that is kept is right to five standard deviations, and so is the scale. */
static void test_dropout_training(void)
{
    enum { COUNT = 4 * 5000 };
    struct layer_bench b = bench_of(CASE("dropout", "rate=0.25", 4, {50, 10, 10}, {0}));
    double kept = 0, deviation = sqrt(COUNT * 0.25 * 0.75);
    bool right = true;

    CU_ASSERT_FATAL(b.out_size == COUNT && b.training);
    layer_bench_forward(&b);
    layer_bench_backward(&b);
    for (size_t i = 0; i < COUNT; i++) {
        bool keeps = b.y[i] != 0;
        kept += keeps;
        right &= !keeps || b.y[i] == b.x[0][i] * (float)(4.0 / 3);
        right &= b.dx[0][i] == (keeps ? b.dy[i] * (float)(4.0 / 3) : 0);
    }
    CU_ASSERT_TRUE(right);
    CU_ASSERT_DOUBLE_EQUAL(kept, COUNT * 0.75, 5 * deviation);
    layer_bench_release(&b);
}

static void forward_with(struct layer_bench *b, uint64_t step, float *y)
{
    struct layer_call call = {.config = b->config.bytes,
                              .batch = b->batch,
                              .in = {b->in[0]},
                              .out = b->out,
                              .training = b->training,
                              .x = {b->x[0]},
                              .y = y,
                              .saved = b->training ? b->saved : NULL};

    call.stream = random_stream((struct random_key){.seed = 7}, RANDOM_LAYER, step);
    b->layer->forward(&call);
}

/* What is drawn depends on the stream alone; in inference nothing is. */
static void test_dropout_stream(void)
{
    struct layer_bench b = bench_of(CASE("dropout", "", 2, {40, 1, 1}, {0}));
    float first[80], again[80], other[80];

    forward_with(&b, 1, first);
    forward_with(&b, 2, other);
    forward_with(&b, 1, again);
    CU_ASSERT_EQUAL(memcmp(first, again, sizeof first), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(first, other, sizeof first), 0);
    b.training = false;
    forward_with(&b, 1, again);
    CU_ASSERT_EQUAL(memcmp(again, b.x[0], sizeof again), 0);
    layer_bench_release(&b);
}

/* Probabilities, also of scores whose exponentials no float holds. */
static void test_softmax(void)
{
    struct layer_bench b = bench_of(CASE("softmax", "", 2, {5, 3, 2}, {0}));

    for (size_t i = 0; i < b.out_size; i++)
        b.x[0][i] *= 1000;
    layer_bench_forward(&b);
    for (size_t n = 0; n < 2; n++)
        for (size_t i = 0; i < 6; i++) {
            float sum = 0, least = 1;
            for (size_t c = 0; c < 5; c++) {
                sum += b.y[n * 30 + c * 6 + i];
                least = fminf(least, b.y[n * 30 + c * 6 + i]);
            }
            CU_ASSERT_DOUBLE_EQUAL(sum, 1, 1e-6);
            CU_ASSERT(least >= 0);
        }
    layer_bench_release(&b);
}

/* Padded places are neither zeros that win nor zeros that count. */
static void test_padding(void)
{
    static const char *const layers[] = {"maxpool", "avgpool"};
    for (size_t l = 0; l < 2; l++) {
        struct layer_bench b =
            bench_of(CASE(layers[l], "size=3 stride=1 padding=1", 2, {2, 4, 5}, {0}));
        for (size_t i = 0; i < b.in_size[0]; i++)
            b.x[0][i] = -1.5F;
        layer_bench_forward(&b);
        bool same = true;
        for (size_t i = 0; i < b.out_size; i++)
            same &= b.y[i] == -1.5F;
        CU_ASSERT_TRUE(same);
        layer_bench_release(&b);
    }
}

/* Windows of 2 x 2, ties among them, against the definition: of equal values the first in reading
 * order has the gradient. */
static void test_maxpool_ties(void)
{
    struct layer_bench b = bench_of(CASE("maxpool", "", 1, {1, 21, 23}, {0}));
    float expected[21 * 23] = {0};
    bool same = true;

    for (size_t i = 0; i < b.in_size[0]; i++)
        b.x[0][i] = roundf(b.x[0][i]); /* five different values */
    layer_bench_forward(&b);
    layer_bench_backward(&b);
    for (size_t o = 0; o < b.out_size; o++) {
        size_t corner = o / 11 * 46 + o % 11 * 2, best = corner;
        const size_t others[3] = {corner + 1, corner + 23, corner + 24};
        for (size_t k = 0; k < 3; k++)
            if (b.x[0][others[k]] > b.x[0][best])
                best = others[k];
        same &= b.y[o] == b.x[0][best];
        expected[best] = b.dy[o];
    }
    CU_ASSERT_TRUE(same);
    CU_ASSERT_EQUAL(memcmp(b.dx[0], expected, sizeof expected), 0);
    layer_bench_release(&b);
}

/* Values that are not numbers pass, so that a training that diverges is noticed. */
static void test_not_numbers(void)
{
    static const char *const layers[] = {"relu",    "leaky_relu", "gelu",    "silu",
                                         "sigmoid", "softmax",    "avgpool", "global_avgpool"};
    for (size_t l = 0; l < sizeof layers / sizeof *layers; l++) {
        struct layer_bench b = bench_of(CASE(layers[l], "", 1, {1, 2, 2}, {0}));
        b.x[0][0] = NAN;
        layer_bench_forward(&b);
        CU_ASSERT(isnan(b.y[0]));
        layer_bench_release(&b);
    }
}

static struct primitive primitive_of(const struct layer_case *item)
{
    struct layer_bench b = bench_of(item);
    struct primitive primitive = {0};

    if (b.layer->primitive)
        b.layer->primitive(b.config.bytes, b.in, b.out, &primitive);
    layer_bench_release(&b);
    return primitive;
}

static void test_primitives(void)
{
    struct primitive p = primitive_of(ITEM("depthwise", "kernel=5 multiplier=2", {3, 9, 8}));
    CU_ASSERT(p.kind == PRIMITIVE_CONV && p.bias && p.geometry.groups == 3);
    CU_ASSERT(p.geometry.out.channels == 6 && p.geometry.padding == 2);
    p = primitive_of(
        ITEM("transposed_conv", "filters=5 kernel=4 stride=2 padding=1 bias=false", {3, 4, 7}));
    CU_ASSERT(p.kind == PRIMITIVE_TRANSPOSED_CONV && !p.bias && p.geometry.padding == 1);
    CU_ASSERT(shape_equal(p.geometry.in, (struct shape){5, 8, 14}));
    CU_ASSERT(shape_equal(p.geometry.out, (struct shape){3, 4, 7}));
    p = primitive_of(ITEM("global_avgpool", "", {6, 5, 4}));
    CU_ASSERT(p.kind == PRIMITIVE_AVGPOOL && p.geometry.kernel_height == 5);
    CU_ASSERT(p.geometry.kernel_width == 4 && p.geometry.padding == 0);
    p = primitive_of(ITEM("avgpool", "size=3 stride=2 padding=1", {6, 5, 4}));
    CU_ASSERT(p.kind == PRIMITIVE_AVGPOOL && p.geometry.stride == 2 && p.geometry.padding == 1);
    p = primitive_of(ITEM("maxpool", "size=3 padding=1", {6, 5, 4}));
    CU_ASSERT(p.kind == PRIMITIVE_MAXPOOL && p.geometry.stride == 3 && p.geometry.padding == 1);
    p = primitive_of(ITEM("leaky_relu", "slope=0.25", {6, 5, 4}));
    CU_ASSERT(p.kind == PRIMITIVE_ELEMENTWISE && p.activation == ACTIVATION_LEAKY_RELU);
    CU_ASSERT(p.alpha == 0.25);
    CU_ASSERT(primitive_of(ITEM("gelu", "", {2, 1, 1})).activation == ACTIVATION_GELU);
    CU_ASSERT(primitive_of(ITEM("silu", "", {2, 1, 1})).activation == ACTIVATION_SILU);
    CU_ASSERT(primitive_of(ITEM("sigmoid", "", {2, 1, 1})).activation == ACTIVATION_SIGMOID);
    CU_ASSERT(primitive_of(ITEM("concat", "", {2, 1, 1})).kind == PRIMITIVE_CONCAT);
    CU_ASSERT(primitive_of(ITEM("softmax", "", {2, 1, 1})).kind == PRIMITIVE_NONE);
    CU_ASSERT(primitive_of(ITEM("dropout", "", {2, 1, 1})).kind == PRIMITIVE_NONE);
}

static struct layer_work work_of(const struct layer_case *item)
{
    struct layer_bench b = bench_of(item);
    struct layer_work work = {0};

    b.layer->count(b.config.bytes, b.in, b.out, &work);
    layer_bench_release(&b);
    return work;
}

static void test_counts(void)
{
    struct layer_work work = work_of(ITEM("depthwise", "kernel=3 multiplier=2", {3, 4, 5}));
    CU_ASSERT_EQUAL(work.operations.multiply_adds, 20 * 9 * 6);
    CU_ASSERT_EQUAL(work.operations.additions, 20 * 6);
    work = work_of(ITEM("transposed_conv", "filters=5 kernel=2 stride=2", {3, 4, 7}));
    CU_ASSERT_EQUAL(work.operations.multiply_adds, 28 * 3 * 5 * 4);
    CU_ASSERT_EQUAL(work.operations.additions, 5 * 8 * 14);
    /* Along four pixels, windows of three with padding one see 2 and 3 of them. */
    work = work_of(ITEM("maxpool", "size=3 stride=2 padding=1", {7, 4, 4}));
    CU_ASSERT_EQUAL(work.operations.comparisons, 7 * (5 * 5 - 4));
    work = work_of(ITEM("avgpool", "size=3 stride=2 padding=1", {7, 4, 4}));
    CU_ASSERT_EQUAL(work.operations.additions, 7 * (5 * 5 - 4));
    CU_ASSERT_EQUAL(work.operations.divisions, 7 * 4);
    work = work_of(ITEM("global_avgpool", "", {7, 4, 4}));
    CU_ASSERT(work.operations.additions == 7 * 15 && work.operations.divisions == 7);
    work = work_of(ITEM("softmax", "", {10, 1, 1}));
    CU_ASSERT(work.operations.exponentials == 10 && work.operations.divisions == 1);
    CU_ASSERT(work.operations.comparisons == 9 && work.operations.additions == 19);
    work = work_of(ITEM("silu", "", {10, 2, 3}));
    CU_ASSERT(work.operations.exponentials == 60 && work.operations.divisions == 60);
    work = work_of(ITEM("concat", "", {10, 2, 3}, .second = {2, 2, 3}));
    CU_ASSERT(work.inputs == 72 && work.outputs == 72 && work.operations.additions == 0);
}

/* Two units in the last place of the true value over the whole range; ends; not a number. */
static void test_exponential(void)
{
    double worst = 0;

    for (double x = -87; x <= 88; x += 0.000717) {
        double y = exp((double)(float)x), unit = ldexp(FLT_EPSILON, ilogb(y));
        worst = fmax(worst, fabs((double)exponential((float)x) - y) / unit);
    }
    CU_ASSERT(worst <= 2);
    CU_ASSERT_EQUAL(exponential(0), 1);
    CU_ASSERT_EQUAL(exponential(-INFINITY), exponential(-87));
    CU_ASSERT_EQUAL(exponential(INFINITY), exponential(88));
    CU_ASSERT(isnan(exponential(NAN)));
    CU_ASSERT_EQUAL(logistic(0), 0.5);
    CU_ASSERT_EQUAL(logistic(200), 1);
}

void layers_suite(void);

void layers_suite(void)
{
    CU_pSuite suite = CU_add_suite("layers", NULL, NULL);
    CU_add_test(suite, "shapes", test_shapes);
    CU_add_test(suite, "what does not fit", test_mistakes);
    CU_add_test(suite, "dropout keeps its share, at its scale", test_dropout_training);
    CU_add_test(suite, "dropout draws from its stream", test_dropout_stream);
    CU_add_test(suite, "softmax gives probabilities", test_softmax);
    CU_add_test(suite, "padding of poolings", test_padding);
    CU_add_test(suite, "equal values in maxpool", test_maxpool_ties);
    CU_add_test(suite, "what is not a number passes", test_not_numbers);
    CU_add_test(suite, "primitives", test_primitives);
    CU_add_test(suite, "counts by hand", test_counts);
    CU_add_test(suite, "the exponential function", test_exponential);
}
