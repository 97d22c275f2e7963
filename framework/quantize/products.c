#include "quantize/products.h"

#include "base/processor.h"

#if defined __x86_64__
#include <immintrin.h>
#endif

static int32_t one_plain(const int16_t *weights, const int16_t *x, size_t count)
{
    int32_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += weights[i] * x[i];
    return sum;
}

static void four_plain(const int16_t *weights, const int16_t *x, size_t count,
                       int32_t sums[PRODUCT_FILTERS])
{
    for (size_t k = 0; k < PRODUCT_FILTERS; k++)
        sums[k] = one_plain(weights + k * count, x, count);
}

const struct products products_plain = {one_plain, four_plain};

#if defined __x86_64__

#define TARGET __attribute__((target("avx2")))

TARGET static __m256i load(const int16_t *values)
{
    return _mm256_loadu_si256((const void *)values);
}

/* The sums of a, b, c, d. */
TARGET static __m128i sums_of(__m256i a, __m256i b, __m256i c, __m256i d)
{
    __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));

    return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

TARGET static int32_t one_avx2(const int16_t *weights, const int16_t *x, size_t count)
{
    __m256i a = _mm256_setzero_si256();

    for (size_t i = 0; i < count; i += PRODUCT_STEP)
        a = _mm256_add_epi32(a, _mm256_madd_epi16(load(weights + i), load(x + i)));
    return _mm_cvtsi128_si32(sums_of(a, a, a, a));
}

TARGET static void four_avx2(const int16_t *weights, const int16_t *x, size_t count,
                             int32_t sums[PRODUCT_FILTERS])
{
    __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;

    for (size_t i = 0; i < count; i += PRODUCT_STEP) {
        __m256i at = load(x + i);
        a = _mm256_add_epi32(a, _mm256_madd_epi16(load(weights + i), at));
        b = _mm256_add_epi32(b, _mm256_madd_epi16(load(weights + count + i), at));
        c = _mm256_add_epi32(c, _mm256_madd_epi16(load(weights + 2 * count + i), at));
        d = _mm256_add_epi32(d, _mm256_madd_epi16(load(weights + 3 * count + i), at));
    }
    _mm_storeu_si128((void *)sums, sums_of(a, b, c, d));
}

static const struct products products_avx2 = {one_avx2, four_avx2};

const struct products *products_best(void)
{
    return processor_has(PROCESSOR_AVX2) ? &products_avx2 : &products_plain;
}

#else

const struct products *products_best(void)
{
    return &products_plain;
}

#endif
