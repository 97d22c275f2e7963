/*
 * This machine's figures for the cost model `roofline`: multiply-adds in registers (bench_peak.c),
 * divisions, reads of a table, and the bandwidth of reading from each cache and from DRAM. A
 * level's buffers fill half of it, so that they stay there and in no smaller one.
 */
#include "cli/bench/bench_host.h"
#include "cli/bench/bench.h"

#include "base/processor.h"

#include <stdio.h>

enum {
    TABLE = 1024,          /* values that divisions and lookups work on: 4 KiB */
    ROUNDS = 64,           /* over these values in a piece */
    CHAIN = 1 << 16,       /* steps of the chain that tells the clock */
    PIECE = 1 << 20,       /* bytes that a piece of reading takes, at least */
    SUMS = 8,              /* that do not wait for each other */
    VALUES = 8,            /* of a vector */
    DRAM_BYTES = 64 << 20, /* at least, all threads together */
    BLOCK = SUMS * VALUES, /* values that a step of reading takes */
    LARGEST = 1 << 30,     /* bytes of a buffer, at most */
};

typedef float vector __attribute__((vector_size(4 * VALUES), aligned(4))); /* as memory_new()'s */

struct host {
    int threads;
    double seconds;
    float *values; /* [threads][stride] */
    size_t stride;
    size_t count, rounds; /* values that each thread reads, a multiple of BLOCK; how often */
};

static volatile float kept; /* so that nothing is left out */
static volatile unsigned kept_whole;

/* Written for each instruction set. */
#define SUM_UP(count, VALUE)                                                                       \
    do {                                                                                           \
        vector s0 = {0}, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;            \
        for (const vector *x = values, *end = values + (count) / VALUES; x < end; x += SUMS) {     \
            s0 += VALUE(x[0]), s1 += VALUE(x[1]), s2 += VALUE(x[2]), s3 += VALUE(x[3]);            \
            s4 += VALUE(x[4]), s5 += VALUE(x[5]), s6 += VALUE(x[6]), s7 += VALUE(x[7]);            \
        }                                                                                          \
        s0 += s1 + s2 + s3 + s4 + s5 + s6 + s7;                                                    \
        kept = s0[0] + s0[VALUES - 1];                                                             \
    } while (0)
#define ITSELF(x) (x)
#define INVERSE(x) (1 / (x))

static void read_plain(const vector *values, size_t count)
{
    SUM_UP(count, ITSELF);
}

static void divide_plain(const vector *values)
{
    SUM_UP(TABLE, INVERSE);
}

#if defined __x86_64__
__attribute__((target("avx2"))) static void read_avx2(const vector *values, size_t count)
{
    SUM_UP(count, ITSELF);
}

__attribute__((target("avx2"))) static void divide_avx2(const vector *values)
{
    SUM_UP(TABLE, INVERSE);
}
#endif

static const vector *values_of(const struct host *host, size_t thread)
{
    return (const vector *)(const void *)(host->values + thread * host->stride);
}

/* The whole buffer, and again until PIECE is read. */
static void read_values(void *context, size_t thread)
{
    const struct host *host = context;
    const vector *values = values_of(host, thread);

    for (size_t round = 0; round < host->rounds; round++) {
#if defined __x86_64__
        if (processor_has(PROCESSOR_AVX2)) {
            read_avx2(values, host->count);
            continue;
        }
#endif
        read_plain(values, host->count);
    }
}

static void divide_values(void *context, size_t thread)
{
    const vector *values = values_of(context, thread);

    for (int round = 0; round < ROUNDS; round++) {
#if defined __x86_64__
        if (processor_has(PROCESSOR_AVX2)) {
            divide_avx2(values);
            continue;
        }
#endif
        divide_plain(values);
    }
}

/* Reads at addresses that compilers do not know beforehand; each value of the table once a round.
 */
#define LOOK_UP(sum, i)                                                                            \
    do {                                                                                           \
        unsigned at = (i)*613 % TABLE;                                                             \
        __asm__("" : "+r"(at));                                                                    \
        (sum) += values[at];                                                                       \
    } while (0)

static void look_up(void *context, size_t thread)
{
    const float *values = (const float *)values_of(context, thread);
    float s0 = 0, s1 = 0, s2 = 0, s3 = 0;

    for (unsigned i = 0; i < ROUNDS * TABLE; i += 4) {
        LOOK_UP(s0, i);
        LOOK_UP(s1, i + 1);
        LOOK_UP(s2, i + 2);
        LOOK_UP(s3, i + 3);
    }
    kept = s0 + s1 + s2 + s3;
}

/* Pairs of instructions of one cycle, each of which waits for the one before: 2 CHAIN cycles. */
static void wait_in_line(void *context, size_t thread)
{
    unsigned x = kept_whole;

    (void)context;
    (void)thread;
    for (int i = 0; i < CHAIN; i++)
        x += x ^ 0x9E3779B9U;
    kept_whole = x;
}

/* What all threads do a second. */
static double rate(struct host *host, bench_work *work, double amount)
{
    return bench_rate(work, host, amount, host->threads, host->seconds, BENCH_PROCESSOR);
}

