#include "launch/slurm.h"

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

struct slurm_looker {
    const char *folder;
    struct slurm_jobs jobs;
    unsigned char *fates; /* enum fate [tasks + 1], the merging one last */
    int *codes;           /* [tasks + 1]: exit status, where ENDED */
    struct text list;     /* the jobs' numbers */
    struct text queue;    /* squeue's lines */
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

static enum status read_ended(struct slurm_looker *looker, struct error *error)
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
        if (!slurm_parse_ended(text, &looker->codes[task]))
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

/* A task's state as squeue calls it: is it still there? */
static enum fate fate_of(const struct slurm_line *line)
{
    static const char *const waiting[] = {"PENDING",     "REQUEUED",     "REQUEUE_HOLD",
                                          "REQUEUE_FED", "SPECIAL_EXIT", "SUSPENDED"};
    static const char *const running[] = {"RUNNING",  "COMPLETING", "CONFIGURING", "STAGE_OUT",
                                          "RESIZING", "SIGNALING",  "STOPPED"};
    size_t length = (size_t)line->state_length;

    for (size_t i = 0; i < sizeof waiting / sizeof *waiting; i++)
        if (strlen(waiting[i]) == length && memcmp(waiting[i], line->state, length) == 0)
            return WAITING;
    for (size_t i = 0; i < sizeof running / sizeof *running; i++)
        if (strlen(running[i]) == length && memcmp(running[i], line->state, length) == 0)
            return RUNNING;
    return UNKNOWN;
}

/* Reasons for waiting, each once. */
static void add_reason(struct text *why, const struct slurm_line *line)
{
    char reason[64];

    snprintf(reason, sizeof reason, "%.*s", line->detail_length, line->detail);
    if (!reason[0] || strcmp(reason, "None") == 0 || (why->bytes && strstr(why->bytes, reason)))
        return;
    text_append(why, "%s", why->length ? ", " : "");
    text_append_printable(why, reason, strlen(reason));
}

static enum status read_queue(struct slurm_looker *looker, struct error *error)
{
    enum status status = STATUS_OK;
    struct text jobs = {0}, messages = {0};
    struct slurm_line line;
    int code;

    TRY(text_print(&jobs, error, "--jobs=%s", looker->list.bytes));
    const char *const arguments[] = {"squeue",   "--noheader",        "--array", "--states=all",
                                     jobs.bytes, "--format=%i|%T|%r", NULL};
    TRY(command_run(arguments, &looker->queue, &messages, &code, error));
    /* Jobs that ended some minutes ago are forgotten, and asking for such a one is a mistake. */
    if (code != 0 && (!messages.bytes || !strstr(messages.bytes, "Invalid job id")))
        TRY(error_set(error, STATUS_IO, "squeue failed with status %d: %.*s", code,
                      (int)strcspn(messages.bytes ? messages.bytes : "", "\n"),
                      messages.bytes ? messages.bytes : ""));
    const char *at = looker->queue.bytes ? looker->queue.bytes : "";
    while (slurm_parse_line(&at, &looker->jobs, &line)) {
        size_t task = line.task == SIZE_MAX ? looker->jobs.tasks : line.task;
        looker->fates[task] = (unsigned char)fate_of(&line);
        if (looker->fates[task] == WAITING && task < looker->jobs.tasks)
            add_reason(&looker->why, &line);
    }
    TRY(text_status(&looker->why, error));
out:
    text_release(&messages);
    text_release(&jobs);
    return status;
}

/* Then no query is needed: Slurm forgets old jobs. */
static bool all_ended(const struct slurm_looker *looker)
{
    for (size_t i = 0; i <= looker->jobs.tasks; i++)
        if (looker->fates[i] != ENDED)
            return false;
    return true;
}

static void count(struct slurm_looker *looker)
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

/* The array and index of a task: "101_7". */
static void name_task(const struct slurm_jobs *jobs, size_t task, char name[48])
{
    for (size_t i = 0; i < jobs->count; i++)
        if (task - jobs->arrays[i].first < jobs->arrays[i].count)
            snprintf(name, 48, "%" PRId64 "_%zu", jobs->arrays[i].id, task - jobs->arrays[i].first);
}

/* What the lines say last of a task; false: nothing. */
static bool state_in(const char *lines, const struct slurm_jobs *jobs, size_t task,
                     struct slurm_line *found)
{
    struct slurm_line line;
    bool there = false;

    while (slurm_parse_line(&lines, jobs, &line))
        if ((line.task == SIZE_MAX ? jobs->tasks : line.task) == task) {
            *found = line;
            there = true;
        }
    return there;
}

/* What the accounting says of the jobs; "" and a note of it where it says nothing. */
static enum status read_accounting(struct slurm_looker *looker, struct text *lines,
                                   struct error *error)
{
    enum status status = STATUS_OK;
    struct text jobs = {0}, messages = {0};
    int code = 0;

