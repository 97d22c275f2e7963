/*
 * Median filter: each pixel becomes the median of the square window around it.
 *
 * J. W. Tukey, "Exploratory data analysis", 1977. It removes outliers and keeps edges. Three ways,
 * all exact:
 *
 * - 3 x 3: columns of three are sorted once and shared by three windows; the median of nine is then
 *   the median of (largest minimum, median of medians, smallest maximum) (J. L. Smith,
 * "Implementing median filters in XC4000E FPGAs", Xcell 23, 1996): 18 minima and maxima a pixel.
 * - 5 x 5: columns of five are sorted once and shared by five windows; each window's rows are
 * sorted as far as they matter, which leaves 13 values (median_25()): 106 minima and maxima a
 * pixel.
 * - 7 x 7: the same with columns of seven (median_7.c): 276 minima and maxima a pixel.
 * - larger: windows as sets of ranks (median_rank.c).
 */
#include "base/interrupt.h"
#include "base/vectors.h"
#include "interfaces/stage.h"
#include "math/border.h"
#include "pipelines/lanes.h"
#include "pipelines/smoothing/median_7.h"
#include "pipelines/smoothing/median_rank.h"
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

static inline float least(float a, float b)
{
    return a < b ? a : b;
}

static inline float most(float a, float b)
{
    return a < b ? b : a;
}

/* Of two values the smaller to *a, the larger to *b. (Networks are written in these: from nested
 * minima and maxima of the same values, gcc makes comparisons and choices.) */
LANES_INLINE void exchange(float *a, float *b)
{
    float smaller = least(*a, *b), larger = most(*a, *b);

    *a = smaller;
    *b = larger;
}

LANES_INLINE float median_of_3(float a, float b, float c)
{
    exchange(&a, &b);
    return most(a, least(b, c));
}

static enum status median_shape(const void *config, struct shape in, struct answer answer,
                                struct shape *out, struct error *error)
{
    (void)config, (void)answer, (void)error;
    *out = in;
    return STATUS_OK;
}

/* A row of sorted columns; or what ranks need. */
static size_t median_scratch(const void *config, struct shape in)
{
    int radius = (int)((const struct median *)config)->radius;
    size_t side = 2 * (size_t)radius + 1;

    return radius > 3 ? median_rank_scratch(in.height, in.width, radius)
                      : side * ((size_t)in.width + side - 1);
}

/* Sort each column of three rows. */
WIDE_VECTORS static void sort_columns(const float *const rows[3], size_t width, float *low,
                                      float *mid, float *high)
{
    const float *first = rows[0], *second = rows[1], *third = rows[2];

#pragma omp simd
    for (size_t x = 0; x < width; x++) {
        float a = first[x], b = second[x], c = third[x];
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
        row[x] = median_of_3(most(most(low[x], low[x + 1]), low[x + 2]),
                             median_of_3(mid[x], mid[x + 1], mid[x + 2]),
                             least(least(high[x], high[x + 1]), high[x + 2]));
}

/* The medians of a row from the image's rows around it. */
static void median_row_3(const float *const rows[3], int width, float *sorted, float *row)
{
    size_t wide = (size_t)width, stride = wide + 2;
    float *low = sorted, *mid = low + stride, *high = mid + stride;

    sort_columns(rows, wide, low + 1, mid + 1, high + 1);
    border_row(low, width, 1);
    border_row(mid, width, 1);
    border_row(high, width, 1);
    row_medians(low, mid, high, wide, row);
}

enum { MEDIAN_3_COMPARISONS = 18, MEDIAN_5_COMPARISONS = 106 }; /* minima and maxima a pixel */

/* Nine exchanges sort five values. */
LANES_INLINE void sort_5(float v[5])
{
    exchange(&v[0], &v[1]);
    exchange(&v[3], &v[4]);
    exchange(&v[2], &v[4]);
    exchange(&v[2], &v[3]);
    exchange(&v[1], &v[4]);
    exchange(&v[0], &v[3]);
    exchange(&v[0], &v[2]);
    exchange(&v[1], &v[3]);
    exchange(&v[1], &v[2]);
}

LANES_INLINE void sort_column_5(float a, float b, float c, float d, float e, size_t stride,
                                float *to)
{
    float v[5] = {a, b, c, d, e};

    sort_5(v);
    to[0] = v[0];
    to[stride] = v[1];
    to[2 * stride] = v[2];
    to[3 * stride] = v[3];
    to[4 * stride] = v[4];
}

/* Sort each column of five rows: row k of `to` has the k-th smallest values. */
WIDE_VECTORS static void sort_columns_5(const float *const rows[5], size_t width, size_t stride,
                                        float *to)
{
    const float *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3], *e = rows[4];

#pragma omp simd
    for (size_t x = 0; x < width; x++)
        sort_column_5(a[x], b[x], c[x], d[x], e[x], stride, to + x);
}

