#include "launch/batch.h"

#include "base/command.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAMED = 10 }; /* failed tasks that are listed one by one */

/* What is known of a task. */
enum fate { UNKNOWN, ENDED, WAITING, RUNNING };

struct batch_looker {
    const struct batch_system *system;
    const char *folder;
    struct batch_jobs jobs;
    unsigned char *fates; /* enum fate [tasks + 1], the merging one last */
    int *codes;           /* [tasks + 1]: exit status, where ENDED */
    struct text list;     /* the jobs' numbers */
    struct text queue;    /* the query's lines */
    struct text why;      /* what waiting tasks wait for */
    struct launch_state *state;
    struct text *told;
};

/* The task that a file of ended/ is of; false: of none, as one that is being written. */
static bool ended_task(const char *name, size_t tasks, size_t *task)
{
    char *end;

    if (strcmp(name, "merge") == 0) {
        *task = tasks;
        return true;
    }
    unsigned long long number = strtoull(name, &end, 10);
    *task = (size_t)number;
    return end != name && !*end && number < tasks;
}

static enum status read_ended(struct batch_looker *looker, struct error *error)
{
    enum status status = STATUS_OK;
    char path[PATH_ROOM], text[64];
    size_t task;

    DIR *folder = opendir(path_print(path, "%s/ended", looker->folder));
    if (!folder)
        TRY(error_system(error, "cannot list %s", path));
    for (const struct dirent *entry; (errno = 0, entry = readdir(folder));) {
        if (!ended_task(entry->d_name, looker->jobs.tasks, &task))
            continue;
        FILE *file = fopen(path_print(path, "%s/ended/%s", looker->folder, entry->d_name), "r");
        if (!file)
            continue; /* a task that was queued again, just now */
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        fclose(file);
        if (!batch_parse_ended(text, &looker->codes[task]))
            TRY(error_set(error, STATUS_DATA, "%s does not say how the task ended", path));
        looker->fates[task] = ENDED;
    }
    if (errno)
        TRY(error_system(error, "cannot list %s/ended", looker->folder));
out:
    if (folder)
        closedir(folder);
    return status;
}

static bool is_state(const struct text_list *states, const struct batch_line *line)
{
    for (size_t i = 0; i < states->count; i++)
        if (strlen(states->items[i]) == line->state_length &&
            memcmp(states->items[i], line->state, line->state_length) == 0)
            return true;
    return false;
}

/* Is the task still there? */
static enum fate fate_of(const struct batch_system *system, const struct batch_line *line)
{
    if (!line->state)
        return RUNNING; /* a query that names only what is there */
    if (is_state(&system->waiting, line))
        return WAITING;
    return is_state(&system->running, line) ? RUNNING : UNKNOWN;
}

/* Reasons for waiting, each once; where the system gives none, its word for the state. */
static void add_reason(struct text *why, const struct batch_line *line)
{
    struct text reason = {0};

    if (line->reason)
        text_append_printable(&reason, line->reason, line->reason_length);
    else
        text_append_printable(&reason, line->state, line->state_length);
    if (reason.length && strcmp(reason.bytes, "None") != 0 &&
        strcmp(reason.bytes, "undefined") != 0 && !(why->bytes && strstr(why->bytes, reason.bytes)))
        text_append(why, "%s%s", why->length ? ", " : "", reason.bytes);
    why->failed = why->failed || reason.failed;
    text_release(&reason);
}

/* Ask the system for the jobs by one of its templates. */
static enum status ask(const struct batch_looker *looker, const char *template, struct text *output,
                       struct text *messages, int *code, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct text_list jobs;
    struct text line = {0};

    TRY(batch_jobs_list(&looker->jobs, &arena, &jobs, error));
    const struct template_value value = {.name = "jobs", .list = &jobs};
    template_expand(template, &value, 1, &line);
    TRY(text_status(&line, error));
    const char *const arguments[] = {"/bin/sh", "-c", line.bytes, NULL};
    TRY(command_run(arguments, output, messages, code, error));
    TRY(text_status(output, error));
    TRY(text_status(messages, error));
out:
    text_release(&line);
    arena_release(&arena);
    return status;
}

