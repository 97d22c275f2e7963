#include "launch/launch.h"

#include "base/folder.h"
#include "io/files/atomic_file.h"
#include "io/schema/catalog.h"
#include "launch/registry.h"

#include <dirent.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct field launch_fields[] = {
    {"launcher", FIELD_TEXT, offsetof(struct launch_site, name),
     .help = "its name; the file is NAME.yaml"},
    {"about", FIELD_TEXT, offsetof(struct launch_site, about), .default_value = "",
     .help = "one-line description"},
    {"system", FIELD_SELECT, offsetof(struct launch_site, system), .registry = registry_launchers,
     .help = "kind of launcher; its settings are keys beside this one"},
    {0},
};

static const char plural[] = "launchers";

enum status launch_load(const struct text_list *folders, const char *name, struct yaml_mark mark,
                        struct arena *arena, struct launch_site *site, struct diagnostics *found,
                        struct error *error)
{
    struct yaml_node *root;

    memset(site, 0, sizeof *site);
    PASS(catalog_read(folders, plural, name, mark, "", launch_fields, site, arena, &root, found,
                      error));
    const struct launcher *launcher = launcher_of(site->system.kind);
    if (launcher && launcher->check)
        PASS(launcher->check(site->system.config, root, found, error));
    return STATUS_OK;
}

/* The lines "done KEY TRIAL SECONDS PID" of one host (run/worker_status.h). */
static void add_seconds(const char *path, double *sum, size_t *count)
{
    char line[256];
    double seconds;
    FILE *file = fopen(path, "r");

    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "done %*64[0-9a-f] %*u %lf", &seconds) == 1 && seconds >= 0) {
            *sum += seconds;
            (*count)++;
        }
    if (file)
        fclose(file);
}

double launch_trial_seconds(const char *results, const char *name)
{
    char path[PATH_ROOM], log[PATH_ROOM];
    double sum = 0;
    size_t count = 0;

    DIR *folder = opendir(path_print(path, "%s/runs/%s/computed", results, name));
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        add_seconds(path_print(log, "%s/%s", path, entry->d_name), &sum, &count);
    if (folder)
        closedir(folder);
    return count ? sum / (double)count : NAN;
}

double launch_seconds(const struct plan *plan, const char *results, size_t left,
                      double core_seconds)
{
    return fmax(launch_trial_seconds(results, plan->base.name) * (double)left, core_seconds);
}

void launch_folder(const char *results, const char *name, const char *launcher, struct text *folder)
{
    text_append(folder, "%s/runs/%s/%s", results, name, launcher);
}

static const char plan_file[] = "plan.yaml", site_file[] = "launcher.yaml";

static enum status write_text(const char *folder, const char *name, const struct text *content,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct text path = {0};

    TRY(text_status(content, error));
    TRY(path_join(&path, folder, name, error));
    struct span span = {(const unsigned char *)content->bytes, content->length, ""};
    TRY(atomic_file_write(path.bytes, &span, 1, error));
out:
    text_release(&path);
    return status;
}

static enum status write_site(const char *folder, const struct launch_site *site,
                              struct error *error)
{
    struct text content = {0};

    schema_print(launch_fields, site, 0, &content);
    enum status status = write_text(folder, site_file, &content, error);
    text_release(&content);
    return status;
}

/* The settings of a launch. Its file was written by this program: a mistake in it is damage. */
static enum status read_site(const char *path, struct arena *arena, struct launch_site *site,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct diagnostics found = {0};
    struct yaml_node *root;
    char line[2048];

    TRY(yaml_parse_file(arena, path, &root, NULL, &found, error));
    if (root)
        TRY(schema_read(launch_fields, root, "", site, arena, &found, error));
    if (found.count) {
        error_text(&found.items[0], line, sizeof line);
        TRY(error_set(error, STATUS_DATA, "%s", line));
    }
out:
    diagnostics_release(&found);
    return status;
}

enum status launch_look(const struct launcher *launcher, const char *folder,
                        struct launch_state *state, struct text *told, struct error *error)
{
    enum status status = STATUS_OK;
    struct arena arena = {0};
    struct launch_site site = {0};
    char path[PATH_ROOM];

