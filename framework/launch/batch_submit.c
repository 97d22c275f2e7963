/* Handing in: an array after the other, then the merging job. Half a launch is taken back. */
#include "launch/batch.h"

#include "base/command.h"
#include "base/folder.h"
#include "io/files/atomic_file.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct submitter {
    const struct batch_settings *batch;
    const struct batch_system *system;
    const struct launch *launch;
    struct batch_jobs jobs;
};

enum status batch_failed(const struct batch_system *system, const char *line, int code,
                         const struct text *messages, struct error *error)
{
    bool script = strchr(line, ';') != NULL; /* its first word is no program */
    const char *program = script ? system->title : line;
    int name = (int)(script ? strlen(program) : strcspn(line, " "));
    const char *words = messages->bytes ? messages->bytes : "";

    if (code == COMMAND_MISSING)
        return error_set(error, STATUS_UNAVAILABLE,
                         "%s is not installed here (is this a machine of a %s cluster?): program "
                         "'%.*s' is not installed",
                         system->title, system->title, name, program);
    return error_set(error, STATUS_IO, "%.*s failed with status %d: %.*s", name, program, code,
                     (int)strcspn(words, "\n"), words);
}

static enum status write_file(const char *folder, const char *name, const char *ending,
                              const struct text *content, struct text *path, struct error *error)
{
    PASS(text_print(path, error, "%s/%s%s", folder, name, ending));
    PASS(text_status(content, error));
    struct span span = {(const unsigned char *)content->bytes, content->length, ""};
    return atomic_file_write(path->bytes, &span, 1, error);
}

/* What a template's placeholders stand for. */
struct values {
    struct template_value items[24];
    size_t count;
    char numbers[10][24];
    size_t number_count;
    struct text parts[8]; /* templates within templates, paths */
    size_t part_count;
};

/* As below: those of every template of what is handed in, then those that hold others. */
static const char *const setting_names[] = {
    "name",    "folder", "logs",  "directory", "cpus",         "memory",  "minutes",
    "seconds", "count",  "first", "last",      "most_running", "options", "script"};
static const char *const part_names[] = {"name",           "folder", "logs",        "directory",
                                         "cpus",           "memory", "minutes",     "seconds",
                                         "count",          "first",  "last",        "most_running",
                                         "options",        "script", "array_limit", "request_cpus",
                                         "request_memory", "array",  "dependency",  "description"};
const struct text_list batch_jobs_names = {(const char *[]){"jobs"}, 1};
const struct text_list batch_setting_names = {(const char **)setting_names,
                                              sizeof setting_names / sizeof *setting_names};
const struct text_list batch_submit_names = {(const char **)part_names,
                                             sizeof part_names / sizeof *part_names};

static void add_value(struct values *values, const char *name, const char *text, bool raw)
{
    values->items[values->count++] = (struct template_value){name, text, NULL, raw};
}

static void add_number(struct values *values, const char *name, int64_t number)
{
    char *room = values->numbers[values->number_count++];

    snprintf(room, sizeof values->numbers[0], "%" PRId64, number);
    add_value(values, name, room, true);
}

/* A part of the command, "" where it is not wanted. */
static void add_part(struct values *values, const char *name, const char *template, bool wanted)
{
    struct text *part = &values->parts[values->part_count++];

    text_append(part, "%s", "");
    if (wanted)
        template_expand(template, values->items, values->count, part);
    add_value(values, name, part->bytes ? part->bytes : "", true);
}

static void add_path(struct values *values, const char *name, const char *folder, const char *file)
{
    struct text *path = &values->parts[values->part_count++];

    text_append(path, "%s/%s", folder, file);
    add_value(values, name, path->bytes ? path->bytes : "", false);
}

static void add_settings(struct values *values, const struct submitter *submitter,
                         const struct batch_array *array)
{
    const struct batch_settings *batch = submitter->batch;
    const struct launch *launch = submitter->launch;
    int64_t first = submitter->system->first_index, count = array ? (int64_t)array->count : 1;

    add_value(values, "name", launch->name, false);
    add_value(values, "folder", launch->folder, false);
    add_path(values, "logs", launch->folder, "logs");
    add_value(values, "directory", launch->directory, false);
    add_number(values, "cpus", batch->cpus);
    add_number(values, "memory", batch->memory);
    add_number(values, "minutes", batch->time_limit);
    add_number(values, "seconds", 60 * batch->time_limit);
    add_number(values, "count", count);
    add_number(values, "first", first);
    add_number(values, "last", first + count - 1);
    add_number(values, "most_running", batch->most_running);
    values->items[values->count++] =
        (struct template_value){.name = "options", .list = &batch->options, .raw = true};
}

