#include "run/run_log.h"

#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum status run_log_add(const char *folder, const struct process *who, const char *what,
                        const char *key, size_t trial, double seconds, int threads,
                        struct error *error)
{
    enum status status = STATUS_OK;
    char path[PATH_ROOM], line[256];

    path_print(path, "%s/computed/%s.log", folder, who->host);
    /* One write at the end of the file: lines of several processes do not mix. */
    int length = snprintf(line, sizeof line, "%s %s %zu %.3f %ld %d\n", what, key, trial, seconds,
                          who->pid, threads);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0 || write(file, line, (size_t)length) != length)
        status = error_system(error, "cannot write %s", path);
    if (file >= 0)
        close(file);
    return status;
}

static void read_file(const char *path,
                      void (*take)(void *context, const struct run_log_entry *note), void *context)
{
    char line[256];
    FILE *file = fopen(path, "re");

    while (file && fgets(line, sizeof line, file)) {
        struct run_log_entry note = {.threads = 1}; /* older lines do not say */
        if (sscanf(line, "%15s %64s %zu %lf %*d %d", note.what, note.key, &note.trial,
                   &note.seconds, &note.threads) >= 4)
            take(context, &note);
    }
    if (file)
        fclose(file);
}

void run_log_read(const char *folder, void (*take)(void *context, const struct run_log_entry *note),
                  void *context)
{
    char path[PATH_ROOM];
    struct dirent *entry;

    DIR *directory = opendir(path_print(path, "%s/computed", folder));
    while (directory && (entry = readdir(directory))) {
        if (entry->d_name[0] == '.')
            continue;
        read_file(path_print(path, "%s/computed/%s", folder, entry->d_name), take, context);
    }
    if (directory)
        closedir(directory);
}

struct log_times {
    const char *const *keys;
    size_t trials;
    bool *noted, *ended; /* [trials] */
    double *seconds;
};

static void add_time(void *context, const struct run_log_entry *note)
{
    struct log_times *times = context;
    size_t trial = note->trial;

    if (trial >= times->trials || strcmp(times->keys[trial], note->key) != 0)
        return; /* of another plan */
    if (times->ended[trial] || !times->noted[trial])
        times->seconds[trial] = 0;
    times->noted[trial] = true;
    times->ended[trial] = strcmp(note->what, "done") == 0 || strcmp(note->what, "failed") == 0;
    times->seconds[trial] += note->seconds;
}

enum status run_log_seconds(const char *folder, const char *const *keys, size_t trials,
                            double *seconds, struct error *error)
{
    enum status status = STATUS_OK;
    struct log_times times = {.keys = keys, .trials = trials, .seconds = seconds};

    TRY(memory_new(&times.noted, trials, sizeof *times.noted, error));
    TRY(memory_new(&times.ended, trials, sizeof *times.ended, error));
    run_log_read(folder, add_time, &times);
out:
    memory_free(times.noted);
    memory_free(times.ended);
    return status;
}
