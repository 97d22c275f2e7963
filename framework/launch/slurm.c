/*
 * Slurm, through its own programs: sbatch hands in, squeue, sacct and scontrol tell. Trials are
 * bundled so that a task lasts minutes; arrays are cut at the site's MaxArraySize; a job that
 * depends on them all writes the results file. Nothing stays behind that waits: the submitting
 * shell may go away, and what is to know is in files (launch/slurm.h).
 *
 * A task that comes near its time limit is told so by Slurm, lets its program write a checkpoint,
 * and queues itself again; one that is preempted, or whose node fails, is queued again by Slurm.
 */
#include "launch/slurm.h"

#include "base/command.h"
#include "base/folder.h"
#include "io/files/atomic_file.h"
#include "launch/launch.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define AT(member) offsetof(struct slurm, member)

static const struct field fields[] = {
    {"partition", FIELD_TEXT, AT(partition), .default_value = "", .help = "'': the site's default"},
    {"account", FIELD_TEXT, AT(account), .default_value = "", .help = "'': the user's default"},
    {"qos", FIELD_TEXT, AT(qos), .default_value = "",
     .help = "quality of service; '': the default"},
    {"time_limit", FIELD_INTEGER, AT(time_limit), .minimum = 1, .maximum = 525600,
     .default_value = "60", .unit = "minutes",
     .help = "time limit of a task; a task that needs longer is requeued and resumes from its "
             "checkpoint"},
    {"cpus", FIELD_INTEGER, AT(cpus), .minimum = 1, .maximum = 1024, .default_value = "1",
     .help = "processors for each task"},
    {"threads", FIELD_INTEGER, AT(threads), .minimum = 1, .maximum = 1024, .default_value = "1",
     .help = "threads for each trial; a task runs cpus / threads trials at a time"},
    {"memory", FIELD_INTEGER, AT(memory), .minimum = 0, .maximum = 1e8, .default_value = "0",
     .unit = "MiB", .help = "memory for each task; 0: the site's default"},
    {"task_time", FIELD_REAL, AT(task_time), .minimum = 0.001, .maximum = 525600,
     .default_value = "10", .unit = "minutes",
     .help = "how long a task should run; sets the number of its trials"},
    {"trial_time", FIELD_REAL, AT(trial_time), .minimum = 0.001, .maximum = 1e8,
     .default_value = "60", .unit = "seconds",
     .help = "assumed time of a trial when no similar one has run yet"},
    {"array_size", FIELD_INTEGER, AT(array_size), .minimum = 0, .maximum = 1e6,
     .default_value = "0", .help = "most tasks in one job array; 0: the site's MaxArraySize"},
    {"most_running", FIELD_INTEGER, AT(most_running), .minimum = 0, .maximum = 1e6,
     .default_value = "0",
     .help = "most tasks of an array that run at once; 0: no limit but the site's"},
    {"warning", FIELD_INTEGER, AT(warning), .minimum = 1, .maximum = 3600, .default_value = "60",
     .unit = "seconds", .help = "time before the limit, for writing a checkpoint"},
    {"restarts", FIELD_INTEGER, AT(restarts), .minimum = 0, .maximum = 10000,
     .default_value = "100", .help = "how often a task may be requeued"},
    {"poll", FIELD_REAL, AT(poll), .minimum = 0.1, .maximum = 3600, .default_value = "10",
     .unit = "seconds", .help = "time between calls of squeue while `run --wait` waits"},
    {"options", FIELD_TEXTS, AT(options), .default_value = "[]",
     .help = "further options of sbatch, such as '--constraint=avx512'"},
    {"setup", FIELD_TEXTS, AT(setup), .default_value = "[]",
     .help = "lines of bash that run first, such as 'module load gcc'"},
    {"environment", FIELD_NODE, AT(environment),
     .help = "environment variables of the program: {NAME: value}"},
    {"prefix", FIELD_TEXTS, AT(prefix), .default_value = "[]",
     .help = "words before the program's name, such as [apptainer, exec, image.sif]"},
    {"program", FIELD_TEXT, AT(program), .default_value = "",
     .help = "path of understudy, for example in a container; '': this program"},
    {0},
};

