/* Workers' places: filled, left, found empty. */
#include "run/runner.h"

#include "base/clock.h"
#include "base/parallel.h"
#include "run/budget.h"
#include "run/claim.h"
#include "run/run_log.h"
#include "run/worker.h"
#include "run/worker_status.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_CONSECUTIVE_CRASHES = 5 }; /* workers in a row that end before they begin a trial */

void runner_settle(struct runner *runner)
{
    struct run_options *options = &runner->options;
    int processors = parallel_processors();
    size_t todo = jobs_in(&runner->jobs, JOB_TODO);

    if (!options->workers)
        options->workers = options->threads ? processors / options->threads : processors;
    if (options->workers > JOBS_MOST_WORKERS)
        options->workers = JOBS_MOST_WORKERS;
    if ((size_t)options->workers > todo)
        options->workers = (int)todo;
    if (options->workers < 1)
        options->workers = 1;
    if (!options->threads)
        options->threads = processors > options->workers ? processors / options->workers : 1;
}

/* The child's life. It ends here, and leaves what the parent has buffered to the parent. */
static void be_worker(struct runner *runner, int number, int report, pid_t parent)
{
    struct worker_options options = {.jobs = &runner->jobs,
                                     .run = &runner->options,
                                     .folder = runner->folder,
                                     .runner = parent,
                                     .number = number,
                                     .workers = runner->options.workers,
                                     .report = report};

    for (int i = 0; i < runner->options.workers; i++)
        if (runner->slots[i].pid)
            close(runner->slots[i].report);
    worker_work(&options);
    _exit(0);
}

static enum status start(struct runner *runner, int number, struct error *error)
{
    struct worker_slot *slot = &runner->slots[number];
    pid_t parent = getpid();
    int ends[2];

    if (pipe(ends) != 0)
        return error_system(error, "cannot make a pipe for a worker");
    for (int i = 0; i < 2; i++)
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    parallel_rest();
    pid_t pid = fork();
    if (pid == 0)
        be_worker(runner, number, ends[1], parent);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return error_system(error, "cannot start a worker");
    }
    *slot = (struct worker_slot){.pid = pid, .report = ends[0]};
    return STATUS_OK;
}

enum status runner_fill_pool(struct runner *runner, struct error *error)
{
    size_t todo, idle = 0;
    int empty = 0;

    for (int i = 0; i < runner->options.workers; i++) {
        empty += !runner->slots[i].pid;
        idle += runner->slots[i].pid && !runner->slots[i].busy && !runner->slots[i].ended;
    }
    if (!empty || runner->stopping)
        return STATUS_OK;
    todo = jobs_in(&runner->jobs, JOB_TODO);
    if (idle < todo && budget_spent(&runner->plan->base.limits, runner->folder))
        return STATUS_OK;
    for (int i = 0; i < runner->options.workers && idle < todo; i++)
        if (!runner->slots[i].pid) {
            PASS(start(runner, i, error));
            idle++;
        }
    return STATUS_OK;
}

void runner_stop_all(struct runner *runner)
{
    for (int i = 0; i < runner->options.workers && !runner->stopping; i++)
        if (runner->slots[i].pid)
            kill(runner->slots[i].pid, SIGTERM);
    if (!runner->stopping)
        runner->asked = clock_seconds();
    runner->stopping = true;
}

void runner_give_up(struct runner *runner, enum status why, const struct error *error)
{
    if (runner->status == STATUS_OK) {
        runner->status = why;
        runner->error = *error;
    }
    runner_stop_all(runner);
}

void runner_sweep(const struct runner *runner)
{
    char folder[PATH_ROOM];
    struct claims *claims;

    path_print(folder, "%s/cache/claims", runner->options.results);
    struct claims_options options = claims_options(folder);
    options.beat = 0;
    worker_status_tidy(runner->folder, runner->options.threads);
    if (claims_open(&claims, &options, NULL) != STATUS_OK)
        return;
    claims_sweep(claims);
    claims_close(claims);
}

static void remove_empty_log(const struct runner *runner, size_t trial)
{
    char folder[PATH_ROOM], path[PATH_ROOM];
    struct stat facts;

    path_print(folder, "%s/logs", runner->folder);
    job_path(&runner->jobs, trial, folder, ".log", path);
    if (stat(path, &facts) == 0 && facts.st_size == 0)
        unlink(path);
}

/* Why the trial of a worker that has ended is not done. */
static enum status find_cause(struct runner *runner, const struct worker_slot *slot, int state,
                              struct error *cause)
{
    char text[160];
    int code;

    if (slot->late)
        return error_set(cause, STATUS_UNAVAILABLE, "took longer than %g minutes",
                         runner->plan->base.limits.minutes);
    if (process_killed(state, &code, text, sizeof text))
        return error_set(cause, STATUS_UNAVAILABLE, "%s", text);
    return error_set(cause, STATUS_UNAVAILABLE, "ended the worker (status %d)", code);
}

static enum status lose(struct runner *runner, const struct worker_slot *slot, int state,
                        size_t trial, struct error *error)
{
    struct process self = process_self();
    struct error cause;

    remove_empty_log(runner, trial);
    if (runner->stopping || (slot->ended && !slot->late)) {
        job_set(&runner->jobs, trial, JOB_TODO); /* asked to stop, by me or by someone else */
        return STATUS_OK;
    }
    enum status why = find_cause(runner, slot, state, &cause);
    (void)why; /* is in the cause */
    runner->seconds[trial] = clock_seconds() - slot->begun;
    bool outside = !slot->late && process_killed_from_outside(state);
    PASS(run_log_add(runner->folder, &self, outside ? "killed" : "failed", runner->jobs.keys[trial],
                     trial, runner->seconds[trial], runner->options.threads, error));
    return runner_fail(runner, trial, &cause, outside, error);
}

enum status runner_vacate_worker(struct runner *runner, int number, struct error *error)
{
    enum status status = STATUS_OK;
    struct worker_slot slot = runner->slots[number];
    struct process self = process_self();
    int state = 0;

    close(slot.report);
    while (waitpid(slot.pid, &state, 0) < 0 && errno == EINTR)
        ;
    runner->slots[number] = (struct worker_slot){0};
    self.pid = (long)slot.pid;
    worker_status_clear(runner->folder, &self);
    if (!slot.ended)
        runner_sweep(runner);
    size_t trial = job_taken(&runner->jobs, number);
    if (trial != SIZE_MAX)
        return lose(runner, &slot, state, trial, error);
    if (!slot.ended && !runner->stopping &&
        ++runner->consecutive_crashes > MOST_CONSECUTIVE_CRASHES) {
        struct error cause;
        enum status why = find_cause(runner, &slot, state, &cause);
        (void)why;
        status = error_set(error, STATUS_UNAVAILABLE,
                           "%d workers in a row ended before starting a trial; the last: %s",
                           runner->consecutive_crashes, cause.message);
    }
    return status;
}
