#include "run/runner.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/parallel.h"
#include "run/claim.h"
#include "run/desk.h"
#include "run/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAUSE = 200, MOST_BARREN = 5 }; /* ms between looks at the clock; workers */

static const double patience = 10; /* seconds for a trial that took too long to stop by itself */

/* ---- workers begin */

static void settle(struct runner *runner)
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
        if (runner->seats[i].pid)
            close(runner->seats[i].report);
    worker_work(&options);
    _exit(0);
}

static enum status start(struct runner *runner, int number, struct error *error)
{
    struct seat *seat = &runner->seats[number];
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
    *seat = (struct seat){.pid = pid, .report = ends[0]};
    return STATUS_OK;
}

/* As many workers as there is something to do for. */
static enum status fill_seats(struct runner *runner, struct error *error)
{
    enum status status = STATUS_OK;
    size_t todo, idle = 0;
    int empty = 0;

    for (int i = 0; i < runner->options.workers; i++) {
        empty += !runner->seats[i].pid;
        idle += runner->seats[i].pid && !runner->seats[i].busy && !runner->seats[i].ended;
    }
    if (!empty || runner->stopping)
        return STATUS_OK;
    todo = jobs_in(&runner->jobs, JOB_TODO);
    for (int i = 0; i < runner->options.workers && idle < todo; i++)
        if (!runner->seats[i].pid) {
            TRY(start(runner, i, error));
            idle++;
        }
out:
    return status;
}

/* ---- workers end */

static void stop_all(struct runner *runner)
{
    for (int i = 0; i < runner->options.workers && !runner->stopping; i++)
        if (runner->seats[i].pid)
            kill(runner->seats[i].pid, SIGTERM);
    runner->stopping = true;
}

/* What ends the run: the first of its kind is told. */
static void give_up(struct runner *runner, enum status why, const struct error *error)
{
    if (runner->status == STATUS_OK) {
        runner->status = why;
        runner->error = *error;
    }
    stop_all(runner);
}

/* Free the claim of a worker that is dead, and its empty log. */
static void clear_away(struct runner *runner, size_t trial)
{
    char folder[JOBS_PATH], path[JOBS_PATH];
    struct claims_options options = claims_options(folder);
    struct claims *claims;
    struct stat facts;
    bool mine;

    snprintf(folder, sizeof folder, "%.3900s/logs", runner->folder);
    job_path(&runner->jobs, trial, folder, ".log", path);
    if (stat(path, &facts) == 0 && facts.st_size == 0)
        unlink(path);
    snprintf(folder, sizeof folder, "%.3900s/cache/claims", runner->options.results);
    options.beat = 0;
    /* Where this fails, the claim is taken over by whoever wants it next. */
    if (claims_open(&claims, &options, NULL) != STATUS_OK)
        return;
    if (claim_take(claims, runner->jobs.keys[trial], &mine, NULL) == STATUS_OK && mine)
        claim_release(claims, runner->jobs.keys[trial]);
    claims_close(claims);
    claims_tidy(folder);
}

/* Why the trial of a worker that has ended is not done. */
static enum status find_cause(struct runner *runner, const struct seat *seat, int state,
                              struct error *cause)
{
    char text[160];
    int code;

    if (seat->late)
        return error_set(cause, STATUS_UNAVAILABLE, "took longer than %g minutes",
                         runner->plan->base.limits.minutes);
    if (process_killed(state, &code, text, sizeof text))
        return error_set(cause, STATUS_UNAVAILABLE, "%s", text);
    return error_set(cause, STATUS_UNAVAILABLE, "ended the worker (status %d)", code);
}

static enum status lose(struct runner *runner, const struct seat *seat, int state, size_t trial,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct process self = process_self();
    struct error cause;

    clear_away(runner, trial);
    if (runner->stopping || (seat->ended && !seat->late)) {
        job_set(&runner->jobs, trial, JOB_TODO); /* asked to stop, by me or by someone else */
        return STATUS_OK;
    }
    enum status why = find_cause(runner, seat, state, &cause);
    (void)why; /* is in the cause */
    runner->seconds[trial] = clock_seconds() - seat->begun;
    bool outside = !seat->late && process_killed_from_outside(state);
    TRY(desk_note(runner->folder, &self, outside ? "killed" : "failed", runner->jobs.keys[trial],
                  trial, runner->seconds[trial], error));
    TRY(runner_fail(runner, trial, &cause, outside, error));
out:
    return status;
}

