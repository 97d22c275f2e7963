/*
 * Householder's reduction to a tridiagonal matrix, and the QL algorithm with implicit shifts: R. S.
 * Martin, C. Reinsch, J. H. Wilkinson, "Householder's tridiagonalization of a symmetric matrix",
 * Numerische Mathematik 11, 1968; H. Bowdler et al., "The QR and QL algorithms for symmetric
 * matrices", the same volume. `v` is the transpose of the matrix there: all inner loops run along
 * its rows, which are the eigenvectors in the end.
 */
#include "base/interrupt.h"
#include "math/eigen.h"

#include <math.h>

enum { TURNS = 60 /* a value needs two or three; the limit is for what is not a number */ };

/* e = A d / h without what lies along d, for the Householder vector d of row i. */
static void householder_product(size_t n, double *v, double *d, double *e, size_t i, double h)
{
    double f = 0;

    for (size_t j = 0; j < i; j++)
        e[j] = 0;
    for (size_t j = 0; j < i; j++) {
        double *row = v + j * n, factor = d[j], sum = e[j] + row[j] * factor;
        v[i * n + j] = factor;
        for (size_t k = j + 1; k < i; k++) {
            sum += row[k] * d[k];
            e[k] += row[k] * factor;
        }
        e[j] = sum;
    }
    for (size_t j = 0; j < i; j++) {
        e[j] /= h;
        f += e[j] * d[j];
    }
    for (size_t j = 0; j < i; j++)
        e[j] -= f / (h + h) * d[j];
}

/* Take row i out of the rest. */
static void householder_step(size_t n, double *v, double *d, double *e, size_t i)
{
    double scale = 0, h = 0;

    for (size_t k = 0; k < i; k++)
        scale += fabs(d[k]);
    if (scale == 0) {
        e[i] = d[i - 1];
        for (size_t j = 0; j < i; j++) {
            d[j] = v[j * n + i - 1];
            v[j * n + i] = v[i * n + j] = 0;
        }
        d[i] = 0;
        return;
    }
    for (size_t k = 0; k < i; k++) {
        d[k] /= scale;
        h += d[k] * d[k];
    }
    double f = d[i - 1], g = f > 0 ? -sqrt(h) : sqrt(h);
    e[i] = scale * g;
    h -= f * g;
    d[i - 1] = f - g;
    householder_product(n, v, d, e, i, h);
    for (size_t j = 0; j < i; j++) {
        double *row = v + j * n;
        for (size_t k = j; k < i; k++)
            row[k] -= d[j] * e[k] + e[j] * d[k];
        d[j] = row[i - 1];
        row[i] = 0;
    }
    d[i] = h;
}

/* The product of all Householder reflections, in v. */
static void join_reflections(size_t n, double *v, double *d)
{
    for (size_t i = 0; i + 1 < n && !interrupt_requested(); i++) {
        double h = d[i + 1], *next = v + (i + 1) * n;
        v[i * n + n - 1] = v[i * n + i];
        v[i * n + i] = 1;
        for (size_t k = 0; h != 0 && k <= i; k++)
            d[k] = next[k] / h;
        for (size_t j = 0; h != 0 && j <= i; j++) {
            double g = 0, *row = v + j * n;
            for (size_t k = 0; k <= i; k++)
                g += next[k] * row[k];
            for (size_t k = 0; k <= i; k++)
                row[k] -= g * d[k];
        }
        for (size_t k = 0; k <= i; k++)
            next[k] = 0;
    }
    for (size_t j = 0; j < n; j++) {
        d[j] = v[j * n + n - 1];
        v[j * n + n - 1] = 0;
    }
    v[n * n - 1] = 1;
}

/* One turn of QL on rows l to m of the tridiagonal matrix; `shift` sums up what was taken off. */
static void ql_turn(size_t n, double *v, double *d, double *e, size_t l, size_t m, double *shift)
{
    double g = d[l], p = (d[l + 1] - g) / (2 * e[l]), r = sqrt(p * p + 1), el1 = e[l + 1];
    double c = 1, c2 = 1, c3 = 1, s = 0, s2 = 0;

    r = p < 0 ? -r : r;
    d[l] = e[l] / (p + r);
    d[l + 1] = e[l] * (p + r);
    double dl1 = d[l + 1], h = g - d[l];
    for (size_t i = l + 2; i < n; i++)
        d[i] -= h;
    *shift += h;
    p = d[m];
    for (size_t i = m; i-- > l;) {
        double *row = v + i * n, *next = row + n;
        c3 = c2;
        c2 = c;
        s2 = s;
        g = c * e[i];
        h = c * p;
        r = sqrt(p * p + e[i] * e[i]);
        e[i + 1] = s * r;
        s = e[i] / r;
        c = p / r;
        p = c * d[i] - s * g;
        d[i + 1] = h + s * (c * g + s * d[i]);
        for (size_t k = 0; k < n; k++) {
            double x = next[k];
            next[k] = s * row[k] + c * x;
            row[k] = c * row[k] - s * x;
        }
    }
    p = -s * s2 * c3 * el1 * e[l] / dl1;
    e[l] = s * p;
    d[l] = c * p;
}

static void ql(size_t n, double *v, double *d, double *e)
{
    double shift = 0, largest = 0;

    for (size_t i = 1; i < n; i++)
        e[i - 1] = e[i];
    e[n - 1] = 0;
    for (size_t l = 0; l < n && !interrupt_requested(); l++) {
        size_t m = l;
        largest = fmax(largest, fabs(d[l]) + fabs(e[l]));
        double small = 0x1p-52 * largest;
        while (m + 1 < n && !(fabs(e[m]) <= small))
            m++;
        for (int turn = 0; m > l && turn < TURNS; turn++) {
            ql_turn(n, v, d, e, l, m, &shift);
            if (fabs(e[l]) <= small)
                break;
        }
        d[l] += shift;
        e[l] = 0;
    }
}

void eigen_symmetric_large(size_t n, double *a, double *values, double *scratch)
{
    if (n < 1)
        return;
    for (size_t j = 0; j < n; j++)
        values[j] = a[j * n + n - 1];
    for (size_t i = n; i-- > 1 && !interrupt_requested();)
        householder_step(n, a, values, scratch, i);
    join_reflections(n, a, values);
    scratch[0] = 0;
    ql(n, a, values, scratch);
    eigen_sort(n, values, a);
}
