#include "io/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum status flush(const char *path, int flags, struct error *error)
{
    enum status status = STATUS_OK;
    int descriptor = open(path, flags);

    if (descriptor < 0)
        return error_system(error, "cannot open %s", path);
    /* Some file systems cannot flush a directory and say EINVAL; they need not be asked. */
    if (fsync(descriptor) != 0 && errno != EINVAL)
        status = error_system(error, "cannot flush %s to the disk", path);
    close(descriptor);
    return status;
}

enum status durable_replace(const char *temporary, const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    const char *slash = strrchr(path, '/');
    char directory[4096];

    if (!slash)
        snprintf(directory, sizeof directory, ".");
    else if ((size_t)(slash - path) >= sizeof directory)
        TRY(error_set(error, STATUS_IO, "the path %s is too long", path));
    else
        snprintf(directory, sizeof directory, "%.*s", slash == path ? 1 : (int)(slash - path),
                 path);
    TRY(flush(temporary, O_RDWR, error));
    if (rename(temporary, path) != 0)
        TRY(error_system(error, "cannot rename %s to %s", temporary, path));
    TRY(flush(directory, O_RDONLY | O_DIRECTORY, error));
out:
    return status;
}
