/*
 * The peak of this processor: independent chains of fused multiply-adds in registers, enough of
 * them to hide the latency (4 or 5 cycles on 2 ports: at least 10). Every chain is x = x / 2 + 1/2,
 * which stays a normal number. In bfloat16, products of tiles (AMX) where there are such, else sums
 * of pairs of products (AVX512_BF16): of zeros, which are as fast as any.
 */
#include "cli/bench/bench.h"

#include "base/clock.h"
#include "base/parallel.h"
#include "base/processor.h"

#if defined __x86_64__
#include <immintrin.h>
#endif

enum { CHAINS = 12, ROUNDS = 10000 };

#define EACH_CHAIN(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)

static volatile float kept; /* so that nothing is left out */

#if defined __x86_64__

#define START(i) x##i = half,
/* Compilers would see that all chains are one. */
#define APART(i) __asm__("" : "+x"(x##i));
#define STEP_512(i) x##i = _mm512_fmadd_ps(x##i, half, half);
#define STEP_256(i) x##i = _mm256_fmadd_ps(x##i, half, half);
#define SUM_512(i) sum = _mm512_add_ps(sum, x##i);
#define SUM_256(i) sum = _mm256_add_ps(sum, x##i);

__attribute__((target("avx512f"))) static void burn_avx512(void)
{
    __m512 half = _mm512_set1_ps(0.5F), EACH_CHAIN(START) sum = half;
    EACH_CHAIN(APART)
    for (int round = 0; round < ROUNDS; round++) {
        EACH_CHAIN(STEP_512)
    }
    EACH_CHAIN(SUM_512)
    kept = _mm512_cvtss_f32(sum);
}

__attribute__((target("avx2,fma"))) static void burn_avx2(void)
{
    __m256 half = _mm256_set1_ps(0.5F), EACH_CHAIN(START) sum = half;
    EACH_CHAIN(APART)
    for (int round = 0; round < ROUNDS; round++) {
        EACH_CHAIN(STEP_256)
    }
    EACH_CHAIN(SUM_256)
    kept = _mm256_cvtss_f32(sum);
}

#define SUM_PAIRS(i) y##i = _mm512_dpbf16_ps(y##i, zero, zero);
#define DECLARE_ZERO(i) y##i = _mm512_setzero_ps(),
#define ZEROS_APART(i) __asm__("" : "+x"(y##i));
#define SUM_ZEROS(i) sum = _mm512_add_ps(sum, y##i);

__attribute__((target("avx512f,avx512bf16"))) static void burn_pairs(void)
{
    __m512bh zero = (__m512bh)_mm512_setzero_si512();
    __m512 EACH_CHAIN(DECLARE_ZERO) sum = _mm512_setzero_ps();
    EACH_CHAIN(ZEROS_APART)
    for (int round = 0; round < ROUNDS; round++) {
        EACH_CHAIN(SUM_PAIRS)
    }
    EACH_CHAIN(SUM_ZEROS)
    kept = _mm512_cvtss_f32(sum);
}

#define EACH_TILE(value) value, value, value, value, value, value, value, value

enum { TILE_ROWS = 16, TILE_BYTES = 64, TILE_PRODUCTS = 4 };

struct peak_shapes { /* what _tile_loadconfig() reads */
    uint8_t palette, start, reserved[14];
    uint16_t bytes[16]; /* of a row */
    uint8_t rows[16];
};

__attribute__((target("amx-tile,amx-bf16"))) static void burn_tiles(void)
{
    /* static: gcc 12 takes the instruction to read 8 of its 64 bytes, and drops the other stores */
    static const struct peak_shapes shapes = {
        .palette = 1, .bytes = {EACH_TILE(TILE_BYTES)}, .rows = {EACH_TILE(TILE_ROWS)}};

    _tile_loadconfig(&shapes);
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    _tile_zero(4);
    _tile_zero(5);
    _tile_zero(6);
    _tile_zero(7);
    for (int round = 0; round < ROUNDS; round++) {
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_release();
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
    double multiply_adds; /* of a call */
};

static struct burner choose(enum precision precision)
{
    const double chains = (double)CHAINS * ROUNDS;
#if defined __x86_64__
    const double tiles = (double)TILE_PRODUCTS * ROUNDS;

    if (precision == PRECISION_BFLOAT16 && processor_has(PROCESSOR_AMX))
        return (struct burner){burn_tiles, tiles * TILE_ROWS * (TILE_BYTES / 4) * (TILE_BYTES / 2)};
    if (precision == PRECISION_BFLOAT16 && processor_has(PROCESSOR_AVX512_BF16))
        return (struct burner){burn_pairs, chains * 32};
    if (processor_has(PROCESSOR_AVX512))
        return (struct burner){burn_avx512, chains * 16};
    if (processor_has(PROCESSOR_AVX2))
        return (struct burner){burn_avx2, chains * 8};
#else
    (void)precision;
#endif
    return (struct burner){burn_portable, chains * PORTABLE_LANES};
}

enum { MOST_THREADS = 1024, PADDING = 8 }; /* a cache line for each thread's count */

struct race {
    bench_work *work;
    void *context;
    enum bench_clock clock;
    double end;    /* on the clock */
    double *rates; /* [threads][PADDING]: pieces a second */
};

/* A parallel_body. */
static void work_until(void *context, size_t index, int thread)
{
    const struct race *race = context;
    double count = 0, begin = clock_seconds(), own = clock_thread_seconds();

    (void)thread;
    do {
        race->work(race->context, index);
        count++;
    } while (clock_seconds() < race->end);
    race->rates[index * PADDING] =
        count /
        (race->clock == BENCH_WALL ? clock_seconds() - begin : clock_thread_seconds() - own);
}

double bench_rate(bench_work *work, void *context, double amount, int threads, double seconds,
                  enum bench_clock clock)
{
    static double rates[MOST_THREADS * PADDING];
    struct race race = {.work = work, .context = context, .clock = clock, .rates = rates};
    double sum = 0;

    race.end = clock_seconds() + seconds;
    parallel_for(threads, (size_t)threads, work_until, &race);
    for (int i = 0; i < threads; i++)
        sum += rates[i * PADDING];
    return sum * amount;
}

/* A bench_work. */
static void burn(void *context, size_t thread)
{
    (void)thread;
    ((const struct burner *)context)->burn();
}

double bench_peak(enum precision precision, int threads, double seconds, enum bench_clock clock)
{
    struct burner burner = choose(precision);

    return bench_rate(burn, &burner, 2 * burner.multiply_adds, threads, seconds, clock) / 1e9;
}
