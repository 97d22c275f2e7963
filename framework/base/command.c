#include "base/command.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
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
        TRY(error_set(error, STATUS_UNAVAILABLE, "there is no program '%s' here", arguments[0]));
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

enum status command_run(const char *const *arguments, struct text *output, struct text *messages,
                        int *code, struct error *error)
{
    enum status status = STATUS_OK;
    FILE *out = tmpfile(), *err = tmpfile();
    pid_t process;
    int ended;

    if (!out || !err)
        TRY(error_system(error, "cannot keep what %s says", arguments[0]));
    TRY(spawn(arguments, out, err, &process, error));
    while (waitpid(process, &ended, 0) < 0)
        if (errno != EINTR)
            TRY(error_system(error, "cannot wait for %s", arguments[0]));
    *code = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
    read_back(out, output);
    read_back(err, messages);
    TRY(text_status(output, error));
    TRY(text_status(messages, error));
out:
    if (out)
        fclose(out);
    if (err)
        fclose(err);
    return status;
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
