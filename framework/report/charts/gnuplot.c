#include "report/charts/gnuplot.h"

#include "base/interrupt.h"
#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* In single quotes nothing is special but the quote itself, which is doubled: gnuplot's passes
 * for macros and backquotes only count quotes, so that one in the other kind of quotes would turn
 * the rest of the line into code. A line break is joined on, for a line of the script ends there.
 */
static void append_quoted(struct text *script, const char *value)
{
    text_append_bytes(script, "'", 1);
    for (const char *at = value; *at; at++)
        if (*at == '\'')
            text_append(script, "''");
        else if (*at == '\n' || *at == '\r')
            text_append(script, "'.\"%s\".'", *at == '\n' ? "\\n" : "\\r");
        else
            text_append_bytes(script, at, 1);
    text_append_bytes(script, "'\n", 2);
}

void gnuplot_set_text(struct text *script, const char *name, const char *value)
{
    struct text plain = {0};

    text_append_printable(&plain, value, strlen(value));
    text_append(script, "%s = ", name);
    append_quoted(script, plain.bytes ? plain.bytes : "");
    script->failed |= plain.failed;
    text_release(&plain);
}

void gnuplot_set_path(struct text *script, const char *name, const char *path)
{
    text_append(script, "%s = '%s'.", name, path[0] == '/' ? "" : "./");
    append_quoted(script, path);
}

void gnuplot_set_real(struct text *script, const char *name, double value)
{
    if (!isfinite(value))
        text_append(script, "%s = NaN\n", name);
    else
        text_append(script, "%s = %.17g\n", name, value);
}

/* The environment without locale and gnuplot's own variables; the strings are borrowed. */
static enum status environment_new(char ***environment, struct error *error)
{
    static const char *const dropped[] = {"LC_", "LANG", "GNUTERM", "GNUPLOT", "FIT_"};
    static char locale[] = "LC_ALL=C.UTF-8";
    size_t count = 0, kept = 0;

    while (environ && environ[count])
        count++;
    PASS(memory_new(environment, count + 2, sizeof **environment, error));
    for (size_t i = 0; i < count; i++) {
        bool drop = false;
        for (size_t k = 0; k < sizeof dropped / sizeof *dropped; k++)
            drop = drop || strncmp(environ[i], dropped[k], strlen(dropped[k])) == 0;
        if (!drop)
            (*environment)[kept++] = environ[i];
    }
    (*environment)[kept++] = locale;
    (*environment)[kept] = NULL;
    return STATUS_OK;
}

static enum status spawn(FILE *input, FILE *messages, pid_t *process, struct error *error)
{
    enum status status = STATUS_OK;
    char program[] = "gnuplot", defaults[] = "--default-settings", standard_input[] = "-";
    char *const arguments[] = {program, defaults, standard_input, NULL};
    posix_spawn_file_actions_t actions;
    char **environment = NULL;
    int failed;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return error_set(error, STATUS_MEMORY, "out of memory while starting gnuplot");
    TRY(environment_new(&environment, error));
    failed = posix_spawn_file_actions_adddup2(&actions, fileno(input), STDIN_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, fileno(messages), STDOUT_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, fileno(messages), STDERR_FILENO);
    if (!failed)
        failed = posix_spawnp(process, program, &actions, NULL, arguments, environment);
    if (failed == ENOENT)
        TRY(error_set(error, STATUS_UNAVAILABLE, "cannot draw figures: gnuplot is not installed"));
    errno = failed;
    if (failed)
        TRY(error_system(error, "cannot start gnuplot"));
out:
    memory_free(environment);
    posix_spawn_file_actions_destroy(&actions);
    return status;
}

/* What gnuplot said, in one line, without its echo of the script and the caret below it. */
static void read_messages(FILE *messages, char *text, size_t room)
{
    char line[512];
    size_t length = 0;

    text[0] = '\0';
    rewind(messages);
    while (fgets(line, sizeof line, messages)) {
        const char *from = line + strspn(line, " \t\n");
        size_t used = strcspn(from, "\n");
        bool whole = strchr(line, '\n') != NULL;
        if (used && *from != '^' && strncmp(from, "gnuplot>", 8) != 0)
            length += (size_t)snprintf(text + length, room - length, "%s%.*s", length ? "; " : "",
                                       (int)used, from);
        while (!whole && fgets(line, sizeof line, messages))
            whole = strchr(line, '\n') != NULL;
        if (length >= room)
            return;
    }
}

/* Looked at now and then: a stop that is asked for just before waiting would be waited through. Who
 * asked for it has an answer within a second, so that gnuplot gets a fifth of one. */
static int wait_for(pid_t process, int *state)
{
    static const long most = 20000000; /* nanoseconds */
    int asked = 0;
    struct timespec pause = {0, 500000};
    pid_t ended;

    while ((ended = waitpid(process, state, WNOHANG)) == 0 || (ended < 0 && errno == EINTR)) {
        if (interrupt_requested())
            kill(process, asked++ < 10 ? SIGTERM : SIGKILL);
        nanosleep(&pause, NULL);
        pause.tv_nsec = 2 * pause.tv_nsec < most ? 2 * pause.tv_nsec : most;
    }
    return ended < 0 ? -1 : 0;
}

static enum status await(pid_t process, FILE *messages, struct error *error)
{
    char said[600];
    int state;

    if (wait_for(process, &state) != 0)
        return error_system(error, "cannot wait for gnuplot");
    if (WIFEXITED(state) && WEXITSTATUS(state) == 0)
        return STATUS_OK;
    if (WIFEXITED(state) && WEXITSTATUS(state) == 127) /* where spawn cannot tell */
        return error_set(error, STATUS_UNAVAILABLE,
                         "cannot draw figures: gnuplot is not installed");
    if (WIFSIGNALED(state) && interrupt_requested())
        return error_set(error, STATUS_INTERRUPTED, "interrupted");
    if (WIFSIGNALED(state))
        return error_set(error, STATUS_IO, "gnuplot was killed by signal %d", WTERMSIG(state));
    read_messages(messages, said, sizeof said);
    return error_set(error, STATUS_IO, "gnuplot failed: %s", said);
}

enum status gnuplot_run(const char *script, struct error *error)
{
    enum status status = STATUS_OK;
    FILE *input = NULL, *messages = NULL;
    pid_t process;

    input = tmpfile();
    messages = input ? tmpfile() : NULL;
    if (!messages || fputs(script, input) == EOF || fflush(input) != 0)
        TRY(error_system(error, "cannot write a script for gnuplot"));
    rewind(input);
    TRY(spawn(input, messages, &process, error));
    TRY(await(process, messages, error));
out:
    if (messages)
        fclose(messages);
    if (input)
        fclose(input);
    return status;
}
