#include "run/runner.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/work.h"
#include "io/files/atomic_file.h"
#include "run/worker_status.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { PAUSE = 200, STOPPING_PAUSE = 20 }; /* ms between looks at the clock */

/* Seconds from the wish to stop until the user has an answer, less what it takes to end. */
static const double grace = 0.6;

/* ---- workers tell */

/* Report each damaged entry once, even if several processes find it. */
static void on_damaged(void *context, const struct error *damage)
{
    struct runner *runner = context;

    if (runner->damages.bytes && strstr(runner->damages.bytes, damage->message))
        return;
    text_append(&runner->damages, "%s\n", damage->message);
    runner_tell(runner, 0, (struct run_event){.damaged = damage});
}

/* The same of what there is to know about the data. */
static void on_note(void *context, const char *note)
{
    struct runner *runner = context;

    if (!runner_told(runner, note))
        runner_tell(runner, 0, (struct run_event){.note = note});
}

static enum status hear(struct runner *runner, struct worker_slot *slot, struct error *error)
{
    const struct message *message = &slot->message;
    bool found = true, begun = message->kind == MESSAGE_BEGUN;

    if (message->kind == MESSAGE_SHARE)
        slot->share = message->share;
    for (int s = 0; s < TRIAL_STEPS; s++) {
        runner->summary->computed[s] += message->computed[s];
        runner->summary->recalled[s] += message->recalled[s];
    }
    switch (message->kind) {
    case MESSAGE_BEGUN:
        runner->consecutive_crashes = 0;
        slot->trial = message->trial;
        slot->begun = clock_seconds();
        slot->share = 0;
        break;
    case MESSAGE_STEP:
        runner_tell(runner, message->trial,
                    (struct run_event){.begins = trial_phase_names[message->phase]});
        return STATUS_OK;
    case MESSAGE_SHARE:
        runner_tell(runner, message->trial, (struct run_event){.work = &message->work});
        return STATUS_OK;
    case MESSAGE_RESUMED:
        runner_tell(runner, message->trial, (struct run_event){.resumed = message->step});
        return STATUS_OK;
    case MESSAGE_LOST:
        runner_tell(runner, message->trial, (struct run_event){.lost = &message->error});
        return STATUS_OK;
    case MESSAGE_DAMAGED: on_damaged(runner, &message->error); return STATUS_OK;
    case MESSAGE_NOTE: on_note(runner, message->error.message); return STATUS_OK;
    case MESSAGE_COMPUTED:
    case MESSAGE_FOUND:
        slot->late = false;
        slot->share = 0;
        runner->seconds[message->trial] = message->seconds;
        PASS(runner_tell_done(runner, message->trial, message->kind == MESSAGE_FOUND, &found,
                              error));
        if (!found)
            job_set(&runner->jobs, message->trial, JOB_TODO);
        break;
    case MESSAGE_FAILED:
        slot->late = false;
        slot->share = 0;
        PASS(runner_fail(runner, message->trial, &message->error, false, error));
        break;
    case MESSAGE_SAVING: slot->saving = true; return STATUS_OK;
    case MESSAGE_ENDED:
        slot->ended = true;
        if (message->error.code != STATUS_OK && message->error.code != STATUS_INTERRUPTED) {
            if (slot->busy)
                error_context(&slot->message.error, "trial %zu", slot->trial);
            runner_give_up(runner, message->error.code, &message->error);
        }
        return STATUS_OK; /* busy as it was: the trial is taken away when the slot is empty */
    }
    slot->busy = begun;
    return STATUS_OK;
}

static enum status hear_reports(struct runner *runner, int number, struct error *error)
{
    struct worker_slot *slot = &runner->slots[number];
    char *bytes = (char *)&slot->message;

    ssize_t got = read(slot->report, bytes + slot->filled, sizeof slot->message - slot->filled);
    if (got < 0)
        return errno == EINTR ? STATUS_OK : error_system(error, "cannot listen to a worker");
    if (got == 0)
        return runner_vacate_worker(runner, number, error);
    slot->filled += (size_t)got;
    if (slot->filled < sizeof slot->message)
        return STATUS_OK;
    slot->filled = 0;
    return hear(runner, slot, error);
}

/* ---- all of it */

/* Workers that were asked to stop and do not are killed: they are in one long call of a library, or
 * hang there. What they finished is kept. Those that say they are saving get more time, for a slow
 * disk. */
static void watch_stop(const struct runner *runner)
{
    double waited = runner->stopping ? clock_seconds() - runner->asked : 0;

    for (int i = 0; i < runner->options.workers; i++) {
        const struct worker_slot *slot = &runner->slots[i];
        if (slot->pid && waited > (slot->saving ? runner->options.patience : grace))
            kill(slot->pid, SIGKILL);
    }
}

/* Trials that take too long are asked to stop, and may leave a checkpoint; then they are killed. */
static void watch_clock(struct runner *runner)
{
    double limit = 60 * runner->plan->base.limits.minutes, now = clock_seconds();

    for (int i = 0; limit > 0 && i < runner->options.workers; i++) {
        struct worker_slot *slot = &runner->slots[i];
        if (!slot->pid || !slot->busy || now - slot->begun < limit)
            continue;
        if (!slot->late) {
            slot->late = true;
            slot->asked = now;
            kill(slot->pid, SIGTERM);
        } else if (now - slot->asked > runner->options.patience) {
            kill(slot->pid, SIGKILL);
        }
    }
}