static void release_values(struct values *values)
{
    for (size_t i = 0; i < values->part_count; i++)
        text_release(&values->parts[i]);
}

static enum status values_status(const struct values *values, struct error *error)
{
    for (size_t i = 0; i < values->part_count; i++)
        PASS(text_status(&values->parts[i], error));
    return STATUS_OK;
}

/* The file that some systems want beside the script. It is no shell's: values stand as they are. */
static enum status write_description(const struct submitter *submitter, const char *name,
                                     const struct values *values, struct text *path,
                                     struct error *error)
{
    enum status status = STATUS_OK;
    struct values plain = *values;
    struct text content = {0};

    for (size_t i = 0; i < plain.count; i++)
        plain.items[i].raw = true;
    template_expand(submitter->system->description, plain.items, plain.count, &content);
    TRY(write_file(submitter->launch->folder, name, ".description", &content, path, error));
out:
    text_release(&content);
    return status;
}

/* The line that hands the script in. */
static enum status make_line(const struct submitter *submitter, const char *name,
                             const struct batch_array *array, const char *script, struct text *line,
                             struct error *error)
{
    enum status status = STATUS_OK;
    const struct batch_settings *batch = submitter->batch;
    const struct batch_system *system = submitter->system;
    struct values values = {0};
    struct arena arena = {0};
    struct text_list jobs;
    struct text description = {0};

    TRY(batch_jobs_list(&submitter->jobs, &arena, &jobs, error));
    add_settings(&values, submitter, array);
    add_value(&values, "script", script, false);
    if (system->hosts)
        add_value(&values, "host", system->hosts->items[array ? array->first + 1 : 0], false);
    add_part(&values, "array_limit", system->array_limit, batch->most_running > 0);
    add_part(&values, "request_cpus", system->request_cpus, batch->cpus > 1);
    add_part(&values, "request_memory", system->request_memory, batch->memory > 0);
    add_part(&values, "array", system->array, array && (array->count > 1 || system->arrays_of_one));
    values.items[values.count++] = (struct template_value){.name = "jobs", .list = &jobs};
    add_part(&values, "dependency", system->dependency, !array && jobs.count > 0);
    if (system->description[0])
        TRY(write_description(submitter, name, &values, &description, error));
    add_value(&values, "description", description.bytes ? description.bytes : "", false);
    TRY(values_status(&values, error));
    template_expand(system->submit, values.items, values.count, line);
    TRY(text_status(line, error));
out:
    release_values(&values);
    text_release(&description);
    arena_release(&arena);
    return status;
}

/* What was printed, when it is not a job's number. */
static enum status not_a_job(const struct batch_system *system, const char *printed,
                             struct error *error)
{
    enum status status;
    struct text expected = {0}, shown = {0};
    size_t length = strlen(printed);

    for (size_t i = 0; i < system->submitted.count; i++)
        text_append(&expected, "%s'%s'", i ? " or " : "", system->submitted.items[i]);
    text_append_printable(&shown, printed, length < 80 ? length : 80);
    status = error_set(error, STATUS_DATA, "%.*s printed '%s'; expected a job's number, as in %s",
                       (int)strcspn(system->submit, " "), system->submit,
                       shown.bytes ? shown.bytes : "", expected.bytes ? expected.bytes : "");
    text_release(&shown);
    text_release(&expected);
    return status;
}

/* Write a script and hand it in. */
static enum status hand_in(const struct submitter *submitter, const char *name,
                           const struct batch_array *array, char id[BATCH_ID], struct error *error)
{
    enum status status = STATUS_OK;
    const struct batch_system *system = submitter->system;
    struct text script = {0}, path = {0}, line = {0}, printed = {0}, messages = {0};
    int code;

    batch_script(submitter->batch, system, submitter->launch, array, &script);
    TRY(write_file(submitter->launch->folder, name, ".sh", &script, &path, error));
    if (chmod(path.bytes, 0755) != 0) /* some systems start it themselves */
        TRY(error_system(error, "cannot make %s executable", path.bytes));
    TRY(make_line(submitter, name, array, path.bytes, &line, error));
    TRY(write_file(submitter->launch->folder, name, ".command", &line, &path, error));
    const char *const arguments[] = {"/bin/sh", "-c", line.bytes, NULL};
    TRY(command_run(arguments, &printed, &messages, &code, error));
    if (code != 0)
        TRY(batch_failed(system, system->submit, code, &messages, error));
    if (!batch_parse_submitted(system, printed.bytes ? printed.bytes : "", id))
        TRY(not_a_job(system, printed.bytes ? printed.bytes : "", error));
out:
    text_release(&messages);
    text_release(&printed);
    text_release(&line);
    text_release(&path);
    text_release(&script);
    return status;
}

