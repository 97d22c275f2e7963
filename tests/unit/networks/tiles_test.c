/* Gradients of weights by products of tiles, against sums in double precision. */
#include "networks/engines/tiles.h"

#include "base/memory.h"
#include "base/processor.h"
#include "base/random.h"

#include <CUnit/CUnit.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

void tiles_suite(void);

static const struct random_key KEY = {.seed = 2022};

struct convolution {
    struct conv_geometry g;
    int images;
    uint16_t *x, *dy;
    float *dw, *db;
    void *scratch;
};

static float value_of(uint16_t bits)
{
    uint32_t wide = (uint32_t)bits << 16;
    float value;

    memcpy(&value, &wide, sizeof value);
    return value;
}

/* Between -1 and 1. */
static void fill(uint16_t *values, size_t count, uint64_t which)
{
    struct random_stream stream = random_stream(KEY, RANDOM_GENERATE, which);

    for (size_t i = 0; i < count; i++) {
        float value = (float)(2 * random_uniform(&stream) - 1);
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        values[i] = (uint16_t)(bits >> 16);
    }
}

static size_t size_of(struct shape shape)
{
    return (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
}

static size_t weights_of(const struct conv_geometry *g)
{
    return (size_t)(g->out.channels * g->in.channels * g->kernel_height * g->kernel_width);
}

static void convolution_open(struct convolution *c, int images, struct shape in, int out,
                             const int kernel[2], int padding)
{
    memset(c, 0, sizeof *c);
    c->images = images;
    c->g = (struct conv_geometry){.in = in,
                                  .out = {out, in.height + 2 * padding - kernel[0] + 1,
                                          in.width + 2 * padding - kernel[1] + 1},
                                  .kernel_height = kernel[0],
                                  .kernel_width = kernel[1],
                                  .stride = 1,
                                  .dilation = 1,
                                  .groups = 1,
                                  .padding = padding};
    size_t x = (size_t)images * size_of(c->g.in), dy = (size_t)images * size_of(c->g.out);
    size_t scratch = tiles_scratch(&c->g, images);
    CU_ASSERT_TRUE_FATAL(tiles_suit(&c->g));
    CU_ASSERT_EQUAL_FATAL(memory_new(&c->x, x, sizeof *c->x, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(memory_new(&c->dy, dy, sizeof *c->dy, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(memory_new(&c->dw, weights_of(&c->g), sizeof *c->dw, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(memory_new(&c->db, (size_t)out, sizeof *c->db, NULL), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(memory_new(&c->scratch, scratch, 1, NULL), STATUS_OK);
    memset(c->scratch, 0xff, scratch); /* not a number, wherever it is read before it is written */
    fill(c->x, x, 0);
    fill(c->dy, dy, 1);
    tiles_weights(&c->g, images, c->x, c->dy, c->dw, c->db, c->scratch);
}

static void convolution_close(struct convolution *c)
{
    memory_free(c->x);
    memory_free(c->dy);
    memory_free(c->dw);
    memory_free(c->db);
    memory_free(c->scratch);
}

/* Of weight `w`; *size: the sum of the products' sizes. */
static double expected(const struct convolution *c, size_t w, double *size)
{
    const struct conv_geometry *g = &c->g;
    int j = (int)w % g->kernel_width, i = (int)w / g->kernel_width % g->kernel_height;
    int plane = (int)w / (g->kernel_width * g->kernel_height);
    int in = plane % g->in.channels, out = plane / g->in.channels;
    double sum = 0;

    *size = 0;
    for (int n = 0; n < c->images; n++)
        for (int y = 0; y < g->out.height; y++)
            for (int x = 0; x < g->out.width; x++) {
                int row = y + i - g->padding, column = x + j - g->padding;
                if (row < 0 || column < 0 || row >= g->in.height || column >= g->in.width)
                    continue;
                int from = (n * g->in.height + row) * g->in.width + column;
                int to = (n * g->out.height + y) * g->out.width + x;
                double product = (double)value_of(c->x[from * g->in.channels + in]) *
                                 (double)value_of(c->dy[to * g->out.channels + out]);
                sum += product;
                *size += fabs(product);
            }
    return sum;
}

static void check(int images, struct shape in, int out, const int kernel[2], int padding)
{
    struct convolution c;
    double worst = 0, size;

    convolution_open(&c, images, in, out, kernel, padding);
    for (size_t w = 0; w < weights_of(&c.g); w += 7) { /* prime to the sizes of kernels */
        double sum = expected(&c, w, &size), error = fabs(c.dw[w] - sum) / (size + 1e-30);
        worst = error <= worst ? worst : error;
    }
    CU_ASSERT(worst < 1e-6);
    size_t pixels = (size_t)(images * c.g.out.height * c.g.out.width), channels = (size_t)out;
    for (size_t k = 0; k < channels; k++) {
        double sum = 0;
        for (size_t i = 0; i < pixels; i++)
            sum += (double)value_of(c.dy[i * channels + k]);
        CU_ASSERT_DOUBLE_EQUAL(c.db[k], sum, 1e-6 * (double)pixels);
    }
    convolution_close(&c);
}

static const int ONE[2] = {1, 1}, THREE[2] = {3, 3}, FIVE[2] = {5, 5}, LONG[2] = {2, 5};

static void test_same(void)
{
    check(3, (struct shape){16, 17, 5}, 48, THREE, 1);
    check(2, (struct shape){80, 5, 17}, 16, FIVE, 2);
    check(2, (struct shape){48, 9, 7}, 80, ONE, 0);
    check(1, (struct shape){16, 1, 1}, 16, THREE, 1);
}

static void test_smaller_and_larger(void)
{
    check(3, (struct shape){32, 9, 7}, 64, THREE, 0);
    check(2, (struct shape){16, 9, 8}, 32, FIVE, 1);
    check(2, (struct shape){16, 6, 6}, 16, THREE, 2);
    check(2, (struct shape){32, 6, 11}, 16, LONG, 1);
}

/* More than is laid out at a time, and whose last part is short. */
static void test_in_parts(void)
{
    check(5, (struct shape){48, 31, 33}, 32, THREE, 1);
    check(13, (struct shape){208, 9, 11}, 144, THREE, 1);
}

/* Each sum has one order: whatever was in memory, the same bits. */
static void test_same_bits(void)
{
    struct convolution a, b;

    convolution_open(&a, 4, (struct shape){32, 8, 8}, 64, THREE, 1);
    convolution_open(&b, 4, (struct shape){32, 8, 8}, 64, THREE, 1);
    memset(b.scratch, 0, tiles_scratch(&b.g, 4));
    tiles_weights(&b.g, 4, b.x, b.dy, b.dw, NULL, b.scratch);
    CU_ASSERT_EQUAL(memcmp(a.dw, b.dw, weights_of(&a.g) * sizeof *a.dw), 0);
    convolution_close(&a);
    convolution_close(&b);
}

static void test_suits(void)
{
    struct conv_geometry g = {.in = {32, 8, 8},
                              .out = {16, 8, 8},
                              .kernel_height = 3,
                              .kernel_width = 3,
                              .stride = 1,
                              .dilation = 1,
                              .groups = 1,
                              .padding = 1};
    struct conv_geometry stride = g, dilation = g, groups = g, in = g, out = g, padding = g;

    CU_ASSERT_TRUE(tiles_suit(&g));
    stride.stride = dilation.dilation = groups.groups = 2;
    in.in.channels = out.out.channels = 24;
    padding.padding = 3;
    CU_ASSERT_FALSE(tiles_suit(&stride));
    CU_ASSERT_FALSE(tiles_suit(&dilation));
    CU_ASSERT_FALSE(tiles_suit(&groups));
    CU_ASSERT_FALSE(tiles_suit(&in));
    CU_ASSERT_FALSE(tiles_suit(&out));
    CU_ASSERT_FALSE(tiles_suit(&padding));
}

void tiles_suite(void)
{
    CU_pSuite suite = CU_add_suite("tiles", NULL, NULL);

    CU_add_test(suite, "which convolutions suit", test_suits);
    if (!processor_has(PROCESSOR_AMX)) {
        puts("skipped: this processor has no tile registers");
        return;
    }
    CU_add_test(suite, "images of the same size", test_same);
    CU_add_test(suite, "smaller and larger ones", test_smaller_and_larger);
    CU_add_test(suite, "in parts", test_in_parts);
    CU_add_test(suite, "the same bits", test_same_bits);
}
