/*
 * Any program as a stage. Images go to it through a pipe, as NumPy's arrays, or through folders, as
 * image files (exec_npy.c, exec_files.c); what it answers is checked, kept, and asked for once
 * (exec_run.c).
 *
 * Answers depend on the command, its environment, the program itself, and the files named: keys
 * have the digests of all of them, so that an edited script labels anew.
 */
#include "pipelines/external/exec.h"

#include "pipelines/external/external.h"
#include "pipelines/external/own_files.h"

#include <math.h>
#include <string.h>

static const char *const protocols[] = {"files", "npy", NULL};
static const char *const formats[] = {"png", "png16", "tiff", NULL};
static const char *const trust[] = {"check", "no", "yes", NULL};

static const struct field fields[] = {
    {"command", FIELD_TEXTS, offsetof(struct exec, command),
     .help = "the program and its arguments, as a list; it runs in the experiment file's folder"},
    {"files", FIELD_TEXTS, offsetof(struct exec, files), .fallback = "[]",
     .help = "files and folders that the answers depend on, as modules and weights; the program, "
             "and arguments that are files, count by themselves"},
    {"environment", FIELD_TEXTS, offsetof(struct exec, environment), .fallback = "[]",
     .help = "NAME=value, a list; beside these, the program sees PATH, HOME, TMPDIR, LANG=C.UTF-8, "
             "and PYTHONPATH with the module 'understudy', alone"},
    {"protocol", FIELD_CHOICE, offsetof(struct exec, protocol), .fallback = "npy",
     .choices = protocols,
     .help = "npy: arrays through stdin and stdout; files: image files in the folders {in} and "
             "{out} of the command"},
    {"format", FIELD_CHOICE, offsetof(struct exec, format), .fallback = "png16", .choices = formats,
     .help = "of the files in {in}: PNG of 8 or 16 bits, TIFF of floats; those in {out} may have "
             "any that is read"},
    {"persistent", FIELD_BOOLEAN, offsetof(struct exec, persistent), .fallback = "false",
     .help = "the program answers batch after batch until its stdin ends; false: it is started "
             "for each"},
    {"batch", FIELD_INTEGER, offsetof(struct exec, batch), .minimum = 1, .maximum = 100000,
     .fallback = "16", .unit = "images", .help = "how many it is given at once, at most"},
    {"workers", FIELD_INTEGER, offsetof(struct exec, workers), .minimum = 1, .maximum = 256,
     .fallback = "1", .help = "programs that run at a time"},
    {"timeout", FIELD_REAL, offsetof(struct exec, timeout), .minimum = 0.01, .maximum = 1e6,
     .fallback = "300", .unit = "s", .help = "how long a batch may take, the start included"},
    {"deterministic", FIELD_CHOICE, offsetof(struct exec, deterministic), .fallback = "check",
     .choices = trust,
     .help = "does it give the same answer every time? check: it is asked twice for a few images; "
             "no, yes: it is not asked"},
    {"output", FIELD_CHOICE, offsetof(struct exec, output), .fallback = "answer",
     .choices = external_outputs,
     .help = "what it gives: the task's answer, or images or features for the stage behind it"},
    {"channels", FIELD_INTEGER, offsetof(struct exec, channels), .minimum = 0, .maximum = 65536,
     .fallback = "0", .help = "of the images that it gives; 0: as many as it is given"},
    {"features", FIELD_INTEGER, offsetof(struct exec, features), .minimum = 0, .maximum = 1 << 24,
     .fallback = "0", .help = "how many numbers it gives with 'output: features'"},
    {"multiply_adds", FIELD_REAL, offsetof(struct exec, multiply_adds), .minimum = 0,
     .maximum = 1e12, .fallback = "0", .unit = "1/pixel",
     .help = "its work, where it is known, for figures that compare costs; 0: nobody knows"},
    {0},
};

static enum content exec_gives(const void *config)
{
    return external_content(((const struct exec *)config)->output);
}

static void exec_settle(void *config, const char *folder)
{
    ((struct exec *)config)->folder = folder;
}

static enum status exec_shape(const void *config, struct shape in, int class_count,
                              struct shape *out, struct error *error)
{
    const struct exec *exec = config;

    (void)error;
    *out = in;
    if (exec->output == EXTERNAL_FEATURES)
        *out = (struct shape){(int)exec->features, 1, 1};
    else if (exec->output == EXTERNAL_ANSWER && class_count)
        *out = (struct shape){class_count, 1, 1};
    else if (exec->channels)
        out->channels = (int)exec->channels;
    return STATUS_OK;
}

static struct operations exec_count(const void *config, struct shape in, int class_count)
{
    const struct exec *exec = config;

    (void)class_count;
    return external_operations(
        exec->multiply_adds > 0 ? exec->multiply_adds * (double)shape_plane(in) : (double)NAN);
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
                own_file_path(exec->folder, name, &path);
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
    enum status status = STATUS_OK;
    struct text *text = context;
    char digest[HASH_TEXT];

    TRY(own_file_digest(path, digest, error));
    text_append(text, "pipeline.exec[");
    text_append_escaped(text, name);
    text_append(text, "]: %s\n", digest);
out:
    return status;
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

static enum status exec_key(const void *config, const struct task *task,
                            const struct engine *engine, struct text *text, struct error *error)
{
    (void)task, (void)engine;
    return exec_print_files(config, text, error);
}

const struct stage stage_exec = {
    .descriptor = {"exec", "a program of your own", NULL, fields, sizeof(struct exec), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_ANSWER,
    .gives = exec_gives,
    .settle = exec_settle,
    .shape = exec_shape,
    .key = exec_key,
    .check = exec_check,
    .start = exec_start,
    .release = exec_release,
    .run_all = exec_run,
    .count = exec_count,
};
