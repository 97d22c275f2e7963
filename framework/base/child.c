#define _GNU_SOURCE /* pipe2, execvpe, F_SETPIPE_SZ */

#include "base/child.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/process.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 100, /* how long a wish to stop may wait */
    PIPE_BYTES = 1 << 20,
    GRACE = 2, /* seconds, for a program that is to end */
};

/* What the guard tells, in one write. */
struct child_state {
    int refused; /* errno, where the program could not be started */
    int how;
};

/* ---- the guard: a process with one thread, which calls only what is safe after fork() */

static void close_between(int first, int last)
{
    if (first > last || close_range((unsigned)first, (unsigned)last, 0) == 0)
        return;
    long most = sysconf(_SC_OPEN_MAX); /* an older kernel: one by one */
    for (int descriptor = first; descriptor <= last && descriptor < most; descriptor++)
        close(descriptor);
}

/* `kept` is put in order. */
static void close_all_but(int *kept, size_t count)
{
    int next = 0;

    for (size_t i = 1; i < count; i++) /* a handful */
        for (size_t k = i; k > 0 && kept[k - 1] > kept[k]; k--) {
            int held = kept[k];
            kept[k] = kept[k - 1];
            kept[k - 1] = held;
        }
    for (size_t i = 0; i < count; i++) {
        close_between(next, kept[i] - 1);
        next = kept[i] + 1;
    }
    close_between(next, INT_MAX);
}

static void become(const struct child_program *program, const int ends[3], int refused)
{
    sigset_t none;
    int code;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (chdir(program->folder) == 0) {
        for (int i = 0; i < 3; i++)
            if (dup2(ends[i], i) < 0)
                goto refuse;
        execvpe(program->arguments[0], (char *const *)program->arguments,
                (char *const *)program->environment);
    }
refuse:
    code = errno;
    ssize_t put = write(refused, &code, sizeof code);
    _exit(put == sizeof code ? 127 : 126);
}

static void on_child(int number)
{
    (void)number; /* it wakes ppoll() */
}

/* Until the program has ended, or the owner's end of `life` is closed. */
static void watch(pid_t program, int life, int state)
{
    struct child_state told = {0, 0};
    struct pollfd owner = {.fd = life, .events = POLLIN};
    sigset_t open;

    sigemptyset(&open);
    for (;;) {
        if (waitpid(program, &told.how, WNOHANG) == program)
            break;
        if (ppoll(&owner, 1, NULL, &open) > 0) {
            kill(-program, SIGKILL);
            waitpid(program, &told.how, 0);
            _exit(0);
        }
    }
    kill(-program, SIGKILL); /* what it left behind */
    ssize_t put = write(state, &told, sizeof told);
    _exit(put == sizeof told ? 0 : 1);
}

static void refuse(int state, int code)
{
    struct child_state told = {code, 0};
    ssize_t put = write(state, &told, sizeof told);
    _exit(put == sizeof told ? 0 : 1);
}

/* Only `ends` stay open, and 0 to 2 as /dev/null, so that no end is overwritten where the program's
 * own stdin, stdout and stderr are put in these places. */
static void keep_ends(int ends[5])
{
    int kept[5];

    for (int i = 0; i < 5; i++)
        if (ends[i] < 3 && (ends[i] = fcntl(ends[i], F_DUPFD_CLOEXEC, 3)) < 0)
            _exit(126);
    memcpy(kept, ends, sizeof kept);
    close_all_but(kept, 5);
    for (int i = 0; i < 3; i++)
        if (open("/dev/null", O_RDWR | O_CLOEXEC) != i)
            _exit(126);
}

/* ends: of the program's stdin, stdout and stderr; then the guard's own, life and state. */
static void guard(const struct child_program *program, int ends[5])
{
    struct sigaction action = {.sa_handler = on_child};
    sigset_t blocked;
    int refused[2], code;

    keep_ends(ends);
    if (pipe2(refused, O_CLOEXEC) != 0)
        refuse(ends[4], errno);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    sigaction(SIGCHLD, &action, NULL);
    signal(SIGINT, SIG_IGN); /* the owner's to answer */
    signal(SIGTERM, SIG_IGN);
    pid_t owner = getpid(), process = fork();
    if (process == 0) {
        setpgid(0, 0);
        signal(SIGINT, SIG_DFL);
        signal(SIGTERM, SIG_DFL);
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == owner)
            become(program, ends, refused[1]);
        _exit(126);
    }
    if (process < 0)
        refuse(ends[4], errno);
    setpgid(process, process);
    close(refused[1]);
    for (int i = 0; i < 3; i++)
        close(ends[i]);
    if (read(refused[0], &code, sizeof code) == sizeof code) {
        waitpid(process, NULL, 0);
        refuse(ends[4], code);
    }
    close(refused[0]);
    struct child_state started = {0, 0};
    if (write(ends[4], &started, sizeof started) != sizeof started)
        _exit(1);
    watch(process, ends[3], ends[4]);
}

/* ---- the owner's side */

