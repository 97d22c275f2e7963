#include "math/product.h"

#include "base/interrupt.h"
#include "base/parallel.h"
#include "base/vectors.h"

#include <string.h>

enum {
    VECTOR = 8,
    PANEL = 2 * VECTOR, /* columns at a time */
    ROWS = 4,           /* rows at a time: PANEL x ROWS sums lie in registers */
    GRAM_ROWS = 8,
    GRAM_COLUMNS = 256, /* a tile of the Gram matrix stays in the first cache */
};

typedef float product_vector __attribute__((vector_size(32), aligned(4), may_alias));

size_t product_width(size_t columns)
{
    return (columns + PANEL - 1) / PANEL * PANEL;
}

void product_pack(size_t depth, size_t columns, const float *b, float *packed)
{
    for (size_t panel = 0; panel < product_width(columns); panel += PANEL)
        for (size_t k = 0; k < depth; k++)
            for (size_t c = panel; c < panel + PANEL; c++)
                *packed++ = c < columns ? b[c * depth + k] : 0;
}

WIDE_VECTORS
static void four_rows(size_t depth, size_t width, const float *x, const float *packed, float *y)
{
    product_vector sums[ROWS][2] = {{{0}}};

    for (size_t k = 0; k < depth; k++) {
        const product_vector left = *(const product_vector *)(const void *)(packed + k * PANEL);
        const product_vector right =
            *(const product_vector *)(const void *)(packed + k * PANEL + VECTOR);
#pragma GCC unroll 4
        for (size_t r = 0; r < ROWS; r++) {
            sums[r][0] += x[r * depth + k] * left;
            sums[r][1] += x[r * depth + k] * right;
        }
    }
    for (size_t r = 0; r < ROWS; r++) {
        *(product_vector *)(void *)(y + r * width) = sums[r][0];
        *(product_vector *)(void *)(y + r * width + VECTOR) = sums[r][1];
    }
}

WIDE_VECTORS
static void one_row(size_t depth, const float *x, const float *packed, float *y)
{
    product_vector left = {0}, right = {0};

    for (size_t k = 0; k < depth; k++) {
        left += x[k] * *(const product_vector *)(const void *)(packed + k * PANEL);
        right += x[k] * *(const product_vector *)(const void *)(packed + k * PANEL + VECTOR);
    }
    *(product_vector *)(void *)y = left;
    *(product_vector *)(void *)(y + VECTOR) = right;
}

void product_packed(size_t rows, size_t depth, size_t columns, const float *x, const float *packed,
                    float *y)
{
    size_t width = product_width(columns), r;

    for (size_t c = 0; c < width; c += PANEL) {
        const float *panel = packed + c * depth;
        for (r = 0; r + ROWS <= rows; r += ROWS)
            four_rows(depth, width, x + r * depth, panel, y + r * width + c);
        for (; r < rows; r++)
            one_row(depth, x + r * depth, panel, y + r * width + c);
    }
}

struct gram {
    size_t rows, columns;
    const float *x;
    double *g;
};

WIDE_VECTORS
static void add_scaled(double *restrict sums, const float *restrict x, size_t count, double factor)
{
    size_t whole = count / 4 * 4;

    for (size_t k = 0; k < whole; k += 4)
        for (size_t lane = 0; lane < 4; lane++)
            sums[k + lane] += factor * (double)x[k + lane];
    for (size_t k = whole; k < count; k++)
        sums[k] += factor * (double)x[k];
}

/* GRAM_ROWS rows, from the diagonal on. */
static void gram_rows(void *context, size_t index, int thread)
{
    const struct gram *gram = context;
    size_t first = index * GRAM_ROWS, columns = gram->columns;
    size_t last = first + GRAM_ROWS < columns ? first + GRAM_ROWS : columns;

    (void)thread;
    for (size_t c = first; c < columns && !interrupt_requested(); c += GRAM_COLUMNS) {
        size_t count = columns - c < GRAM_COLUMNS ? columns - c : GRAM_COLUMNS;
        for (size_t i = first; i < last; i++)
            memset(gram->g + i * columns + c, 0, count * sizeof(double));
        for (size_t r = 0; r < gram->rows; r++)
            for (size_t i = first; i < last; i++)
                add_scaled(gram->g + i * columns + c, gram->x + r * columns + c, count,
                           (double)gram->x[r * columns + i]);
    }
}

void product_gram(size_t rows, size_t columns, const float *x, double *g, int threads)
{
    struct gram gram = {rows, columns, x, g};

    parallel_for(threads, (columns + GRAM_ROWS - 1) / GRAM_ROWS, gram_rows, &gram);
    for (size_t i = 0; i < columns; i++)
        for (size_t k = 0; k < i; k++)
            g[i * columns + k] = g[k * columns + i];
}
