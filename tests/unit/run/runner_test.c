/* The runner: workers that fail in every way, and what becomes of their trials. */
#include "base/clock.h"
#include "run/run.h"
#include "tests/unit/plans.h"
#include "tests/unit/runner_bench.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <time.h>

void runner_suite(void);

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

static void test_all_well(void)
{
    struct bench bench;

    setup(&bench, "well", "");
    bench.pause = 0.03;
    CU_ASSERT_EQUAL(run(&bench), STATUS_OK);
    CU_ASSERT_EQUAL(bench.finished, TRIALS);
    CU_ASSERT_EQUAL(bench.cached, 0);
    CU_ASSERT_EQUAL(bench.summary.failed, 0);
    CU_ASSERT_EQUAL(files(&bench, "runs/test/logs/*"), 0); /* all were silent */
    int most = atomic_load(&bench.shared->most_at_once);
    CU_ASSERT_TRUE(most >= 2 && most <= 3);
    check_tidy(&bench);
    CU_ASSERT_EQUAL(run(&bench), STATUS_OK);
    CU_ASSERT_EQUAL(bench.cached, TRIALS);
    CU_ASSERT_EQUAL(bench.summary.cached, TRIALS);
    for (int i = 0; i < TRIALS; i++)
        CU_ASSERT_EQUAL(atomic_load(&bench.shared->begun[i]), 1);
    check_notes(&bench);
    teardown(&bench);
}

