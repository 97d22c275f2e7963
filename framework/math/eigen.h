/* Eigenvalues and eigenvectors of symmetric matrices. */
#ifndef UNDERSTUDY_MATH_EIGEN_H
#define UNDERSTUDY_MATH_EIGEN_H

#include <stddef.h>

/*
 * Of the symmetric matrix a[n][n], which is overwritten: values[n] in falling order, and
 * vectors[n][n], one a row, of length 1, whose largest component (the first of equals) is positive.
 * Cyclic Jacobi (Golub, van Loan, Matrix computations, section 8.5): the same bits everywhere, n^3
 * a sweep.
 */
void eigen_symmetric(size_t n, double *a, double *values, double *vectors);
/* The same of larger matrices, some 3 n^3 in all: vectors replace a[n][n]; scratch[n]. Unfinished
 * where a stop is asked for. */
void eigen_symmetric_large(size_t n, double *a, double *values, double *scratch);
/* Put values into falling order, and their vectors; turn each vector as above. */
void eigen_sort(size_t n, double *values, double *vectors);

#endif
