#define _XOPEN_SOURCE 700 /* nftw */

#include "base/folder.h"

#include "base/text.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status folder_make(const char *path, struct error *error)
{
    char part[PATH_ROOM];

    if (strlen(path_print(part, "%s", path)) == PATH_ROOM - 1)
        return error_set(error, STATUS_IO, "the path %.200s… is too long", path);
    for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return error_system(error, "cannot make folder %s", part);
        if (!slash)
            return STATUS_OK;
        *slash = '/';
    }
}

enum status folder_readable(const char *path, struct error *error)
{
    struct stat facts;

    if (stat(path, &facts) == 0 && access(path, S_ISDIR(facts.st_mode) ? R_OK | X_OK : R_OK) == 0)
        return STATUS_OK;
    if (errno == ENOENT || errno == ENOTDIR)
        return STATUS_OK;
    return error_system(error, "cannot read %s", path);
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts, (void)kind, (void)place;
    (void)remove(path);
    return 0;
}

void folder_remove(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

bool folder_is(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}
