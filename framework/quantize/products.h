/* Dot products of 16-bit integers in 32 bits, the kernels' inner loops. Sums of integers are the
 * same in any order, so the bits do not depend on the processor. */
#ifndef UNDERSTUDY_QUANTIZE_PRODUCTS_H
#define UNDERSTUDY_QUANTIZE_PRODUCTS_H

#include <stddef.h>
#include <stdint.h>

enum { PRODUCT_FILTERS = 4, PRODUCT_STEP = 16 };

/* `count` is a multiple of PRODUCT_STEP; no sum may leave 32 bits. */
struct products {
    int32_t (*one)(const int16_t *weights, const int16_t *x, size_t count);
    /* sums[k] = of row k; rows are `count` apart. */
    void (*four)(const int16_t *weights, const int16_t *x, size_t count,
                 int32_t sums[PRODUCT_FILTERS]);
};

/* The fastest that this processor has. */
const struct products *products_best(void);
/* In plain C. */
extern const struct products products_plain;

#endif
