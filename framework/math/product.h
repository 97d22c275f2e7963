/*
 * Products of matrices, with the same bits from every compiler, instruction set and number of
 * threads: each sum is taken in the order of its terms.
 */
#ifndef UNDERSTUDY_MATH_PRODUCT_H
#define UNDERSTUDY_MATH_PRODUCT_H

#include <stddef.h>

/* Columns of a product's rows in memory: `columns`, rounded up to whole vectors. */
size_t product_width(size_t columns);
/* packed[depth * product_width(columns)]: b[columns][depth] in the order in which it is read. */
void product_pack(size_t depth, size_t columns, const float *b, float *packed);
/* y[rows][product_width(columns)] = x[rows][depth] b^T; the columns beyond are 0. */
void product_packed(size_t rows, size_t depth, size_t columns, const float *x, const float *packed,
                    float *y);

/* g[columns][columns] = x^T x for x[rows][columns], in double precision. */
void product_gram(size_t rows, size_t columns, const float *x, double *g, int threads);

#endif
