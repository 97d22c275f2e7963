/* run/notes, run/desk: what was computed, told by the hosts' logs. */
#include "run/budget.h"
#include "run/run_log.h"

#include "base/folder.h"
#include "run/worker_status.h"
#include "tests/unit/scratch.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void run_log_suite(void);

#define OK(call) CU_ASSERT_EQUAL_FATAL((call), STATUS_OK)

static struct error error;

static void key_of(int which, char key[HASH_TEXT])
{
    memset(key, "abcdef"[which], HASH_TEXT - 1);
    key[HASH_TEXT - 1] = '\0';
}

static void add(const char *folder, const char *host, const char *what, int which, size_t trial,
                double seconds)
{
    struct process who = process_self();
    char key[HASH_TEXT];

    snprintf(who.host, sizeof who.host, "%s", host);
    key_of(which, key);
    OK(run_log_add(folder, &who, what, key, trial, seconds, 2, &error));
}

static void count(void *context, const struct run_log_entry *note)
{
    size_t *lines = context;

    *lines += note->seconds >= 0;
}

/* Attempts that were stopped add up, a trial done anew begins anew, other plans' trials and lines
 * that are none do not matter, and who is not noted keeps what it had. */
static void test_seconds(void)
{
    char folder[SCRATCH_PATH], computed[SCRATCH_PATH + 16], torn[SCRATCH_PATH + 32];
    char keys[5][HASH_TEXT];
    const char *list[5];
    double seconds[5] = {-1, -1, -1, -1, -1};
    size_t lines = 0;

    scratch_path(folder, "run_log");
    snprintf(computed, sizeof computed, "%s/computed", folder);
    OK(folder_make(computed, &error));
    for (int i = 0; i < 5; i++) {
        key_of(i, keys[i]);
        list[i] = keys[i];
    }
    add(folder, "one", "begin", 0, 0, 0);
    add(folder, "one", "stopped", 0, 0, 3);
    add(folder, "one", "begin", 0, 0, 0);
    add(folder, "one", "done", 0, 0, 4);
    add(folder, "two", "begin", 1, 1, 0);
    add(folder, "two", "done", 1, 1, 100);
    add(folder, "two", "begin", 1, 1, 0);
    add(folder, "two", "done", 1, 1, 8);
    add(folder, "two", "begin", 5, 2, 0); /* trial 2 of another plan */
    add(folder, "two", "done", 5, 2, 9);
    add(folder, "two", "begin", 3, 3, 0);
    add(folder, "two", "killed", 3, 3, 1);
    add(folder, "two", "begin", 3, 3, 0);
    add(folder, "two", "failed", 3, 3, 2);
    add(folder, "two", "done", 0, 70, 9); /* further on than the plan */
    snprintf(torn, sizeof torn, "%s/three.log", computed);
    FILE *file = fopen(torn, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs("\ndone\ndone x y z\n", file);
    fclose(file);
    OK(run_log_seconds(folder, list, 5, seconds, &error));
    CU_ASSERT_EQUAL(seconds[0], 7);
    CU_ASSERT_EQUAL(seconds[1], 8);
    CU_ASSERT_EQUAL(seconds[2], -1);
    CU_ASSERT_EQUAL(seconds[3], 3);
    CU_ASSERT_EQUAL(seconds[4], -1);
    run_log_read(folder, count, &lines);
    CU_ASSERT_EQUAL(lines, 15);
    run_log_read("/no/such/folder", count, &lines);
    CU_ASSERT_EQUAL(lines, 15);
}

/* A state file as a worker writes it. */
static void leave_state(const char *folder, const char *name, const struct process *who,
                        long long trial)
{
    char path[SCRATCH_PATH + 64], key[HASH_TEXT];

    key_of(0, key);
    snprintf(path, sizeof path, "%s/workers/%s", folder, name);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fprintf(file,
            "process %s %ld %lld %s\ntrial %lld\nkey %s\nstep reading data\nseconds 12.5\n"
            "work 120 400 0.3 3.8 31.5 8.9 images\n",
            who->host, who->pid, who->started, who->machine[0] ? who->machine : "-", trial,
            trial < 0 ? "-" : key);
    fclose(file);
}

/* A machine that fell silent took its runner with it: the next run notes what its workers were at,
 * once, and leaves those alone that live. */
static void test_killed(void)
{
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 64], key[HASH_TEXT];
    const char *keys[1] = {key};
    struct process dead = process_self(), self = process_self();
    struct worker_status_worker worker;
    double seconds = 0;

    key_of(0, key);
    scratch_path(folder, "killed");
    snprintf(path, sizeof path, "%s/computed", folder);
    OK(folder_make(path, &error));
    snprintf(path, sizeof path, "%s/workers", folder);
    OK(folder_make(path, &error));
    dead.pid = (long)fork();
    if (dead.pid == 0)
        _exit(0);
    CU_ASSERT_EQUAL(waitpid((pid_t)dead.pid, NULL, 0), (pid_t)dead.pid);
    leave_state(folder, "dead", &dead, 0);
    leave_state(folder, ".dead.part", &dead, 0);
    leave_state(folder, "idle", &dead, -1);
    leave_state(folder, "alive", &self, 0);
    worker_status_tidy(folder, 1);
    worker_status_tidy(folder, 1);
    OK(run_log_seconds(folder, keys, 1, &seconds, &error));
    CU_ASSERT_EQUAL(seconds, 12.5);
    snprintf(path, sizeof path, "%s/workers/dead", folder);
    CU_ASSERT_FALSE(worker_status_read(path, &worker));
    snprintf(path, sizeof path, "%s/workers/idle", folder);
    CU_ASSERT_FALSE(worker_status_read(path, &worker));
    snprintf(path, sizeof path, "%s/workers/alive", folder);
    CU_ASSERT_TRUE_FATAL(worker_status_read(path, &worker));
    CU_ASSERT_EQUAL(worker.who.pid, self.pid);
    CU_ASSERT_STRING_EQUAL(worker.work.step, "reading data");
    CU_ASSERT_STRING_EQUAL(worker.work.unit, "images");
    CU_ASSERT(worker.work.done == 120 && worker.work.total == 400 && worker.work.rate == 31.5);
    CU_ASSERT_STRING_EQUAL(worker.key, key);
}

