#include "math/border.h"
#include "tests/unit/stages_text.h"

#include <CUnit/CUnit.h>

#include <stdio.h>
#include <stdlib.h>

void median_suite(void);

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The median by sorting the window. */
static float sorted_median(struct image image, int y, int x, int radius)
{
    float window[31 * 31];
    int count = 0;

    for (int dy = -radius; dy <= radius; dy++)
        for (int dx = -radius; dx <= radius; dx++)
            window[count++] =
                image.pixels[border_reflect(y + dy, image.shape.height) * image.shape.width +
                             border_reflect(x + dx, image.shape.width)];
    qsort(window, (size_t)count, sizeof *window, compare_floats);
    return window[count / 2];
}

static void check_median(struct shape shape, int radius, int distinct)
{
    struct image_set in = {0}, out = {0};
    struct random_stream stream =
        random_stream((struct random_key){2019, 0}, RANDOM_GENERATE, (uint64_t)radius);
    char text[64];

    CU_ASSERT_FATAL(image_set_new_uniform(&in, 1, shape, NULL) == STATUS_OK);
    struct image image = image_set_at(&in, 0);
    for (size_t i = 0; i < shape_size(shape); i++)
        image.pixels[i] = distinct ? (float)random_below(&stream, (uint32_t)distinct)
                                   : (float)random_normal(&stream);
    snprintf(text, sizeof text, "[median: {radius: %d}]", radius);
    stages_text_run(text, &in, &out);
    for (int y = 0; y < shape.height; y++)
        for (int x = 0; x < shape.width; x++)
            CU_ASSERT(out.pixels[y * shape.width + x] == sorted_median(image, y, x, radius));
    image_set_release(&out);
    image_set_release(&in);
}

/* Against sorting: sizes below, at and above the blocks that the code works in, ties, negatives. */
static void median_equals_sorting(void)
{
    for (int radius = 1; radius <= 5; radius++) {
        check_median((struct shape){1, 1, 1}, radius, 0);
        check_median((struct shape){1, 7, 3}, radius, 0);
        check_median((struct shape){1, 5, 16}, radius, 0);
        check_median((struct shape){1, 6, 37}, radius, 0);
        check_median((struct shape){1, 20, 19}, radius, 3);
    }
    check_median((struct shape){1, 70, 140}, 4, 0); /* four tiles */
    check_median((struct shape){1, 20, 150}, 8, 4);
    check_median((struct shape){1, 12, 12}, 15, 0);
}

/* All windows of 5 x 5 zeros and ones whose columns are sorted, and with them all whose columns are
 * not: of what only compares, right for these is right for all (D. E. Knuth, "The art of computer
 * programming" 3, 5.3.4). */
static void median_of_zeros_and_ones(void)
{
    enum { CASES = 6 * 6 * 6 * 6 * 6, WIDTH = 5 * CASES };
    struct image_set in = {0}, out = {0};

    CU_ASSERT_FATAL(image_set_new_uniform(&in, 1, (struct shape){1, 5, WIDTH}, NULL) == STATUS_OK);
    for (int x = 0, rest = 0; x < WIDTH; x++) {
        rest = x % 5 ? rest / 6 : x / 5;
        for (int y = 0; y < 5; y++)
            in.pixels[y * WIDTH + x] = (y + x) % 5 < rest % 6 ? 1 : 0;
    }
    stages_text_run("[median: {radius: 2}]", &in, &out);
    for (int window = 0; window < CASES; window++) {
        int ones = 0;
        for (int rest = window; rest; rest /= 6)
            ones += rest % 6;
        CU_ASSERT(out.pixels[2 * WIDTH + 5 * window + 2] == (ones > 12 ? 1 : 0));
    }
    image_set_release(&out);
    image_set_release(&in);
}

/* A window of 7 x 7 zeros and ones, at the number `window` of a row of them: so many ones a column.
 */
static void put_ones(struct image in, int window, const int ones[7])
{
    for (int x = 0; x < 7; x++)
        for (int y = 0; y < 7; y++)
            in.pixels[y * in.shape.width + 7 * window + x] = (y + x) % 7 < ones[x] ? 1 : 0;
}

/* The next of all ways to have 0 to 7 ones in each column, ever fewer to the right: false at the
 * end. */
static bool next_counts(int ones[7])
{
    int x = 6;

    while (x > 0 && ones[x] == ones[x - 1])
        ones[x--] = 0;
    return ++ones[x] <= 7;
}

/* The same for 7 x 7, whose columns may be in any order: one of all ways, turned and shuffled. */
static void median_7_of_zeros_and_ones(void)
{
    enum { CASES = 3432, ORDERS = 7 };
    struct image_set in = {0}, out = {0};
    int counts[7] = {0}, sums[CASES * ORDERS], windows = 0;

    CU_ASSERT_FATAL(image_set_new_uniform(&in, 1, (struct shape){1, 7, 7 * CASES * ORDERS}, NULL) ==
                    STATUS_OK);
    do {
        for (int order = 0; order < ORDERS && windows < CASES * ORDERS; order++, windows++) {
            int ones[7];
            sums[windows] = 0;
            for (int x = 0; x < 7; x++)
                sums[windows] += ones[x] = counts[(x * (order % 6 + 1) + order) % 7];
            put_ones(image_set_at(&in, 0), windows, ones);
        }
    } while (next_counts(counts));
    CU_ASSERT(windows == CASES * ORDERS);
    stages_text_run("[median: {radius: 3}]", &in, &out);
    for (int window = 0; window < windows; window++)
        CU_ASSERT(out.pixels[3 * 7 * windows + 7 * window + 3] == (sums[window] > 24 ? 1 : 0));
    image_set_release(&out);
    image_set_release(&in);
}

void median_suite(void)
{
    CU_pSuite suite = CU_add_suite("median", NULL, NULL);
    CU_add_test(suite, "equals sorting", median_equals_sorting);
    CU_add_test(suite, "zeros and ones", median_of_zeros_and_ones);
    CU_add_test(suite, "7 x 7 zeros and ones", median_7_of_zeros_and_ones);
}
