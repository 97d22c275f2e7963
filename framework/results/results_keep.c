#include "results/results_keep.h"

#include "base/folder.h"
#include "base/interrupt.h"
#include "io/hdf5/hdf5.h"
#include "results/plots_keep.h"
#include "results/results_write.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_ROOM = 256 };

/* A path's parts. */
struct keep_target {
    char folder[PATH_ROOM], name[NAME_ROOM]; /* name: without ".h5" */
};

static enum status split(const char *path, struct keep_target *target, struct error *error)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(name), end = length > 3 ? length - 3 : 0;

    if (end >= sizeof target->name)
        return error_set(error, STATUS_IO, "the path %.200s… is too long", path);
    path_print(target->folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    snprintf(target->name, sizeof target->name, "%.*s", (int)end, name);
    return STATUS_OK;
}

/* Where the file system has no locks, there is none: two runs that end in the same instant are then
 * not told apart. */
enum status keep_lock(const char *path, int *lock, struct error *error)
{
    enum status status = STATUS_OK;
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct text file = {0};
    struct keep_target target;

    *lock = -1;
    TRY(split(path, &target, error));
    TRY(text_print(&file, error, "%s/runs/%s", target.folder, target.name));
    TRY(folder_make(file.bytes, error));
    text_append(&file, "/replace");
    TRY(text_status(&file, error));
    *lock = open(file.bytes, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*lock < 0)
        TRY(error_system(error, "cannot write %s", file.bytes));
    while (fcntl(*lock, F_SETLKW, &whole) != 0 && errno == EINTR)
        TRY(interrupt_check(error));
out:
    if (status != STATUS_OK) {
        keep_unlock(*lock);
        *lock = -1;
    }
    text_release(&file);
    return status;
}

void keep_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}

/* What is known of a results file. */
struct old {
    const char *resolved, *digest;
    bool complete; /* no trial failed */
};

/* STATUS_DATA or STATUS_IO where it is none, or cannot be read. */
static enum status look(const char *path, struct arena *arena, struct old *old, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    const char *trials;
    struct stat facts;

    if (stat(path, &facts) == 0 && !S_ISREG(facts.st_mode))
        TRY(error_set(error, STATUS_DATA, "%s: not a file", path));
    TRY(hdf5_open(&file, path, false, error));
    TRY(hdf5_check_format(&file, RESULTS_FORMAT, error));
    TRY(hdf5_read_text(&file, "/plan/resolved", arena, &old->resolved, error));
    TRY(hdf5_read_attribute_text(&file, "/", "content_sha256", arena, &old->digest, error));
    old->complete =
        hdf5_read_attribute_text(&file, "/", "trials_sha256", arena, &trials, NULL) == STATUS_OK;
out:
    hdf5_abandon(&file);
    return status;
}

/* Why what stands at the path is to be kept; NULL: it need not be. */
static enum status reason(const struct keep_new *fresh, struct arena *arena, struct old *old,
                          const char **why, struct error *error)
{
    struct error fault = {0};
    enum status status = look(fresh->path, arena, old, &fault);

    *why = NULL;
    if (status == STATUS_DATA || status == STATUS_IO) {
        *old = (struct old){0};
        *why = "is not a results file that can be read";
        return STATUS_OK;
    }
    if (status != STATUS_OK) {
        if (error)
            *error = fault;
        return status;
    }
    if (strcmp(old->resolved, fresh->resolved) != 0)
        *why = "has the results of another plan";
    else if (old->complete && strcmp(old->digest, fresh->digest) != 0)
        *why = "has other results of this plan, from other data or another version";
    return STATUS_OK;
}

/* The number of "NAME~12" with `ending` behind it; 0 where the entry is none. */
static unsigned long number_of(const char *entry, const char *name, const char *ending)
{
    size_t length = strlen(name);
    char *end;

    if (strncmp(entry, name, length) != 0 || entry[length] != '~' || entry[length + 1] < '1' ||
        entry[length + 1] > '9')
        return 0;
    unsigned long number = strtoul(entry + length + 1, &end, 10);
    return strcmp(end, ending) == 0 && number < 1000000000 ? number : 0;
}

unsigned long keep_number(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');

    return number_of(slash ? slash + 1 : path, name, ".h5");
}

