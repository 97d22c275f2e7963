/*
 * The median of 7 x 7 by networks of minima and maxima, as 5 x 5 in median.c: columns of seven are
 * sorted once and shared by seven windows; each window's rows are sorted as far as they matter,
 * which leaves 29 values.
 *
 * Numbers are compared as integers that sort like them (as in ordered_words.h, here with a sign,
 * which is what vectors compare), so that the answer is the one of median_rank.c in every bit.
 */
#include "pipelines/smoothing/median_7.h"

#include "base/vectors.h"
#include "math/border.h"
#include "pipelines/lanes.h"

#include <string.h>

enum { SIDE = 7 };

LANES_INLINE int32_t signed_word(const float *value)
{
    int32_t bits;

    memcpy(&bits, value, sizeof bits);
    return bits ^ (bits >> 31 & 0x7fffffff);
}

LANES_INLINE float value_of_word(int32_t word)
{
    int32_t bits = word ^ (word >> 31 & 0x7fffffff);
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

LANES_INLINE void exchange_words(int32_t *a, int32_t *b)
{
    int32_t smaller = *a < *b ? *a : *b, larger = *a < *b ? *b : *a;

    *a = smaller;
    *b = larger;
}

/* Sixteen exchanges sort seven values. */
LANES_INLINE void sort_7(int32_t v[SIDE])
{
    exchange_words(&v[0], &v[6]);
    exchange_words(&v[2], &v[3]);
    exchange_words(&v[4], &v[5]);
    exchange_words(&v[0], &v[2]);
    exchange_words(&v[1], &v[4]);
    exchange_words(&v[3], &v[6]);
    exchange_words(&v[0], &v[1]);
    exchange_words(&v[2], &v[5]);
    exchange_words(&v[3], &v[4]);
    exchange_words(&v[1], &v[2]);
    exchange_words(&v[4], &v[6]);
    exchange_words(&v[2], &v[3]);
    exchange_words(&v[4], &v[5]);
    exchange_words(&v[1], &v[2]);
    exchange_words(&v[3], &v[4]);
    exchange_words(&v[5], &v[6]);
}

/* A row of seven columns, sorted; the compiler leaves out what is not used of it. */
LANES_INLINE void sorted_row_7(const int32_t *row, int32_t v[SIDE])
{
    v[0] = row[0];
    v[1] = row[1];
    v[2] = row[2];
    v[3] = row[3];
    v[4] = row[4];
    v[5] = row[5];
    v[6] = row[6];
    sort_7(v);
}

/*
 * The median of 7 x 7 words whose columns are sorted. Once the rows are sorted, too, the word of
 * row i and column j has at least i j - 1 that are not larger and (8 - i) (8 - j) - 1 that are not
 * smaller, so that only 29 can be the median. It is the fifteenth of these; what is known of their
 * order leaves 56 minima and maxima. (A search over networks found them: right for all 3432 ways in
 * which sorted rows and columns can hold zeros and ones.)
 */
LANES_INLINE int32_t median_49(const int32_t *sorted, size_t stride)
{
    int32_t a[SIDE], b[SIDE], c[SIDE], d[SIDE], e[SIDE], f[SIDE], g[SIDE];

    sorted_row_7(sorted, a);
    sorted_row_7(sorted + stride, b);
    sorted_row_7(sorted + 2 * stride, c);
    sorted_row_7(sorted + 3 * stride, d);
    sorted_row_7(sorted + 4 * stride, e);
    sorted_row_7(sorted + 5 * stride, f);
    sorted_row_7(sorted + 6 * stride, g);
    exchange_words(&a[6], &e[2]);
    exchange_words(&e[1], &a[5]);
    exchange_words(&c[5], &e[3]);
    exchange_words(&g[0], &c[4]);
    exchange_words(&b[4], &f[0]);
    exchange_words(&f[0], &c[5]);
    exchange_words(&f[0], &d[2]);
    exchange_words(&a[4], &f[1]);
    exchange_words(&b[5], &e[2]);
    exchange_words(&b[5], &f[1]);
    exchange_words(&d[3], &a[5]);
    exchange_words(&f[2], &b[6]);
    exchange_words(&a[5], &g[2]);
    exchange_words(&c[3], &b[5]);
    exchange_words(&f[2], &c[4]);
    exchange_words(&f[1], &d[4]);
    exchange_words(&c[5], &g[1]);
    exchange_words(&a[5], &f[1]);
    exchange_words(&c[5], &e[4]);
    exchange_words(&d[2], &c[5]);
    exchange_words(&d[2], &b[5]);
    exchange_words(&f[3], &d[5]);
    exchange_words(&f[1], &e[2]);
    exchange_words(&a[5], &b[5]);
    exchange_words(&c[6], &f[3]);
    exchange_words(&a[5], &a[6]);
    exchange_words(&b[5], &f[2]);
    exchange_words(&f[1], &c[5]);
    exchange_words(&f[1], &f[2]);
    exchange_words(&d[3], &g[0]);
    exchange_words(&d[2], &a[6]);
    exchange_words(&c[2], &b[3]);
    exchange_words(&f[1], &c[6]);
    exchange_words(&d[1], &a[6]);
    exchange_words(&b[3], &g[0]);
    exchange_words(&f[1], &g[0]);
    exchange_words(&e[0], &b[5]);
    exchange_words(&f[1], &b[5]);
    exchange_words(&g[0], &c[4]);
    exchange_words(&b[5], &g[0]);
    exchange_words(&a[6], &b[5]);
    exchange_words(&g[0], &b[5]);
    return g[0];
}

LANES_INLINE void sort_column_7(const float *const rows[SIDE], size_t x, size_t stride, int32_t *to)
{
    int32_t v[SIDE] = {signed_word(rows[0] + x), signed_word(rows[1] + x), signed_word(rows[2] + x),
                       signed_word(rows[3] + x), signed_word(rows[4] + x), signed_word(rows[5] + x),
                       signed_word(rows[6] + x)};

    sort_7(v);
    to[0] = v[0];
    to[stride] = v[1];
    to[2 * stride] = v[2];
    to[3 * stride] = v[3];
    to[4 * stride] = v[4];
    to[5 * stride] = v[5];
    to[6 * stride] = v[6];
}

/* Sort each column of seven rows: row k of `to` has the k-th smallest words. */
WIDEST_VECTORS static void sort_columns_7(const float *const rows[SIDE], size_t width,
                                          size_t stride, int32_t *to)
{
#pragma omp simd
    for (size_t x = 0; x < width; x++)
        sort_column_7(rows, x, stride, to + x);
}

WIDEST_VECTORS static void row_medians_7(const int32_t *sorted, size_t stride, size_t width,
                                         float *row)
{
#pragma omp simd
    for (size_t x = 0; x < width; x++)
        row[x] = value_of_word(median_49(sorted + x, stride));
}

/* The words beyond both ends of a row of sorted columns. */
static void mirror_words(int32_t *row, int width)
{
    for (int k = 1; k <= SIDE / 2; k++) {
        row[-k] = row[border_reflect(-k, width)];
        row[width - 1 + k] = row[border_reflect(width - 1 + k, width)];
    }
}

void median_row_7(const float *const rows[SIDE], int width, float *scratch, float *out)
{
    size_t wide = (size_t)width, stride = wide + SIDE - 1;
    int32_t *sorted = (void *)scratch, *inner = sorted + SIDE / 2;

    sort_columns_7(rows, wide, stride, inner);
    for (size_t k = 0; k < SIDE; k++)
        mirror_words(inner + k * stride, width);
    row_medians_7(sorted, stride, wide, out);
}
