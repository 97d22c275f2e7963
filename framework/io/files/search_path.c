#define _XOPEN_SOURCE 700 /* realpath */
#include "io/files/search_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char variable[] = "UNDERSTUDY_PATH";

/* Where files of each kind lie: in an experiment's folder and those of the path, and in the home.
 */
static const struct {
    const char *own, *shipped;
} places[] = {
    [SEARCH_FAMILIES] = {"families", "networks/families"},
    [SEARCH_HARDWARE] = {"hardware", "experiments/hardware"},
    [SEARCH_LAUNCHERS] = {"launchers", "experiments/launchers"},
};

static bool is_folder(const char *path)
{
    struct stat facts;
    bool there = stat(path, &facts) == 0;

    errno = there ? ENOTDIR : errno;
    return there && S_ISDIR(facts.st_mode);
}

static bool is_file(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode);
}

/* The next folder of the list at *at; false: there is no further one. */
static bool next(const char **at, struct text *folder)
{
    while (**at == ':')
        (*at)++;
    size_t length = strcspn(*at, ":");
    if (!length)
        return false;
    text_clear(folder);
    text_append_bytes(folder, *at, length);
    *at += length;
    return true;
}

static const char *listed(void)
{
    const char *path = getenv(variable);
    return path ? path : "";
}

static enum status add(const char *folder, const char *part, struct arena *arena,
                       struct text_list *folders, struct error *error)
{
    const char *path;

    PASS(arena_print(arena, &path, error, "%s/%s", folder, part));
    if (is_folder(path))
        folders->items[folders->count++] = path;
    return STATUS_OK;
}

enum status search_folders(enum search_kind kind, const char *beside, const char *home,
                           struct arena *arena, struct text_list *folders, struct error *error)
{
    enum status status = STATUS_OK;
    struct text folder = {0};
    size_t most = 3;

    for (const char *at = listed(); *at; at++)
        most += *at == ':';
    *folders = (struct text_list){0};
    TRY(arena_new(arena, &folders->items, most, sizeof *folders->items, error));
    if (beside)
        TRY(add(beside, places[kind].own, arena, folders, error));
    for (const char *at = listed(); next(&at, &folder);) {
        TRY(text_status(&folder, error));
        if (!is_folder(folder.bytes))
            TRY(error_set(error, STATUS_CONFIG, "%s: '%s': %s; expected folders, separated by ':'",
                          variable, folder.bytes, strerror(errno)));
        TRY(add(folder.bytes, places[kind].own, arena, folders, error));
    }
    TRY(arena_print(arena, &folders->items[folders->count++], error, "%s/%s", home,
                    places[kind].shipped));
out:
    text_release(&folder);
    return status;
}

enum status folder_of(const char *file, struct text *folder, struct error *error)
{
    const char *slash = strrchr(file, '/');

    text_clear(folder);
    if (slash)
        text_append_bytes(folder, file, slash == file ? 1 : (size_t)(slash - file));
    else
        text_append(folder, ".");
    return text_status(folder, error);
}

bool search_file(const char *name, struct text *path)
{
    struct text folder = {0}, file = {0};
    bool found = false;

    for (const char *at = listed(); !found && next(&at, &folder);) {
        if (text_status(&folder, NULL) != STATUS_OK ||
            path_join(&file, folder.bytes, name, NULL) != STATUS_OK) {
            path->failed = true;
            break;
        }
        found = is_file(file.bytes);
    }
    char *whole = found ? realpath(folder.bytes, NULL) : NULL;
    if (whole)
        text_append(path, "%s/%s", whole, name);
    found = whole;
    free(whole);
    text_release(&folder);
    text_release(&file);
    return found;
}
