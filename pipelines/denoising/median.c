/*
 * Median filter: each pixel becomes the median of the square window around it.
 *
 * J. W. Tukey, "Exploratory data analysis", 1977. It removes outliers and keeps edges. Three ways,
 * all exact:
 *
 * - 3 x 3: columns of three are sorted once and shared by three windows; the median of nine is then
 *   the median of (largest minimum, median of medians, smallest maximum) (J. L. Smith,
 * "Implementing median filters in XC4000E FPGAs", Xcell 23, 1996): 18 minima and maxima a pixel.
 * - 5 x 5: a selection network of 99 exchanges (N. Devillard, "Fast median search: an ANSI C
 *   implementation", 1998), run on sixteen windows side by side.
 * - larger: a running histogram (median_rank.c).
 */
#include "base/interrupt.h"
#include "base/vectors.h"
#include "interfaces/stage.h"
#include "math/border.h"
#include "pipelines/denoising/median_rank.h"
#include "pipelines/stage_shapes.h"

#include <string.h>

struct median {
    int64_t radius;
};

static const struct field fields[] = {
    {"radius", FIELD_INTEGER, offsetof(struct median, radius), .minimum = 1, .maximum = 15,
     .default_value = "1", .unit = "pixels",
     .help = "half the window's side, excluding the centre"},
    {0},
};

enum { LANES = 16 };

static inline float least(float a, float b)
{
    return a < b ? a : b;
}

static inline float most(float a, float b)
{
    return a < b ? b : a;
}

static inline float middle(float a, float b, float c)
{
    return most(least(a, b), least(most(a, b), c));
}

static enum status median_shape(const void *config, struct shape in, struct answer answer,
                                struct shape *out, struct error *error)
{
    (void)config, (void)answer, (void)error;
    *out = in;
    return STATUS_OK;
}

/* The padded plane and three sorted rows; or what the histogram needs. */
static size_t median_scratch(const void *config, struct shape in)
{
    int radius = (int)((const struct median *)config)->radius;
    if (radius > 2)
        return median_rank_scratch((size_t)in.height * (size_t)in.width);
    return border_size(in.height, in.width, radius) + 3 * ((size_t)in.width + 2);
}

/* Sort each column of three. */
WIDE_VECTORS static void sort_columns(const float *rows, size_t stride, float *low, float *mid,
                                      float *high)
{
#pragma omp simd
    for (size_t x = 0; x < stride; x++) {
        float a = rows[x], b = rows[x + stride], c = rows[x + 2 * stride];
        float smaller = least(a, b), larger = most(a, b), rest = least(larger, c);
        high[x] = most(larger, c);
        mid[x] = most(smaller, rest);
        low[x] = least(smaller, rest);
    }
}

/* The medians of a row from its sorted columns. */
WIDE_VECTORS static void row_medians(const float *low, const float *mid, const float *high,
                                     size_t width, float *row)
{
#pragma omp simd
    for (size_t x = 0; x < width; x++)
        row[x] = middle(most(most(low[x], low[x + 1]), low[x + 2]),
                        middle(mid[x], mid[x + 1], mid[x + 2]),
                        least(least(high[x], high[x + 1]), high[x + 2]));
}

static void median_3x3(const float *padded, int height, int width, float *rows, float *out)
{
    size_t wide = (size_t)width, stride = wide + 2;
    float *low = rows, *mid = low + stride, *high = mid + stride;

    for (size_t y = 0; y < (size_t)height && !interrupt_requested(); y++) {
        sort_columns(padded + y * stride, stride, low, mid, high);
        row_medians(low, mid, high, wide, out + y * wide);
    }
}