/* The worker has closed its pipe: it has ended, or will in a moment. */
static enum status vacate(struct runner *runner, int number, struct error *error)
{
    enum status status = STATUS_OK;
    struct seat seat = runner->seats[number];
    struct process self = process_self();
    int state = 0;

    close(seat.report);
    while (waitpid(seat.pid, &state, 0) < 0 && errno == EINTR)
        ;
    runner->seats[number] = (struct seat){0};
    self.pid = (long)seat.pid;
    desk_clear(runner->folder, &self);
    size_t trial = job_taken(&runner->jobs, number);
    if (trial != SIZE_MAX)
        return lose(runner, &seat, state, trial, error);
    if (!seat.ended && !runner->stopping && ++runner->barren > MOST_BARREN) {
        struct error cause;
        enum status why = find_cause(runner, &seat, state, &cause);
        (void)why;
        status = error_set(error, STATUS_UNAVAILABLE,
                           "%d workers in a row ended before they began a trial; the last: %s",
                           runner->barren, cause.message);
    }
    return status;
}

/* ---- workers tell */

static enum status hear(struct runner *runner, struct seat *seat, struct error *error)
{
    enum status status = STATUS_OK;
    const struct message *message = &seat->message;
    bool found = true, begun = message->kind == MESSAGE_BEGUN;

    seat->share = message->share;
    switch (message->kind) {
    case MESSAGE_BEGUN:
        runner->barren = 0;
        seat->trial = message->trial;
        seat->begun = clock_seconds();
        break;
    case MESSAGE_SHARE:
        runner_tell(runner, message->trial, (struct run_event){0});
        return STATUS_OK;
    case MESSAGE_RESUMED:
        runner_tell(runner, message->trial, (struct run_event){.resumed = message->step});
        return STATUS_OK;
    case MESSAGE_LOST:
        runner_tell(runner, message->trial, (struct run_event){.lost = &message->error});
        return STATUS_OK;
    case MESSAGE_COMPUTED:
    case MESSAGE_FOUND:
        seat->late = false;
        runner->seconds[message->trial] = message->seconds;
        TRY(runner_tell_done(runner, message->trial, message->kind == MESSAGE_FOUND, &found,
                             error));
        if (!found)
            job_set(&runner->jobs, message->trial, JOB_TODO);
        break;
    case MESSAGE_FAILED:
        seat->late = false;
        TRY(runner_fail(runner, message->trial, &message->error, false, error));
        break;
    case MESSAGE_ENDED:
        seat->ended = true;
        if (message->error.code != STATUS_OK && message->error.code != STATUS_INTERRUPTED) {
            if (seat->busy)
                error_context(&seat->message.error, "trial %zu", seat->trial);
            give_up(runner, message->error.code, &message->error);
        }
        return STATUS_OK; /* busy as it was: the trial is taken away when the seat is empty */
    }
    seat->busy = begun;
out:
    return status;
}

static enum status listen(struct runner *runner, int number, struct error *error)
{
    struct seat *seat = &runner->seats[number];
    char *bytes = (char *)&seat->message;

    ssize_t got = read(seat->report, bytes + seat->filled, sizeof seat->message - seat->filled);
    if (got < 0)
        return errno == EINTR ? STATUS_OK : error_system(error, "a worker cannot be heard");
    if (got == 0)
        return vacate(runner, number, error);
    seat->filled += (size_t)got;
    if (seat->filled < sizeof seat->message)
        return STATUS_OK;
    seat->filled = 0;
    return hear(runner, seat, error);
}

/* ---- all of it */

/* Trials that take too long are asked to stop, and may leave a checkpoint; then they are killed. */
static void watch_clock(struct runner *runner)
{
    double limit = 60 * runner->plan->base.limits.minutes, now = clock_seconds();

    for (int i = 0; limit > 0 && i < runner->options.workers; i++) {
        struct seat *seat = &runner->seats[i];
        if (!seat->pid || !seat->busy || now - seat->begun < limit)
            continue;
        if (!seat->late) {
            seat->late = true;
            seat->asked = now;
            kill(seat->pid, SIGTERM);
        } else if (now - seat->asked > patience) {
            kill(seat->pid, SIGKILL);
        }
    }
}