/* The largest two of five, the larger one second. */
LANES_INLINE void largest_two(const float *v, float two[2])
{
    float a = v[0], b = v[1], c = v[2], d = v[3], e = v[4];

    exchange(&a, &b);
    exchange(&c, &d);
    exchange(&b, &d);
    exchange(&d, &e);
    two[0] = most(most(b, most(a, c)), d);
    two[1] = e;
}

LANES_INLINE void smallest_two(const float *v, float two[2])
{
    float a = v[0], b = v[1], c = v[2], d = v[3], e = v[4];

    exchange(&a, &b);
    exchange(&c, &d);
    exchange(&a, &c);
    exchange(&a, &e);
    two[0] = a;
    two[1] = least(least(c, least(b, d)), e);
}

LANES_INLINE void sorted_row(const float *v, float row[5])
{
    row[0] = v[0];
    row[1] = v[1];
    row[2] = v[2];
    row[3] = v[3];
    row[4] = v[4];
    sort_5(row);
}

/*
 * The median of 5 x 5 values whose columns are sorted. Once the rows are sorted, too, the value of
 * row i and column j has at least i j - 1 that are not larger and (6 - i) (6 - j) - 1 that are not
 * smaller, so that only 13 can be the median. It is the seventh of these; what is known of their
 * order leaves 18 minima and maxima. (A search over networks found them; the test of all orders of
 * zeros and ones proves them.)
 */
LANES_INLINE float median_25(const float *a, const float *b, const float *c, const float *d,
                             const float *e)
{
    float s[2], t[5], u[5], v[5], w[2];

    largest_two(a, s);
    sorted_row(b, t);
    sorted_row(c, u);
    sorted_row(d, v);
    smallest_two(e, w);
    float low = most(least(t[4], most(s[0], v[1])), t[2]);
    float left = least(u[3], w[0]), right = least(w[1], most(v[0], least(t[3], v[2])));
    float other = most(s[1], u[1]);
    exchange(&u[2], &other);
    exchange(&left, &right);
    float upper = most(u[2], left), lower = least(other, right);
    exchange(&low, &upper);
    return least(upper, most(lower, low));
}

WIDE_VECTORS static void row_medians_5(const float *sorted, size_t stride, size_t width, float *row)
{
    const float *a = sorted, *b = a + stride, *c = b + stride, *d = c + stride, *e = d + stride;

#pragma omp simd
    for (size_t x = 0; x < width; x++)
        row[x] = median_25(a + x, b + x, c + x, d + x, e + x);
}

static void median_row_5(const float *const rows[5], int width, float *sorted, float *row)
{
    size_t wide = (size_t)width, stride = wide + 4;

    sort_columns_5(rows, wide, stride, sorted + 2);
    for (size_t k = 0; k < 5; k++)
        border_row(sorted + k * stride, width, 2);
    row_medians_5(sorted, stride, wide, row);
}

static void median_plane(const float *in, int height, int width, int radius, float *out,
                         float *scratch)
{
    static void (*const medians[])(const float *const *, int, float *, float *) = {
        [1] = median_row_3, [2] = median_row_5, [3] = median_row_7};
    const float *rows[7];

    if (radius > 3) {
        median_rank(in, height, width, radius, out, scratch);
        return;
    }
    for (int y = 0; y < height && !interrupt_requested(); y++) {
        for (int k = 0; k <= 2 * radius; k++)
            rows[k] = in + (size_t)border_reflect(y + k - radius, height) * (size_t)width;
        medians[radius](rows, width, scratch, out + (size_t)y * (size_t)width);
    }
}

static int median_reach(const void *config)
{
    return (int)((const struct median *)config)->radius;
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
    static const double comparisons[] = {
        [1] = MEDIAN_3_COMPARISONS, [2] = MEDIAN_5_COMPARISONS, [3] = MEDIAN_7_COMPARISONS};
    int radius = (int)((const struct median *)config)->radius;
    struct operations operations = {0};

    (void)answer;
    if (radius <= 3)
        operations.comparisons = comparisons[radius] * (double)shape_size(in);
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
    .sharing = {.reach = median_reach},
    .count = median_count,
};