/* After these exchanges (smaller to the first) value 12 of 25 is the median. */
static const unsigned char exchanges[][2] = {
    {0, 1},   {3, 4},   {2, 4},   {2, 3},   {6, 7},   {5, 7},   {5, 6},   {9, 10},  {8, 10},
    {8, 9},   {12, 13}, {11, 13}, {11, 12}, {15, 16}, {14, 16}, {14, 15}, {18, 19}, {17, 19},
    {17, 18}, {21, 22}, {20, 22}, {20, 21}, {23, 24}, {2, 5},   {3, 6},   {0, 6},   {0, 3},
    {4, 7},   {1, 7},   {1, 4},   {11, 14}, {8, 14},  {8, 11},  {12, 15}, {9, 15},  {9, 12},
    {13, 16}, {10, 16}, {10, 13}, {20, 23}, {17, 23}, {17, 20}, {21, 24}, {18, 24}, {18, 21},
    {19, 22}, {8, 17},  {9, 18},  {0, 18},  {0, 9},   {10, 19}, {1, 19},  {1, 10},  {11, 20},
    {2, 20},  {2, 11},  {12, 21}, {3, 21},  {3, 12},  {13, 22}, {4, 22},  {4, 13},  {14, 23},
    {5, 23},  {5, 14},  {15, 24}, {6, 24},  {6, 15},  {7, 16},  {7, 19},  {13, 21}, {15, 23},
    {7, 13},  {7, 15},  {1, 9},   {3, 11},  {5, 17},  {11, 17}, {9, 17},  {4, 10},  {6, 12},
    {7, 14},  {4, 6},   {4, 7},   {12, 14}, {10, 14}, {6, 7},   {10, 12}, {6, 10},  {6, 17},
    {12, 17}, {7, 17},  {7, 10},  {12, 18}, {7, 12},  {10, 18}, {12, 20}, {10, 20}, {10, 12},
};
enum { EXCHANGES = sizeof exchanges / sizeof *exchanges };

/* The medians of LANES windows side by side, their values in v[25][lane]. */
static void select_25(float v[25][LANES])
{
    for (int e = 0; e < EXCHANGES; e++) {
        float *a = v[exchanges[e][0]], *b = v[exchanges[e][1]];
#pragma omp simd
        for (int k = 0; k < LANES; k++) {
            float smaller = least(a[k], b[k]), larger = most(a[k], b[k]);
            a[k] = smaller;
            b[k] = larger;
        }
    }
}

static void median_5x5(const float *padded, int height, int width, float *out)
{
    size_t wide = (size_t)width, stride = wide + 4, lanes = wide < LANES ? wide : LANES;
    float v[25][LANES] = {{0}};

    for (size_t y = 0; y < (size_t)height && !interrupt_requested(); y++)
        for (size_t done = 0; done < wide; done += lanes) {
            /* the last block is moved back so that it is full: some pixels are computed twice */
            size_t x = done + lanes <= wide ? done : wide - lanes;
            for (size_t k = 0; k < 25; k++)
                memcpy(v[k], padded + (y + k / 5) * stride + x + k % 5, lanes * sizeof **v);
            select_25(v);
            memcpy(out + y * wide + x, v[12], lanes * sizeof *out);
        }
}

static void median_plane(const float *in, int height, int width, int radius, float *out,
                         float *scratch)
{
    if (radius > 2) {
        median_rank(in, height, width, radius, out, (uint32_t *)(void *)scratch);
        return;
    }
    border_pad(in, height, width, radius, scratch);
    if (radius == 1)
        median_3x3(scratch, height, width, scratch + border_size(height, width, 1), out);
    else
        median_5x5(scratch, height, width, out);
}

static void median_run(const void *config, const void *state, struct image in, struct image out,
                       float *scratch)
{
    const struct median *median = config;
    size_t plane = (size_t)in.shape.height * (size_t)in.shape.width;

    (void)state;
    for (size_t c = 0; c < (size_t)in.shape.channels; c++)
        median_plane(in.pixels + c * plane, in.shape.height, in.shape.width, (int)median->radius,
                     out.pixels + c * plane, scratch);
}

static struct operations median_count(const void *config, struct shape in, struct answer answer)
{
    int radius = (int)((const struct median *)config)->radius;
    struct operations operations = {0};

    (void)answer;
    if (radius == 1)
        operations.comparisons = 18 * (double)shape_size(in);
    else if (radius == 2)
        operations.comparisons = 2.0 * EXCHANGES * (double)shape_size(in);
    else
        for (int c = 0; c < in.channels; c++)
            operations = operations_add(operations, median_rank_count(in.height, in.width, radius));
    return operations;
}

const struct stage stage_median = {
    .descriptor = {"median", "median of the square window around each pixel, channel by channel",
                   "Tukey, Exploratory data analysis, 1977", fields, sizeof(struct median), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .gives = content_as_input,
    .shape = median_shape,
    .scratch = median_scratch,
    .run = median_run,
    .count = median_count,
};
