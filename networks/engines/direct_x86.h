/* The vectors of direct convolution (direct.c), and its kernels made of them: avx512_kernels,
 * avx2_kernels. Included there alone. */
#if defined __x86_64__
#include <immintrin.h>

#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif
#define INLINE static inline __attribute__((always_inline))

#define NAME(x) avx512_##x
#define TARGET __attribute__((target("avx512f")))
#define VECTOR __m512
#define SPAN 16
#define SUMS 24
#define MOST_FILTERS 8
#define SPANS_AT_ONCE 4

INLINE TARGET VECTOR NAME(load)(const float *from)
{
    return _mm512_loadu_ps(from);
}

INLINE TARGET VECTOR NAME(load_some)(const float *from, size_t count)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1U << count) - 1), from);
}

INLINE TARGET void NAME(store_some)(float *to, size_t count, VECTOR x)
{
    _mm512_mask_storeu_ps(to, (__mmask16)((1U << count) - 1), x);
}

INLINE TARGET VECTOR NAME(broadcast)(float x)
{
    return _mm512_set1_ps(x);
}

INLINE TARGET VECTOR NAME(multiply_add)(VECTOR a, VECTOR b, VECTOR c)
{
    return _mm512_fmadd_ps(a, b, c);
}

INLINE TARGET VECTOR NAME(add)(VECTOR a, VECTOR b)
{
    return _mm512_add_ps(a, b);
}

INLINE TARGET VECTOR NAME(larger)(VECTOR a, VECTOR b)
{
    return _mm512_max_ps(a, b);
}

#include "networks/engines/direct_kernels.h"

#define NAME(x) avx2_##x
#define TARGET __attribute__((target("avx2,fma")))
#define VECTOR __m256
#define SPAN 8
#define SUMS 12
#define MOST_FILTERS 6
#define SPANS_AT_ONCE 6

INLINE TARGET VECTOR NAME(load)(const float *from)
{
    return _mm256_loadu_ps(from);
}

/* The mask of the first `count` lanes. */
INLINE TARGET __m256i NAME(mask)(size_t count)
{
    static const int ones_then_zeros[2 * SPAN] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_loadu_si256((const __m256i *)(const void *)(ones_then_zeros + SPAN - count));
}

INLINE TARGET VECTOR NAME(load_some)(const float *from, size_t count)
{
    return _mm256_maskload_ps(from, NAME(mask)(count));
}

INLINE TARGET void NAME(store_some)(float *to, size_t count, VECTOR x)
{
    if (count == SPAN) /* some processors take twelve cycles to store by a mask */
        _mm256_storeu_ps(to, x);
    else
        _mm256_maskstore_ps(to, NAME(mask)(count), x);
}

INLINE TARGET VECTOR NAME(broadcast)(float x)
{
    return _mm256_set1_ps(x);
}

INLINE TARGET VECTOR NAME(multiply_add)(VECTOR a, VECTOR b, VECTOR c)
{
    return _mm256_fmadd_ps(a, b, c);
}

INLINE TARGET VECTOR NAME(add)(VECTOR a, VECTOR b)
{
    return _mm256_add_ps(a, b);
}

INLINE TARGET VECTOR NAME(larger)(VECTOR a, VECTOR b)
{
    return _mm256_max_ps(a, b);
}

#include "networks/engines/direct_kernels.h"

#endif
