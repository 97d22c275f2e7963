#include "cli/support/console.h"

#include "base/columns.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
    TICK = 100000000,
    USUAL = 80,
    LEAST = 20,
    NARROW = 40,
    WIDE = 100,
    BAR_FROM = 70,
    BAR_SHARE = 4,
    BAR_MOST = 30,
    STACK = 1 << 18
};

static struct {
    pthread_mutex_t mutex; /* of all that follows, and of the terminal */
    pthread_cond_t wake;
    pthread_t thread;
    bool open, ending;
    size_t shown; /* columns of the line that stands there; 0: none does */
    console_composer *compose;
    void *context;
} console = {.mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

size_t console_columns(FILE *stream)
{
    struct winsize size = {0};

    if (isatty(fileno(stream)) != 1)
        return 0;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return USUAL;
    return size.ws_col < LEAST ? LEAST : size.ws_col;
}

size_t console_page(void)
{
    size_t columns = console_columns(stdout);

    return !columns ? USUAL : columns < NARROW ? NARROW : columns > WIDE ? WIDE : columns;
}

void console_duration(double seconds, struct text *text)
{
    if (seconds < 59.5)
        text_append(text, "%.0f s", seconds);
    else if (seconds < 3570)
        text_append(text, "%.0f min", seconds / 60);
    else
        text_append(text, "%.1f h", seconds / 3600);
}

void console_bar(double share, size_t columns, struct text *line)
{
    size_t filled = (size_t)(share * (double)columns);

    text_append(line, "[");
    for (size_t i = 0; i < columns; i++)
        text_append(line, i < filled ? "#" : ".");
    text_append(line, "] ");
}

void console_work(const struct work *work, struct text *line)
{
    text_append(line, "%s", work->step[0] ? work->step : "working");
    if (!work->total) {
        if (work->seconds >= 1)
            text_append(line, ", %.0f s", work->seconds);
        return;
    }
    text_append(line, " %zu of %zu %s", work->done, work->total, work->unit);
    if (work->rate > 0)
        text_append(line, ", %.*f/s", work->rate < 9.95, work->rate);
    if (work->left > 0 && work->seconds >= 1) {
        text_append(line, ", ");
        console_duration(work->left, line);
        text_append(line, " left");
    }
}

/* What this process is at; empty where that began just now. */
static void compose_work(size_t columns, struct text *line)
{
    struct work work;

    if (!work_look(&work) || work.seconds < 1)
        return;
    if (work.total && columns >= BAR_FROM)
        console_bar(work.share, columns / BAR_SHARE < BAR_MOST ? columns / BAR_SHARE : BAR_MOST,
                    line);
    console_work(&work, line);
}

/* A line that was wrapped, since the window became narrower, takes several rows. */
static void clear(size_t columns)
{
    size_t rows = console.shown && columns ? (console.shown - 1) / columns : 0;

    if (!console.shown)
        return;
    if (rows)
        fprintf(stderr, "\033[%zuA", rows);
    fputs(rows ? "\r\033[J" : "\r\033[K", stderr);
    fflush(stderr);
    console.shown = 0;
}

/* The last column stays free: some terminals wrap as soon as it is taken. */
static void draw(void)
{
    size_t columns = console_columns(stderr);
    struct text line = {0}, safe = {0};

    compose_work(columns, &line);
    if (!line.length && console.compose)
        console.compose(console.context, columns, &line);
    text_append_printable(&safe, line.bytes ? line.bytes : "", line.length);
    if (columns && text_status(&safe, NULL) == STATUS_OK && text_status(&line, NULL) == STATUS_OK) {
        size_t fit = columns_fit(safe.bytes ? safe.bytes : "", safe.length, columns - 1);
        clear(columns);
        if (fit)
            fwrite(safe.bytes, 1, fit, stderr);
        fflush(stderr);
        console.shown = fit ? columns_count(safe.bytes, fit) : 0;
    }
    text_release(&safe);
    text_release(&line);
}

static void *keep_drawing(void *unused)
{
    struct timespec until;

    pthread_mutex_lock(&console.mutex);
    while (!console.ending) {
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += TICK;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&console.wake, &console.mutex, &until);
        if (!console.ending)
            draw();
    }
    pthread_mutex_unlock(&console.mutex);
    return unused;
}

/* When something that was worked at is over, what comes next may print. */
static void on_over(void)
{
    console_lock();
    console_unlock();
}

/* Verbs that do not ask about a wish to stop end by the signal, and leave a clean line. */
static void on_signal(int number)
{
    static const char erase[] = "\r\033[K";
    ssize_t put = write(STDERR_FILENO, erase, sizeof erase - 1);

    (void)put;
    signal(number, SIG_DFL);
    raise(number);
}

static void listen_to_signals(void)
{
    struct sigaction action;

    for (int i = 0; i < 2; i++) {
        int number = i ? SIGTERM : SIGINT;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
            signal(number, on_signal);
    }
}

static bool start_thread(void)
{
    pthread_attr_t attributes;
    sigset_t all, old;

    sigfillset(&all); /* signals are for the main thread */
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    bool started = pthread_create(&console.thread, &attributes, keep_drawing, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attributes);
    return started;
}

void console_open(void)
{
    if (console.open || !console_columns(stderr))
        return;
    console.ending = false;
    console.open = start_thread();
    if (!console.open)
        return;
    listen_to_signals();
    work_listen(on_over);
}

void console_say(console_composer *compose, void *context)
{
    console_lock();
    console.compose = compose;
    console.context = context;
    console_unlock();
}

void console_close(void)
{
    if (!console.open)
        return;
    work_listen(NULL);
    pthread_mutex_lock(&console.mutex);
    console.ending = true;
    clear(console_columns(stderr));
    pthread_cond_signal(&console.wake);
    pthread_mutex_unlock(&console.mutex);
    pthread_join(console.thread, NULL);
    console.open = false;
}

void console_lock(void)
{
    pthread_mutex_lock(&console.mutex);
    if (console.open)
        clear(console_columns(stderr));
}

void console_unlock(void)
{
    pthread_mutex_unlock(&console.mutex);
}
