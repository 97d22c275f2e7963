#define _GNU_SOURCE /* syncfs, sync_file_range */

#include "io/files/atomic_file.h"

#include "base/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum status sync_file(int file, const char *path, struct error *error)
{
    /* Some file systems cannot flush a directory and say EINVAL; they need not be asked. */
    if (fsync(file) != 0 && errno != EINVAL)
        return error_system(error, "cannot flush %s to the disk", path);
    return STATUS_OK;
}

static enum status flush(const char *path, int flags, struct error *error)
{
    int descriptor = open(path, flags);

    if (descriptor < 0)
        return error_system(error, "cannot open %s", path);
    enum status status = sync_file(descriptor, path, error);
    close(descriptor);
    return status;
}

/* The new name; onto the disk, too, where `now` says so. */
static enum status put_in_place(const char *temporary, const char *path, bool now,
                                struct error *error)
{
    const char *slash = strrchr(path, '/');
    char directory[PATH_ROOM] = ".";

    if (slash)
        path_print(directory, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    if (rename(temporary, path) != 0)
        return error_system(error, "cannot rename %s to %s", temporary, path);
    if (now)
        PASS(flush(directory, O_RDONLY | O_DIRECTORY, error));
    return STATUS_OK;
}

enum status atomic_file_replace(const char *temporary, const char *path, struct error *error)
{
    enum status status = flush(temporary, O_RDWR, error);

    return status == STATUS_OK ? put_in_place(temporary, path, true, error) : status;
}

enum { MANY = 8 }; /* files from which on all of the file system is flushed at once */

/* That of the file; false if the file is gone or this fails. */
static bool flush_system(const char *path)
{
#ifdef __linux__
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    bool done = descriptor >= 0 && syncfs(descriptor) == 0;

    if (descriptor >= 0)
        close(descriptor);
    return done;
#else
    (void)path;
    return false;
#endif
}

/* Only started where `wait` is false: then the file system writes many files in one go. */
static enum status flush_one(const char *path, bool wait, struct error *error)
{
    enum status status = STATUS_OK;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);

    if (descriptor < 0)
        return errno == ENOENT ? STATUS_OK : error_system(error, "cannot open %s", path);
    if (wait)
        status = sync_file(descriptor, path, error);
#ifdef SYNC_FILE_RANGE_WRITE
    else
        sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE); /* a hint: it may fail */
#endif
    close(descriptor);
    return status;
}

/* To wait for each of many files takes a turn of the disk for each. The last one is asked: it is
 * the newest, and most likely to be there. */
enum status atomic_file_flush(const struct text *paths, struct error *error)
{
    const char *last = NULL, *end = paths->bytes ? paths->bytes + paths->length : NULL;
    size_t count = 0;

    for (const char *at = paths->bytes; at < end; at += strlen(at) + 1, count++)
        last = at;
    if (count >= MANY && flush_system(last))
        return STATUS_OK;
    for (int wait = 0; wait < 2; wait++)
        for (const char *at = paths->bytes; at < end; at += strlen(at) + 1)
            PASS(flush_one(at, wait, error));
    return STATUS_OK;
}

/* The number of a process alone would not do: machines that share a folder give out the same ones.
 */
enum status atomic_file_part(const char *path, struct text *temporary, struct error *error)
{
    struct process self = process_self();
    char name[33], tag[PROCESS_TAG];

    PASS(process_unique(name, error));
    process_tag(&self, tag);
    text_append(temporary, "%s.%s.%s.part", path, name, tag);
    return text_status(temporary, error);
}

bool atomic_file_is_part(const char *name, bool *gone)
{
    static const char ending[] = ".part";
    size_t length = strlen(name), end = sizeof ending - 1;
    char tag[PROCESS_TAG];

    *gone = false;
    if (length < end || strcmp(name + length - end, ending) != 0)
        return false;
    for (size_t i = length - end; i > 0; i--)
        if (name[i - 1] == '.') {
            snprintf(tag, sizeof tag, "%.*s", (int)(length - end - i), name + i);
            *gone = process_tag_gone(tag);
            break;
        }
    return true;
}

void atomic_file_sweep(const char *folder, const char *start)
{
    struct text path = {0};
    DIR *directory = opendir(folder);
    bool gone;

    for (const struct dirent *entry; directory && (entry = readdir(directory));) {
        if (strncmp(entry->d_name, start, strlen(start)) != 0 ||
            !atomic_file_is_part(entry->d_name, &gone) || !gone)
            continue;
        text_clear(&path);
        text_append(&path, "%s/%s", folder, entry->d_name);
        if (!path.failed)
            unlink(path.bytes);
    }
    if (directory)
        closedir(directory);
    text_release(&path);
}

void atomic_file_sweep_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    int length = slash == path ? 1 : (int)(slash ? slash - path : 0);
    char folder[PATH_ROOM] = ".";

    if (slash)
        path_print(folder, "%.*s", length, path);
    atomic_file_sweep(folder, slash ? slash + 1 : path);
}

static enum status write_all(int file, const char *path, struct span span, struct error *error)
{
    for (size_t at = 0; at < span.length;) {
        ssize_t put = write(file, span.data + at, span.length - at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return error_system(error, "cannot write %s", path);
        at += (size_t)put;
    }
    return STATUS_OK;
}

static enum status write_file(const char *path, const struct span *spans, size_t count, bool now,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct text temporary = {0};
    int file = -1;

    TRY(atomic_file_part(path, &temporary, error));
    file = open(temporary.bytes, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0)
        TRY(error_system(error, "cannot write %s", temporary.bytes));
    for (size_t i = 0; i < count; i++)
        TRY(write_all(file, temporary.bytes, spans[i], error));
    if (now)
        TRY(sync_file(file, temporary.bytes, error));
    int closed = close(file);
    file = -1;
    if (closed != 0)
        TRY(error_system(error, "cannot write %s", temporary.bytes));
    TRY(put_in_place(temporary.bytes, path, now, error));
out:
    if (file >= 0)
        close(file);
    if (status != STATUS_OK && temporary.bytes)
        unlink(temporary.bytes);
    text_release(&temporary);
    return status;
}

enum status atomic_file_write(const char *path, const struct span *spans, size_t count,
                              struct error *error)
{
    return write_file(path, spans, count, true, error);
}

enum status atomic_file_write_soon(const char *path, const struct span *spans, size_t count,
                                   struct error *error)
{
    return write_file(path, spans, count, false, error);
}
