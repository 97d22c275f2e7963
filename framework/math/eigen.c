#include "math/eigen.h"

#include <math.h>

enum { SWEEPS = 60 }; /* six to ten are enough; the limit is for what is not a number */

/* Rotate rows and columns p and q so that a[p][q] becomes zero. */
static void rotate(size_t n, double *a, double *vectors, size_t p, size_t q)
{
    double tau = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
    double t = (tau >= 0 ? 1 : -1) / (fabs(tau) + sqrt(1 + tau * tau));
    double c = 1 / sqrt(1 + t * t), s = t * c;

    for (size_t k = 0; k < n; k++) {
        double x = a[k * n + p], y = a[k * n + q];
        a[k * n + p] = c * x - s * y;
        a[k * n + q] = s * x + c * y;
    }
    for (size_t k = 0; k < n; k++) {
        double x = a[p * n + k], y = a[q * n + k];
        a[p * n + k] = c * x - s * y;
        a[q * n + k] = s * x + c * y;
        x = vectors[p * n + k];
        y = vectors[q * n + k];
        vectors[p * n + k] = c * x - s * y;
        vectors[q * n + k] = s * x + c * y;
    }
}

/* One sweep; false when nothing was left to rotate. */
static int sweep(size_t n, double *a, double *vectors)
{
    int rotated = 0;

    for (size_t p = 0; p < n; p++)
        for (size_t q = p + 1; q < n; q++) {
            double small = fabs(a[p * n + q]);
            if (small > 1e-300 && small > 1e-15 * sqrt(fabs(a[p * n + p] * a[q * n + q]))) {
                rotate(n, a, vectors, p, q);
                rotated = 1;
            }
        }
    return rotated;
}

static void swap_rows(size_t n, double *values, double *vectors, size_t i, size_t j)
{
    double value = values[i];

    values[i] = values[j];
    values[j] = value;
    for (size_t k = 0; k < n; k++) {
        value = vectors[i * n + k];
        vectors[i * n + k] = vectors[j * n + k];
        vectors[j * n + k] = value;
    }
}

static void fix_sign(size_t n, double *vector)
{
    size_t largest = 0;

    for (size_t k = 1; k < n; k++)
        if (fabs(vector[k]) > fabs(vector[largest]))
            largest = k;
    for (size_t k = 0; vector[largest] < 0 && k < n; k++)
        vector[k] = k == largest ? vector[k] : -vector[k];
    vector[largest] = fabs(vector[largest]);
}

void eigen_sort(size_t n, double *values, double *vectors)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            if (values[j] > values[i])
                swap_rows(n, values, vectors, i, j);
    for (size_t i = 0; i < n; i++)
        fix_sign(n, vectors + i * n);
}

void eigen_symmetric(size_t n, double *a, double *values, double *vectors)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            vectors[i * n + k] = i == k;
    for (int i = 0; i < SWEEPS && sweep(n, a, vectors); i++)
        continue;
    for (size_t i = 0; i < n; i++)
        values[i] = a[i * n + i];
    eigen_sort(n, values, vectors);
}
