/* Who uses what: files in RESULTS/runs/NAME/ that name the keys of a run. */
#include "cache/cache_private.h"

#include "base/clock.h"
#include "base/folder.h"
#include "io/files/atomic_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGITS = HASH_TEXT - 1, HOST = 128, FRESH = 600, TOUCH = 30 /* seconds */ };

static const char prefix[] = "keys.";

static void host_name(char host[HOST])
{
    if (gethostname(host, HOST) != 0)
        strcpy(host, "unknown");
    host[HOST - 1] = '\0';
}

enum status cache_use_begin(struct cache_use *use, const char *results, const char *name,
                            struct error *error)
{
    enum status status = STATUS_OK;
    char host[HOST], folder[PATH_ROOM];

    memset(use, 0, sizeof *use);
    host_name(host);
    TRY(folder_make(path_print(folder, "%s/runs/%s", results, name), error));
    path_print(use->path, "%s/%s%s.%ld", folder, prefix, host, (long)getpid());
    use->file = fopen(use->path, "w");
    if (!use->file) {
        status = error_system(error, "cannot write %s", use->path);
        use->path[0] = '\0';
    }
out:
    return status;
}

enum status cache_use_add(struct cache_use *use, const char *key, struct error *error)
{
    if (fprintf(use->file, "%s\n", key) < 0)
        return error_system(error, "cannot write %s", use->path);
    return STATUS_OK;
}

enum status cache_use_ready(struct cache_use *use, struct error *error)
{
    int closed = fclose(use->file);

    use->file = NULL;
    use->touched = clock_seconds();
    return closed == 0 ? STATUS_OK : error_system(error, "cannot write %s", use->path);
}

void cache_use_touch(struct cache_use *use)
{
    if (!use->path[0] || clock_seconds() - use->touched < TOUCH)
        return;
    use->touched = clock_seconds();
    utimensat(AT_FDCWD, use->path, NULL, 0);
}

void cache_use_end(struct cache_use *use)
{
    if (use->file)
        fclose(use->file);
    if (use->path[0])
        unlink(use->path);
    memset(use, 0, sizeof *use);
}

/* Is the process that wrote keys.HOST.PID at work? Of this machine the system knows; of another one
 * the file's age tells, by the clock of the file system. */
static bool is_alive(const char *name, const char *path, time_t now)
{
    char host[HOST];
    const char *dot = strrchr(name, '.');
    struct stat facts;

    host_name(host);
    name += sizeof prefix - 1;
    if (!dot || dot < name)
        return false;
    if (strlen(host) == (size_t)(dot - name) && strncmp(host, name, strlen(host)) == 0) {
        long pid = strtol(dot + 1, NULL, 10);
        return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
    }
    return stat(path, &facts) == 0 && facts.st_mtim.tv_sec + FRESH > now;
}

static enum status read_keys(struct used *used, const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes bytes = {0};

    if (bytes_read(&bytes, path, SIZE_MAX / 2, NULL) != STATUS_OK)
        return STATUS_OK; /* its run has just ended */
    for (size_t at = 0; at + DIGITS < bytes.length; at += DIGITS + 1) {
        TRY(memory_reserve(&used->keys, &used->capacity, used->count + 1, sizeof *used->keys,
                           error));
        TRY(arena_copy(&used->arena, (const char *)bytes.data + at, DIGITS,
                       &used->keys[used->count], error));
        used->count++;
    }
out:
    bytes_release(&bytes);
    return status;
}

/* Files keys.… of one run's folder; those of the dead are removed. */
static enum status read_run(struct used *used, const char *folder, time_t now, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    const struct dirent *entry;
    DIR *directory = opendir(folder);

    while (directory && (entry = readdir(directory))) {
        if (strncmp(entry->d_name, prefix, sizeof prefix - 1) != 0)
            continue;
        TRY(path_join(&path, folder, entry->d_name, error));
        if (is_alive(entry->d_name, path.bytes, now))
            TRY(read_keys(used, path.bytes, error));
        else
            unlink(path.bytes);
    }
out:
    if (directory)
        closedir(directory);
    text_release(&path);
    return status;
}

/* The file system's own clock: other machines' files are compared with it. */
static enum status folder_time(const char *folder, time_t *now, struct error *error)
{
    enum status status = STATUS_OK;
    struct text now_file = {0}, path = {0};
    struct stat facts;
    FILE *file = NULL;

    TRY(path_join(&now_file, folder, ".now", error));
    TRY(atomic_file_part(now_file.bytes, &path, error));
    file = fopen(path.bytes, "w");
    if (!file || fstat(fileno(file), &facts) != 0)
        TRY(error_system(error, "cannot write %s", path.bytes));
    *now = facts.st_mtim.tv_sec;
out:
    if (file) {
        fclose(file);
        unlink(path.bytes);
    }
    text_release(&now_file);
    text_release(&path);
    return status;
}

enum status used_read(struct used *used, const struct cache *cache, struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};
    const struct dirent *entry;
    DIR *directory = NULL;
    time_t now;

    memset(used, 0, sizeof *used);
    TRY(folder_time(cache->folder, &now, error));
    TRY(text_print(&path, error, "%s/../runs", cache->folder));
    directory = opendir(path.bytes);
    while (directory && (entry = readdir(directory))) {
        if (entry->d_name[0] == '.')
            continue;
        TRY(text_print(&path, error, "%s/../runs/%s", cache->folder, entry->d_name));
        TRY(read_run(used, path.bytes, now, error));
    }
    if (used->count)
        qsort(used->keys, used->count, sizeof *used->keys, text_compare);
out:
    if (directory)
        closedir(directory);
    text_release(&path);
    return status;
}

bool used_has(const struct used *used, const char *key)
{
    return used->count &&
           bsearch(&key, used->keys, used->count, sizeof *used->keys, text_compare) != NULL;
}

void used_release(struct used *used)
{
    memory_free(used->keys);
    arena_release(&used->arena);
    memset(used, 0, sizeof *used);
}
