#include "cli/support/open_results.h"

#include "forecast/forecast.h"
#include "results/results.h"
#include "run/partial.h"

#include <string.h>
#include <unistd.h>

static bool is_file(const char *operand)
{
    size_t length = strlen(operand);
    return (length > 3 && strcmp(operand + length - 3, ".h5") == 0) || !text_is_file_name(operand);
}

enum status results_path(const char *folder, const char *operand, struct text *path,
                         struct error *error)
{
    return is_file(operand) ? text_print(path, error, "%s", operand)
                            : text_print(path, error, "%s/%s.h5", folder, operand);
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

    PASS(results_path(folder, operand, &opened->path, error));
    path_print(path, "%s/runs/%s/trials", folder, operand);
    if (!is_file(operand) && access(path, F_OK) == 0)
        PASS(partial_count(&partial, folder, operand, error));
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
