#include "run/run_status.h"

#include "base/folder.h"
#include "base/hash.h"
#include "io/files/bytes.h"
#include "run/jobs.h"
#include "run/run_log.h"
#include "run/trial_list.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double silence = 60; /* seconds, after which a worker elsewhere counts as dead */

/* ---- what was computed, how long it took */

struct finished { /* trials, as noted */
    const struct trial_list *list;
    bool *computed; /* [trials] */
    size_t count;
    double seconds; /* of all of them */
};

static void add_finished(void *context, const struct run_log_entry *note)
{
    struct finished *finished = context;
    const struct trial_list *list = finished->list;

    if (strcmp(note->what, "done") != 0 || note->trial >= list->count ||
        memcmp(list->bytes.data + note->trial * HASH_TEXT, note->key, HASH_TEXT - 1) != 0 ||
        finished->computed[note->trial])
        return; /* or of another plan */
    finished->computed[note->trial] = true;
    finished->count++;
    finished->seconds += note->seconds;
}

/* ---- workers */

static enum status read_workers(struct status_report *report, const char *folder,
                                struct error *error)
{
    enum status status = STATUS_OK;
    char path[PATH_ROOM];
    struct worker_status_worker worker;
    struct dirent *entry;
    DIR *directory = NULL;

    TRY(folder_readable(path_print(path, "%s/workers", folder), error));
    directory = opendir(path);
    while (directory && (entry = readdir(directory))) {
        path_print(path, "%s/workers/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || !worker_status_read(path, &worker) ||
            process_gone(&worker.who) || worker.silent > silence)
            continue;
        TRY(memory_reserve(&report->workers, &report->worker_capacity, report->worker_count + 1,
                           sizeof *report->workers, error));
        report->workers[report->worker_count++] = worker;
        report->running += worker.trial >= 0;
    }
out:
    if (directory)
        closedir(directory);
    return status;
}

static int by_trial(const void *a, const void *b)
{
    const struct worker_status_worker *x = a, *y = b;
    if (x->trial != y->trial)
        return x->trial < y->trial ? -1 : 1;
    return x->who.pid < y->who.pid ? -1 : x->who.pid > y->who.pid;
}

/* ---- trials */

static enum status add_failure(struct status_report *report, size_t trial,
                               const struct record *record, struct error *error)
{
    struct status_failure failure = {trial, "failed; the reason was not recorded"};

    const struct record_value *why = record_value(record, "status");
    if (why)
        PASS(arena_copy(&report->arena, why->text, strlen(why->text), &failure.why, error));
    PASS(memory_reserve(&report->failures, &report->failure_capacity, report->failure_count + 1,
                        sizeof *report->failures, error));
    report->failures[report->failure_count++] = failure;
    return STATUS_OK;
}

static enum status read_trials(struct status_report *report, const struct trial_list *list,
                               const char *results, const bool *computed, struct error *error)
{
    enum status status = STATUS_OK;
    struct cache cache = {0};
    struct record record = {0};
    char key[HASH_TEXT];
    bool found;

    TRY(cache_open(&cache, results, error));
    for (size_t i = 0; i < list->count; i++) {
        if (cache_has(&cache, TRIAL_EVALUATE, trial_list_key(list, i, key))) {
            report->done++;
            report->cached += !computed[i];
            continue;
        }
        TRY(cache_get_failure(&cache, key, &record, &found, error));
        if (found)
            TRY(add_failure(report, i, &record, error));
        record_release(&record);
    }
    report->failed = report->failure_count;
out:
    record_release(&record);
    cache_close(&cache);
    return status;
}

/* With the workers that there are, each trial as long as those before. */
static void guess(struct status_report *report, const struct finished *finished)
{
    double left = (double)(report->trials - report->done - report->failed);

    report->seconds = finished->count ? finished->seconds / (double)finished->count : (double)NAN;
    for (size_t i = 0; i < report->worker_count; i++)
        if (report->workers[i].trial >= 0)
            left -= strcmp(report->workers[i].work.step, trial_phase_names[PHASE_TRAIN]) == 0
                        ? report->workers[i].work.share
                        : 0;
    report->left = (double)NAN;
    if (report->running && finished->count)
        report->left = fmax(left, 0) * report->seconds / (double)report->worker_count;
}

enum status status_read(struct status_report *report, const char *results, const char *name,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct trial_list list = {0};
    struct finished finished = {.list = &list};
    char folder[PATH_ROOM];

    memset(report, 0, sizeof *report);
    TRY(trial_list_read(&list, results, name, error));
    path_print(folder, "%s/runs/%s", results, name);
    report->trials = list.count;
    TRY(memory_new(&finished.computed, list.count, sizeof *finished.computed, error));
    run_log_read(folder, add_finished, &finished);
    TRY(read_workers(report, folder, error));
    if (report->worker_count)
        qsort(report->workers, report->worker_count, sizeof *report->workers, by_trial);
    TRY(read_trials(report, &list, results, finished.computed, error));
    guess(report, &finished);
out:
    memory_free(finished.computed);
    trial_list_release(&list);
    if (status != STATUS_OK)
        status_release(report);
    return status;
}

void status_release(struct status_report *report)
{
    memory_free(report->workers);
    memory_free(report->failures);
    arena_release(&report->arena);
    memset(report, 0, sizeof *report);
}

enum status status_log(const char *results, const char *name, size_t trial, struct text *text,
                       bool *found, struct error *error)
{
    enum status status = STATUS_OK;
    struct trial_list list = {0};
    struct bytes log = {0};
    char path[PATH_ROOM], key[HASH_TEXT];

    *found = false;
    TRY(trial_list_read(&list, results, name, error));
    if (trial >= list.count)
        TRY(error_set(error, STATUS_CONFIG, "'%s' has no trial %zu; expected 0 to %zu", name, trial,
                      list.count - 1));
    path_print(path, "%s/runs/%s/logs/%s.log", results, name, trial_list_key(&list, trial, key));
    TRY(folder_readable(path, error));
    *found = access(path, F_OK) == 0;
    if (!*found)
        goto out;
    TRY(bytes_read(&log, path, SIZE_MAX / 2, error));
    *found = log.length > 0;
    text_append_bytes(text, (const char *)log.data, log.length);
    TRY(text_status(text, error));
out:
    bytes_release(&log);
    trial_list_release(&list);
    return status;
}