/* Wait for messages, and deal with them. *alive: workers that are left. */
static enum status attend(struct runner *runner, struct pollfd *polled, int *alive,
                          struct error *error)
{
    *alive = 0;
    for (int i = 0; i < runner->options.workers; i++) {
        polled[i] = (struct pollfd){.fd = -1};
        if (!runner->slots[i].pid)
            continue;
        polled[i] = (struct pollfd){.fd = runner->slots[i].report, .events = POLLIN};
        ++*alive;
    }
    int pause = runner->stopping ? STOPPING_PAUSE : PAUSE;
    if (!*alive || poll(polled, (nfds_t)runner->options.workers, pause) <= 0)
        return STATUS_OK;
    for (int i = 0; i < runner->options.workers; i++)
        if (polled[i].fd >= 0 && polled[i].revents)
            PASS(hear_reports(runner, i, error));
    return STATUS_OK;
}

/* A worker that was killed may have recorded its trial, and not lived to say so. */
static enum status tell_rest(struct runner *runner, struct error *error)
{
    bool found;

    for (size_t i = 0; i < runner->jobs.count; i++) {
        size_t trial = runner->jobs.order[i];
        if (job_state(&runner->jobs, trial) == JOB_DONE && !runner->told[trial])
            PASS(runner_tell_done(runner, trial, false, &found, error));
    }
    return STATUS_OK;
}

/* Until all workers have ended. */
static enum status supervise(struct runner *runner, struct error *error)
{
    enum status status = STATUS_OK;
    struct error trouble = {0};
    struct pollfd *polled = NULL;
    int alive = 1;

    TRY(memory_new(&runner->slots, (size_t)runner->options.workers, sizeof *runner->slots, error));
    TRY(memory_new(&polled, (size_t)runner->options.workers, sizeof *polled, error));
    while (alive) {
        if (interrupt_requested())
            runner_stop_all(runner);
        status = runner_fill_pool(runner, &trouble);
        if (status == STATUS_OK)
            status = attend(runner, polled, &alive, &trouble);
        if (status != STATUS_OK)
            runner_give_up(runner, status, &trouble);
        watch_clock(runner);
        watch_stop(runner);
        cache_use_touch(&runner->use);
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

/* What files hold is read once, for all workers; what the first trial takes of it is decoded. */
static enum status load_data(struct runner *runner, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct trial trial;
    struct jobs *jobs = &runner->jobs;

    for (size_t i = 0; i < jobs->count; i++) {
        if (job_state(jobs, jobs->order[i]) != JOB_TODO)
            continue;
        TRY(plan_trial(runner->plan, jobs->order[i], &arena, &trial, error));
        if (!dataset_of(trial.experiment.dataset.source.kind)->generated)
            TRY(splits_decoded(&trial, &jobs->data, &jobs->prepare, error));
        break;
    }
out:
    work_step(NULL);
    arena_release(&arena);
    return status;
}

enum status runner_work(struct runner *runner, struct error *error)
{
    bool found;

    runner->jobs.cache.damaged = on_damaged;
    runner->jobs.cache.context = runner;
    runner->jobs.prepare.note = on_note;
    runner->jobs.prepare.context = runner;
    PASS(jobs_use(&runner->jobs, runner->options.results, &runner->use, error));
    for (size_t i = 0; i < runner->jobs.count; i++) {
        PASS(interrupt_check(error));
        PASS(runner_tell_done(runner, runner->jobs.order[i], true, &found, error));
    }
    runner_settle(runner);
    runner_sweep(runner);
    if (!runner->options.compute)
        PASS(load_data(runner, error));
    return supervise(runner, error);
}

enum status runner_begin(struct runner *runner, struct plan *plan, size_t first,
                         const struct run_options *options, struct run_summary *summary,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct jobs_options jobs_options = {options->results, options->data, first, options->chunk,
                                        options->chunks};
    size_t trials = plan->trial_count;

    memset(runner, 0, sizeof *runner);
    runner->plan = plan;
    runner->options = *options;
    if (!(runner->options.patience > 0))
        runner->options.patience = 10;
    runner->summary = summary;
    runner->first = first;
    TRY(jobs_begin(&runner->jobs, plan, &jobs_options, error));
    *summary = (struct run_summary){.trials = runner->jobs.count};
    TRY(worker_status_folder(options->results, plan->base.name, runner->folder, error));
    atomic_file_sweep(runner->folder, "");
    TRY(worker_status_list(runner->folder, &runner->jobs, error));
    TRY(memory_new(&runner->seconds, trials, sizeof *runner->seconds, error));
    TRY(memory_new(&runner->tries, trials, sizeof *runner->tries, error));
    TRY(memory_new(&runner->kills, trials, sizeof *runner->kills, error));
    TRY(memory_new(&runner->told, trials, sizeof *runner->told, error));
out:
    if (status != STATUS_OK)
        runner_release(runner);
    return status;
}

void runner_release(struct runner *runner)
{
    cache_use_end(&runner->use);
    jobs_release(&runner->jobs);
    text_release(&runner->datasets);
    text_release(&runner->damages);
    text_release(&runner->notes);
    memory_free(runner->slots);
    memory_free(runner->seconds);
    memory_free(runner->tries);
    memory_free(runner->kills);
    memory_free(runner->told);
    memset(runner, 0, sizeof *runner);
}