/* Options of sbatch that the scripts depend on. */
static const char *const own[] = {"--array",      "--chdir",      "--cpus-per-task",
                                  "--dependency", "--job-name",   "--mem",
                                  "--nodes",      "--no-requeue", "--ntasks",
                                  "--open-mode",  "--output",     "--parsable",
                                  "--partition",  "--account",    "--qos",
                                  "--requeue",    "--signal",     "--time",
                                  "--wait",       "--wrap",       "-a",
                                  "-D",           "-c",           "-d",
                                  "-J",           "-N",           "-n",
                                  "-o",           "-p",           "-A",
                                  "-q",           "-t",           "-W"};

static bool is_own(const char *option)
{
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        size_t length = strlen(own[i]);
        if (strncmp(option, own[i], length) == 0 &&
            (length == 2 || !option[length] || strchr("= ", option[length])))
            return true;
    }
    return false;
}

static enum status check_options(const struct slurm *slurm, const struct yaml_node *node,
                                 struct diagnostics *found, struct error *error)
{
    const struct yaml_node *list = yaml_get(node, "options");

    for (size_t i = 0; i < slurm->options.count; i++) {
        const char *option = slurm->options.items[i];
        struct yaml_mark mark = list->kind == YAML_SEQUENCE ? list->items[i]->mark : list->mark;
        char path[32];
        snprintf(path, sizeof path, "options[%zu]", i);
        if (option[0] != '-' || strchr(option, '\n'))
            PASS(diagnostics_add(found, mark, path, error,
                                 "'%.80s' is not an option of sbatch; expected one line that "
                                 "starts with '-', such as '--constraint=avx512'",
                                 option));
        else if (is_own(option))
            PASS(diagnostics_add(found, mark, path, error,
                                 "'%.80s' is set by the launcher: by another key of this file, or "
                                 "because the tasks depend on it",
                                 option));
    }
    return STATUS_OK;
}

static bool is_variable(const char *name)
{
    static const char letters[] = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char rest[] = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    return *name && strchr(letters, *name) && !name[strspn(name, rest)];
}

static enum status check_environment(const struct yaml_node *environment, struct diagnostics *found,
                                     struct error *error)
{
    if (!environment)
        return STATUS_OK;
    if (environment->kind != YAML_MAPPING)
        return diagnostics_add(
            found, environment->mark, "environment", error,
            "expected variables and their values, such as {OMP_PROC_BIND: close}");
    for (size_t i = 0; i < environment->count; i++) {
        const char *name = environment->keys[i]->text;
        if (!is_variable(name))
            PASS(diagnostics_add(
                found, environment->keys[i]->mark, "environment", error,
                "'%.80s' is not a variable's name; expected letters, digits and '_'", name));
        else if (environment->items[i]->kind != YAML_SCALAR)
            PASS(diagnostics_add(found, environment->items[i]->mark, "environment", error,
                                 "the value of %.80s is not a text or a number", name));
    }
    return STATUS_OK;
}

static enum status slurm_check(const void *config, const struct yaml_node *node,
                               struct diagnostics *found, struct error *error)
{
    const struct slurm *slurm = config;
    const struct yaml_node *warning = yaml_get(node, "warning");
    static const char *const lines[] = {"partition", "account", "qos", "program"};

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const struct yaml_node *text = yaml_get(node, lines[i]);
        if (text && text->text && strchr(text->text, '\n'))
            PASS(diagnostics_add(found, text->mark, lines[i], error, "expected one line"));
    }
    if (slurm->warning >= 60 * slurm->time_limit)
        PASS(diagnostics_add(found, warning ? warning->mark : node->mark, "warning", error,
                             "%lld seconds before the end is before the start; expected less than "
                             "the time limit, %lld seconds",
                             (long long)slurm->warning, (long long)(60 * slurm->time_limit)));
    if (slurm->threads > slurm->cpus)
        PASS(diagnostics_add(found, yaml_get(node, "threads")->mark, "threads", error,
                             "%lld threads of a trial are more than the task's cpus, %lld",
                             (long long)slurm->threads, (long long)slurm->cpus));
    PASS(check_options(slurm, node, found, error));
    return check_environment(slurm->environment, found, error);
}

