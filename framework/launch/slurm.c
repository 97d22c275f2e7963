/*
 * Slurm, through its own programs: sbatch hands in, squeue, sacct and scontrol tell. Trials are
 * bundled so that a task lasts minutes; arrays are cut at the site's MaxArraySize; a job that
 * depends on them all writes the results file. Nothing stays behind that waits: the submitting
 * shell may go away, and what is to know is in files (launch/batch.h).
 *
 * A task that comes near its time limit is told so by Slurm, lets its program write a checkpoint,
 * and queues itself again; one that is preempted, or whose node fails, is queued again by Slurm.
 */
#include "launch/slurm.h"

#include "base/command.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct slurm, member)

static const struct field fields[] = {
    {"partition", FIELD_TEXT, AT(partition), .default_value = "", .help = "'': the site's default"},
    {"account", FIELD_TEXT, AT(account), .default_value = "", .help = "'': the user's default"},
    {"qos", FIELD_TEXT, AT(qos), .default_value = "",
     .help = "quality of service; '': the default"},
    BATCH_TIME(struct slurm, 1,
               "time limit of a task; a task that needs longer is requeued and resumes from its "
               "checkpoint"),
    BATCH_TASKS(struct slurm, "most tasks in one job array; 0: the site's MaxArraySize"),
    BATCH_RUNNING(struct slurm),
    {"options", FIELD_TEXTS, BATCH_AT(struct slurm, options), .default_value = "[]",
     .help = "further options of sbatch, such as '--constraint=avx512'"},
    BATCH_PROGRAM(struct slurm),
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

static enum status check_options(const struct text_list *options, const struct yaml_node *node,
                                 struct diagnostics *found, struct error *error)
{
    const struct yaml_node *list = yaml_get(node, "options");

    for (size_t i = 0; i < options->count; i++) {
        const char *option = options->items[i];
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

static enum status check(const void *config, const struct yaml_node *node,
                         struct diagnostics *found, struct error *error)
{
    const struct slurm *slurm = config;

    PASS(batch_check_lines(node, TEXTS("partition", "account", "qos"), found, error));
    PASS(batch_check(&slurm->batch, node, found, error));
    return check_options(&slurm->batch.options, node, found, error);
}

bool slurm_parse_array_size(const char *printed, int64_t *size)
{
    static const char name[] = "MaxArraySize";

    for (const char *line = printed; line; line = strchr(line, '\n')) {
        char *end;
        line += *line == '\n';
        if (strncmp(line, name, sizeof name - 1) != 0)
            continue;
        line += sizeof name - 1;
        line += strspn(line, " \t");
        if (*line++ != '=')
            return false;
        line += strspn(line, " \t");
        *size = strtoll(line, &end, 10);
        return end != line && *size >= 0;
    }
    return false;
}

/* As many tasks as an array may have. */
static enum status array_size(const struct slurm *slurm, size_t *size, struct error *error)
{
    enum status status = STATUS_OK;
    const char *const arguments[] = {"scontrol", "show", "config", NULL};
    struct text printed = {0}, messages = {0};
    int64_t most = slurm->batch.array_size;
    int code = 0;

    if (!most) {
        status = command_run(arguments, &printed, &messages, &code, error);
        if (status == STATUS_UNAVAILABLE)
            code = COMMAND_MISSING;
        else if (status != STATUS_OK)
            goto out;
        status = STATUS_OK;
        if (code != 0)
            TRY(batch_failed(&slurm_system, arguments[0], code, &messages, error));
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
    text_release(&messages);
    text_release(&printed);
    return status;
}

static enum status share(const void *config, const struct launch *launch, bool ask,
                         struct launch_shares *shares, struct error *error)
{
    const struct slurm *slurm = config;

    batch_share(&slurm->batch, launch, shares);
    return ask ? array_size(slurm, &shares->array, error) : STATUS_OK;
}

static enum status submit(const void *config, const struct launch *launch, struct launch_told *told,
                          struct error *error)
{
    const struct slurm *slurm = config;
    struct launch_shares shares;

    if (strpbrk(launch->folder, "\\\n\r"))
        return error_set(
            error, STATUS_CONFIG,
            "%s: sbatch cannot write logs into a folder with a backslash or a line break "
            "in its name; choose another with --results",
            launch->folder);
    PASS(share(slurm, launch, true, &shares, error));
    return batch_submit(&slurm->batch, &slurm_system, launch, &shares, told, error);
}

static enum status look(const void *config, const char *folder, struct launch_state *state,
                        struct text *told, struct error *error)
{
    (void)config;
    return batch_look(&slurm_system, folder, state, told, error);
}

/* A value of an #SBATCH line: sbatch takes quotes and backslashes there as a shell does, and a #
 * for the start of a comment. */
static void directive(struct text *text, const char *option, const char *value)
{
    static const char special[] = " \t'\"\\#;";

    if (!value[0])
        return;
    text_append(text, "#SBATCH %s=", option);
    if (!strpbrk(value, special)) {
        text_append(text, "%s\n", value);
        return;
    }
    text_append(text, "\"");
    for (const char *at = value; *at; at++)
        text_append(text, "%s%c", strchr("\"\\", *at) ? "\\" : "", *at);
    text_append(text, "\"\n");
}

/* Where the log goes: a pattern of sbatch's, in which the path's own % is doubled. */
static void output(const char *folder, const char *pattern, struct text *text)
{
    struct text value = {0};

    for (const char *at = folder; *at; at++)
        text_append(&value, "%s%c", *at == '%' ? "%" : "", *at);
    text_append(&value, "/logs/%s", pattern);
    directive(text, "--output", value.bytes ? value.bytes : "");
    text->failed = text->failed || value.failed;
    text_release(&value);
}

static void head(const struct batch_settings *batch, const struct launch *launch,
                 const struct batch_array *array, struct text *text)
{
    const struct slurm *slurm = (const struct slurm *)batch;

    text_append(text, "#SBATCH --job-name=%s%s\n", launch->name, array ? "" : ".merge");
    if (array)
        text_append(text, "#SBATCH --array=0-%zu", array->count - 1);
    if (array && batch->most_running)
        text_append(text, "%%%lld", (long long)batch->most_running);
    text_append(text, array ? "\n" : "");
    output(launch->folder, array ? "%A_%a.log" : "merge-%j.log", text);
    directive(text, "--chdir", launch->directory);
    text_append(text, "#SBATCH --open-mode=append\n#SBATCH --requeue\n");
    text_append(text, "#SBATCH --signal=B:USR1@%lld\n", (long long)batch->warning);
    text_append(text, "#SBATCH --nodes=1\n#SBATCH --ntasks=1\n");
    text_append(text, "#SBATCH --cpus-per-task=%lld\n", (long long)batch->cpus);
    text_append(text, "#SBATCH --time=%lld\n", (long long)batch->time_limit);
    if (batch->memory)
        text_append(text, "#SBATCH --mem=%lldM\n", (long long)batch->memory);
    directive(text, "--partition", slurm->partition);
    directive(text, "--account", slurm->account);
    directive(text, "--qos", slurm->qos);
    for (size_t i = 0; i < batch->options.count; i++)
        text_append(text, "#SBATCH %s\n", batch->options.items[i]);
}

#define LIST(...)                                                                                  \
    {                                                                                              \
        (const char *[]){__VA_ARGS__}, sizeof(const char *[]){__VA_ARGS__} / sizeof(const char *)  \
    }

const struct batch_system slurm_system = {
    .title = "Slurm",
    .label = "slurm",
    .submit = "sbatch --parsable{dependency} {script}",
    .description = "",
    .array = "", /* options stand in the script */
    .array_limit = "",
    .request_cpus = "",
    .request_memory = "",
    .dependency = " --dependency=afterany:{jobs::}",
    .submitted = LIST("{number};*", "{number}"),
    .query = "squeue --noheader --array --states=all --jobs={jobs:,} --format='%i|%T|%r'",
    .accounting = "sacct --noheader --allocations --parsable2 --jobs={jobs:,} "
                  "--format=JobID,State,NodeList",
    .lines = LIST("{number}_{index}|{state}|{reason}", "{number}|{state}|{reason}"),
    .waiting =
        LIST("PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "SUSPENDED"),
    .running = LIST("RUNNING", "COMPLETING", "CONFIGURING", "STAGE_OUT", "RESIZING", "SIGNALING",
                    "STOPPED"),
    .forgotten = LIST("Invalid job id"),
    .show = "squeue --jobs={jobs:,}",
    .cancel = "scancel {jobs:,}",
    .index = "SLURM_ARRAY_TASK_ID",
    .requeue = "scontrol requeue \"$SLURM_JOB_ID\" && sleep 60",
    .arrays_of_one = true,
    .counts = true,
    .head = head,
};

const struct launcher launcher_slurm = {
    .descriptor = {.name = "slurm",
                   .summary = "job arrays on a Slurm cluster",
                   .source = "Yoo, Jette, Grondona, SLURM: simple Linux utility for resource "
                             "management, JSSPP 2003",
                   .fields = fields,
                   .config_size = sizeof(struct slurm),
                   .version = 1},
    .check = check,
    .share = share,
    .submit = submit,
    .look = look,
};