/* A trial's fault is its own. */
static void test_faults(void)
{
    struct bench bench;
    struct store store;

    setup(&bench, "faults", "limits: {minutes: 0.01}\n");
    bench.behaviours[1] = CRASH;
    bench.behaviours[3] = ASSERT;
    bench.behaviours[4] = DIVERGE;
    bench.behaviours[6] = HANG;
    bench.behaviours[9] = LEAVE;
    CU_ASSERT_EQUAL_FATAL(
        run_experiment(&bench.plan, &bench.options, &store, &bench.summary, &error), STATUS_OK);
    CU_ASSERT_EQUAL(bench.finished, TRIALS);
    CU_ASSERT_EQUAL(bench.summary.failed, 5);
    CU_ASSERT_STRING_EQUAL(bench.failures[1], "crashed: segmentation fault (signal 11)");
    CU_ASSERT_STRING_EQUAL(bench.failures[3],
                           "crashed: aborted, for example by a failed assertion (signal 6)");
    CU_ASSERT_STRING_EQUAL(bench.failures[4], "made up");
    CU_ASSERT_STRING_EQUAL(bench.failures[6], "took longer than 0.01 minutes");
    CU_ASSERT_STRING_EQUAL(bench.failures[9], "ended the worker (status 3)");
    CU_ASSERT_EQUAL(files(&bench, "runs/test/logs/*"), 1); /* one said something */
    CU_ASSERT_EQUAL(files(&bench, "cache/evaluate/*/*.failed"), 5);
    check_tidy(&bench);

    char path[SCRATCH_PATH], digest[65];
    struct hdf5 file = {0};
    struct arena arena = {0};
    struct hdf5_array status;
    CU_ASSERT_EQUAL_FATAL(store_seal(&store, digest, &error), STATUS_OK);
    scratch_path(path, "faults/test.h5");
    CU_ASSERT_EQUAL_FATAL(hdf5_open(&file, path, false, &error), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(hdf5_read(&file, "/trials/status", &arena, &status, &error), STATUS_OK);
    const char *texts = status.values;
    CU_ASSERT_STRING_EQUAL(texts, "done");
    CU_ASSERT_STRING_EQUAL(texts + status.text_size,
                           "failed: crashed: segmentation fault (signal 11)");
    hdf5_abandon(&file);
    arena_release(&arena);

    /* What failed is tried again on the next call, what was finished is not. */
    memset(bench.behaviours, 0, sizeof bench.behaviours);
    CU_ASSERT_EQUAL(run(&bench), STATUS_OK);
    CU_ASSERT_EQUAL(bench.cached, TRIALS - 5);
    CU_ASSERT_EQUAL(bench.summary.failed, 0);
    CU_ASSERT_EQUAL(files(&bench, "cache/evaluate/*/*.failed"), 0);
    check_notes(&bench);
    teardown(&bench);
}

static void test_retries(void)
{
    struct bench bench;

    setup(&bench, "retries", "limits: {retries: 2}\n");
    bench.behaviours[0] = DIVERGE;
    bench.behaviours[5] = CRASH;
    bench.options.workers = 1;
    CU_ASSERT_EQUAL(run(&bench), STATUS_OK);
    CU_ASSERT_EQUAL(bench.summary.failed, 2);
    CU_ASSERT_EQUAL(bench.again, 4);
    CU_ASSERT_EQUAL(bench.finished, TRIALS);
    CU_ASSERT_EQUAL(atomic_load(&bench.shared->begun[0]), 3);
    CU_ASSERT_EQUAL(atomic_load(&bench.shared->begun[5]), 3);
    teardown(&bench);
}

/* One that does not stop by itself when its time is over is killed a while after that; it is tried
 * again as often as asked for, the rest goes on, and the reason is the time. */
static void test_deaf(void)
{
    struct bench bench;
    double begin = clock_seconds();

    setup(&bench, "deaf", "limits: {minutes: 0.01, retries: 1}\n");
    bench.behaviours[2] = DEAF;
    bench.options.patience = 0.4;
    CU_ASSERT_EQUAL(run(&bench), STATUS_OK);
    CU_ASSERT(clock_seconds() - begin >= 2 * (0.6 + 0.4));
    CU_ASSERT_EQUAL(bench.summary.failed, 1);
    CU_ASSERT_STRING_EQUAL(bench.failures[2], "took longer than 0.01 minutes");
    CU_ASSERT_EQUAL(bench.again, 1);
    CU_ASSERT_EQUAL(atomic_load(&bench.shared->begun[2]), 2);
    CU_ASSERT_EQUAL(bench.finished, TRIALS);
    check_tidy(&bench);
    bench.behaviours[2] = WELL; /* and it is done by the next run, it alone */
    CU_ASSERT_EQUAL(run(&bench), STATUS_OK);
    CU_ASSERT_EQUAL(bench.summary.failed, 0);
    CU_ASSERT_EQUAL(bench.summary.cached, TRIALS - 1);
    CU_ASSERT_EQUAL(atomic_load(&bench.shared->begun[2]), 3);
    CU_ASSERT_EQUAL(atomic_load(&bench.shared->begun[1]), 1);
    teardown(&bench);
}

/* A kill from outside is nobody's fault: the trial is done all the same, unless it goes on so. */
static void test_kills(void)
{
    struct bench bench;

    setup(&bench, "kills", "");
    for (int i = 0; i < TRIALS; i += 2)
        bench.behaviours[i] = KILL_ONCE;
    bench.behaviours[7] = KILL_ALWAYS;
    CU_ASSERT_EQUAL(run(&bench), STATUS_OK);
    CU_ASSERT_EQUAL(bench.summary.failed, 1);
    CU_ASSERT_STRING_EQUAL(bench.failures[7], "killed (signal 9)");
    CU_ASSERT_EQUAL(bench.again, TRIALS / 2 + 2);
    CU_ASSERT_EQUAL(atomic_load(&bench.shared->begun[0]), 2);
    CU_ASSERT_EQUAL(atomic_load(&bench.shared->begun[1]), 1);
    CU_ASSERT_EQUAL(atomic_load(&bench.shared->begun[7]), 3);
    check_tidy(&bench);
    check_notes(&bench);
    teardown(&bench);
}

static void test_memory(void)
{
#ifdef SANITIZED
    puts("skipped: sanitizers take more memory than can be limited");
#else
    struct bench bench;

    setup(&bench, "memory", "limits: {memory_mb: 300}\n");
    bench.behaviours[2] = GREEDY;
    CU_ASSERT_EQUAL(run(&bench), STATUS_OK);
    CU_ASSERT_EQUAL(bench.summary.failed, 1);
    CU_ASSERT_EQUAL(strncmp(bench.failures[2], "out of memory: ", 15), 0);
    teardown(&bench);
#endif
}

/* What the user has to mend ends the run, and is told with the trial. */
static void test_trouble(void)
{
    struct bench bench;

    setup(&bench, "trouble", "");
    bench.behaviours[0] = BAD;
    bench.options.workers = 1;
    CU_ASSERT_EQUAL(run(&bench), STATUS_IO);
    CU_ASSERT_STRING_EQUAL(error.message, "trial 0: no disk");
    CU_ASSERT_EQUAL(bench.finished, 0);
    check_tidy(&bench);
    teardown(&bench);
}

/* Chunks are disjoint, of about one size, and all there is. */
static void test_chunks(void)
{
    struct bench bench;
    size_t sizes[] = {2, 2, 3, 2, 3};

    setup(&bench, "chunks", "");
    bench.options.chunks = 5;
    for (size_t part = 1; part <= 5; part++) {
        bench.options.chunk = part;
        CU_ASSERT_EQUAL(run(&bench), STATUS_OK);
        CU_ASSERT_EQUAL(bench.summary.trials, sizes[part - 1]);
        CU_ASSERT_EQUAL(bench.summary.cached, 0);
    }
    for (int i = 0; i < TRIALS; i++)
        CU_ASSERT_EQUAL(atomic_load(&bench.shared->begun[i]), 1);
    teardown(&bench);
}

void runner_suite(void)
{
    CU_pSuite suite = CU_add_suite("runner", NULL, NULL);
    CU_add_test(suite, "trials are done at once, and never again", test_all_well);
    CU_add_test(suite, "crashes, assertions, time: a trial's fault is its own", test_faults);
    CU_add_test(suite, "what fails is tried again as often as asked for", test_retries);
    CU_add_test(suite, "who does not stop when its time is over is killed", test_deaf);
    CU_add_test(suite, "who is killed is replaced", test_kills);
    CU_add_test(suite, "memory that runs out is the trial's failure", test_memory);
    CU_add_test(suite, "what the user has to mend ends the run", test_trouble);
    CU_add_test(suite, "chunks are all trials, each once", test_chunks);
}
