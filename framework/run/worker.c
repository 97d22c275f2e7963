#include "run/worker.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/work.h"
#include "run/budget.h"
#include "run/claim.h"
#include "run/message.h"
#include "run/worker_status.h"
#include "trial/compute.h"
#include "trial/step_cache.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct worker {
    double alone; /* since when there is no runner any more; 0: there is one */
    const struct worker_options *options;
    struct jobs *jobs;
    struct claims *claims;
    struct step_cache steps;
    struct compute compute;
    struct worker_status status_file;
    bool spent;   /* the budget is */
    size_t trial; /* that is computed now */
    _Atomic enum trial_phase phase;
};

static void report(const struct worker *worker, const struct message *message)
{
    const char *bytes = (const char *)message;

    for (size_t at = 0; at < sizeof *message;) {
        ssize_t put = write(worker->options->report, bytes + at, sizeof *message - at);
        if (put < 0 && errno != EINTR)
            return; /* no reader: the thread also notices that the runner is gone */
        at += put > 0 ? (size_t)put : 0;
    }
}

static void say(const struct worker *worker, enum message_kind kind)
{
    struct message message = {.kind = kind, .trial = worker->trial};
    report(worker, &message);
}

/* ---- what a trial tells of itself */

static void on_begins(void *context, enum trial_phase phase)
{
    struct worker *worker = context;
    struct message message = {.kind = MESSAGE_STEP, .trial = worker->trial, .phase = phase};

    worker->phase = phase;
    report(worker, &message);
}

/* How far the trial is, in the thread that gives signs of life, which never waits for a runner that
 * does not listen. Of a trial as a whole that is known of its training alone. */
static void tell_work(struct worker *worker)
{
    struct pollfd room = {.fd = worker->options->report, .events = POLLOUT};
    struct message message = {.kind = MESSAGE_SHARE, .trial = worker->trial};
    enum trial_phase phase = worker->phase;

    if (!work_look(&message.work) || poll(&room, 1, 0) <= 0 || !(room.revents & POLLOUT))
        return;
    message.share = phase == PHASE_TRAIN ? message.work.share : phase > PHASE_TRAIN;
    report(worker, &message);
}

static void on_resumed(void *context, int64_t step, const struct error *damage)
{
    struct worker *worker = context;
    struct message message = {
        .kind = damage ? MESSAGE_LOST : MESSAGE_RESUMED, .trial = worker->trial, .step = step};
    if (damage)
        message.error = *damage;
    report(worker, &message);
}

static void on_note(void *context, const char *note)
{
    struct worker *worker = context;
    struct message message = {.kind = MESSAGE_NOTE, .trial = worker->trial};

    snprintf(message.error.message, sizeof message.error.message, "%s", note);
    report(worker, &message);
}

/* After a wish to stop this may take longer than the runner waits otherwise: it is told. */
static void on_saves(void *context)
{
    if (interrupt_requested())
        say(context, MESSAGE_SAVING);
}

static void on_damaged(void *context, const struct error *damage)
{
    struct worker *worker = context;
    struct message message = {.kind = MESSAGE_DAMAGED, .trial = worker->trial, .error = *damage};
    report(worker, &message);
}

/* ---- what a trial asks for: entries that others may be at */

static enum status on_claim(void *context, const char *key, bool *mine, struct error *error)
{
    struct worker *worker = context;
    return claim_take(worker->claims, key, mine, error);
}

static void on_release(void *context, const char *key)
{
    struct worker *worker = context;
    claim_release(worker->claims, key);
}

/* ---- one trial */

/* A trial that failed by itself leaves a row; what the user has to mend, or the machine, ends the
 * run. */
static bool is_trial_failure(enum status status)
{
    return status == STATUS_DIVERGED || status == STATUS_MEMORY;
}

static enum status conclude(struct worker *worker, enum status status, struct record *record,
                            struct error *failure, struct error *error)
{
    struct message message = {.kind = MESSAGE_COMPUTED,
                              .trial = worker->trial,
                              .seconds = clock_seconds() - worker->status_file.begun};