/* Is it the same file under another name, or are the same results in it? */
static bool same_results(const char *path, const struct stat *facts, const char *kept,
                         const char *digest)
{
    struct stat other;
    struct arena arena = {0};
    struct old old;

    if (stat(kept, &other) != 0)
        return false;
    bool same = other.st_dev == facts->st_dev && other.st_ino == facts->st_ino;
    if (!same && digest && strcmp(path, kept) != 0)
        same = look(kept, &arena, &old, NULL) == STATUS_OK && strcmp(old.digest, digest) == 0;
    arena_release(&arena);
    return same;
}

/* The highest number in the folder; *same, that of a file with the old results (0: none). */
static unsigned long highest(const char *folder, const char *name, const char *ending,
                             const char *path, const char *digest, unsigned long *same)
{
    char kept[PATH_ROOM];
    unsigned long most = 0;
    struct stat facts;
    DIR *list = opendir(folder);
    bool there = path && stat(path, &facts) == 0;

    for (const struct dirent *entry; list && (entry = readdir(list));) {
        unsigned long number = number_of(entry->d_name, name, ending);
        most = number > most ? number : most;
        path_print(kept, "%s/%s", folder, entry->d_name);
        if (number && there && same_results(path, &facts, kept, digest))
            *same = number;
    }
    if (list)
        closedir(list);
    return most;
}

/* A second name, which takes nobody else's place; the first one is taken over when the new file is
 * there. Where there are no second names, the file gets the new one alone. */
static enum status keep_file(const char *path, const char *kept, struct error *error)
{
    if (link(path, kept) == 0 || (access(kept, F_OK) != 0 && rename(path, kept) == 0))
        return STATUS_OK;
    return error_system(error, "cannot keep %s as %s, and does not replace it", path, kept);
}

static enum status keep_plots(const struct keep_new *fresh, const char *name, unsigned long number,
                              struct text *told, struct error *error)
{
    enum status status = STATUS_OK;
    struct text from = {0}, to = {0};

    text_append(&from, "%s/%s", fresh->plots, name);
    text_append(&to, "%s/%s~%lu", fresh->plots, name, number);
    TRY(text_status(&from, error));
    TRY(text_status(&to, error));
    if (access(from.bytes, F_OK) != 0 || access(to.bytes, F_OK) == 0 ||
        plots_of_others(from.bytes, fresh->path))
        goto out;
    if (rename(from.bytes, to.bytes) != 0)
        TRY(error_system(error, "cannot keep the figures %s as %s", from.bytes, to.bytes));
    text_append(told, ", its figures as %s", to.bytes);
out:
    text_release(&to);
    text_release(&from);
    return status;
}

/* Under which number: that of the same results where they are kept, else the next one. */
static enum status keep(const struct keep_new *fresh, const struct old *old, const char *why,
                        struct text *told, struct error *error)
{
    enum status status = STATUS_OK;
    struct text kept = {0};
    struct keep_target target;
    unsigned long same = 0, number;

    TRY(split(fresh->path, &target, error));
    number = highest(target.folder, target.name, ".h5", fresh->path, old->digest, &same);
    if (fresh->plots) {
        unsigned long figures = highest(fresh->plots, target.name, "", NULL, NULL, &same);
        number = figures > number ? figures : number;
    }
    number = same ? same : number + 1;
    TRY(text_print(&kept, error, "%s/%s~%lu.h5", target.folder, target.name, number));
    if (!same)
        TRY(keep_file(fresh->path, kept.bytes, error));
    text_append(told, "%s %s: %s %s", fresh->path, why, same ? "already kept as" : "kept as",
                kept.bytes);
    if (fresh->plots && fresh->drawn)
        TRY(keep_plots(fresh, target.name, number, told, error));
    TRY(text_status(told, error));
out:
    text_release(&kept);
    return status;
}

enum status keep_old(const struct keep_new *fresh, struct text *told, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct old old = {0};
    struct stat facts;
    const char *why;

    if (lstat(fresh->path, &facts) != 0 && errno == ENOENT)
        return STATUS_OK;
    TRY(reason(fresh, &arena, &old, &why, error));
    if (why)
        TRY(keep(fresh, &old, why, told, error));
out:
    arena_release(&arena);
    return status;
}
