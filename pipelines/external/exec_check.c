/* Settings of `exec` against each other, and against what lies on this machine. */
#include "pipelines/external/exec.h"
#include "pipelines/external/own_files.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static enum status tell(struct diagnostics *found, const char *path, struct text *message,
                        struct error *error)
{
    enum status status = text_status(message, error);

    if (status == STATUS_OK)
        status =
            diagnostics_add(found, (struct yaml_mark){"", 0, 0}, path, error, "%s", message->bytes);
    text_release(message);
    return status;
}

static const char *shown_folder(const struct exec *exec)
{
    return exec->folder && exec->folder[0] ? exec->folder : ".";
}

static enum status check_program(const struct exec *exec, struct diagnostics *found,
                                 struct error *error)
{
    const char *name = exec->command.items[0];
    struct text path = {0}, message = {0};
    enum status status = STATUS_OK;

    bool there = own_program_find(exec->folder, name, &path);
    TRY(text_status(&path, error));
    if (there)
        goto out;
    text_clear(&path);
    (void)own_file_path(exec->folder, name, &path);
    TRY(text_status(&path, error));
    if (own_file_exists(path.bytes) && strchr(name, '/'))
        text_append(&message, "'%s' is not a program: its file may not be executed", name);
    else if (own_file_exists(path.bytes))
        text_append(&message,
                    "'%s' is not a program in PATH; write './%s' for the one in '%s', or name the "
                    "program that runs it, as [python3, %s]",
                    name, name, shown_folder(exec), name);
    else
        text_append(
            &message, "there is no program '%s'%s%s", name, strchr(name, '/') ? "" : " in PATH",
            strchr(name, ' ') ? "; program and arguments are a list, as [python3, clean.py]" : "");
    TRY(tell(found, "command", &message, error));
out:
    text_release(&path);
    return status;
}

/* Is it a name that can only be a script's? */
static bool is_script(const char *word)
{
    static const char *const endings[] = {".py", ".sh", ".pl", ".rb", ".jl", ".R", ".m", ".js"};
    size_t length = strlen(word);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t size = strlen(endings[i]);
        if (length > size && strcmp(word + length - size, endings[i]) == 0 && word[0] != '-')
            return true;
    }
    return false;
}

static enum status check_files(const struct exec *exec, struct diagnostics *found,
                               struct error *error)
{
    enum status status = STATUS_OK;
    const struct text_list *lists[] = {&exec->command, &exec->files};
    static const char *const paths[] = {"command", "files"};
    struct text path = {0}, message = {0};
    char where[40];

    for (size_t l = 0; l < 2; l++)
        for (size_t i = l == 0; i < lists[l]->count; i++) {
            const char *name = lists[l]->items[i];
            text_clear(&path);
            (void)own_file_path(exec->folder, name, &path);
            TRY(text_status(&path, error));
            if ((l == 0 && !is_script(name)) || own_file_exists(path.bytes))
                continue;
            text_append(&message, "there is no file '%s' in the folder '%s'", name,
                        shown_folder(exec));
            snprintf(where, sizeof where, "%s[%zu]", paths[l], i);
            TRY(tell(found, where, &message, error));
        }
out:
    text_release(&path);
    text_release(&message);
    return status;
}

static enum status check_environment(const struct exec *exec, struct diagnostics *found,
                                     struct error *error)
{
    struct text message = {0};
    char where[40];

    for (size_t i = 0; i < exec->environment.count; i++) {
        const char *item = exec->environment.items[i], *at = item;
        while (isalnum((unsigned char)*at) || *at == '_')
            at++;
        if (*at == '=' && at > item && !isdigit((unsigned char)item[0]))
            continue;
        text_append(&message, "expected NAME=value, found '");
        text_append_escaped(&message, item);
        text_append(&message, "'");
        snprintf(where, sizeof where, "environment[%zu]", i);
        PASS(tell(found, where, &message, error));
    }
    return STATUS_OK;
}

static bool names_folder(const struct exec *exec, const char *folder)
{
    for (size_t i = 1; i < exec->command.count; i++)
        if (strstr(exec->command.items[i], folder))
            return true;
    return false;
}

static enum status check_protocol(const struct exec *exec, struct diagnostics *found,
                                  struct error *error)
{
    struct text message = {0};
    bool folders = names_folder(exec, "{in}") && names_folder(exec, "{out}");

    if (exec->protocol == EXEC_FILES && !folders) {
        text_append(&message,
                    "'protocol: files' needs {in} and {out} among the command's arguments: the "
                    "folders that it reads from and writes to");
        PASS(tell(found, "command", &message, error));
    }
    if (exec->protocol == EXEC_NPY && folders) {
        text_append(&message, "{in} and {out} are folders of 'protocol: files'; 'protocol: npy' "
                              "has none");
        PASS(tell(found, "protocol", &message, error));
    }
    if (exec->protocol == EXEC_FILES && exec->persistent) {
        text_append(&message, "with 'protocol: files' the program is started for each batch");
        PASS(tell(found, "persistent", &message, error));
    }
    return STATUS_OK;
}

static enum status check_output(const struct exec *exec, const struct task *task,
                                struct diagnostics *found, struct error *error)
{
    struct text message = {0};
    bool answers = exec->output == EXTERNAL_ANSWER;
    bool image = exec->output == EXTERNAL_IMAGE || (answers && task->labels == CONTENT_IMAGE);
    double ignored;

    if ((exec->output == EXTERNAL_FEATURES) != (exec->features > 0)) {
        text_append(&message, exec->features
                                  ? "only 'output: features' has features"
                                  : "'output: features' needs 'features': how many there are");
        PASS(tell(found, "features", &message, error));
    }
    if (exec->channels && !image) {
        text_append(&message, "only images have channels");
        PASS(tell(found, "channels", &message, error));
    }
    if (exec->ignore[0] && !exec_ignored(exec, &ignored)) {
        text_append(&message, "expected a number, as 255");
        PASS(tell(found, "ignore", &message, error));
    }
    if (exec->ignore[0] &&
        !(answers && (task->labels == CONTENT_MASK || task->labels == CONTENT_MAP))) {
        text_append(&message, "only masks and maps have pixels that are ignored");
        PASS(tell(found, "ignore", &message, error));
    }
    if (exec->protocol == EXEC_FILES && exec->output == EXTERNAL_FEATURES) {
        text_append(&message, "features do not go through image files; use 'protocol: npy'");
        PASS(tell(found, "output", &message, error));
    }
    return STATUS_OK;
}

enum status exec_check(const void *config, const struct task *task, const struct engine *engine,
                       struct diagnostics *found, struct error *error)
{
    const struct exec *exec = config;
    struct text message = {0};

    (void)engine;
    if (exec->command.count == 0 || !exec->command.items[0][0]) {
        text_append(&message, "expected a program and its arguments, as [python3, clean.py]");
        return tell(found, "command", &message, error);
    }
    PASS(check_program(exec, found, error));
    PASS(check_files(exec, found, error));
    PASS(check_environment(exec, found, error));
    PASS(check_protocol(exec, found, error));
    return check_output(exec, task, found, error);
}