/* All that ended, however it did and on whatever host, times its threads; lines of older programs
 * are of one thread. */
static void test_budget(void)
{
    char folder[SCRATCH_PATH], path[SCRATCH_PATH + 32];
    struct limits_section limits = {.core_hours = 2};

    scratch_path(folder, "budget");
    CU_ASSERT_FALSE(budget_spent(&limits, folder));
    snprintf(path, sizeof path, "%s/computed", folder);
    OK(folder_make(path, &error));
    add(folder, "a", "begin", 0, 0, 36000); /* counts for nothing: what ends it says how long */
    add(folder, "a", "done", 0, 0, 1800);   /* two threads: an hour */
    add(folder, "b", "stopped", 1, 1, 900);
    CU_ASSERT_FALSE(budget_spent(&limits, folder));
    snprintf(path, sizeof path, "%s/computed/old.log", folder);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs("failed 0123 7 1799.000 99\nnothing\n", file);
    fclose(file);
    CU_ASSERT_FALSE(budget_spent(&limits, folder));
    add(folder, "b", "killed", 1, 1, 0.5);
    CU_ASSERT_TRUE(budget_spent(&limits, folder));
    limits.core_hours = 0;
    CU_ASSERT_FALSE(budget_spent(&limits, folder));
}

static void test_no_folder(void)
{
    struct process who = process_self();

    CU_ASSERT_EQUAL(run_log_add("/no/such/folder", &who, "done", "a", 0, 1, 1, &error), STATUS_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "/no/such/folder/computed/"));
}

void run_log_suite(void)
{
    CU_pSuite suite = CU_add_suite("run_log", NULL, NULL);

    CU_add_test(suite, "seconds of trials", test_seconds);
    CU_add_test(suite, "whom nobody saw die", test_killed);
    CU_add_test(suite, "a budget", test_budget);
    CU_add_test(suite, "no folder", test_no_folder);
}
