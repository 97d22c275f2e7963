/* Golub, van Loan, Matrix computations, section 4.2, by rows. Each sum is taken in order. */
#include "math/cholesky.h"

#include "base/interrupt.h"
#include "base/parallel.h"

#include <math.h>

enum { LANES = 8, STRIPE = 32 /* columns that are finished together */ };

/* The product of two rows, in lanes that are added in order. */
static double row_product(const double *a, const double *b, size_t count)
{
    size_t whole = count / LANES * LANES;
    double lanes[LANES] = {0}, sum = 0;

    for (size_t k = 0; k < whole; k += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[lane] += a[k + lane] * b[k + lane];
    for (size_t k = whole; k < count; k++)
        lanes[k - whole] += a[k] * b[k];
    for (size_t lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    return sum;
}

struct factor {
    size_t n, first, last; /* the stripe's columns */
    double *a;
};

/* Columns [first, last) of one row below the stripe. */
static void factor_row(void *context, size_t index, int thread)
{
    const struct factor *factor = context;
    size_t n = factor->n, i = factor->last + index;
    double *row = factor->a + i * n;

    (void)thread;
    for (size_t k = factor->first; k < factor->last; k++) {
        const double *other = factor->a + k * n;
        row[k] = (row[k] - row_product(row, other, k)) / other[k];
    }
}

/* The stripe's own triangle. */
static bool factor_triangle(const struct factor *factor)
{
    size_t n = factor->n;

    for (size_t i = factor->first; i < factor->last; i++) {
        double *row = factor->a + i * n;
        for (size_t k = factor->first; k < i; k++)
            row[k] = (row[k] - row_product(row, factor->a + k * n, k)) / factor->a[k * n + k];
        double rest = row[i] - row_product(row, row, i);
        if (!(rest > 0))
            return false;
        row[i] = sqrt(rest);
    }
    return true;
}

bool cholesky_factor(size_t n, double *a, int threads)
{
    struct factor factor = {.n = n, .a = a};

    for (; factor.first < n && !interrupt_requested(); factor.first = factor.last) {
        factor.last = factor.first + STRIPE < n ? factor.first + STRIPE : n;
        if (!factor_triangle(&factor))
            return false;
        parallel_for(threads, n - factor.last, factor_row, &factor);
    }
    return true;
}

/* b[i] -= factor * b[k] */
static void subtract_row(double *b, size_t columns, size_t i, size_t k, double factor)
{
    for (size_t c = 0; c < columns; c++)
        b[i * columns + c] -= factor * b[k * columns + c];
}

static void divide_row(double *row, size_t columns, double divisor)
{
    for (size_t c = 0; c < columns; c++)
        row[c] /= divisor;
}

void cholesky_solve(size_t n, const double *l, size_t columns, double *b)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            subtract_row(b, columns, i, k, l[i * n + k]);
        divide_row(b + i * columns, columns, l[i * n + i]);
    }
    for (size_t i = n; i-- > 0;) {
        divide_row(b + i * columns, columns, l[i * n + i]);
        for (size_t k = 0; k < i; k++)
            subtract_row(b, columns, k, i, l[i * n + k]);
    }
}
