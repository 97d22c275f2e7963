/* A plan back from its resolved text: that text is an experiment file, but for what it adds at the
 * end of the machines and the engine. */
#include "plan/plan.h"

#include <string.h>
#include <unistd.h>

/* Does the line begin one of the keys that are no experiment's? */
static bool is_added(const char *line)
{
    static const char *const keys[] = {"machines:", "engine_version:", "engine_isa:", NULL};

    for (int i = 0; keys[i]; i++)
        if (strncmp(line, keys[i], strlen(keys[i])) == 0)
            return true;
    return false;
}

const char *plan_likely_folder(const char *name, int length)
{
    char file[PATH_ROOM];

    path_print(file, "experiments/%.*s.yaml", length, name);
    return access(file, R_OK) == 0 ? "experiments" : ".";
}

/* Its first line names the experiment. */
static const char *folder_of_resolved(const char *resolved)
{
    static const char key[] = "experiment: ";

    if (strncmp(resolved, key, strlen(key)) != 0)
        return ".";
    resolved += strlen(key);
    return plan_likely_folder(resolved, (int)strcspn(resolved, "\n"));
}

enum status plan_load_resolved(struct plan *plan, const char *name, const char *resolved,
                               const struct plan_options *options, struct diagnostics *found,
                               struct error *error)
{
    struct plan_options here = *options;
    struct text yaml = {0};
    bool keep = true;
    enum status status = STATUS_OK;

    memset(plan, 0, sizeof *plan);
    text_append(&yaml, "%s", "");
    for (const char *line = resolved; *line;) {
        size_t length = strcspn(line, "\n");
        length += line[length] == '\n';
        if (line[0] != ' ')
            keep = !is_added(line);
        if (keep)
            text_append_bytes(&yaml, line, length);
        line += length;
    }
    TRY(text_status(&yaml, error));
    if (!here.folder)
        here.folder = folder_of_resolved(resolved);
    TRY(plan_load_text(plan, name, yaml.bytes, yaml.length, &here, found, error));
out:
    text_release(&yaml);
    return status;
}
