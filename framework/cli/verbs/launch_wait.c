/* Waiting for a launch: how far it is, and at the end what its last job said. */
#include "cli/support/console.h"
#include "cli/support/say.h"
#include "cli/verbs/budget_tell.h"
#include "cli/verbs/launch.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "io/files/bytes.h"
#include "launch/launch.h"

#include <time.h>

enum { PATIENCE = 6 };

/* Who waits, for what. */
struct waiter {
    const struct launcher *launcher;
    const char *folder;
    struct plan *plan;
    struct launch_request *request;
    struct launch_state state;
    size_t left; /* trials */
    int failures;
};

/* "12 of 40 trials done; 5 tasks: 1 done, 0 failed, 2 running, 2 waiting". */
static void append_state(const struct waiter *waiter, struct text *line)
{
    const struct launch_state *state = &waiter->state;
    size_t trials = plan_final_count(waiter->plan);

    text_append(line, "%zu of %zu trial%s done; ", trials - waiter->left, trials,
                trials == 1 ? "" : "s");
    text_append(line, "%zu task%s: %zu done, %zu failed, %zu running, %zu waiting", state->tasks,
                state->tasks == 1 ? "" : "s", state->done, state->failed, state->running,
                state->waiting);
}

static void compose(void *context, size_t columns, struct text *line)
{
    const struct text *state = context;

    (void)columns;
    text_append_bytes(line, state->bytes ? state->bytes : "", state->length);
}

/* In the terminal's last line, which `line` keeps; elsewhere in one of its own. */
static void show_state(const struct waiter *waiter, struct text *line)
{
    console_lock();
    text_clear(line);
    append_state(waiter, line);
    console_unlock();
    if (!console_columns(stderr) && !line->failed)
        say_line(stderr, "%s", line->bytes);
}

static bool same_state(const struct waiter *waiter, const struct waiter *last)
{
    const struct launch_state *a = &waiter->state, *b = &last->state;

    return a->done == b->done && a->failed == b->failed && a->running == b->running &&
           a->waiting == b->waiting && a->lost == b->lost && waiter->left == last->left;
}

/* Sleep; a request to stop ends it. */
static void pause_for(double seconds)
{
    double end = clock_seconds() + seconds;
    struct timespec step = {0, 100000000};

    while (!interrupt_requested() && clock_seconds() < end)
        nanosleep(&step, NULL);
}

/* Query the state. A failed query is reported and repeated: a cluster's controller may be busy
 * or restarting, and a shared folder may be away for a moment. */
static enum status look(struct waiter *waiter, struct error *error)
{
    enum status status = launch_look(waiter->launcher, waiter->folder, &waiter->state, NULL, error);

    if (status == STATUS_OK)
        status = launch_left_now(waiter->plan, waiter->request, error);
    if (status != STATUS_IO || ++waiter->failures > PATIENCE) {
        waiter->failures = status == STATUS_OK ? 0 : waiter->failures;
        waiter->left = waiter->request->left;
        return status;
    }
    say_line(stderr, "%s; retrying", error->message);
    waiter->state.over = false;
    waiter->state.poll = waiter->state.poll > 0 ? waiter->state.poll : 1;
    return STATUS_OK;
}

/* Until nothing is left in the queue, and the merging job's word has come: over a network, a file
 * may be seen a moment later. */
static enum status wait_for(struct waiter *waiter, struct error *error)
{
    enum status status = STATUS_OK;
    struct waiter last = {.left = SIZE_MAX};
    struct text line = {0};

    console_say(compose, &line);
    for (int late = 0; late < PATIENCE;) {
        TRY(interrupt_check(error));
        TRY(look(waiter, error));
        if (!waiter->failures && !same_state(waiter, &last))
            show_state(waiter, &line);
        last = *waiter;
        if (waiter->state.over && waiter->state.merged >= 0)
            break;
        late += waiter->state.over;
        pause_for(waiter->state.poll);
    }
out:
    console_say(NULL, NULL);
    text_release(&line);
    return status;
}

/* What the merging job printed. */
static enum status print_merged(const char *folder, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    struct bytes file = {0};

    TRY(path_join(&path, folder, "merged", error));
    TRY(bytes_read(&file, path.bytes, 1 << 20, error));
    say_data((const char *)file.data, file.length);
    fflush(stdout);
out:
    bytes_release(&file);
    text_release(&path);
    return status;
}

int launch_wait(const struct launcher *launcher, struct plan *plan, struct launch_request *request)
{
    struct text folder = {0}, told = {0};
    struct waiter waiter = {
        .launcher = launcher, .plan = plan, .request = request, .state = {.merged = -1}};
    const struct launch_state *state = &waiter.state;
    struct error error = {0};
    int result = EXIT_FAILED;
    enum status status = STATUS_OK;

    launch_folder(request->results, plan->base.name, launcher->descriptor.name, &folder);
    TRY(text_status(&folder, &error));
    waiter.folder = folder.bytes;
    TRY(wait_for(&waiter, &error));
    if (state->failed || state->lost || state->merged != EXIT_DONE) {
        TRY(launch_look(launcher, folder.bytes, &waiter.state, &told, &error));
        say_lines(stderr, told.bytes ? told.bytes : "", told.length);
    }
    if (budget_is_spent(plan, request->results, request->left)) {
        result = EXIT_FAILED;
    } else if (state->merged >= 0) {
        TRY(print_merged(folder.bytes, &error));
        result = state->merged;
    }
out:
    if (status == STATUS_INTERRUPTED) {
        fputs("\nunderstudy: the jobs continue; run the same command to wait again, or see "
              "`understudy "
              "status`\n",
              stderr);
        result = EXIT_INTERRUPTED;
    } else if (status != STATUS_OK) {
        result = options_fail(&error);
    }
    text_release(&told);
    text_release(&folder);
    return result;
}
