/* Linear equations of symmetric positive definite matrices. */
#ifndef UNDERSTUDY_MATH_CHOLESKY_H
#define UNDERSTUDY_MATH_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

/* a[n][n] = L L^T: L replaces the lower triangle. False where `a` is not positive definite. */
bool cholesky_factor(size_t n, double *a, int threads);
/* Solve L L^T x = b for every column of b[n][columns], in place. */
void cholesky_solve(size_t n, const double *l, size_t columns, double *b);

#endif