/* Run a program of Slurm's; that it fails is a failure, told in its own words. */
static enum status ask(const char *const *arguments, struct text *output, struct error *error)
{
    enum status status = STATUS_OK;
    struct text messages = {0};
    int code;

    status = command_run(arguments, output, &messages, &code, error);
    if (status == STATUS_UNAVAILABLE)
        error_context(error, "Slurm is not installed here (is this a machine of a Slurm "
                             "cluster?)");
    if (status != STATUS_OK)
        goto out;
    if (code != 0)
        TRY(error_set(error, STATUS_IO, "%s failed with status %d: %.*s", arguments[0], code,
                      (int)strcspn(messages.bytes ? messages.bytes : "", "\n"),
                      messages.bytes ? messages.bytes : ""));
out:
    text_release(&messages);
    return status;
}

/* As many tasks as an array may have. */
static enum status array_size(const struct slurm *slurm, size_t *size, struct error *error)
{
    enum status status = STATUS_OK;
    const char *const arguments[] = {"scontrol", "show", "config", NULL};
    struct text printed = {0};
    int64_t most = slurm->array_size;

    if (!most) {
        TRY(ask(arguments, &printed, error));
        if (!slurm_parse_array_size(printed.bytes ? printed.bytes : "", &most))
            TRY(error_set(error, STATUS_DATA,
                          "`scontrol show config` does not report MaxArraySize; set array_size in "
                          "the launcher's description"));
    }
    if (most < 1)
        TRY(error_set(error, STATUS_UNAVAILABLE,
                      "this site allows no job arrays (MaxArraySize %lld)", (long long)most));
    *size = (size_t)most;
out:
    text_release(&printed);
    return status;
}

static enum status write_file(const char *folder, const char *name, const struct text *content,
                              struct text *path, struct error *error)
{
    PASS(path_join(path, folder, name, error));
    PASS(text_status(content, error));
    struct span span = {(const unsigned char *)content->bytes, content->length, ""};
    return atomic_file_write(path->bytes, &span, 1, error);
}

/* Write a script and hand it in. */
static enum status hand_in(const struct launch *launch, const char *name, const struct text *script,
                           const char *dependency, int64_t *id, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0}, printed = {0};

    TRY(write_file(launch->folder, name, script, &path, error));
    const char *const alone[] = {"sbatch", "--parsable", path.bytes, NULL};
    const char *const after[] = {"sbatch", "--parsable", dependency, path.bytes, NULL};
    TRY(ask(dependency ? after : alone, &printed, error));
    if (!slurm_parse_job(printed.bytes ? printed.bytes : "", id))
        TRY(error_set(error, STATUS_DATA, "sbatch printed '%.80s'; expected a job's number",
                      printed.bytes ? printed.bytes : ""));
out:
    text_release(&printed);
    text_release(&path);
    return status;
}

static enum status share(const void *config, const struct launch *launch, bool ask,
                         struct launch_shares *shares, struct error *error)
{
    const struct slurm *slurm = config;
    bool known = !isnan(launch->seconds);
    double seconds = known ? launch->seconds : (double)launch->left * slurm->trial_time;

    seconds /= (double)(slurm->cpus / slurm->threads); /* trials at a time */
    *shares = (struct launch_shares){.tasks = launch_tasks(launch->left, seconds, slurm->task_time),
                                     .assumed = known ? 0 : slurm->trial_time};
    shares->minutes = seconds / 60 / (double)shares->tasks;
    return ask ? array_size(slurm, &shares->array, error) : STATUS_OK;
}

static enum status submit_arrays(const struct slurm *slurm, const struct launch *launch,
                                 struct slurm_jobs *jobs, struct error *error)
{
    enum status status = STATUS_OK;
    struct text script = {0};
    struct launch_shares shares;
    char name[32];

    TRY(share(slurm, launch, true, &shares, error));
    for (size_t first = 0; first < shares.tasks; first += shares.array) {
        size_t rest = shares.tasks - first;
        struct slurm_array array = {first, rest < shares.array ? rest : shares.array, shares.tasks};
        int64_t id;
        text_clear(&script);
        slurm_task_script(slurm, launch, &array, &script);
        snprintf(name, sizeof name, "tasks-%zu.sh", jobs->count);
        TRY(hand_in(launch, name, &script, NULL, &id, error));
        TRY(slurm_jobs_add(jobs, id, array.count, error));
        TRY(slurm_jobs_write(launch->folder, jobs, error));
    }
out:
    text_release(&script);
    return status;
}

