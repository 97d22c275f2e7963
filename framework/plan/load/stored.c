/* A plan back from its resolved text: that text is an experiment file, but for what it adds at the
 * end of the machines and the engine. */
#include "plan/plan.h"

#include <string.h>

/* Does the line begin one of the keys that are no experiment's? */
static bool is_added(const char *line)
{
    static const char *const keys[] = {"machines:", "engine_version:", "engine_isa:", NULL};

    for (int i = 0; keys[i]; i++)
        if (strncmp(line, keys[i], strlen(keys[i])) == 0)
            return true;
    return false;
}

enum status plan_load_resolved(struct plan *plan, const char *name, const char *resolved,
                               const struct plan_options *options, struct diagnostics *found,
                               struct error *error)
{
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
    TRY(plan_load_text(plan, name, yaml.bytes, yaml.length, options, found, error));
out:
    text_release(&yaml);
    return status;
}
