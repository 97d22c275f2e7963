/*
 * The peak of this processor: independent chains of fused multiply-adds in registers, enough of
 * them to hide the latency (4 or 5 cycles on 2 ports: at least 10). Every chain is x = x / 2 + 1/2,
 * which stays a normal number.
 */
#include "cli/bench.h"

#include "base/clock.h"
#include "base/parallel.h"

#if defined __x86_64__
#include <immintrin.h>
#endif

enum { CHAINS = 12, ROUNDS = 10000 };

#define EACH_CHAIN(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)

static volatile float kept; /* so that nothing is left out */

#if defined __x86_64__

#define START(i) x##i = half,
#define STEP_512(i) x##i = _mm512_fmadd_ps(x##i, half, half);
#define STEP_256(i) x##i = _mm256_fmadd_ps(x##i, half, half);
#define SUM_512(i) sum = _mm512_add_ps(sum, x##i);
#define SUM_256(i) sum = _mm256_add_ps(sum, x##i);

__attribute__((target("avx512f"))) static void burn_avx512(void)
{
    __m512 half = _mm512_set1_ps(0.5F), EACH_CHAIN(START) sum = half;
    for (int round = 0; round < ROUNDS; round++) {
        EACH_CHAIN(STEP_512)
    }
    EACH_CHAIN(SUM_512)
    kept = _mm512_cvtss_f32(sum);
}

__attribute__((target("avx2,fma"))) static void burn_avx2(void)
{
    __m256 half = _mm256_set1_ps(0.5F), EACH_CHAIN(START) sum = half;
    for (int round = 0; round < ROUNDS; round++) {
        EACH_CHAIN(STEP_256)
    }
    EACH_CHAIN(SUM_256)
    kept = _mm256_cvtss_f32(sum);
}

#endif

enum { PORTABLE_LANES = 4 };

static void burn_portable(void)
{
    float x[CHAINS * PORTABLE_LANES] = {0};
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < CHAINS * PORTABLE_LANES; i++)
            x[i] = x[i] * 0.5F + 0.5F;
    for (int i = 0; i < CHAINS * PORTABLE_LANES; i++)
        kept = x[i];
}

struct burner {
    void (*burn)(void);
    int lanes;
};

static struct burner choose(void)
{
#if defined __x86_64__
    if (__builtin_cpu_supports("avx512f"))
        return (struct burner){burn_avx512, 16};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return (struct burner){burn_avx2, 8};
#endif
    return (struct burner){burn_portable, PORTABLE_LANES};
}

enum { MOST_THREADS = 1024, PADDING = 8 }; /* a cache line for each thread's count */

struct race {
    struct burner burner;
    double end;     /* on the clock */
    double *counts; /* [threads][PADDING]: how often each burnt */
};

/* A parallel_body. */
static void burn_until(void *context, size_t index, int thread)
{
    const struct race *race = context;
    double count = 0;

    (void)thread;
    do {
        race->burner.burn();
        count++;
    } while (clock_seconds() < race->end);
    race->counts[index * PADDING] = count;
}

double bench_peak(int threads, double seconds)
{
    static double counts[MOST_THREADS * PADDING];
    struct race race = {.burner = choose(), .counts = counts};
    double count = 0, begin = clock_seconds();

    race.end = begin + seconds;
    parallel_for(threads, (size_t)threads, burn_until, &race);
    double passed = clock_seconds() - begin;
    for (int i = 0; i < threads; i++)
        count += counts[i * PADDING];
    return count * 2.0 * CHAINS * ROUNDS * race.burner.lanes / passed / 1e9;
}