static void shut(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

/* Keep the last of what it writes to stderr. */
static void listen_to(struct child *child)
{
    char bytes[4096];
    ssize_t got = read(child->messages, bytes, sizeof bytes);
    size_t most = sizeof child->tail - 1;

    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        shut(&child->messages);
    for (ssize_t i = 0; i < got; i++) {
        if (child->tail_length == most)
            memmove(child->tail, child->tail + 1, --child->tail_length);
        child->tail[child->tail_length++] = bytes[i] ? bytes[i] : ' ';
    }
    child->tail[child->tail_length] = '\0';
}

/* The guard's next word: *told is false where there is none within the time. */
static enum status hear(struct child *child, double seconds, struct child_state *state, bool *told,
                        struct error *error)
{
    double end = clock_seconds() + seconds;

    *told = false;
    do {
        struct pollfd ways[] = {{.fd = child->state, .events = POLLIN},
                                {.fd = child->messages, .events = POLLIN}};
        int ready = poll(ways, 2, PATIENCE_MS);
        if (ready > 0 && ways[1].revents)
            listen_to(child);
        if (ready > 0 && ways[0].revents) {
            if (read(child->state, state, sizeof *state) != sizeof *state)
                return error_set(error, STATUS_IO, "the process that watches it has gone");
            *told = true;
            return STATUS_OK;
        }
        PASS(interrupt_check(error));
    } while (clock_seconds() < end);
    return STATUS_OK;
}

static enum status started(struct child *child, const char *name, struct error *error)
{
    struct child_state state;
    bool told = false;

    while (!told) /* it starts, or says why it does not: nothing else is waited for */
        PASS(hear(child, GRACE, &state, &told, error));
    if (state.refused)
        return error_set(error, STATUS_UNAVAILABLE, "cannot start '%s': %s", name,
                         strerror(state.refused));
    return STATUS_OK;
}

/* How the program ended: child->ended is false where it still runs after that time. */
static enum status await_end(struct child *child, double seconds, struct error *error)
{
    struct child_state state;

    if (!child->ended) {
        PASS(hear(child, seconds, &state, &child->ended, error));
        child->how = child->ended ? state.how : 0;
    }
    while (child->messages >= 0 && child->ended) { /* what it said at last */
        struct pollfd more = {.fd = child->messages, .events = POLLIN};
        if (poll(&more, 1, 0) <= 0)
            break;
        listen_to(child);
    }
    return STATUS_OK;
}

void child_end(struct child *child, bool kindly)
{
    if (child->guard > 0 && kindly) {
        shut(&child->input);
        shut(&child->output);
        enum status status = await_end(child, GRACE, NULL);
        (void)status; /* if it does not want to, it is killed */
    }
    shut(&child->life);
    shut(&child->input);
    shut(&child->output);
    shut(&child->messages);
    shut(&child->state);
    while (child->guard > 0 && waitpid(child->guard, NULL, 0) < 0 && errno == EINTR) {
    }
    child->guard = 0;
}

enum status child_start(struct child *child, const struct child_program *program,
                        struct error *error)
{
    enum status status = STATUS_OK;
    int pipes[5][2]; /* stdin, stdout, stderr, life, state */
    static const int kept[5] = {1, 0, 0, 1, 0};
    int *ours[5] = {&child->input, &child->output, &child->messages, &child->life, &child->state};
    int theirs[5];

    memset(child, 0, sizeof *child);
    for (int i = 0; i < 5; i++)
        pipes[i][0] = pipes[i][1] = *ours[i] = -1;
    for (int i = 0; i < 5; i++) {
        if (pipe2(pipes[i], O_CLOEXEC) != 0)
            TRY(error_system(error, "cannot start '%s'", program->arguments[0]));
        theirs[i] = pipes[i][1 - kept[i]];
    }
    for (int i = 0; i < 2; i++) /* more at once, where the system allows it */
        (void)fcntl(pipes[i][0], F_SETPIPE_SZ, PIPE_BYTES);
    child->guard = fork();
    if (child->guard == 0) {
        guard(program, theirs);
        _exit(1);
    }
    if (child->guard < 0)
        TRY(error_system(error, "cannot start '%s'", program->arguments[0]));
    for (int i = 0; i < 5; i++) {
        *ours[i] = pipes[i][kept[i]];
        pipes[i][kept[i]] = -1;
    }
    for (int i = 0; i < 3; i++)
        (void)fcntl(*ours[i], F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 5; i++)
        shut(&pipes[i][1 - kept[i]]);
    TRY(started(child, program->arguments[0], error));
out:
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 2; k++)
            shut(&pipes[i][k]);
    if (status != STATUS_OK)
        child_end(child, false);
    return status;
}

