#include "launch/batch.h"

#include "base/command.h"

#include <string.h>

/* The user's lines. One that fails ends the job: what follows would run with another set-up. */
static void setup(const struct batch_settings *batch, struct text *text)
{
    if (batch->setup.count) {
        text_append(text, "trap 'echo \"a line of the launcher'\\''s set-up failed: "
                          "$BASH_COMMAND\"; end 1' ERR\n");
        for (size_t i = 0; i < batch->setup.count; i++)
            text_append(text, "%s\n", batch->setup.items[i]);
        text_append(text, "trap - ERR\n");
    }
    for (size_t i = 0; batch->environment && i < batch->environment->count; i++) {
        text_append(text, "export %s=", batch->environment->keys[i]->text);
        command_quote(text, batch->environment->items[i]->text);
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
static void command(const struct batch_settings *batch, const struct launch *launch,
                    const char *verb, struct text *text)
{
    for (size_t i = 0; i < batch->prefix.count; i++) {
        command_quote(text, batch->prefix.items[i]);
        text_append(text, " ");
    }
    command_quote(text, batch->program[0] ? batch->program : launch->program);
    text_append(text, " %s --workers %lld --threads %lld --expect \"$folder/plan.yaml\"", verb,
                (long long)(batch->cpus / batch->threads), (long long)batch->threads);
    words(&launch->options, text);
}

/* From the set-up to the program's start. */
static void begin(const struct batch_settings *batch, const struct batch_system *system,
                  const struct launch *launch, const char *self, struct text *text)
{
    const char *node = system->counts ? "${SLURMD_NODENAME:-?}" : "$(uname -n)";

    text_append(text, "folder=");
    command_quote(text, launch->folder);
    if (system->counts)
        text_append(text, "\nrestarts=${SLURM_RESTART_COUNT:-0}\n");
    else
        text_append(text, "\nexec >>\"$folder/logs/$self.log\" 2>&1\n"
                          "uname -n >>\"$folder/started/$self\"\n"
                          "restarts=$(($(wc -l <\"$folder/started/$self\") - 1))\n");
    text_append(text,
                "echo \"%s on %s, started $((restarts + 1)) times\"\n"
                "\n"
                "# end STATUS: record the status and exit.\n"
                "end() {\n"
                "  echo \"$1 $restarts %s\" >\"$folder/ended/$self.part\" &&\n"
                "    mv \"$folder/ended/$self.part\" \"$folder/ended/$self\"\n"
                "  exit \"$1\"\n"
                "}\n"
                "\n",
                self, node, node);
    setup(batch, text);
    text_append(text, "cd ");
    command_quote(text, launch->directory);
    text_append(text, " || end 1\n\n");
    /* Without a process group of its own: what ends the job's must end the program, too. */
    if (!system->counts && batch->time_limit)
        text_append(text, "timeout --foreground %lld ",
                    (long long)(60 * batch->time_limit - batch->warning));
}

/* What a task does whose time is nearly over. */
static void finish_warned(const struct batch_settings *batch, const struct batch_system *system,
                          struct text *text)
{
    if (!system->requeue[0]) {
        text_append(text, "if [ -n \"$warned\" ] && [ \"$code\" -ge 128 ]; then\n"
                          "  echo 'the time limit is near: the merging job or the next launch "
                          "goes on'\n"
                          "fi\n");
        return;
    }
    text_append(
        text,
        "if [ -n \"$warned\" ] && [ \"$code\" -ge 128 ] && [ \"$restarts\" -lt %lld ]; then\n"
        "  echo 'the time limit is near: requeued'\n"
        "  %s\n"
        "  [ -n \"$stopped\" ] || echo 'cannot be requeued'\n"
        "elif [ -n \"$warned\" ] && [ \"$code\" -ge 128 ]; then\n"
        "  echo \"the time limit is near, and this was started $((restarts + 1)) times already\"\n"
        "fi\n",
        (long long)batch->restarts, system->requeue);
}

/* From the program's start to the end. */
static void finish(const struct batch_settings *batch, const struct batch_system *system,
                   struct text *text)
{
    text_append(
        text,
        " &\n"
        "worker=$!\n"
        "# %s: the time is nearly over. The program writes a checkpoint and ends, and goes on "
        "from\n"
        "# there once it is queued again. TERM, of a cancelled or preempted job, %s\n"
        "# too: this script only has to outlive it.\n"
        "warned=\n"
        "trap 'warned=1; kill -TERM \"$worker\" 2>/dev/null' USR1\n"
        "stopped=\n"
        "trap 'stopped=1%s' TERM\n"
        "while kill -0 \"$worker\" 2>/dev/null; do wait \"$worker\"; done\n"
        "wait \"$worker\"\n"
        "code=$?\n",
        system->counts ? "USR1" : "USR1, and timeout's status 124",
        system->counts ? "reaches the program" : "is for the program,",
        system->counts ? "" : "; kill -TERM \"$worker\" 2>/dev/null");
    if (!system->counts)
        text_append(text, "[ \"$code\" -ne 124 ] || { warned=1; code=143; }\n");
    finish_warned(batch, system, text);
    text_append(text,
                "# Stopped by %s, which decides what happens to the job.\n"
                "[ -z \"$stopped\" ] || [ \"$code\" -lt 128 ] || exit \"$code\"\n"
                "end \"$code\"\n",
                system->title);
}

static void task_script(const struct batch_settings *batch, const struct batch_system *system,
                        const struct launch *launch, const struct batch_array *array,
                        struct text *text)
{
    text_append(text,
                "\n# Tasks %zu to %zu of the %zu of experiment %s; "
                "written by `understudy run --launcher`.\n\n",
                array->first, array->first + array->count - 1, array->tasks, launch->name);
    if (array->count == 1 && !system->arrays_of_one)
        text_append(text, "self=%zu\n", array->first);
    else
        text_append(text, "self=$((%lld + %s))\n", (long long)array->first - system->first_index,
                    system->index);
    begin(batch, system, launch, "task $self", text);
    command(batch, launch, "work", text);
    if (!launch->rounds)
        text_append(text, " --chunk \"$((self + 1))/%zu\"", array->tasks);
    text_append(text, " -- ");
    command_quote(text, launch->file);
    finish(batch, system, text);
}

static void merge_script(const struct batch_settings *batch, const struct batch_system *system,
                         const struct launch *launch, struct text *text)
{
    text_append(
        text,
        "\n# Writes the results file of experiment %s after its tasks and runs the trials that\n"
        "# they left. Written by `understudy run --launcher`.\n\n"
        "self=merge\n",
        launch->name);
    begin(batch, system, launch, "merge", text);
    command(batch, launch, "run", text);
    words(&launch->merge, text);
    text_append(text, " -- ");
    command_quote(text, launch->file);
    text_append(text, " >\"$folder/merged\"");
    finish(batch, system, text);
}

void batch_script(const struct batch_settings *batch, const struct batch_system *system,
                  const struct launch *launch, const struct batch_array *array, struct text *text)
{
    text_append(text, "#!/bin/bash\n");
    if (system->head)
        system->head(batch, launch, array, text);
    if (array)
        task_script(batch, system, launch, array, text);
    else
        merge_script(batch, system, launch, text);
}
