#include "run/worker_status.h"

#include "base/clock.h"
#include "base/folder.h"
#include "io/files/atomic_file.h"
#include "run/run_log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* FOLDER/KIND/NAME. */
static const char *path_of(const char *folder, const char *kind, const char *name,
                           char path[PATH_ROOM])
{
    return path_print(path, "%s/%s/%s", folder, kind, name);
}

enum status worker_status_folder(const char *results, const char *name, char folder[PATH_ROOM],
                                 struct error *error)
{
    static const char *const kinds[] = {"workers", "logs", "computed"};
    char path[PATH_ROOM];

    /* Files in it are named by host or key, both of bounded length. */
    if (strlen(path_print(folder, "%s/runs/%s", results, name)) >= PATH_ROOM - 256)
        return error_set(error, STATUS_IO, "the path %.200s… is too long", results);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        PASS(folder_make(path_print(path, "%s/%s", folder, kinds[i]), error));
    return STATUS_OK;
}

enum status worker_status_list(const char *folder, const struct jobs *jobs, struct error *error)
{
    enum status status = STATUS_OK;
    struct text text = {0};
    struct bytes old = {0};
    char path[PATH_ROOM];

    for (size_t i = 0; i < jobs->plan->trial_count; i++)
        text_append(&text, "%s\n", jobs->keys[i]);
    TRY(text_status(&text, error));
    path_print(path, "%s/trials", folder);
    if (access(path, F_OK) == 0 && bytes_read(&old, path, SIZE_MAX / 2, NULL) == STATUS_OK &&
        old.length == text.length && memcmp(old.data, text.bytes, text.length) == 0)
        goto out;
    struct span span = {(const unsigned char *)text.bytes, text.length, ""};
    TRY(atomic_file_write(path, &span, 1, error));
out:
    bytes_release(&old);
    text_release(&text);
    return status;
}

static void state_name(const struct process *who, char name[PROCESS_HOST + 24])
{
    snprintf(name, PROCESS_HOST + 24, "%.64s.%ld", who->host, who->pid);
}

void worker_status_clear(const char *folder, const struct process *who)
{
    char path[PATH_ROOM], name[PROCESS_HOST + 24];

    state_name(who, name);
    unlink(path_of(folder, "workers", name, path));
}

bool worker_status_read(const char *path, struct worker_status_worker *worker)
{
    char line[256];
    struct stat facts;
    FILE *file = fopen(path, "re");

    *worker = (struct worker_status_worker){.trial = -1};
    if (!file)
        return false;
    while (fgets(line, sizeof line, file)) {
        struct process *who = &worker->who;
        sscanf(line, "process %64s %ld %lld %96s", who->host, &who->pid, &who->started,
               who->machine);
        sscanf(line, "trial %lld", &worker->trial);
        sscanf(line, "key %64s", worker->key);
        sscanf(line, "step %31[^\n]", worker->work.step);
        sscanf(line, "work %zu %zu %lf %lf %lf %lf %31[^\n]", &worker->work.done,
               &worker->work.total, &worker->work.share, &worker->work.seconds, &worker->work.rate,
               &worker->work.left, worker->work.unit);
        sscanf(line, "seconds %lf", &worker->seconds);
    }
    if (strcmp(worker->who.machine, "-") == 0)
        worker->who.machine[0] = '\0';
    if (fstat(fileno(file), &facts) == 0)
        worker->silent = fmax(difftime(time(NULL), facts.st_mtime), 0);
    fclose(file);
    return worker->who.pid > 0;
}

void worker_status_tidy(const char *folder, int threads)
{
    char path[PATH_ROOM];
    struct dirent *entry;
    DIR *directory = opendir(path_of(folder, "workers", "", path));

    while (directory && (entry = readdir(directory))) {
        struct worker_status_worker worker;
        struct error ignored;
        /* Of two runs that look at once, the one that removes the file notes the trial. */
        if (!worker_status_read(path_of(folder, "workers", entry->d_name, path), &worker) ||
            !process_gone(&worker.who) || unlink(path) != 0 || worker.trial < 0 ||
            entry->d_name[0] == '.') /* half-written, beside the whole one */
            continue;
        enum status noted = run_log_add(folder, &worker.who, "killed", worker.key,
                                        (size_t)worker.trial, worker.seconds, threads, &ignored);
        (void)noted; /* information for people, not a result */
    }
    if (directory)
        closedir(directory);
    atomic_file_sweep(path_of(folder, "workers", "", path), ".");
}

enum status worker_status_open(struct worker_status *status_file, const char *folder,
                               const struct jobs *jobs, int threads, struct error *error)
{
    memset(status_file, 0, sizeof *status_file);
    status_file->threads = threads;
    path_print(status_file->folder, "%s", folder);
    status_file->jobs = jobs;
    status_file->self = process_self();
    status_file->trial = SIZE_MAX;
    status_file->terminal = status_file->spare = -1;
    status_file->changed = true;
    errno = pthread_mutex_init(&status_file->mutex, NULL);
    return errno == 0 ? STATUS_OK : error_system(error, "cannot create a lock");
}

