#include "cli/support/open_results.h"

#include "forecast/forecast.h"
#include "results/results.h"
#include "run/partial.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_NAMES = 12 };

static bool ends_in_h5(const char *name)
{
    size_t length = strlen(name);
    return length > 3 && strcmp(name + length - 3, ".h5") == 0;
}

/* A file, or an experiment's name? */
static bool is_file(const char *operand)
{
    return ends_in_h5(operand) || !text_is_file_name(operand) || access(operand, F_OK) == 0;
}

/* The names of the results files in a folder, in order. */
static enum status list_names(const char *folder, struct arena *arena, const char **names,
                              size_t *count, struct error *error)
{
    enum status status = STATUS_OK;
    struct dirent *entry;
    DIR *directory = opendir(folder);

    for (*count = 0; *count <= MOST_NAMES && directory && (entry = readdir(directory));)
        if (ends_in_h5(entry->d_name) && entry->d_name[0] != '.')
            TRY(arena_print(arena, &names[(*count)++], error, "%.*s",
                            (int)strlen(entry->d_name) - 3, entry->d_name));
out:
    if (directory)
        closedir(directory);
    if (*count)
        qsort(names, *count, sizeof *names, text_compare);
    return status;
}

/* "; there are: a, b; did you mean 'a'?" */
static void append_names(struct text *hint, const char *const *names, size_t count,
                         const char *wrong)
{
    const char *best = NULL;

    for (size_t i = 0; i < count; i++) {
        text_nearest(wrong, names[i], &best);
        if (count <= MOST_NAMES)
            text_append(hint, "%s%s", i ? ", " : "; there are: ", names[i]);
    }
    if (best)
        text_append(hint, "; did you mean '%s'?", best);
    else if (count == 0 || count > MOST_NAMES)
        text_append(hint, "; expected a results file or the name of an experiment that was run");
}

/* `what` is wrong with the operand; in `folder` lies what may have been meant. */
static enum status refuse(const char *operand, const char *what, const char *folder,
                          struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct text hint = {0};
    const char *names[MOST_NAMES + 1], *slash = strrchr(operand, '/');
    const char *name = slash ? slash + 1 : operand, *dot = strrchr(name, '.');
    size_t count;

    TRY(arena_print(&arena, &name, error, "%.*s", dot ? (int)(dot - name) : (int)strlen(name),
                    name));
    TRY(list_names(folder, &arena, names, &count, error));
    append_names(&hint, names, count, name);
    TRY(text_status(&hint, error));
    TRY(error_set(error, STATUS_IO, "%s%s", what, hint.bytes));
out:
    text_release(&hint);
    arena_release(&arena);
    return status;
}

/* A file of another kind, as far as that shows without opening it as what it is not. */
static bool is_foreign(const char *path)
{
    static const char hdf5[] = "\x89HDF";
    char head[sizeof hdf5] = "";
    FILE *file = ends_in_h5(path) ? NULL : fopen(path, "re");

    if (!file)
        return false;
    size_t got = fread(head, 1, sizeof head - 1, file);
    fclose(file);
    return got < sizeof head - 1 || memcmp(head, hdf5, got) != 0;
}

enum status results_path(const char *folder, const char *operand, struct text *path,
                         struct error *error)
{
    enum status status = STATUS_OK;
    struct text what = {0}, beside = {0};
    const char *slash = strrchr(operand, '/');
    bool file = is_file(operand);

    TRY(file ? text_print(path, error, "%s", operand)
             : text_print(path, error, "%s/%s.h5", folder, operand));
    bool missing = access(path->bytes, F_OK) != 0 && errno == ENOENT;
    if (missing && !file) {
        TRY(text_print(&what, error, "%s: no results of '%s'", folder, operand));
        TRY(refuse(operand, what.bytes, folder, error));
    }
    if (missing) {
        TRY(text_print(&what, error, "%s: no such file", operand));
        TRY(text_print(&beside, error, "%.*s", slash ? (int)(slash - operand) : 1,
                       slash ? operand : "."));
        TRY(refuse(operand, what.bytes, beside.bytes, error));
    }
    if (is_foreign(path->bytes)) {
        TRY(text_print(&what, error, "%s: not a results file", operand));
        TRY(refuse(operand, what.bytes, folder, error));
    }
out:
    text_release(&beside);
    text_release(&what);
    return status;
}

