/* A runner with workers that misbehave as they are told. */
#ifndef UNDERSTUDY_TESTS_UNIT_RUNNER_BENCH_H
#define UNDERSTUDY_TESTS_UNIT_RUNNER_BENCH_H

#include "base/interrupt.h"
#include "base/process.h"
#include "run/run.h"
#include "tests/unit/plans.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <glob.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { TRIALS = 12, PATIENCE = 12000 }; /* what never happens fails, if late, and does not hang */

enum behaviour {
    WELL,
    CRASH,
    ASSERT,
    DIVERGE,
    HANG,
    DEAF,
    GREEDY,
    LEAVE,
    KILL_ONCE,
    KILL_ALWAYS,
    BAD
};

struct shared {
    atomic_int deaf; /* the process of a trial that does not listen */
                     /* with the workers */
    atomic_int begun[TRIALS], at_once, most_at_once, hanging;
};

struct bench {
    char results[SCRATCH_PATH];
    struct plan plan;
    struct run_options options;
    struct run_summary summary;
    struct shared *shared;
    enum behaviour behaviours[TRIALS];
    double pause; /* seconds of each trial */
    int finished, cached, again;
    char failures[TRIALS][256];
};

static struct error error;

static void sleep_for(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)(fmod(seconds, 1) * 1e9)};
    nanosleep(&time, NULL);
}

static void die(int number)
{
    signal(number, SIG_DFL); /* sanitizers listen, too */
    raise(number);
}

static enum status eat(struct error *failure)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    char *block;

    while (status == STATUS_OK)
        status = arena_new(&arena, &block, 16 << 20, 1, failure);
    arena_release(&arena);
    return status;
}

/* In the worker: what the test wants trial `index` to do. */
static enum status misbehave(const struct bench *bench, size_t index, int time,
                             struct error *failure)
{
    switch (bench->behaviours[index]) {
    case CRASH: die(SIGSEGV); break;
    case ASSERT:
        fprintf(stderr, "made_up.c:7: trial %zu: assertion failed\n", index);
        die(SIGABRT);
        break;
    case DIVERGE: return error_set(failure, STATUS_DIVERGED, "made up");
    case HANG:
        atomic_fetch_add(&bench->shared->hanging, 1);
        while (!interrupt_requested())
            sleep_for(0.01);
        return error_set(failure, STATUS_INTERRUPTED, "stopped on request");
    case DEAF:
        atomic_store(&bench->shared->deaf, (int)getpid());
        for (;;)
            sleep_for(0.01);
    case GREEDY: return eat(failure);
    case LEAVE: _exit(3);
    case KILL_ONCE:
        if (time == 1)
            raise(SIGKILL);
        break;
    case KILL_ALWAYS: raise(SIGKILL); break;
    case BAD: return error_set(failure, STATUS_IO, "no disk");
    case WELL: break;
    }
    return STATUS_OK;
}

static enum status compute(void *context, const struct trial *trial, struct record *record,
                           struct error *failure)
{
    const struct bench *bench = context;
    struct shared *shared = bench->shared;
    enum status status = STATUS_OK;
    int time = atomic_fetch_add(&shared->begun[trial->index], 1) + 1;
    int now = atomic_fetch_add(&shared->at_once, 1) + 1;

    if (now > atomic_load(&shared->most_at_once))
        atomic_store(&shared->most_at_once, now);
    if (bench->pause > 0)
        sleep_for(bench->pause);
    atomic_fetch_sub(&shared->at_once, 1);
    TRY(misbehave(bench, trial->index, time, failure));
    TRY(record_text(record, "status", "done", failure));
    TRY(record_real(record, "network.test.ssim", (double)trial->index, failure));
out:
    return status;
}

static void on_event(void *context, const struct plan *plan, const struct run_event *event)
{
    struct bench *bench = context;

    (void)plan;
    bench->finished += event->finished;
    bench->cached += event->cached;
    bench->again += event->again != NULL;
    if (event->failure)
        memcpy(bench->failures[event->index], event->failure->message,
               sizeof bench->failures[0] - 1);
}

static void setup(struct bench *bench, const char *name, const char *more)
{
    char yaml[256];

    memset(bench, 0, sizeof *bench);
    plans_families();
    snprintf(yaml, sizeof yaml, "replicates: %d\n%s", TRIALS, more);
    plans_load(&bench->plan, yaml);
    CU_ASSERT_EQUAL_FATAL(process_share(&bench->shared, sizeof *bench->shared, &error), STATUS_OK);
    bench->options = (struct run_options){.data = "data/raw",
                                          .results = scratch_path(bench->results, name),
                                          .workers = 3,
                                          .threads = 1,
                                          .checkpoint = -1,
                                          .event = on_event,
                                          .compute = compute,
                                          .context = bench};
}

static void teardown(struct bench *bench)
{
    process_unshare(bench->shared, sizeof *bench->shared);
    plan_release(&bench->plan);
    families_release();
}

static enum status run(struct bench *bench)
{
    bench->finished = bench->cached = bench->again = 0;
    memset(bench->failures, 0, sizeof bench->failures);
    return run_trials(&bench->plan, &bench->options, &bench->summary, &error);
}

static size_t files(const struct bench *bench, const char *pattern)
{
    char path[SCRATCH_PATH + 64];
    glob_t found;

    snprintf(path, sizeof path, "%s/%s", bench->results, pattern);
    size_t count = glob(path, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return count;
}

/* Nobody holds a claim, nobody is said to work. */
static void check_tidy(const struct bench *bench)
{
    CU_ASSERT_EQUAL(files(bench, "cache/claims/*"), 1); /* beats/ */
    CU_ASSERT_EQUAL(files(bench, "cache/claims/beats/*"), 0);
    CU_ASSERT_EQUAL(files(bench, "runs/test/workers/*"), 0);
}

/* No trial begins again that was done before: by the lines that workers leave. */
static void check_notes(const struct bench *bench)
{
    char path[SCRATCH_PATH + 64], line[256], what[16];
    bool done[TRIALS] = {0};
    size_t trial;
    glob_t found;

    snprintf(path, sizeof path, "%s/runs/test/computed/*.log", bench->results);
    CU_ASSERT_EQUAL_FATAL(glob(path, 0, NULL, &found), 0);
    FILE *file = fopen(found.gl_pathv[0], "r");
    globfree(&found);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while (fgets(line, sizeof line, file)) {
        CU_ASSERT_EQUAL_FATAL(sscanf(line, "%15s %*s %zu", what, &trial), 2);
        CU_ASSERT_FATAL(trial < TRIALS);
        CU_ASSERT_FALSE(strcmp(what, "begin") == 0 && done[trial]);
        done[trial] = done[trial] || strcmp(what, "done") == 0;
    }
    fclose(file);
}

#endif