/* Jobs that ended some minutes ago are forgotten, and asking for such a one is a mistake. */
static bool is_forgotten(const struct batch_system *system, const char *messages)
{
    for (size_t i = 0; i < system->forgotten.count; i++)
        if (strstr(messages, system->forgotten.items[i]))
            return true;
    return false;
}

static enum status read_queue(struct batch_looker *looker, struct error *error)
{
    enum status status = STATUS_OK;
    const struct batch_system *system = looker->system;
    struct text messages = {0};
    struct batch_line line;
    int code;

    TRY(ask(looker, system->query, &looker->queue, &messages, &code, error));
    if (code != 0 && !is_forgotten(system, messages.bytes ? messages.bytes : ""))
        TRY(batch_failed(system, system->query, code, &messages, error));
    const char *at = looker->queue.bytes ? looker->queue.bytes : "";
    while (batch_parse_line(&at, system, &looker->jobs, &line)) {
        size_t task = line.task == SIZE_MAX ? looker->jobs.tasks : line.task;
        looker->fates[task] = (unsigned char)fate_of(system, &line);
        if (looker->fates[task] == WAITING && task < looker->jobs.tasks)
            add_reason(&looker->why, &line);
    }
    TRY(text_status(&looker->why, error));
out:
    text_release(&messages);
    return status;
}

/* Then no query is needed: systems forget old jobs. */
static bool all_ended(const struct batch_looker *looker)
{
    for (size_t i = 0; i <= looker->jobs.tasks; i++)
        if (looker->fates[i] != ENDED)
            return false;
    return true;
}

static void count(struct batch_looker *looker)
{
    struct launch_state *state = looker->state;
    size_t tasks = looker->jobs.tasks;

    state->tasks = tasks;
    state->over = looker->fates[tasks] != WAITING && looker->fates[tasks] != RUNNING;
    for (size_t i = 0; i < tasks; i++) {
        enum fate fate = looker->fates[i];
        state->done += fate == ENDED && looker->codes[i] == 0;
        state->failed += fate == ENDED && looker->codes[i] != 0;
        state->running += fate == RUNNING;
        state->waiting += fate == WAITING;
        state->lost += fate == UNKNOWN;
    }
    state->over = state->over && !state->running && !state->waiting;
    state->merged = looker->fates[tasks] == ENDED ? looker->codes[tasks] : -1;
}

/* The log of a task; of the merging job where it is the one behind the last. */
static void print_log(const struct batch_looker *looker, size_t task, struct text *text)
{
    const struct batch_jobs *jobs = &looker->jobs;

    text_append(text, ": %s/logs/", looker->folder);
    if (task == jobs->tasks)
        text_append(text, "merge%s%s", looker->system->counts ? "-" : "",
                    looker->system->counts ? jobs->merge : "");
    else if (!looker->system->counts)
        text_append(text, "%zu", task);
    for (size_t i = 0; looker->system->counts && i < jobs->count; i++)
        if (task - jobs->arrays[i].first < jobs->arrays[i].count)
            text_append(text, "%s_%zu", jobs->arrays[i].id, task - jobs->arrays[i].first);
    text_append(text, ".log\n");
}

/* What the lines say last of a task; false: nothing. */
static bool state_in(const struct batch_looker *looker, const char *lines, size_t task,
                     struct batch_line *found)
{
    struct batch_line line;
    bool there = false;

    while (batch_parse_line(&lines, looker->system, &looker->jobs, &line))
        if ((line.task == SIZE_MAX ? looker->jobs.tasks : line.task) == task) {
            *found = line;
            there = true;
        }
    return there;
}

/* What the accounting says of the jobs; "" and a note of it where it says nothing. */
static enum status read_accounting(struct batch_looker *looker, struct text *lines,
                                   struct error *error)
{
    enum status status = STATUS_OK;
    const char *template = looker->system->accounting;
    struct text messages = {0};
    int code = 0;

    if (!template[0])
        return STATUS_OK;
    TRY(ask(looker, template, lines, &messages, &code, error));
    if (code == COMMAND_MISSING)
        TRY(text_print(&messages, error, "%.*s is not installed", (int)strcspn(template, " "),
                       template));
    if (code != 0 || messages.length) {
        const char *words = messages.length ? messages.bytes : "it failed";
        text_append(looker->told, "  cannot query the accounting: ");
        text_append_printable(looker->told, words, strcspn(words, "\n"));
        text_append(looker->told, "\n");
    }
out:
    text_release(&messages);
    return status;
}

