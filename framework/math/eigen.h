/* Eigenvalues and eigenvectors of small symmetric matrices. */
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

#endif