/* Wait for messages, and deal with them. *alive: workers that are left. */
static enum status attend(struct runner *runner, struct pollfd *polled, int *alive,
                          struct error *error)
{
    enum status status = STATUS_OK;

    *alive = 0;
    for (int i = 0; i < runner->options.workers; i++) {
        polled[i] = (struct pollfd){.fd = -1};
        if (!runner->seats[i].pid)
            continue;
        polled[i] = (struct pollfd){.fd = runner->seats[i].report, .events = POLLIN};
        ++*alive;
    }
    if (!*alive || poll(polled, (nfds_t)runner->options.workers, PAUSE) <= 0)
        return STATUS_OK;
    for (int i = 0; i < runner->options.workers; i++)
        if (polled[i].fd >= 0 && polled[i].revents)
            TRY(listen(runner, i, error));
out:
    return status;
}

/* A worker that was killed may have recorded its trial, and not lived to say so. */
static enum status tell_rest(struct runner *runner, struct error *error)
{
    enum status status = STATUS_OK;
    bool found;

    for (size_t i = 0; i < runner->jobs.count; i++) {
        size_t trial = runner->jobs.order[i];
        if (job_state(&runner->jobs, trial) == JOB_DONE && !runner->told[trial])
            TRY(runner_tell_done(runner, trial, false, &found, error));
    }
out:
    return status;
}

enum status runner_work(struct runner *runner, struct error *error)
{
    enum status status = STATUS_OK;
    struct error trouble = {0};
    struct pollfd *polled = NULL;
    int alive = 1;

    TRY(memory_new(&polled, (size_t)runner->options.workers, sizeof *polled, error));
    while (alive) {
        if (interrupt_requested())
            stop_all(runner);
        status = fill_seats(runner, &trouble);
        if (status == STATUS_OK)
            status = attend(runner, polled, &alive, &trouble);
        if (status != STATUS_OK)
            give_up(runner, status, &trouble);
        watch_clock(runner);
    }
    status = runner->status;
    if (status != STATUS_OK)
        *error = runner->error;
    else if (runner->stopping)
        status = error_set(error, STATUS_INTERRUPTED, "stopped on request");
    else
        status = tell_rest(runner, error);
out:
    memory_free(polled);
    return status;
}

enum status runner_begin(struct runner *runner, struct plan *plan, size_t first,
                         const struct run_options *options, struct run_summary *summary,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct jobs_options jobs_options = {options->results, options->data, first, options->chunk,
                                        options->chunks};
    char claims[JOBS_PATH];
    size_t trials = plan->trial_count;
    bool found;

    memset(runner, 0, sizeof *runner);
    runner->plan = plan;
    runner->options = *options;
    runner->summary = summary;
    runner->first = first;
    TRY(jobs_begin(&runner->jobs, plan, &jobs_options, error));
    *summary = (struct run_summary){.trials = runner->jobs.count};
    TRY(desk_folder(options->results, plan->base.name, runner->folder, error));
    TRY(desk_list(runner->folder, &runner->jobs, error));
    snprintf(claims, sizeof claims, "%.3900s/cache/claims", options->results);
    claims_tidy(claims);
    TRY(memory_new(&runner->seconds, trials, sizeof *runner->seconds, error));
    TRY(memory_new(&runner->tries, trials, sizeof *runner->tries, error));
    TRY(memory_new(&runner->kills, trials, sizeof *runner->kills, error));
    TRY(memory_new(&runner->told, trials, sizeof *runner->told, error));
    for (size_t i = 0; i < runner->jobs.count; i++) {
        TRY(interrupt_check(error));
        TRY(runner_tell_done(runner, runner->jobs.order[i], true, &found, error));
    }
    settle(runner);
    TRY(memory_new(&runner->seats, (size_t)runner->options.workers, sizeof *runner->seats, error));
out:
    if (status != STATUS_OK)
        runner_release(runner);
    return status;
}

void runner_release(struct runner *runner)
{
    jobs_release(&runner->jobs);
    text_release(&runner->datasets);
    memory_free(runner->seats);
    memory_free(runner->seconds);
    memory_free(runner->tries);
    memory_free(runner->kills);
    memory_free(runner->told);
    memset(runner, 0, sizeof *runner);
}