/* Tasks that ended without a status. */
static enum status tell_lost(struct batch_looker *looker, struct error *error)
{
    enum status status = STATUS_OK;
    struct text accounting = {0};
    const char *queue = looker->queue.bytes ? looker->queue.bytes : "";
    size_t told = 0;
    bool asked = false;

    for (size_t i = 0; i < looker->jobs.tasks && told < NAMED; i++) {
        struct batch_line line = {0};
        if (looker->fates[i] != UNKNOWN)
            continue;
        bool known = state_in(looker, queue, i, &line);
        if (!known && !asked) {
            TRY(read_accounting(looker, &accounting, error));
            asked = true;
        }
        known = known || state_in(looker, accounting.bytes ? accounting.bytes : "", i, &line);
        text_append(looker->told, "  task %zu ended without a status (", i);
        if (known && line.state_length)
            text_append_printable(looker->told, line.state, line.state_length);
        else
            text_append(looker->told, "unknown");
        text_append(looker->told, ")");
        print_log(looker, i, looker->told);
        told++;
    }
out:
    text_release(&accounting);
    return status;
}

static enum status tell(struct batch_looker *looker, struct error *error)
{
    const struct launch_state *state = looker->state;
    struct text *told = looker->told;
    size_t named = 0;

    text_append(told, "%s: %zu task%s: %zu done, %zu failed, %zu running, %zu waiting",
                looker->system->label, state->tasks, state->tasks == 1 ? "" : "s", state->done,
                state->failed, state->running, state->waiting);
    if (looker->why.length)
        text_append(told, " (%s)", looker->why.bytes);
    if (state->lost)
        text_append(told, ", %zu gone", state->lost);
    text_append(told, "; jobs %s\n", looker->list.bytes);
    for (size_t i = 0; i < state->tasks && named < NAMED; i++) {
        if (looker->fates[i] != ENDED || looker->codes[i] == 0)
            continue;
        text_append(told, "  task %zu ended with status %d", i, looker->codes[i]);
        print_log(looker, i, told);
        named++;
    }
    PASS(tell_lost(looker, error));
    if (!looker->jobs.merge[0])
        text_append(told, "  the merging job was never submitted: the launch was interrupted\n");
    else if (state->merged >= 0)
        text_append(told, "  merged, with status %d\n", state->merged);
    else if (state->over) {
        text_append(told, "  the merging job ended without a status");
        print_log(looker, state->tasks, told);
    }
    return STATUS_OK;
}

enum status batch_look(const struct batch_system *system, const char *folder,
                       struct launch_state *state, struct text *told, struct error *error)
{
    enum status status = STATUS_OK;
    struct batch_looker looker = {.system = system, .folder = folder, .state = state, .told = told};

    *state = (struct launch_state){.merged = -1};
    TRY(batch_jobs_read(folder, &looker.jobs, &state->launched, error));
    if (!state->launched)
        goto out;
    memcpy(state->plan, looker.jobs.plan, HASH_TEXT);
    state->poll = looker.jobs.poll;
    batch_jobs_print(&looker.jobs, &looker.list);
    TRY(text_status(&looker.list, error));
    TRY(memory_new(&looker.fates, looker.jobs.tasks + 1, 1, error));
    TRY(memory_new(&looker.codes, looker.jobs.tasks + 1, sizeof *looker.codes, error));
    TRY(read_ended(&looker, error));
    if (!all_ended(&looker)) {
        /* The files again after the queue: what ends meanwhile leaves the one for the other. */
        TRY(read_queue(&looker, error));
        TRY(read_ended(&looker, error));
    }
    count(&looker);
    if (told)
        TRY(tell(&looker, error));
out:
    memory_free(looker.fates);
    memory_free(looker.codes);
    text_release(&looker.list);
    text_release(&looker.queue);
    text_release(&looker.why);
    batch_jobs_release(&looker.jobs);
    return status;
}