static enum status submit_arrays(struct submitter *submitter, const struct launch_shares *shares,
                                 struct error *error)
{
    struct batch_jobs *jobs = &submitter->jobs;
    char name[32], id[BATCH_ID];

    for (size_t first = 0; first < shares->tasks; first += shares->array) {
        size_t rest = shares->tasks - first;
        struct batch_array array = {first, rest < shares->array ? rest : shares->array,
                                    shares->tasks};
        snprintf(name, sizeof name, "tasks-%zu", jobs->count);
        PASS(hand_in(submitter, name, &array, id, error));
        PASS(batch_jobs_add(jobs, id, array.count, error));
        PASS(batch_jobs_write(submitter->launch->folder, jobs, error));
    }
    return STATUS_OK;
}

/* A command of the system's about all jobs. */
static enum status expand_jobs(const char *template, const struct batch_jobs *jobs,
                               struct text *line, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct text_list list;

    TRY(batch_jobs_list(jobs, &arena, &list, error));
    const struct template_value value = {.name = "jobs", .list = &list};
    template_expand(template, &value, 1, line);
    TRY(text_status(line, error));
out:
    arena_release(&arena);
    return status;
}

/* An incomplete launch is worse than none: cancel what was submitted. */
static void take_back(const struct submitter *submitter, struct error *error)
{
    struct text list = {0}, line = {0}, ignored = {0};
    int code = -1;

    batch_jobs_print(&submitter->jobs, &list);
    if (submitter->jobs.count == 0 || list.failed ||
        expand_jobs(submitter->system->cancel, &submitter->jobs, &line, NULL) != STATUS_OK)
        goto out;
    const char *const arguments[] = {"/bin/sh", "-c", line.bytes, NULL};
    if (command_run(arguments, &ignored, &ignored, &code, NULL) != STATUS_OK || code != 0)
        error_context(error, "jobs %s were submitted and could not be cancelled", list.bytes);
    else
        error_context(error, "jobs %s were cancelled", list.bytes);
out:
    text_release(&list);
    text_release(&line);
    text_release(&ignored);
}

/* Remove all files of FOLDER/NAME, and make it where it is not there. */
static enum status empty_folder(const char *folder, const char *name, struct error *error)
{
    enum status status = STATUS_OK;
    char path[PATH_ROOM], file[PATH_ROOM];

    path_print(path, "%s/%s", folder, name);
    PASS(folder_make(path, error));
    DIR *listing = opendir(path);
    if (!listing)
        return error_system(error, "cannot list %s", path);
    for (const struct dirent *entry; (errno = 0, entry = readdir(listing));)
        if (entry->d_name[0] != '.' &&
            unlink(path_print(file, "%s/%s", path, entry->d_name)) != 0 && errno != ENOENT)
            TRY(error_system(error, "cannot remove %s", file));
    if (errno)
        TRY(error_system(error, "cannot list %s", path));
out:
    closedir(listing);
    return status;
}

/* The folders, and nothing in them that tells of an earlier launch but its logs. */
static enum status clear(const struct launch *launch, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    static const char *const files[] = {"jobs", "merged", "merge.sh"};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        TRY(path_join(&path, launch->folder, files[i], error));
        unlink(path.bytes);
    }
    TRY(path_join(&path, launch->folder, "logs", error));
    TRY(folder_make(path.bytes, error));
    TRY(empty_folder(launch->folder, "ended", error));
    TRY(empty_folder(launch->folder, "started", error));
out:
    text_release(&path);
    return status;
}

enum status batch_submit(const struct batch_settings *batch, const struct batch_system *system,
                         const struct launch *launch, const struct launch_shares *shares,
                         struct launch_told *told, struct error *error)
{
    enum status status = STATUS_OK;
    struct submitter submitter = {batch, system, launch, {.poll = batch->poll}};
    struct batch_jobs *jobs = &submitter.jobs;

    memcpy(jobs->plan, launch->plan, HASH_TEXT);
    TRY(clear(launch, error));
    TRY(submit_arrays(&submitter, shares, error));
    TRY(hand_in(&submitter, "merge", NULL, jobs->merge, error));
    TRY(batch_jobs_write(launch->folder, jobs, error));
    for (size_t i = 0; i < jobs->count; i++)
        text_append(&told->jobs, "tasks %s %zu\n", jobs->arrays[i].id, jobs->arrays[i].count);
    text_append(&told->jobs, "merge %s 1\n", jobs->merge);
    TRY(text_status(&told->jobs, error));
    TRY(expand_jobs(system->show, jobs, &told->show, error));
    TRY(expand_jobs(system->cancel, jobs, &told->cancel, error));
out:
    if (status != STATUS_OK)
        take_back(&submitter, error);
    batch_jobs_release(jobs);
    return status;
}
