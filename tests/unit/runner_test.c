/*
 * The runner and its workers, with trials that tests make up: they crash, hang, eat memory, are
 * killed, and the others go on; nothing that was finished is done again.
 */
#include "run/run.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/process.h"
#include "tests/unit/plans.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <glob.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void runner_suite(void);

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

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

/* Until every worker is in a trial that hangs: all trials before are done. */
static void await_hanging(const struct bench *bench)
{
    for (int i = 0;
         i < PATIENCE && atomic_load(&bench->shared->hanging) < (int)bench->options.workers; i++)
        sleep_for(0.01);
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
    CU_add_test(suite, "a stop is passed on", test_interrupt);
    CU_add_test(suite, "a stop is answered within a second", test_interrupt_deaf);
    CU_add_test(suite, "workers do not outlive their runner", test_runner_killed);
    CU_add_test(suite, "a worker that does not listen ends without its runner", test_orphans);
    CU_add_test(suite, "two runners share the work", test_two_runners);
}
