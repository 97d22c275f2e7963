/* The plan of the last run, kept for `understudy plan --why`. */
#include "forecast/forecast.h"

#include "base/folder.h"
#include "io/files/atomic_file.h"
#include "io/files/bytes.h"

#include <string.h>
#include <unistd.h>

/* Is that what the file holds? A finished experiment that runs again waits for no disk. */
static bool holds(const char *path, const struct text *text)
{
    struct bytes bytes = {0};
    bool same = access(path, R_OK) == 0 &&
                bytes_read(&bytes, path, text->length + 1, NULL) == STATUS_OK &&
                bytes.length == text->length && memcmp(bytes.data, text->bytes, text->length) == 0;

    bytes_release(&bytes);
    return same;
}

static enum status write_file(const char *folder, const char *name, const struct text *text,
                              struct error *error)
{
    struct span span = {(const unsigned char *)text->bytes, text->length, ""};
    struct text path = {0};
    enum status status = STATUS_OK;

    TRY(path_join(&path, folder, name, error));
    if (!holds(path.bytes, text))
        TRY(atomic_file_write(path.bytes, &span, 1, error));
out:
    text_release(&path);
    return status;
}

/* The texts of the first trial's stages, one after the other: each begins with its "stage: NAME".
 */
static enum status print_first(struct plan *plan, struct text *text, struct error *error)
{
    struct arena arena = {0};
    struct trial trial;
    enum status status = STATUS_OK;

    TRY(plan_trial(plan, 0, &arena, &trial, error));
    for (enum trial_step s = 0; s < TRIAL_STEPS; s++)
        TRY(plan_step_text(plan, &trial, s, text, error));
out:
    arena_release(&arena);
    return status;
}

enum status previous_plan_write(struct plan *plan, const char *results, struct error *error)
{
    struct text folder = {0}, source = {0}, first = {0};
    enum status status = STATUS_OK;

    TRY(text_print(&folder, error, "%s/runs/%s/plan", results, plan->base.name));
    TRY(print_first(plan, &first, error));
    TRY(plan_source(plan, &source, error));
    TRY(folder_make(folder.bytes, error));
    atomic_file_sweep(folder.bytes, "");
    TRY(write_file(folder.bytes, "source.yaml", &source, error));
    TRY(write_file(folder.bytes, "first.txt", &first, error));
out:
    text_release(&folder);
    text_release(&source);
    text_release(&first);
    return status;
}

enum status previous_plan_load(const struct plan *plan, const char *results, const char *home,
                               struct plan *last, bool *loaded, struct error *error)
{
    const struct plan_options wanted = {.home = home, .folder = plan->folder};
    struct diagnostics found = {0};
    struct text path = {0};
    enum status status = STATUS_OK;

    *loaded = false;
    TRY(text_print(&path, error, "%s/runs/%s/plan/source.yaml", results, plan->base.name));
    TRY(folder_readable(path.bytes, error));
    text_clear(&path);
    if (previous_plan_find(plan, results, "source.yaml", &path)) {
        TRY(plan_load(last, path.bytes, &wanted, &found, error));
        *loaded = found.count == 0;
    }
out:
    diagnostics_release(&found);
    text_release(&path);
    return status;
}

bool previous_plan_find(const struct plan *plan, const char *results, const char *file,
                        struct text *path)
{
    text_append(path, "%s/runs/%s/plan/%s", results, plan->base.name, file);
    return path->bytes && !path->failed && access(path->bytes, R_OK) == 0;
}
