#include "run/heartbeat.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double most_wait = 0.5; /* seconds between two looks */

struct heartbeat {
    struct heartbeat_options options;
    struct process self;
    char path[PATH_ROOM];
    unsigned long count;
    bool ending; /* guarded by the mutex */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
};

static const char *path_of(const char *folder, const char *name, char path[PATH_ROOM])
{
    return path_print(path, "%s/%s", folder, name);
}

/* Count up, over the number before, which needs no room on the disk. What fails here is not told:
 * at worst a process that works is taken for dead. */
static void give_sign(struct heartbeat *heartbeat)
{
    const struct process *self = &heartbeat->self;
    char text[512];
    int file = open(heartbeat->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

    if (file < 0)
        return;
    int length =
        snprintf(text, sizeof text, "%010lu %s %ld %lld %s\n", ++heartbeat->count, self->host,
                 self->pid, self->started, self->machine[0] ? self->machine : "-");
    ssize_t put = write(file, text, (size_t)length);
    (void)put;
    close(file);
}

/* Until some time has passed, or this is to end. The mutex is held. */
static void rest(struct heartbeat *heartbeat)
{
    double seconds =
        heartbeat->options.interval < most_wait ? heartbeat->options.interval : most_wait;
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    long nanoseconds = time.tv_nsec + (long)(seconds * 1e9);
    time.tv_sec += nanoseconds / 1000000000;
    time.tv_nsec = nanoseconds % 1000000000;
    pthread_cond_timedwait(&heartbeat->wake, &heartbeat->mutex, &time);
}

static void *beat(void *context)
{
    struct heartbeat *heartbeat = context;
    double last = clock_seconds();

    pthread_mutex_lock(&heartbeat->mutex);
    for (rest(heartbeat); !heartbeat->ending; rest(heartbeat)) {
        pthread_mutex_unlock(&heartbeat->mutex);
        if (heartbeat->options.tick)
            heartbeat->options.tick(heartbeat->options.context);
        if (clock_seconds() - last >= heartbeat->options.interval) {
            last = clock_seconds();
            give_sign(heartbeat);
        }
        pthread_mutex_lock(&heartbeat->mutex);
    }
    pthread_mutex_unlock(&heartbeat->mutex);
    return NULL;
}

/* The thread takes no signals: they are for the main thread. */
static enum status start_thread(struct heartbeat *heartbeat, struct error *error)
{
    sigset_t all, old;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    errno = pthread_create(&heartbeat->thread, NULL, beat, heartbeat);
    int failed = errno;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = failed;
    if (failed)
        return error_system(error, "cannot start the heartbeat thread");
    return STATUS_OK;
}

static void dispose(struct heartbeat *heartbeat)
{
    unlink(heartbeat->path);
    pthread_cond_destroy(&heartbeat->wake);
    pthread_mutex_destroy(&heartbeat->mutex);
    memory_free(heartbeat);
}

enum status heartbeat_start(struct heartbeat **heartbeat, const char *folder, const char *name,
                            const struct heartbeat_options *options, struct error *error)
{
    struct heartbeat *made;
    pthread_condattr_t attributes;

    *heartbeat = NULL;
    enum status status = memory_new(&made, 1, sizeof *made, error);
    if (status != STATUS_OK)
        return status;
    made->options = *options;
    made->self = process_self();
    path_of(folder, name, made->path);
    pthread_mutex_init(&made->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&made->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    give_sign(made);
    status = start_thread(made, error);
    if (status == STATUS_OK)
        *heartbeat = made;
    else
        dispose(made);
    return status;
}

void heartbeat_stop(struct heartbeat *heartbeat)
{
    if (!heartbeat)
        return;
    pthread_mutex_lock(&heartbeat->mutex);
    heartbeat->ending = true;
    pthread_cond_signal(&heartbeat->wake);
    pthread_mutex_unlock(&heartbeat->mutex);
    pthread_join(heartbeat->thread, NULL);
    dispose(heartbeat);
}

void heartbeat_read(const char *folder, const char *name, char count[HEARTBEAT_COUNT])
{
    char path[PATH_ROOM];
    int file = open(path_of(folder, name, path), O_RDONLY | O_CLOEXEC);

    count[0] = '\0';
    if (file < 0)
        return;
    ssize_t length = read(file, count, HEARTBEAT_COUNT - 1);
    count[length > 0 ? length : 0] = '\0';
    count[strcspn(count, " ")] = '\0';
    close(file);
}

/* Who wrote it; false where that cannot be read. */
static bool read_owner(const char *path, struct process *owner)
{
    char text[512];
    FILE *file = fopen(path, "re");

    memset(owner, 0, sizeof *owner);
    bool read = file && fgets(text, sizeof text, file) &&
                sscanf(text, "%*s %64s %ld %lld %96s", owner->host, &owner->pid, &owner->started,
                       owner->machine) == 4;
    if (file)
        fclose(file);
    return read;
}

void heartbeat_tidy(const char *folder)
{
    char path[PATH_ROOM];
    struct process owner;
    struct dirent *entry;
    DIR *directory = opendir(folder);

    while (directory && (entry = readdir(directory))) {
        if (entry->d_name[0] == '.')
            continue;
        path_of(folder, entry->d_name, path);
        if (read_owner(path, &owner) && process_gone(&owner))
            unlink(path);
    }
    if (directory)
        closedir(directory);
}
