/* `understudy bench host`: this machine as one that experiments can price on. Private to
 * framework/cli/bench/. */
#ifndef UNDERSTUDY_CLI_BENCH_BENCH_HOST_H
#define UNDERSTUDY_CLI_BENCH_BENCH_HOST_H

#include "base/error.h"

#include <stddef.h>

enum { BENCH_MOST_CACHES = 4 };

/* A level of data cache. */
struct bench_cache {
    double bytes; /* that so many threads have together */
    int level;
};

/* The data caches that `threads` threads use, each on a core of its own, the first level first,
 * from a folder as /sys/devices/system/cpu/cpu0/cache; their number. 0 where nothing is told. */
size_t bench_caches(const char *folder, int threads, struct bench_cache caches[BENCH_MOST_CACHES]);

/* Measure rates of arithmetic and bandwidths, each for about `seconds` on `threads` threads, and
 * print the machine `host` as YAML (experiments/hardware/). Power is not measured. */
MUST_CHECK enum status bench_host(int threads, double seconds, struct error *error);

#endif