void child_tail(const struct child *child, char *text, size_t size)
{
    struct text shown = {0};
    const char *from = child->tail, *end = child->tail + child->tail_length;
    bool cut = child->tail_length == sizeof child->tail - 1;

    while (end > from && isspace((unsigned char)end[-1]))
        end--;
    if ((size_t)(end - from) >= size) {
        from = end - size + 1;
        cut = true;
    }
    const char *line = cut ? memchr(from, '\n', (size_t)(end - from)) : NULL;
    from = line ? line + 1 : from;
    while (from < end) { /* line by line, without what indents them */
        size_t length = strcspn(from, "\n");
        length = length < (size_t)(end - from) ? length : (size_t)(end - from);
        size_t blanks = strspn(from, " \t\r");
        blanks = blanks < length ? blanks : length;
        text_append(&shown, "%s", shown.length && blanks < length ? " | " : "");
        text_append_printable(&shown, from + blanks, length - blanks);
        from += length + 1;
    }
    snprintf(text, size, "%s", shown.bytes ? shown.bytes : "");
    text_release(&shown);
}

/* It wrote nothing more, though more was expected. */
static enum status fell_silent(struct child *child, struct error *error)
{
    char how[80];
    int code;
    enum status status = await_end(child, GRACE, error);

    if (status != STATUS_OK)
        return status;
    if (!child->ended)
        return error_set(error, STATUS_DATA, "it closed its output before its answer was whole");
    if (process_killed(child->how, &code, how, sizeof how))
        return error_set(error, STATUS_DATA, "it was ended before its answer was whole: %s", how);
    return error_set(error, STATUS_DATA,
                     "it ended before its answer was whole, with exit status %d", code);
}

/* Everything is said: it has to end well. */
static enum status part(struct child *child, double seconds, struct error *error)
{
    char how[80];
    int code;
    enum status status = await_end(child, seconds, error);

    if (status != STATUS_OK)
        return status;
    if (!child->ended)
        return error_set(error, STATUS_DATA, "it did not end within the time allowed");
    if (process_killed(child->how, &code, how, sizeof how))
        return error_set(error, STATUS_DATA, "it was ended: %s", how);
    if (code)
        return error_set(error, STATUS_DATA, "it failed with exit status %d", code);
    return STATUS_OK;
}

/* Sends what the pipe takes. A program may leave its input unread. */
static void send_some(struct child *child, struct iovec **pieces, size_t *count)
{
    sigset_t pipe_signal, before;
    struct timespec now = {0, 0};

    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    ssize_t put = writev(child->input, *pieces, *count < 16 ? (int)*count : 16);
    if (put < 0 && errno == EPIPE) {
        while (sigtimedwait(&pipe_signal, NULL, &now) < 0 && errno == EINTR) {
        }
        *count = 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    while (*count && put >= 0) {
        size_t length = (*pieces)->iov_len;
        if ((size_t)put < length) {
            (*pieces)->iov_base = (char *)(*pieces)->iov_base + put;
            (*pieces)->iov_len -= (size_t)put;
            break;
        }
        put -= (ssize_t)length;
        ++*pieces;
        --*count;
    }
}

static enum status take_some(struct child *child, const struct child_sink *sink, bool *whole,
                             bool *silent, struct error *error)
{
    char extra[4096];
    void *at = extra;
    size_t most = sizeof extra;

    if (sink && !*whole)
        PASS(sink->room(sink->context, &at, &most, error));
    ssize_t got = read(child->output, at, most);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return STATUS_OK;
    *silent = got <= 0;
    if (!sink)
        return STATUS_OK; /* what it prints is of no use */
    if (got > 0 && *whole)
        return error_set(error, STATUS_DATA, "it wrote more than its answer");
    if (got > 0)
        PASS(sink->got(sink->context, (size_t)got, whole, error));
    return STATUS_OK;
}

static enum status converse(struct child *child, struct iovec *pieces, size_t count,
                            const struct child_sink *sink, bool last, double end,
                            struct error *error)
{
    bool whole = false, silent = false;

    for (;;) {
        if (!count && last)
            shut(&child->input);
        if ((whole && !last) || silent)
            break;
        struct pollfd ways[] = {{.fd = child->output, .events = POLLIN},
                                {.fd = count ? child->input : -1, .events = POLLOUT},
                                {.fd = child->messages, .events = POLLIN}};
        int ready = poll(ways, 3, PATIENCE_MS);
        PASS(interrupt_check(error));
        if (ready > 0 && ways[2].revents)
            listen_to(child);
        if (ready > 0 && ways[1].revents)
            send_some(child, &pieces, &count);
        if (ready > 0 && ways[0].revents)
            PASS(take_some(child, sink, &whole, &silent, error));
        if (clock_seconds() > end)
            return error_set(error, STATUS_DATA, "it did not %s within the time allowed",
                             whole ? "end" : "answer");
    }
    if (sink && !whole)
        PASS(fell_silent(child, error));
    return STATUS_OK;
}

enum status child_talk(struct child *child, struct iovec *pieces, size_t count,
                       const struct child_sink *sink, bool last, double seconds,
                       struct error *error)
{
    double end = clock_seconds() + seconds;

    PASS(converse(child, pieces, count, sink, last, end, error));
    if (last)
        PASS(part(child, end > clock_seconds() ? end - clock_seconds() : 0, error));
    return STATUS_OK;
}
