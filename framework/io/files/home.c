#include "io/files/home.h"

#include "io/files/bytes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char shared[] = "/share/understudy"; /* of an installed program's PREFIX */
static const char *const parts[] = {"networks/families", "experiments/hardware"};

/* The first part that the folder lacks; NULL: it is a home. errno says why. */
static const char *lacking(const char *folder)
{
    char path[PATH_ROOM];
    struct stat found;

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (stat(path_print(path, "%s/%s", folder, parts[i]), &found) != 0)
            return parts[i];
        errno = ENOTDIR;
        if (!S_ISDIR(found.st_mode))
            return parts[i];
    }
    return NULL;
}

enum status home_check(const char *said_by, const char *folder, struct error *error)
{
    const char *part = lacking(folder);

    if (!part)
        return STATUS_OK;
    return error_set(error, STATUS_CONFIG,
                     "%s: %s/%s: %s; expected a folder that contains networks/families and "
                     "experiments/hardware, such as a checkout",
                     said_by, folder, part, strerror(errno));
}

/* The checkout that a build folder's HOME_FILE names. */
static enum status read_home(const char *file, struct text *home, struct error *error)
{
    enum status status = STATUS_OK;
    struct bytes bytes = {0};

    TRY(bytes_read(&bytes, file, PATH_ROOM, error));
    text_append(home, "%.*s", (int)bytes.length, bytes.data ? (const char *)bytes.data : "");
    TRY(text_status(home, error));
    if (home->length && home->bytes[home->length - 1] == '\n')
        home->bytes[--home->length] = '\0';
    TRY(home_check(file, home->bytes, error));
out:
    bytes_release(&bytes);
    return status;
}

enum status home_above(const char *program, struct text *home, struct error *error)
{
    char folder[PATH_ROOM], file[PATH_ROOM];
    size_t length = strlen(program);

    if (length >= sizeof folder)
        return error_set(error, STATUS_IO, "the path %.200s… is too long", program);
    memcpy(folder, program, length + 1);
    for (char *slash; (slash = strrchr(folder, '/'));) {
        *slash = '\0';
        if (access(path_print(file, "%s/" HOME_FILE, folder), F_OK) == 0)
            return read_home(file, home, error);
        path_print(file, "%s%s", folder, shared);
        if (!lacking(folder))
            text_append(home, "%s", folder[0] ? folder : "/");
        else if (!lacking(file))
            text_append(home, "%s", file);
        else
            continue;
        return text_status(home, error);
    }
    return error_set(error, STATUS_CONFIG,
                     "no folder above %s contains networks/families and experiments/hardware: the "
                     "program is not in its checkout; give the checkout by --home or the "
                     "environment variable UNDERSTUDY_HOME",
                     program);
    return STATUS_OK;
}

/* Linux resolves all links in it, and appends " (deleted)" to the name of a removed file. */
enum status home_of_this(struct text *home, struct error *error)
{
    char program[PATH_ROOM];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);

    if (length < 0)
        return error_system(error, "cannot find this program's own file");
    program[length] = '\0';
    return home_above(program, home, error);
}
