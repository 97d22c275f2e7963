/*
 * Eight numbers side by side, for loops that are written for vectors (gcc's and clang's vector
 * extensions). Each lane computes what a loop over numbers would, in the same order, so that an
 * instruction set changes no bit.
 *
 * A function that is LANES_INLINE is compiled for the instruction set of its caller: one caller has
 * LANES_AVX2, the other one nothing, and lanes_avx2() says which to call.
 */
#ifndef UNDERSTUDY_PIPELINES_LANES_H
#define UNDERSTUDY_PIPELINES_LANES_H

#include "base/processor.h"

#include <stdint.h>

#define LANES_INLINE static inline __attribute__((always_inline))

#if defined __x86_64__
#define LANES_AVX2 __attribute__((target("avx2")))
static inline bool lanes_avx2(void)
{
    return processor_has(PROCESSOR_AVX2);
}
#else
#define LANES_AVX2
static inline bool lanes_avx2(void)
{
    return false;
}
#endif

enum { LANES = 8 };
typedef float lanes __attribute__((vector_size(32)));
typedef int32_t lanes_int __attribute__((vector_size(32)));
/* The same in memory, where a float may lie. */
typedef float lanes_memory __attribute__((vector_size(32), aligned(4), may_alias));

/* Whether a comparison holds in any lane. */
LANES_INLINE bool lanes_any(const lanes_int *mask)
{
    typedef int64_t pairs __attribute__((vector_size(32)));
    pairs two = (pairs)*mask;

    return ((two[0] | two[1]) | (two[2] | two[3])) != 0;
}

#endif
