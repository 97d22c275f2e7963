#define _DEFAULT_SOURCE /* wait4 */

#include "base/command.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static enum status spawn(const char *const *arguments, FILE *output, FILE *messages, pid_t *process,
                         struct error *error)
{
    enum status status = STATUS_OK;
    posix_spawn_file_actions_t actions;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return error_set(error, STATUS_MEMORY, "out of memory while starting %s", arguments[0]);
    int failed = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, fileno(output), STDOUT_FILENO);
    if (!failed)
        failed = posix_spawn_file_actions_adddup2(&actions, fileno(messages), STDERR_FILENO);
    /* execv() and its kin take char *const *, and write nothing. */
    if (!failed)
        failed =
            posix_spawnp(process, arguments[0], &actions, NULL, (char *const *)arguments, environ);
    if (failed == ENOENT)
        TRY(error_set(error, STATUS_UNAVAILABLE, "program '%s' is not installed", arguments[0]));
    errno = failed;
    if (failed)
        TRY(error_system(error, "cannot start %s", arguments[0]));
out:
    posix_spawn_file_actions_destroy(&actions);
    return status;
}

static void read_back(FILE *stream, struct text *text)
{
    char bytes[4096];
    size_t got;

    rewind(stream);
    while ((got = fread(bytes, 1, sizeof bytes, stream)) > 0)
        text_append_bytes(text, bytes, got);
}

static FILE *open_stream(const struct text *text)
{
    return text ? tmpfile() : fopen("/dev/null", "r+e");
}

static double seconds(const struct timeval *time)
{
    return (double)time->tv_sec + 1e-6 * (double)time->tv_usec;
}

enum status command_measure(const char *const *arguments, struct text *output,
                            struct text *messages, int *code, struct command_cost *cost,
                            struct error *error)
{
    enum status status = STATUS_OK;
    FILE *out = open_stream(output), *err = open_stream(messages);
    double begin = clock_seconds();
    struct rusage usage;
    pid_t process;
    int ended;

    if (!out || !err)
        TRY(error_system(error, "cannot store the output of %s", arguments[0]));
    TRY(spawn(arguments, out, err, &process, error));
    while (wait4(process, &ended, 0, &usage) < 0)
        if (errno != EINTR)
            TRY(error_system(error, "cannot wait for %s", arguments[0]));
    cost->seconds = clock_seconds() - begin;
    cost->cpu_seconds = seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
    cost->memory_mib = (double)usage.ru_maxrss / 1024;
    *code = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
    if (output) {
        read_back(out, output);
        TRY(text_status(output, error));
    }
    if (messages) {
        read_back(err, messages);
        TRY(text_status(messages, error));
    }
out:
    if (out)
        fclose(out);
    if (err)
        fclose(err);
    return status;
}

enum status command_run(const char *const *arguments, struct text *output, struct text *messages,
                        int *code, struct error *error)
{
    struct command_cost cost;
    return command_measure(arguments, output, messages, code, &cost, error);
}

void command_quote(struct text *text, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+=:,./@%";

    if (*word && *word != '=' && !word[strspn(word, plain)]) {
        text_append(text, "%s", word);
        return;
    }
    text_append(text, "'");
    for (const char *at = word; *at; at++) {
        if (*at == '\'')
            text_append(text, "'\\''");
        else
            text_append_bytes(text, at, 1);
    }
    text_append(text, "'");
}
