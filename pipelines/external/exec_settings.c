/* What follows from the settings of `exec` alone, and from the files that they name. */
#include "pipelines/external/exec.h"
#include "pipelines/external/external.h"
#include "pipelines/external/own_files.h"

#include <math.h>
#include <stdlib.h>

enum content exec_gives(const void *config, enum content in)
{
    (void)in;
    return external_content(((const struct exec *)config)->output);
}

void exec_settle(void *config, const char *folder)
{
    ((struct exec *)config)->folder = folder;
}

enum status exec_shape(const void *config, struct shape in, struct answer answer, struct shape *out,
                       struct error *error)
{
    const struct exec *exec = config;

    (void)error;
    *out = in;
    if (exec->output == EXTERNAL_FEATURES)
        *out = (struct shape){(int)exec->features, 1, 1};
    else if (exec->output == EXTERNAL_ANSWER && answer.content != CONTENT_IMAGE)
        *out = answer_shape(answer, in);
    else if (exec->channels)
        out->channels = (int)exec->channels;
    return STATUS_OK;
}

struct operations exec_count(const void *config, struct shape in, struct answer answer)
{
    const struct exec *exec = config;

    (void)answer;
    return external_operations(
        exec->multiply_adds > 0 ? exec->multiply_adds * (double)shape_plane(in) : (double)NAN);
}

/* ---- masks and maps */

bool exec_ignored(const struct exec *exec, double *value)
{
    char *end;

    *value = strtod(exec->ignore, &end);
    return exec->ignore[0] && !*end;
}

/* ---- keys */

/* Calls `use` with the path of the program and of every file named, and with its name. */
static enum status for_files(const struct exec *exec,
                             enum status (*use)(void *context, const char *name, const char *path,
                                                struct error *error),
                             void *context, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    const struct text_list *lists[] = {&exec->command, &exec->files};

    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < lists[l]->count; i++) {
            const char *name = lists[l]->items[i];
            bool program = l == 0 && i == 0;
            text_clear(&path);
            bool there = !program || own_program_find(exec->folder, name, &path);
            if (!program)
                (void)own_file_path(exec->folder, name, &path);
            TRY(text_status(&path, error));
            if (there && own_file_exists(path.bytes))
                TRY(use(context, name, path.bytes, error));
        }
out:
    text_release(&path);
    return status;
}

static enum status print_digest(void *context, const char *name, const char *path,
                                struct error *error)
{
    struct text *text = context;
    char digest[HASH_TEXT];

    PASS(own_file_digest(path, digest, error));
    text_append(text, "pipeline.exec[");
    text_append_escaped(text, name);
    text_append(text, "]: %s\n", digest);
    return STATUS_OK;
}

enum status exec_print_files(const struct exec *exec, struct text *text, struct error *error)
{
    enum status status = for_files(exec, print_digest, text, error);
    return status == STATUS_OK ? text_status(text, error) : status;
}

static enum status ask_unchanged(void *context, const char *name, const char *path,
                                 struct error *error)
{
    (void)context, (void)name;
    return own_file_unchanged(path, error);
}

enum status exec_files_unchanged(const struct exec *exec, struct error *error)
{
    return for_files(exec, ask_unchanged, NULL, error);
}

enum status exec_key(const void *config, const struct task *task, const struct engine *engine,
                     struct text *text, struct error *error)
{
    (void)task, (void)engine;
    return exec_print_files(config, text, error);
}