/* The trial's log: a new one, or the empty one of the trial before. */
static int open_log(struct worker_status *status_file, size_t trial)
{
    char folder[PATH_ROOM], path[PATH_ROOM];
    int file = status_file->spare;

    status_file->spare = -1;
    path_print(folder, "%s/logs", status_file->folder);
    job_path(status_file->jobs, trial, folder, ".log", path);
    if (file >= 0 && rename(status_file->log, path) != 0) {
        close(file);
        file = -1;
    }
    memcpy(status_file->log, path, sizeof path);
    return file >= 0 ? file : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
}

static void drop_spare(struct worker_status *status_file)
{
    if (status_file->spare < 0)
        return;
    unlink(status_file->log);
    close(status_file->spare);
    status_file->spare = -1;
}

enum status worker_status_begin(struct worker_status *status_file, size_t trial,
                                struct error *error)
{
    enum status status = STATUS_OK;
    int file = -1;

    pthread_mutex_lock(&status_file->mutex);
    status_file->trial = trial;
    status_file->begun = clock_seconds();
    status_file->changed = true;
    pthread_mutex_unlock(&status_file->mutex);
    TRY(run_log_add(status_file->folder, &status_file->self, "begin",
                    status_file->jobs->keys[trial], trial, 0, status_file->threads, error));
    file = open_log(status_file, trial);
    if (file < 0)
        TRY(error_system(error, "cannot write %s", status_file->log));
    status_file->terminal = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (status_file->terminal < 0 || dup2(file, STDERR_FILENO) < 0)
        TRY(error_system(error, "cannot write %s", status_file->log));
out:
    if (file >= 0)
        close(file);
    return status;
}

enum status worker_status_end(struct worker_status *status_file, const char *what,
                              struct error *error)
{
    struct stat facts;
    size_t trial = status_file->trial;
    double seconds = clock_seconds() - status_file->begun;

    if (status_file->terminal >= 0) {
        bool silent = fstat(STDERR_FILENO, &facts) == 0 && facts.st_size == 0;
        if (silent)
            status_file->spare = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
        if (silent && status_file->spare < 0)
            unlink(status_file->log);
        dup2(status_file->terminal, STDERR_FILENO);
        close(status_file->terminal);
        status_file->terminal = -1;
    }
    if (strcmp(what, "done") != 0) /* it may begin again, elsewhere */
        drop_spare(status_file);
    pthread_mutex_lock(&status_file->mutex);
    status_file->trial = SIZE_MAX;
    status_file->changed = true;
    pthread_mutex_unlock(&status_file->mutex);
    return run_log_add(status_file->folder, &status_file->self, what,
                       status_file->jobs->keys[trial], trial, seconds, status_file->threads, error);
}

/* Failures are ignored: this is information for people, not a result. */
static void write_state(const struct worker_status *status_file, const char *text, size_t length)
{
    char path[PATH_ROOM], part[PATH_ROOM], name[PROCESS_HOST + 24], tag[PROCESS_TAG];
    char hidden[sizeof name + sizeof tag + 8];

    state_name(&status_file->self, name);
    process_tag(&status_file->self, tag);
    snprintf(hidden, sizeof hidden, ".%s.%s.part", name, tag);
    path_of(status_file->folder, "workers", name, path);
    path_of(status_file->folder, "workers", hidden, part);
    int file = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0)
        return;
    bool written = write(file, text, length) == (ssize_t)length;
    close(file);
    if (!written || rename(part, path) != 0)
        unlink(part);
}

void worker_status_publish(struct worker_status *status_file)
{
    char text[1024];
    struct work work;
    const struct process *self = &status_file->self;

    pthread_mutex_lock(&status_file->mutex);
    double now = clock_seconds();
    bool busy = status_file->trial != SIZE_MAX, working = work_look(&work) && busy;
    /* a sign of life, too */
    bool changed = status_file->changed || now - status_file->written > (working ? 0.9 : 5);
    int length =
        snprintf(text, sizeof text,
                 "process %s %ld %lld %s\ntrial %lld\nkey %s\nseconds %.1f\nstep %s\n"
                 "work %zu %zu %.4f %.1f %.6g %.1f %s\n",
                 self->host, self->pid, self->started, self->machine[0] ? self->machine : "-",
                 busy ? (long long)status_file->trial : -1LL,
                 busy ? status_file->jobs->keys[status_file->trial] : "-",
                 busy ? now - status_file->begun : 0, work.step, work.done, work.total, work.share,
                 work.seconds, work.rate, work.left, work.unit);
    status_file->changed = false;
    status_file->written = changed ? now : status_file->written;
    pthread_mutex_unlock(&status_file->mutex);
    if (changed)
        write_state(status_file, text, (size_t)length);
}

void worker_status_close(struct worker_status *status_file)
{
    drop_spare(status_file);
    worker_status_clear(status_file->folder, &status_file->self);
    pthread_mutex_destroy(&status_file->mutex);
}
