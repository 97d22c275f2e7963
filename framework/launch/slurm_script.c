#include "launch/slurm.h"

#include "base/command.h"

#include <string.h>

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

/* What both kinds of jobs ask for. */
static void directives(const struct slurm *slurm, const struct launch *launch, struct text *text)
{
    directive(text, "--chdir", launch->directory);
    text_append(text, "#SBATCH --open-mode=append\n#SBATCH --requeue\n");
    text_append(text, "#SBATCH --signal=B:USR1@%lld\n", (long long)slurm->warning);
    text_append(text, "#SBATCH --nodes=1\n#SBATCH --ntasks=1\n");
    text_append(text, "#SBATCH --cpus-per-task=%lld\n", (long long)slurm->cpus);
    text_append(text, "#SBATCH --time=%lld\n", (long long)slurm->time_limit);
    if (slurm->memory)
        text_append(text, "#SBATCH --mem=%lldM\n", (long long)slurm->memory);
    directive(text, "--partition", slurm->partition);
    directive(text, "--account", slurm->account);
    directive(text, "--qos", slurm->qos);
    for (size_t i = 0; i < slurm->options.count; i++)
        text_append(text, "#SBATCH %s\n", slurm->options.items[i]);
}

/* The user's lines. One that fails ends the job: what follows would run with another set-up. */
static void setup(const struct slurm *slurm, struct text *text)
{
    if (slurm->setup.count) {
        text_append(text, "trap 'echo \"a line of the launcher'\\''s set-up failed: "
                          "$BASH_COMMAND\"; end 1' ERR\n");
        for (size_t i = 0; i < slurm->setup.count; i++)
            text_append(text, "%s\n", slurm->setup.items[i]);
        text_append(text, "trap - ERR\n");
    }
    for (size_t i = 0; slurm->environment && i < slurm->environment->count; i++) {
        text_append(text, "export %s=", slurm->environment->keys[i]->text);
        command_quote(text, slurm->environment->items[i]->text);
        text_append(text, "\n");
    }
}

static void words(const struct text_list *list, struct text *text)
{
    for (size_t i = 0; i < list->count; i++) {
        text_append(text, " ");
        command_quote(text, list->items[i]);
    }
}

/* What the job runs, but for what follows the verb's options. */
static void command(const struct slurm *slurm, const struct launch *launch, const char *verb,
                    struct text *text)
{
    for (size_t i = 0; i < slurm->prefix.count; i++) {
        command_quote(text, slurm->prefix.items[i]);
        text_append(text, " ");
    }
    command_quote(text, slurm->program[0] ? slurm->program : launch->program);
    text_append(text, " %s --workers %lld --threads %lld --expect \"$folder/plan.yaml\"", verb,
                (long long)(slurm->cpus / slurm->threads), (long long)slurm->threads);
    words(&launch->options, text);
}

/* From the set-up to the program's start. */
static void begin(const struct slurm *slurm, const struct launch *launch, const char *self,
                  struct text *text)
{
    text_append(text, "folder=");
    command_quote(text, launch->folder);
    text_append(text,
                "\n"
                "restarts=${SLURM_RESTART_COUNT:-0}\n"
                "echo \"%s on ${SLURMD_NODENAME:-?}, started $((restarts + 1)) times\"\n"
                "\n"
                "# end STATUS: record the status and exit.\n"
                "end() {\n"
                "  echo \"$1 $restarts ${SLURMD_NODENAME:-?}\" >\"$folder/ended/$self.part\" &&\n"
                "    mv \"$folder/ended/$self.part\" \"$folder/ended/$self\"\n"
                "  exit \"$1\"\n"
                "}\n"
                "\n",
                self);
    setup(slurm, text);
    text_append(text, "cd ");
    command_quote(text, launch->directory);
    text_append(text, " || end 1\n\n");
}

/* From the program's start to the end. */
static void finish(const struct slurm *slurm, struct text *text)
{
    text_append(
        text,
        " &\n"
        "worker=$!\n"
        "# USR1: the time is nearly over. The program writes a checkpoint and ends, and goes on "
        "from\n"
        "# there once it is queued again. TERM, of a cancelled or preempted job, reaches the "
        "program\n"
        "# too: this script only has to outlive it.\n"
        "warned=\n"
        "trap 'warned=1; kill -TERM \"$worker\" 2>/dev/null' USR1\n"
        "stopped=\n"
        "trap 'stopped=1' TERM\n"
        "while kill -0 \"$worker\" 2>/dev/null; do wait \"$worker\"; done\n"
        "wait \"$worker\"\n"
        "code=$?\n"
        "if [ -n \"$warned\" ] && [ \"$code\" -ge 128 ] && [ \"$restarts\" -lt %lld ]; then\n"
        "  echo 'the time limit is near: requeued'\n"
        "  scontrol requeue \"$SLURM_JOB_ID\" && sleep 60\n"
        "  [ -n \"$stopped\" ] || echo 'cannot be requeued'\n"
        "elif [ -n \"$warned\" ] && [ \"$code\" -ge 128 ]; then\n"
        "  echo \"the time limit is near, and this was started $((restarts + 1)) times already\"\n"
        "fi\n"
        "# Stopped by Slurm, which decides what happens to the job.\n"
        "[ -z \"$stopped\" ] || [ \"$code\" -lt 128 ] || exit \"$code\"\n"
        "end \"$code\"\n",
        (long long)slurm->restarts);
}

void slurm_task_script(const struct slurm *slurm, const struct launch *launch,
                       const struct slurm_array *array, struct text *text)
{
    text_append(text, "#!/bin/bash\n#SBATCH --job-name=%s\n", launch->name);
    text_append(text, "#SBATCH --array=0-%zu", array->count - 1);
    if (slurm->most_running)
        text_append(text, "%%%lld", (long long)slurm->most_running);
    text_append(text, "\n");
    output(launch->folder, "%A_%a.log", text);
    directives(slurm, launch, text);
    text_append(text,
                "\n# Tasks %zu to %zu of the %zu of experiment %s; "
                "written by `understudy run --launcher`.\n\n"
                "self=$((%zu + SLURM_ARRAY_TASK_ID))\n",
                array->first, array->first + array->count - 1, array->tasks, launch->name,
                array->first);
    begin(slurm, launch, "task $self", text);
    command(slurm, launch, "work", text);
    if (!launch->rounds)
        text_append(text, " --chunk \"$((self + 1))/%zu\"", array->tasks);
    text_append(text, " -- ");
    command_quote(text, launch->file);
    finish(slurm, text);
}

void slurm_merge_script(const struct slurm *slurm, const struct launch *launch, struct text *text)
{
    text_append(text, "#!/bin/bash\n#SBATCH --job-name=%s.merge\n", launch->name);
    output(launch->folder, "merge-%j.log", text);
    directives(slurm, launch, text);
    text_append(
        text,
        "\n# Writes the results file of experiment %s after its tasks and runs the trials that\n"
        "# they left. Written by `understudy run --launcher`.\n\n"
        "self=merge\n",
        launch->name);
    begin(slurm, launch, "merge", text);
    command(slurm, launch, "run", text);
    words(&launch->merge, text);
    text_append(text, " -- ");
    command_quote(text, launch->file);
    text_append(text, " >\"$folder/merged\"");
    finish(slurm, text);
}