static enum status submit_merge(const struct slurm *slurm, const struct launch *launch,
                                struct slurm_jobs *jobs, struct error *error)
{
    enum status status = STATUS_OK;
    struct text script = {0}, dependency = {0};

    text_append(&dependency, "--dependency=afterany");
    for (size_t i = 0; i < jobs->count; i++)
        text_append(&dependency, ":%" PRId64, jobs->arrays[i].id);
    TRY(text_status(&dependency, error));
    slurm_merge_script(slurm, launch, &script);
    TRY(hand_in(launch, "merge.sh", &script, dependency.bytes, &jobs->merge, error));
    TRY(slurm_jobs_write(launch->folder, jobs, error));
out:
    text_release(&script);
    text_release(&dependency);
    return status;
}

/* An incomplete launch is worse than none: cancel what was submitted. */
static void take_back(const struct slurm_jobs *jobs, struct error *error)
{
    struct text list = {0}, ignored = {0};
    int code = -1;

    slurm_jobs_list(jobs, &list);
    const char *const arguments[] = {"scancel", list.bytes, NULL};
    if (jobs->count == 0 || list.failed)
        goto out;
    if (command_run(arguments, &ignored, &ignored, &code, NULL) != STATUS_OK || code != 0)
        error_context(error, "jobs %s were submitted and could not be cancelled", list.bytes);
    else
        error_context(error, "jobs %s were cancelled", list.bytes);
out:
    text_release(&list);
    text_release(&ignored);
}

/* The folders, and nothing in them that tells of an earlier launch but its logs. */
static enum status clear(const struct launch *launch, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    static const char *const folders[] = {"logs", "ended"};
    static const char *const files[] = {"jobs", "merged", "merge.sh"};

    for (size_t i = 0; i < 3; i++) {
        TRY(path_join(&path, launch->folder, files[i], error));
        unlink(path.bytes);
    }
    TRY(slurm_clear(launch->folder, error));
    for (size_t i = 0; i < 2; i++) {
        TRY(path_join(&path, launch->folder, folders[i], error));
        TRY(folder_make(path.bytes, error));
    }
out:
    text_release(&path);
    return status;
}

static enum status submit(const void *config, const struct launch *launch, struct text *told,
                          struct error *error)
{
    enum status status = STATUS_OK;
    const struct slurm *slurm = config;
    struct slurm_jobs jobs = {.poll = slurm->poll};

    memcpy(jobs.plan, launch->plan, HASH_TEXT);
    if (strpbrk(launch->folder, "\\\n\r"))
        TRY(error_set(error, STATUS_CONFIG,
                      "%s: sbatch cannot write logs into a folder with a backslash or a line break "
                      "in its name; choose another with --results",
                      launch->folder));
    TRY(clear(launch, error));
    TRY(submit_arrays(slurm, launch, &jobs, error));
    TRY(submit_merge(slurm, launch, &jobs, error));
    for (size_t i = 0; i < jobs.count; i++)
        text_append(told, "tasks %" PRId64 " %zu\n", jobs.arrays[i].id, jobs.arrays[i].count);
    text_append(told, "merge %" PRId64 " 1\n", jobs.merge);
    TRY(text_status(told, error));
out:
    if (status != STATUS_OK)
        take_back(&jobs, error);
    slurm_jobs_release(&jobs);
    return status;
}

const struct launcher launcher_slurm = {
    .descriptor = {.name = "slurm",
                   .summary = "job arrays on a Slurm cluster",
                   .source = "Yoo, Jette, Grondona, SLURM: simple Linux utility for resource "
                             "management, JSSPP 2003",
                   .fields = fields,
                   .config_size = sizeof(struct slurm),
                   .version = 1},
    .check = slurm_check,
    .share = share,
    .submit = submit,
    .look = slurm_look,
    .show = "squeue --jobs=",
    .cancel = "scancel ",
};
