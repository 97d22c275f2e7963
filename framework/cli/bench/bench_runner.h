/* `understudy bench runner`: what planning, running and merging cost, apart from the trials' work.
 * Private to framework/cli/bench/. */
#ifndef UNDERSTUDY_CLI_BENCH_BENCH_RUNNER_H
#define UNDERSTUDY_CLI_BENCH_BENCH_RUNNER_H

#include "cli/support/options.h"

enum { BENCH_RUNNER_SIZES = 16 };

struct bench_runner {
    const struct options *options; /* for the home */
    int64_t trials[BENCH_RUNNER_SIZES];
    size_t size_count;
    int64_t planned;     /* trials of the grid that is only planned */
    int64_t repeats;     /* of what takes milliseconds */
    const char *scratch; /* where a folder is made, and removed */
};

/*
 * Measure all of it by this very program, started as users start it, on grids of trials that have
 * next to no work; a line of CSV each to stdout, as soon as it is known. The network families are
 * loaded. Returns the exit status; what is wrong is told.
 */
int bench_runner(const struct bench_runner *bench);

#endif
