/* The engines' convolutions of plain values against the reference engine's, in every way that they
 * go: directly (few channels), as matrix products by kernel rows, and with every tap laid out. */
#include "interfaces/engine.h"
#include "networks/engines/direct.h"
#include "networks/engines/im2col.h"
#include "networks/engines/openblas.h"
#include "tests/unit/engines.h"

#include "base/memory.h"
#include "base/processor.h"
#include "base/random.h"

#include <math.h>

void convolutions_suite(void);

extern const struct engine engine_reference;

static const struct conv_geometry shapes[] = {
    /* LeNet-5's */
    {3, {1, 28, 28}, {6, 28, 28}, 5, 5, 1, 2, 1, 1},
    {3, {6, 14, 14}, {16, 10, 10}, 5, 5, 1, 0, 1, 1},
    /* rows of one span and a bit, of less, of several; as many channels as go directly, and more */
    {2, {3, 9, 17}, {7, 9, 17}, 3, 3, 1, 1, 1, 1},
    {2, {8, 5, 5}, {8, 5, 5}, 3, 3, 1, 1, 1, 1},
    {2, {16, 12, 40}, {16, 12, 40}, 3, 3, 1, 1, 1, 1},
    {2, {17, 12, 12}, {18, 12, 12}, 3, 3, 1, 1, 1, 1},
    {2, {24, 20, 20}, {40, 20, 20}, 3, 3, 1, 1, 1, 1},
    /* one pixel; a kernel as large as the image; more padding than the kernel is wide */
    {1, {2, 1, 1}, {3, 1, 1}, 3, 3, 1, 1, 1, 1},
    {2, {4, 7, 7}, {5, 1, 1}, 7, 7, 1, 0, 1, 1},
    {2, {2, 6, 6}, {3, 10, 10}, 3, 3, 1, 3, 1, 1},
    /* dilation, groups, depthwise, both */
    {2, {4, 16, 16}, {6, 16, 16}, 3, 3, 1, 2, 2, 1},
    {2, {8, 11, 11}, {12, 11, 11}, 3, 3, 1, 1, 1, 4},
    {2, {20, 11, 19}, {20, 11, 19}, 3, 3, 1, 1, 1, 20},
    {2, {6, 13, 13}, {6, 9, 9}, 3, 3, 1, 0, 2, 3},
    /* 1x1, and moving by two */
    {2, {6, 9, 9}, {5, 9, 9}, 1, 1, 1, 0, 1, 1},
    {2, {5, 11, 11}, {6, 6, 6}, 3, 3, 2, 1, 1, 1},
};

enum { SHAPES = sizeof shapes / sizeof *shapes };

/* What a convolution reads, and what its three functions give. */
struct values {
    float *x, *w, *bias, *dy, *y, *dx, *dw, *db, *scratch;
    size_t in, weights, out, filters;
};

static float *draw(size_t count, uint32_t index)
{
    struct random_key key = {.seed = 7};
    struct random_stream stream = random_stream(key, RANDOM_GENERATE, index);
    float *values = NULL;

    CU_ASSERT_EQUAL_FATAL(memory_new(&values, count, sizeof *values, NULL), STATUS_OK);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)random_normal(&stream);
    return values;
}

static struct values values_of(const struct conv_geometry *g)
{
    struct values v = {.filters = (size_t)g->out.channels};

    v.in = (size_t)g->batch * shape_size(g->in);
    v.out = (size_t)g->batch * shape_size(g->out);
    v.weights = (size_t)(g->out.channels * (g->in.channels / g->groups)) *
                (size_t)(g->kernel_height * g->kernel_width);
    v.x = draw(v.in, 1);
    v.w = draw(v.weights, 2);
    v.bias = draw(v.filters, 3);
    v.dy = draw(v.out, 4);
    /* outputs start with values: gradients are added to what is there */
    v.y = draw(v.out, 5);
    v.dx = draw(v.in, 6);
    v.dw = draw(v.weights, 7);
    v.db = draw(v.filters, 8);
    return v;
}

static void values_free(struct values *v)
{
    float *all[] = {v->x, v->w, v->bias, v->dy, v->y, v->dx, v->dw, v->db, v->scratch};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        memory_free(all[i]);
}

static struct values computed(const struct engine *engine, const struct conv_geometry *g)
{
    struct values v = values_of(g);

    v.scratch = draw(engine->conv_scratch(g) + 1, 9);
    engine->conv_forward(g, v.x, v.w, v.bias, v.y, v.scratch);
    engine->conv_backward_data(g, v.dy, v.w, v.dx, v.scratch);
    engine->conv_backward_weights(g, v.x, v.dy, v.dw, v.db, v.scratch);
    return v;
}

/* The largest difference, relative to the largest value. */
static double difference(const float *a, const float *b, size_t count)
{
    double most = 0, scale = 0;

    for (size_t i = 0; i < count; i++) {
        double gap = fabs((double)a[i] - (double)b[i]);
        most = gap > most || isnan(gap) ? gap : most;
        scale = fmax(scale, fabs((double)a[i]));
    }
    return most / scale;
}

static void expect_equal(const struct values *a, const struct values *b, double tolerance)
{
    CU_ASSERT(difference(a->y, b->y, a->out) <= tolerance);
    CU_ASSERT(difference(a->dx, b->dx, a->in) <= tolerance);
    CU_ASSERT(difference(a->dw, b->dw, a->weights) <= tolerance);
    CU_ASSERT(difference(a->db, b->db, a->filters) <= tolerance);
}

