/* The runner stopped or killed, its orphans, and two runners at once. */
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/parallel.h"
#include "base/process.h"
#include "run/run.h"
#include "tests/unit/plans.h"
#include "tests/unit/runner_bench.h"

#include <CUnit/CUnit.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void runner_stop_suite(void);

/* Until every worker is in a trial that hangs: all trials before are done. */
static void await_hanging(const struct bench *bench)
{
    for (int i = 0;
         i < PATIENCE && atomic_load(&bench->shared->hanging) < (int)bench->options.workers; i++)
        sleep_for(0.01);
}

/* Asked to stop, the runner asks its workers, and ends when they have. */
static void test_interrupt(void)
{
    struct bench bench;

    setup(&bench, "interrupt", "");
    for (int i = 0; i < TRIALS; i++)
        bench.behaviours[i] = i % 2 ? HANG : WELL;
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGTERM, (void (*)(int))interrupt_request);
        _exit(run(&bench) == STATUS_INTERRUPTED ? 0 : 1);
    }
    await_hanging(&bench);
    kill(pid, SIGTERM);
    int state;
    CU_ASSERT_EQUAL(waitpid(pid, &state, 0), pid);
    CU_ASSERT_EQUAL(state, 0);
    check_tidy(&bench);
    memset(bench.behaviours, 0, sizeof bench.behaviours);
    CU_ASSERT_EQUAL(run(&bench), STATUS_OK);
    CU_ASSERT_TRUE(bench.cached >= 1);
    CU_ASSERT_EQUAL(bench.summary.failed, 0);
    check_notes(&bench);
    teardown(&bench);
}

/* A worker that is in one long call of a library does not stop: it is killed, and the runner has
 * ended within a second. What was finished is kept. */
static void test_interrupt_deaf(void)
{
    struct bench bench;
    int state;

    setup(&bench, "interrupt_deaf", "");
    bench.behaviours[0] = DEAF;
    bench.options.workers = 1;
    bench.options.patience = 100;
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGTERM, (void (*)(int))interrupt_request);
        _exit(run(&bench) == STATUS_INTERRUPTED ? 0 : 1);
    }
    while (!atomic_load(&bench.shared->deaf))
        sleep_for(0.01);
    double begin = clock_seconds();
    kill(pid, SIGTERM);
    CU_ASSERT_EQUAL(waitpid(pid, &state, 0), pid);
    CU_ASSERT(clock_seconds() - begin < 5); /* a busy machine may take its time */
    CU_ASSERT_EQUAL(state, 0);
    check_tidy(&bench);
    bench.behaviours[0] = WELL;
    CU_ASSERT_EQUAL(run(&bench), STATUS_OK);
    CU_ASSERT_EQUAL(bench.summary.failed, 0);
    CU_ASSERT_EQUAL(atomic_load(&bench.shared->begun[1]), 1);
    teardown(&bench);
}

/* The runner is killed: its workers stop by themselves, and another runner goes on. */
static void test_runner_killed(void)
{
    struct bench bench;

    setup(&bench, "killed", "");
    for (int i = 0; i < TRIALS; i++)
        bench.behaviours[i] = HANG;
    pid_t pid = fork();
    if (pid == 0)
        _exit(run(&bench) == STATUS_OK);
    await_hanging(&bench);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    for (int i = 0; i < PATIENCE &&
                    files(&bench, "cache/claims/beats/*") + files(&bench, "runs/test/workers/*");
         i++)
        sleep_for(0.01);
    check_tidy(&bench);
    memset(bench.behaviours, 0, sizeof bench.behaviours);
    CU_ASSERT_EQUAL(run(&bench), STATUS_OK);
    CU_ASSERT_EQUAL(bench.finished, TRIALS);
    CU_ASSERT_EQUAL(bench.cached, 0);
    teardown(&bench);
}

/* … and those that do not listen end, too. */
static void test_orphans(void)
{
    struct bench bench;
    int state;

    setup(&bench, "orphans", "");
    bench.behaviours[0] = DEAF;
    bench.options.workers = 1;
    bench.options.patience = 0.1;
    CU_ASSERT_EQUAL_FATAL(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(run(&bench) == STATUS_OK);
    while (!atomic_load(&bench.shared->deaf))
        sleep_for(0.01);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    pid_t worker = (pid_t)atomic_load(&bench.shared->deaf);
    CU_ASSERT_EQUAL(waitpid(worker, &state, 0), worker);
    CU_ASSERT(WIFEXITED(state));
    CU_ASSERT_EQUAL(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
    teardown(&bench);
}

/* Two runners at once: each trial is done by one of them, and each runner has all in the end. */
static void test_two_runners(void)
{
    struct bench bench;

    setup(&bench, "two", "");
    bench.pause = 0.02;
    bench.options.workers = 2;
    pid_t pid = fork();
    if (pid == 0) {
        bool fine = run(&bench) == STATUS_OK && bench.finished == TRIALS && bench.cached > 0;
        _exit(fine ? 0 : 1);
    }
    CU_ASSERT_EQUAL(run(&bench), STATUS_OK);
    CU_ASSERT_EQUAL(bench.finished, TRIALS);
    CU_ASSERT_TRUE(bench.cached > 0 && bench.cached < TRIALS);
    int state;
    CU_ASSERT_EQUAL(waitpid(pid, &state, 0), pid);
    CU_ASSERT_EQUAL(state, 0);
    for (int i = 0; i < TRIALS; i++)
        CU_ASSERT_EQUAL(atomic_load(&bench.shared->begun[i]), 1);
    check_tidy(&bench);
    check_notes(&bench);
    teardown(&bench);
}

/* Tests fork: a child cannot end threads of OpenMP that suites before this one left. */
void runner_stop_suite(void)
{
    CU_pSuite suite =
        CU_add_suite_with_setup_and_teardown("runner_stop", NULL, NULL, parallel_rest, NULL);
    CU_add_test(suite, "a stop is passed on", test_interrupt);
    CU_add_test(suite, "a stop is answered within a second", test_interrupt_deaf);
    CU_add_test(suite, "workers do not outlive their runner", test_runner_killed);
    CU_add_test(suite, "a worker that does not listen ends without its runner", test_orphans);
    CU_add_test(suite, "two runners share the work", test_two_runners);
}