/* Bytes a second that all threads read, of buffers that take up `bytes` together. */
static double bandwidth(struct host *host, double bytes)
{
    size_t values = (size_t)(bytes / (double)sizeof(float)) / (size_t)host->threads, read;

    host->count = values < BLOCK ? BLOCK : values / BLOCK * BLOCK;
    read = host->count * sizeof(float);
    host->rounds = (PIECE + read - 1) / read;
    return rate(host, read_values, (double)read * (double)host->rounds);
}

static double multiply_adds(const struct host *host, enum precision precision)
{
    return bench_peak(precision, host->threads, host->seconds, BENCH_PROCESSOR) * 1e9 / 2;
}

static enum status make_values(struct host *host, double bytes, struct error *error)
{
    size_t all;

    if (bytes > (double)LARGEST)
        bytes = (double)LARGEST;
    host->stride = (size_t)(bytes / (double)sizeof(float)) / (size_t)host->threads / BLOCK * BLOCK;
    host->stride = host->stride < TABLE ? TABLE : host->stride;
    all = host->stride * (size_t)host->threads;
    PASS(memory_new(&host->values, all, sizeof *host->values, error));
    for (size_t i = 0; i < all; i++)
        host->values[i] = 1 + (float)(i % 7);
    return STATUS_OK;
}

/* Four digits are measured; sizes are exact. */
static void print_list(const char *name, const double *values, size_t count, int digits)
{
    printf("%s: [", name);
    for (size_t i = 0; i < count; i++)
        printf("%s%.*g", i ? ", " : "", digits, values[i]);
    printf("]\n");
}

/* Bandwidths, and their sources, after everything else. */
static void print_memory(struct host *host, const struct bench_cache *caches, size_t count)
{
    double sizes[BENCH_MOST_CACHES], rates[BENCH_MOST_CACHES];
    double all = (double)host->stride * (double)host->threads * (double)sizeof(float);

    for (size_t i = 0; i < count; i++) {
        sizes[i] = caches[i].bytes;
        rates[i] = bandwidth(host, sizes[i] / 2);
    }
    if (count) {
        print_list("cache_bytes", sizes, count, 15);
        print_list("cache_bytes_per_s", rates, count, 4);
    }
    printf("dram_bytes_per_s: %.4g\n", bandwidth(host, all));
}

static void print_sources(size_t caches, bool bfloat16)
{
    printf("sources:\n"
           "  clock_hz: \"measured: dependent instructions of one cycle\"\n"
           "  float32_per_s: \"measured: fused multiply-adds in registers\"\n");
    if (bfloat16)
        printf("  bfloat16_per_s: \"measured: products of bfloat16 in registers\"\n");
    printf("  lanes: \"the widest float32 vectors of this processor\"\n"
           "  divisions_per_s: \"measured: vectors of divisions from the first cache\"\n"
           "  lookups_per_s: \"measured: reads of a table in the first cache\"\n");
    if (caches)
        printf("  cache_bytes: \"/sys/devices/system/cpu/cpu0/cache\"\n"
               "  cache_bytes_per_s: \"measured: reading buffers of half the size\"\n");
    printf("  dram_bytes_per_s: \"measured: reading buffers larger than all caches\"\n");
}

static int lanes(void)
{
    return processor_has(PROCESSOR_AVX512) ? 16 : processor_has(PROCESSOR_AVX2) ? 8 : 4;
}

enum status bench_host(int threads, double seconds, struct error *error)
{
    struct host host = {.threads = threads, .seconds = seconds};
    struct bench_cache caches[BENCH_MOST_CACHES];
    size_t count = bench_caches("/sys/devices/system/cpu/cpu0/cache", threads, caches);
    double largest = count ? 4 * caches[count - 1].bytes : 0;
    bool bfloat16 = processor_has(PROCESSOR_AMX) || processor_has(PROCESSOR_AVX512_BF16);

    PASS(make_values(&host, largest > DRAM_BYTES ? largest : DRAM_BYTES, error));
    printf("machine: host\n"
           "about: The machine that `understudy bench host` ran on, %d thread%s\n"
           "source: understudy bench host\n"
           "model: roofline\n",
           threads, threads == 1 ? "" : "s");
    /* Rates are of all threads, the clock is one's. */
    printf("clock_hz: %.4g\n", rate(&host, wait_in_line, 2.0 * CHAIN) / threads);
    printf("float32_per_s: %.4g\n", multiply_adds(&host, PRECISION_FLOAT32));
    if (bfloat16)
        printf("bfloat16_per_s: %.4g\n", multiply_adds(&host, PRECISION_BFLOAT16));
    printf("lanes: %d\n", lanes());
    printf("divisions_per_s: %.4g\n", rate(&host, divide_values, ROUNDS * TABLE));
    printf("lookups_per_s: %.4g\n", rate(&host, look_up, ROUNDS * TABLE));
    print_memory(&host, caches, count);
    print_sources(count, bfloat16);
    memory_free(host.values);
    return STATUS_OK;
}