    *state = (struct launch_state){.merged = -1};
    path_print(path, "%s/%s", folder, site_file);
    if (access(path, F_OK) != 0)
        return STATUS_OK;
    TRY(read_site(path, &arena, &site, error));
    if (launcher_of(site.system.kind) == launcher)
        TRY(launcher->look(site.system.config, folder, state, told, error));
out:
    arena_release(&arena);
    return status;
}

enum status launch_submit(const struct launch_site *site, const struct plan *plan,
                          const char *results, struct launch *launch, bool *before,
                          struct launch_told *told, struct error *error)
{
    enum status status = STATUS_OK;
    const struct launcher *launcher = launcher_of(site->system.kind);
    struct text folder = {0}, resolved = {0};
    struct launch_state state;
    char key[HASH_TEXT];

    launch_folder(results, plan->base.name, launcher->descriptor.name, &folder);
    TRY(text_status(&folder, error));
    TRY(plan_resolved(plan, &resolved, error));
    TRY(hash_of_texts(resolved.bytes, NULL, key, error));
    TRY(launch_look(launcher, folder.bytes, &state, NULL, error));
    *before = state.launched && !state.over;
    if (*before && strcmp(state.plan, key) != 0)
        TRY(error_set(error, STATUS_CONFIG,
                      "another plan named '%s' is running: wait for it or cancel it; `understudy "
                      "status` shows its jobs",
                      plan->base.name));
    if (*before)
        goto out;
    TRY(folder_make(folder.bytes, error));
    atomic_file_sweep(folder.bytes, "");
    TRY(write_text(folder.bytes, plan_file, &resolved, error));
    TRY(write_site(folder.bytes, site, error));
    launch->folder = folder.bytes;
    launch->plan = key;
    TRY(launcher->submit(site->system.config, launch, told, error));
out:
    launch->folder = launch->plan = NULL;
    text_release(&resolved);
    text_release(&folder);
    return status;
}

/* The line of `text` that starts at `at`, for a message. */
static void line_at(const char *text, size_t at, char line[160])
{
    size_t length = strcspn(text + at, "\n");

    snprintf(line, 160, "%.*s", (int)(length < 150 ? length : 150), text + at);
}

enum status launch_expect(const struct plan *plan, const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    struct text here = {0}, there = {0};
    struct bytes file = {0};
    char line[160], expected[160];
    size_t start = 0, i = 0;

    TRY(bytes_read(&file, path, SIZE_MAX / 2, error));
    text_append_bytes(&there, (const char *)file.data, file.length);
    TRY(text_status(&there, error));
    TRY(plan_resolved(plan, &here, error));
    if (strcmp(here.bytes, there.bytes) == 0)
        goto out;
    for (; here.bytes[i] && here.bytes[i] == there.bytes[i]; i++)
        start = here.bytes[i] == '\n' ? i + 1 : start;
    line_at(here.bytes, start, line);
    line_at(there.bytes, start, expected);
    if (strstr(line, "isa: "))
        TRY(error_set(error, STATUS_UNAVAILABLE,
                      "this machine would compute different bits: '%s', launched with '%s'; set "
                      "the instruction set with --isa, or request equal machines in the launcher's "
                      "options",
                      line, expected));
    TRY(error_set(error, STATUS_CONFIG,
                  "the plan has changed since it was launched: '%s' was '%s' (%s); launch it again",
                  line, expected, path));
out:
    bytes_release(&file);
    text_release(&there);
    text_release(&here);
    return status;
}

enum status launch_status(const char *results, const char *name, struct text *text,
                          struct error *error)
{
    enum status status = STATUS_OK;
    const struct registry *launchers = registry_launchers();
    struct text folder = {0};

    for (size_t i = 0; i < launchers->count; i++) {
        const struct launcher *launcher = launcher_of(launchers->rows[i]);
        struct launch_state state;
        if (!launcher->look)
            continue;
        text_clear(&folder);
        launch_folder(results, name, launcher->descriptor.name, &folder);
        TRY(text_status(&folder, error));
        TRY(launch_look(launcher, folder.bytes, &state, text, error));
    }
    TRY(text_status(text, error));
out:
    text_release(&folder);
    return status;
}