    if (status == STATUS_OK)
        status = step_cache_keep(&worker->steps, TRIAL_EVALUATE, worker->jobs->keys[worker->trial],
                                 record, failure);
    if (status != STATUS_OK && !is_trial_failure(status)) {
        *error = *failure;
        struct error second;
        const char *what = status == STATUS_INTERRUPTED ? "stopped" : "broken";
        enum status ended = worker_status_end(&worker->status_file, what, &second);
        (void)ended; /* the first error is the one to tell */
        return status;
    }
    memcpy(message.computed, worker->steps.computed, sizeof message.computed);
    memcpy(message.recalled, worker->steps.recalled, sizeof message.recalled);
    memset(worker->steps.computed, 0, sizeof message.computed);
    memset(worker->steps.recalled, 0, sizeof message.recalled);
    message.kind = status == STATUS_OK ? MESSAGE_COMPUTED : MESSAGE_FAILED;
    if (status == STATUS_OK)
        job_set(worker->jobs, worker->trial, JOB_DONE);
    else
        message.error = *failure;
    enum status ended =
        worker_status_end(&worker->status_file, status == STATUS_OK ? "done" : "failed", error);
    report(worker, &message);
    return ended;
}

/* The trial is claimed, and there is no record of it. */
static enum status compute(struct worker *worker, size_t index, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct record record = {0};
    struct error failure = {0};
    struct trial trial;
    const struct run_options *run = worker->options->run;
    double interval = run->checkpoint;
    struct checkpoint checkpoint = {.interval = interval, .saves = on_saves, .context = worker};
    struct trial_options hooks = {.resumed = on_resumed,
                                  .note = on_note,
                                  .begins = on_begins,
                                  .checkpoint = interval < 0 ? NULL : &checkpoint,
                                  .context = worker};

    worker->trial = index;
    say(worker, MESSAGE_BEGUN);
    TRY(worker_status_begin(&worker->status_file, index, error));
    status = plan_trial(worker->jobs->plan, index, &arena, &trial, &failure);
    if (status == STATUS_OK)
        status = run->compute ? run->compute(run->context, &trial, &record, &failure)
                              : compute_trial(&worker->compute, &trial, &hooks, &record, &failure);
    TRY(conclude(worker, status, &record, &failure, error));
out:
    work_step(NULL);
    record_release(&record);
    compute_done(&worker->compute, index, &arena);
    return status;
}

/* Has another process recorded it, soundly? */
static enum status look_up(struct worker *worker, size_t index, bool *found, struct error *error)
{
    struct record record;
    struct jobs *jobs = worker->jobs;

    *found = false;
    if (!job_recorded(jobs, index))
        return STATUS_OK;
    enum status status = job_recall(jobs, index, &record, found, error);
    record_release(&record);
    return status;
}

/* Missing labels are claimed before the trial, so that a worker waiting for them can run another
 * trial. */
static enum status claim_labels(struct worker *worker, size_t index, bool *mine,
                                struct error *error)
{
    const char *key = worker->jobs->labels[index];

    *mine = true;
    if (worker->options->run->compute || cache_has(&worker->jobs->cache, TRIAL_LABEL, key))
        return STATUS_OK;
    return claim_take(worker->claims, key, mine, error);
}

/* Claim and compute the trial. */
static enum status take(struct worker *worker, size_t index, bool *taken, bool *found,
                        struct error *error)
{
    enum status status = STATUS_OK;
    const char *key = worker->jobs->keys[index];

    TRY(claim_take(worker->claims, key, taken, error));
    if (!*taken)
        goto out;
    TRY(look_up(worker, index, found, error)); /* its last owner may just have finished it */
    if (*found)
        goto out;
    worker->spent = budget_spent(&worker->jobs->plan->base.limits, worker->options->folder);
    *taken = !worker->spent;
    if (*taken)
        TRY(claim_labels(worker, index, taken, error));
    if (*taken)
        TRY(compute(worker, index, error));
out:
    claim_release(worker->claims, worker->jobs->labels[index]);
    claim_release(worker->claims, key);
    return status;
}

/* Do the trial if nobody else is at it: *taken says whether there is one less to do. */
static enum status attempt(struct worker *worker, size_t index, bool *taken, struct error *error)
{
    struct jobs *jobs = worker->jobs;
    bool found = false;

    *taken = false;
    worker->trial = index;
    if (!job_begin(jobs, index, worker->options->number))
        return STATUS_OK;
    PASS(look_up(worker, index, &found, error));
    if (!found)
        PASS(take(worker, index, taken, &found, error));
    if (found) {
        *taken = true;
        job_set(jobs, index, JOB_DONE);
        say(worker, MESSAGE_FOUND);
    } else if (!*taken) {
        job_set(jobs, index, JOB_TODO);
    }
    return STATUS_OK;
}

/* ---- all trials */

static void sleep_for(double seconds)
{
    struct timespec time = {0, (long)(seconds * 1e9)};
    nanosleep(&time, NULL);
}

/* Once around, beginning at `*place`: where a trial was taken is where to go on. *left: there are
 * some to do, which others have claimed. */
