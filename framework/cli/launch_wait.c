/* Waiting for a launch: how far it is, and at the end what its last job said. */
#include "cli/launch.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "io/bytes.h"
#include "run/launch.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 6 };

static void print_state(const struct launch_state *state, bool terminal)
{
    fprintf(stderr, "%s%zu task%s: %zu done, %zu failed, %zu running, %zu waiting%s",
            terminal ? "\r\033[K" : "", state->tasks, state->tasks == 1 ? "" : "s", state->done,
            state->failed, state->running, state->waiting, terminal ? "" : "\n");
    fflush(stderr);
}

static bool same_state(const struct launch_state *a, const struct launch_state *b)
{
    return a->done == b->done && a->failed == b->failed && a->running == b->running &&
           a->waiting == b->waiting && a->lost == b->lost;
}

/* Sleep; a request to stop ends it. */
static void pause_for(double seconds)
{
    double end = clock_seconds() + seconds;
    struct timespec step = {0, 100000000};

    while (!interrupt_requested() && clock_seconds() < end)
        nanosleep(&step, NULL);
}

/* Look; a question that fails is told, and put again: a cluster's controller may be busy, or
 * started anew. */
static enum status look(const struct launcher *launcher, const char *folder,
                        struct launch_state *state, int *failures, struct error *error)
{
    enum status status = launcher->look(folder, state, NULL, error);

    if (status != STATUS_IO || ++*failures > PATIENCE) {
        *failures = status == STATUS_OK ? 0 : *failures;
        return status;
    }
    fprintf(stderr, "%s; asked again in a moment\n", error->message);
    state->over = false;
    state->poll = state->poll > 0 ? state->poll : 1;
    return STATUS_OK;
}

/* Until nothing is left in the queue, and the merging job's word has come: over a network, a file
 * may be seen a moment later. */
static enum status wait_for(const struct launcher *launcher, const char *folder,
                            struct launch_state *state, struct error *error)
{
    enum status status = STATUS_OK;
    struct launch_state last = {.tasks = SIZE_MAX};
    bool terminal = isatty(STDERR_FILENO) == 1;

    for (int late = 0, failures = 0; late < PATIENCE;) {
        TRY(interrupt_check(error));
        TRY(look(launcher, folder, state, &failures, error));
        if (!failures && !same_state(state, &last))
            print_state(state, terminal);
        last = *state;
        if (state->over && state->merged >= 0)
            break;
        late += state->over;
        pause_for(state->poll);
    }
    if (terminal)
        fputs("\r\033[K", stderr);
out:
    return status;
}

/* What the merging job printed. */
static enum status print_merged(const char *folder, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    struct bytes file = {0};

    text_append(&path, "%s/merged", folder);
    TRY(text_status(&path, error));
    TRY(bytes_read(&file, path.bytes, 1 << 20, error));
    fwrite(file.data, 1, file.length, stdout);
    fflush(stdout);
out:
    bytes_release(&file);
    text_release(&path);
    return status;
}

int launch_wait(const struct launcher *launcher, const struct plan *plan, const char *results)
{
    struct text folder = {0}, told = {0};
    struct launch_state state = {.merged = -1};
    struct error error = {0};
    int result = EXIT_FAILED;
    enum status status = STATUS_OK;

    launch_folder(results, plan->base.name, launcher->descriptor.name, &folder);
    TRY(text_status(&folder, &error));
    TRY(wait_for(launcher, folder.bytes, &state, &error));
    if (state.failed || state.lost || state.merged != EXIT_DONE) {
        TRY(launcher->look(folder.bytes, &state, &told, &error));
        fputs(told.bytes ? told.bytes : "", stderr);
    }
    if (state.merged >= 0) {
        TRY(print_merged(folder.bytes, &error));
        result = state.merged;
    }
out:
    if (status == STATUS_INTERRUPTED) {
        fputs("\nunderstudy: the jobs go on; the same command waits again, `understudy status` "
              "looks\n",
              stderr);
        result = EXIT_INTERRUPTED;
    } else if (status != STATUS_OK) {
        result = options_fail(&error);
    }
    text_release(&told);
    text_release(&folder);
    return result;
}