    TRY(text_print(&jobs, error, "--jobs=%s", looker->list.bytes));
    const char *const arguments[] = {"sacct",       "--noheader", "--allocations",
                                     "--parsable2", jobs.bytes,   "--format=JobID,State,NodeList",
                                     NULL};
    status = command_run(arguments, lines, &messages, &code, error);
    if (status == STATUS_UNAVAILABLE)
        text_append(&messages, "sacct is not installed");
    else if (status != STATUS_OK)
        goto out;
    status = STATUS_OK;
    if (code != 0 || messages.length) {
        const char *words = messages.bytes ? messages.bytes : "sacct failed";
        text_append(looker->told, "  cannot query the accounting: ");
        text_append_printable(looker->told, words, strcspn(words, "\n"));
        text_append(looker->told, "\n");
    }
out:
    text_release(&messages);
    text_release(&jobs);
    return status;
}

/* Tasks that ended without a status. */
static enum status tell_lost(struct slurm_looker *looker, struct error *error)
{
    enum status status = STATUS_OK;
    struct text accounting = {0};
    const char *queue = looker->queue.bytes ? looker->queue.bytes : "";
    size_t told = 0;
    bool asked = false;
    char name[48];

    for (size_t i = 0; i < looker->jobs.tasks && told < NAMED; i++) {
        struct slurm_line line = {0};
        if (looker->fates[i] != UNKNOWN)
            continue;
        bool known = state_in(queue, &looker->jobs, i, &line);
        if (!known && !asked) {
            TRY(read_accounting(looker, &accounting, error));
            asked = true;
        }
        known =
            known || state_in(accounting.bytes ? accounting.bytes : "", &looker->jobs, i, &line);
        known = known && line.state_length > 0;
        name_task(&looker->jobs, i, name);
        text_append(looker->told, "  task %zu ended without a status (%.*s): %s/logs/%s.log\n", i,
                    known ? line.state_length : 7, known ? line.state : "unknown", looker->folder,
                    name);
        told++;
    }
out:
    text_release(&accounting);
    return status;
}

static enum status tell(struct slurm_looker *looker, struct error *error)
{
    const struct launch_state *state = looker->state;
    struct text *told = looker->told;
    size_t named = 0;
    char name[48];

    text_append(told, "slurm: %zu task%s: %zu done, %zu failed, %zu running, %zu waiting",
                state->tasks, state->tasks == 1 ? "" : "s", state->done, state->failed,
                state->running, state->waiting);
    if (looker->why.length)
        text_append(told, " (%s)", looker->why.bytes);
    if (state->lost)
        text_append(told, ", %zu gone", state->lost);
    text_append(told, "; jobs %s\n", looker->list.bytes);
    for (size_t i = 0; i < state->tasks && named < NAMED; i++) {
        if (looker->fates[i] != ENDED || looker->codes[i] == 0)
            continue;
        name_task(&looker->jobs, i, name);
        text_append(told, "  task %zu ended with status %d: %s/logs/%s.log\n", i, looker->codes[i],
                    looker->folder, name);
        named++;
    }
    PASS(tell_lost(looker, error));
    if (!looker->jobs.merge)
        text_append(told, "  the merging job was never submitted: the launch was interrupted\n");
    else if (state->merged >= 0)
        text_append(told, "  merged, with status %d\n", state->merged);
    else if (state->over)
        text_append(told,
                    "  the merging job ended without a status: %s/logs/merge-%" PRId64 ".log\n",
                    looker->folder, looker->jobs.merge);
    return STATUS_OK;
}

enum status slurm_look(const char *folder, struct launch_state *state, struct text *told,
                       struct error *error)
{
    enum status status = STATUS_OK;
    struct slurm_looker looker = {.folder = folder, .state = state, .told = told};

    *state = (struct launch_state){.merged = -1};
    TRY(slurm_jobs_read(folder, &looker.jobs, &state->launched, error));
    if (!state->launched)
        goto out;
    memcpy(state->plan, looker.jobs.plan, HASH_TEXT);
    state->poll = looker.jobs.poll;
    slurm_jobs_list(&looker.jobs, &looker.list);
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
    slurm_jobs_release(&looker.jobs);
    return status;
}

enum status slurm_clear(const char *folder, struct error *error)
{
    enum status status = STATUS_OK;
    char path[PATH_ROOM];
    DIR *ended;

    ended = opendir(path_print(path, "%s/ended", folder));
    if (!ended && errno == ENOENT)
        return STATUS_OK;
    if (!ended)
        TRY(error_system(error, "cannot list %s", path));
    for (const struct dirent *entry; (errno = 0, entry = readdir(ended));) {
        if (entry->d_name[0] == '.')
            continue;
        if (unlink(path_print(path, "%s/ended/%s", folder, entry->d_name)) != 0 && errno != ENOENT)
            TRY(error_system(error, "cannot remove %s", path));
    }
    if (errno)
        TRY(error_system(error, "cannot list %s/ended", folder));
out:
    if (ended)
        closedir(ended);
    return status;
}