static enum status go_around(struct worker *worker, size_t *place, bool *taken, bool *left,
                             struct error *error)
{
    struct jobs *jobs = worker->jobs;

    *taken = *left = false;
    for (size_t i = 0; i < jobs->count && !*taken; i++) {
        size_t at = (*place + i) % jobs->count;
        if (job_state(jobs, jobs->order[at]) != JOB_TODO)
            continue;
        PASS(interrupt_check(error));
        PASS(attempt(worker, jobs->order[at], taken, error));
        *left = true;
        if (*taken)
            *place = at;
    }
    return STATUS_OK;
}

static enum status work(struct worker *worker, struct error *error)
{
    static const double least_wait = 0.01, most_wait = 0.9; /* seconds */
    const struct worker_options *options = worker->options;
    size_t place = (size_t)options->number * worker->jobs->count / (size_t)options->workers;
    double wait = least_wait;
    bool taken, left = true;

    while (left) {
        PASS(go_around(worker, &place, &taken, &left, error));
        if (worker->spent && !taken)
            break;
        if (left && !taken) {
            PASS(cache_flush(&worker->jobs->cache, error));
            sleep_for(wait);
        }
        wait = taken ? least_wait : fmin(2 * wait, most_wait);
    }
    return STATUS_OK;
}

/* What was given is on the disk then; after a request to stop, too. */
static enum status work_and_flush(struct worker *worker, struct error *error)
{
    struct error unflushed = {0};
    enum status status = work(worker, error);
    on_saves(worker);
    enum status flushed = cache_flush(&worker->jobs->cache, &unflushed);

    if (status == STATUS_OK && flushed != STATUS_OK)
        *error = unflushed;
    return status == STATUS_OK ? flushed : status;
}

/* ---- the process */

static void on_signal(int number)
{
    (void)number;
    interrupt_request();
}

/* Ctrl-C is for the runner, which then asks its workers to stop; so may anyone else. */
static void listen_to_signals(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = on_signal;
    sigaction(SIGTERM, &action, NULL);
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* an error of the write */
}

/* Without a runner, stop as if asked to; and where nothing listens, in a library say, end: nobody
 * is left who would do it. */
static void mind_the_runner(struct worker *worker)
{
    double patience = worker->options->run->patience > 0 ? worker->options->run->patience : 10;

    if (getppid() == worker->options->runner)
        return;
    interrupt_request();
    if (worker->alone == 0)
        worker->alone = clock_seconds();
    if (clock_seconds() - worker->alone > patience)
        _exit(EXIT_FAILURE);
}

/* In the thread that gives signs of life. */
static void look_around(void *context)
{
    struct worker *worker = context;

    mind_the_runner(worker);
    worker_status_publish(&worker->status_file);
    tell_work(worker);
}

static enum status live(struct worker *worker, struct error *error)
{
    enum status status = STATUS_OK;
    const struct run_options *run = worker->options->run;
    const struct limits_section *limits = &worker->jobs->plan->base.limits;
    char folder[PATH_ROOM];
    struct claims_options claims;

    TRY(worker_status_open(&worker->status_file, worker->options->folder, worker->jobs,
                           run->threads, error));
    claims = claims_options(path_print(folder, "%s/cache/claims", run->results));
    claims.tick = look_around;
    claims.context = worker;
    TRY(claims_open(&worker->claims, &claims, error));
    TRY(jobs_reopen(worker->jobs, run->results, error));
    worker->jobs->cache.damaged = on_damaged;
    worker->jobs->cache.context = worker;
    worker->steps = (struct step_cache){
        .cache = &worker->jobs->cache, .claim = on_claim, .release = on_release, .context = worker};
    worker->compute.steps = &worker->steps;
    if (limits->memory_mb > 0)
        TRY(process_limit_memory(limits->memory_mb, error));
    TRY(work_and_flush(worker, error));
out:
    claims_close(worker->claims);
    worker_status_close(&worker->status_file);
    return status;
}

void worker_work(const struct worker_options *options)
{
    struct worker worker = {.options = options,
                            .jobs = options->jobs,
                            .compute = {.plan = options->jobs->plan,
                                        .options = {.data = options->run->data,
                                                    .threads = options->run->threads,
                                                    .workers = options->run->workers,
                                                    .speeds = options->run->speeds},
                                        .data = &options->jobs->data,
                                        .splits_of = SIZE_MAX}};
    struct message message = {.kind = MESSAGE_ENDED, .trial = SIZE_MAX};

    listen_to_signals();
    work_listen(NULL);
    work_step(NULL);
    message.error.code = live(&worker, &message.error);
    compute_release(&worker.compute);
    report(&worker, &message);
}