static void test_agree_with_the_reference(void)
{
    CU_ASSERT_EQUAL_FATAL(engine_reference.start(NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(engine_openblas.start(NULL), STATUS_OK);
    for (size_t s = 0; s < SHAPES; s++) {
        struct values wanted = computed(&engine_reference, &shapes[s]);
        struct values found = computed(&engine_openblas, &shapes[s]);
        expect_equal(&wanted, &found, 5e-6);
        values_free(&wanted);
        values_free(&found);
    }
}

/* As on a processor for which there are no kernels. */
static void test_without_direct_kernels(void)
{
    direct_start(NULL);
    for (size_t s = 0; s < SHAPES; s++) {
        CU_ASSERT_FALSE(direct_can(&shapes[s]));
        struct values wanted = computed(&engine_reference, &shapes[s]);
        struct values found = computed(&engine_openblas, &shapes[s]);
        expect_equal(&wanted, &found, 5e-6);
        values_free(&wanted);
        values_free(&found);
    }
    CU_ASSERT_EQUAL(engine_openblas.start(NULL), STATUS_OK);
}

/* Directly, few channels or many; false where this processor cannot. */
static bool computed_directly(const char *isa, const struct conv_geometry *g, struct values *v)
{
    if (!processor_has(strcmp(isa, "avx512") == 0 ? PROCESSOR_AVX512 : PROCESSOR_AVX2))
        return false;
    direct_start(isa);
    if (!direct_can(g))
        return false;
    *v = values_of(g);
    v->scratch = draw(direct_scratch(g), 9);
    direct_forward(g, v->x, v->w, v->bias, v->y, v->scratch);
    direct_backward_data(g, v->dy, v->w, v->dx, v->scratch);
    return true;
}

static void test_directly(void)
{
    static const char *const isas[] = {"avx2", "avx512"};
    int counted = 0;

    for (size_t s = 0; s < SHAPES; s++) {
        struct values wanted = computed(&engine_reference, &shapes[s]), found[2];
        bool there[2];
        for (size_t k = 0; k < 2; k++) {
            there[k] = computed_directly(isas[k], &shapes[s], &found[k]);
            if (!there[k])
                continue;
            counted++;
            CU_ASSERT(difference(wanted.y, found[k].y, wanted.out) <= 5e-6);
            CU_ASSERT(difference(wanted.dx, found[k].dx, wanted.in) <= 5e-6);
        }
        if (there[0] && there[1]) {
            CU_ASSERT_EQUAL(memcmp(found[0].y, found[1].y, found[0].out * sizeof(float)), 0);
            CU_ASSERT_EQUAL(memcmp(found[0].dx, found[1].dx, found[0].in * sizeof(float)), 0);
        }
        values_free(&wanted);
        for (size_t k = 0; k < 2; k++)
            if (there[k])
                values_free(&found[k]);
    }
    CU_ASSERT(counted >= (processor_has(PROCESSOR_AVX2) ? SHAPES - 3 : 0));
    CU_ASSERT_EQUAL(engine_openblas.start(NULL), STATUS_OK);
}

/* Few filters of many channels go directly, with the bits of products. */
static void test_few_filters(void)
{
    static const struct conv_geometry ends[] = {
        {2, {17, 12, 40}, {1, 12, 40}, 3, 3, 1, 1, 1, 1},
        {1, {24, 9, 35}, {2, 5, 31}, 5, 5, 1, 0, 1, 1},
        {2, {64, 7, 16}, {3, 7, 16}, 5, 5, 1, 2, 1, 1},
        {1, {40, 13, 9}, {1, 13, 9}, 3, 3, 1, 2, 2, 1},
    };

    if (!processor_has(PROCESSOR_AVX2) || direct_is_wide())
        return;
    for (size_t s = 0; s < sizeof ends / sizeof *ends; s++) {
        struct conv_geometry mirror;
        CU_ASSERT_FATAL(im2col_mirror(&ends[s], &mirror));
        CU_ASSERT(direct_takes(&ends[s]) && direct_takes_backward(&mirror));
        struct values found = computed(&engine_openblas, &ends[s]);
        struct values back = computed(&engine_openblas, &mirror);
        direct_start(NULL);
        struct values wanted = computed(&engine_openblas, &ends[s]);
        struct values wanted_back = computed(&engine_openblas, &mirror);
        CU_ASSERT(memcmp(wanted.y, found.y, found.out * sizeof(float)) == 0);
        CU_ASSERT(memcmp(wanted_back.dx, back.dx, back.in * sizeof(float)) == 0);
        CU_ASSERT_EQUAL(engine_openblas.start(NULL), STATUS_OK);
        values_free(&wanted);
        values_free(&wanted_back);
        values_free(&found);
        values_free(&back);
    }
}

static void test_takes_few_channels(void)
{
    struct conv_geometry few = shapes[4], many = shapes[5], single = shapes[14];

    direct_start(processor_has(PROCESSOR_AVX2) ? "avx2" : NULL);
    CU_ASSERT_EQUAL(direct_takes(&few), processor_has(PROCESSOR_AVX2));
    CU_ASSERT_FALSE(direct_takes(&many));
    CU_ASSERT_FALSE(direct_takes(&single));
    CU_ASSERT_EQUAL(engine_openblas.start(NULL), STATUS_OK);
}

void convolutions_suite(void)
{
    CU_pSuite suite = CU_add_suite("convolutions", NULL, NULL);
    CU_add_test(suite, "agree with the reference", test_agree_with_the_reference);
    CU_add_test(suite, "without direct kernels", test_without_direct_kernels);
    CU_add_test(suite, "directly, the same bits on both instruction sets", test_directly);
    CU_add_test(suite, "few filters, the same bits as by products", test_few_filters);
    CU_add_test(suite, "few channels go directly", test_takes_few_channels);
}