/* The plan of the last run. */
static enum status load_plan(struct opened_results *opened, const char *folder, const char *name,
                             const struct options *options, struct error *error)
{
    char file[PATH_ROOM];
    const char *likely = plan_likely_folder(name, (int)strlen(name));
    const struct plan named = {.base = {.name = name}, .folder = likely};

    path_print(file, "%s/%s.yaml", likely, name);
    if (!families_registry()->count && options_families(options, file) != EXIT_DONE)
        return error_set(error, STATUS_CONFIG, "%s: its network families cannot be read", name);
    PASS(previous_plan_load(&named, folder, options->home, &opened->plan, &opened->planned, error));
    return opened->planned ? STATUS_OK
                           : error_set(error, STATUS_CONFIG,
                                       "%s: the experiment file of its last run is no longer one; "
                                       "run it again",
                                       name);
}

/* Bytes of a resolved plan before the engine that ran it. */
static size_t plan_length(const char *resolved)
{
    const char *engine = strstr(resolved, "\nengine_version:");
    return engine ? (size_t)(engine - resolved) : strlen(resolved);
}

/* Does the results file have the results of this plan? Then the cache may lack what it likes. */
static enum status is_of_plan(struct opened_results *opened, bool *is, struct error *error)
{
    enum status status = STATUS_OK;
    struct hdf5 file = {0};
    struct arena arena = {0};
    struct text resolved = {0};
    const char *stored;

    *is = false;
    if (access(opened->path.bytes, F_OK) != 0)
        return STATUS_OK;
    TRY(plan_resolved(&opened->plan, &resolved, error));
    TRY(results_file_open(&file, opened->path.bytes, error));
    TRY(hdf5_read_text(&file, "/plan/resolved", &arena, &stored, error));
    size_t length = plan_length(stored);
    *is = length == plan_length(resolved.bytes) && memcmp(stored, resolved.bytes, length) == 0;
out:
    hdf5_abandon(&file);
    text_release(&resolved);
    arena_release(&arena);
    return status;
}

/* From the records of its trials. */
static enum status read_partial(struct opened_results *opened, const char *folder, const char *name,
                                const struct partial *partial, struct error *error)
{
    if (!partial->done)
        return error_set(error, STATUS_CONFIG, "%s: no trial of %zu is done yet", name,
                         partial->trials);
    PASS(text_print(&opened->partial, error, "partial: %zu of %zu trials done, %zu failed",
                    partial->done, partial->trials, partial->failed));
    return partial_results(&opened->file, &opened->plan, folder, error);
}

enum status results_find(struct opened_results *opened, const char *folder, const char *operand,
                         const struct options *options, struct error *error)
{
    struct partial partial = {0};
    char path[PATH_ROOM];

    path_print(path, "%s/runs/%s/trials", folder, operand);
    bool was_run = !is_file(operand) && access(path, F_OK) == 0;
    if (was_run)
        PASS(partial_count(&partial, folder, operand, error));
    if (was_run && partial.done + partial.failed < partial.trials)
        PASS(text_print(&opened->path, error, "%s/%s.h5", folder, operand));
    else
        PASS(results_path(folder, operand, &opened->path, error));
    if (partial.done + partial.failed < partial.trials) {
        bool whole;
        PASS(load_plan(opened, folder, operand, options, error));
        PASS(is_of_plan(opened, &whole, error));
        if (!whole)
            return read_partial(opened, folder, operand, &partial, error);
    }
    return results_file_open(&opened->file, opened->path.bytes, error);
}

void results_close(struct opened_results *opened)
{
    hdf5_abandon(&opened->file);
    if (opened->planned)
        plan_release(&opened->plan);
    text_release(&opened->path);
    text_release(&opened->partial);
}
