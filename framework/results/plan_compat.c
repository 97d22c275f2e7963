#include "results/plan_compat.h"

#include <string.h>

struct compat_walk {
    diff_field *found;
    void *context;
    bool agree;
};

static enum status on_field(void *context, const char *path, const struct yaml_node *stored,
                            const struct yaml_node *now, struct error *error)
{
    struct compat_walk *walk = context;

    if (strcmp(path, "engine_version") == 0 || strcmp(path, "engine_isa") == 0)
        return STATUS_OK;
    walk->agree = false;
    return walk->found ? walk->found(walk->context, path, stored, now, error) : STATUS_OK;
}

enum status plan_compat_agrees(const char *name, const char *stored, const char *now,
                               const struct plan_options *options, diff_field *found, void *context,
                               struct diagnostics *mistakes, bool *agree, struct error *error)
{
    struct compat_walk walk = {found, context, true};
    enum status status = STATUS_OK;
    size_t before = mistakes->count;
    struct text resolved = {0};
    struct plan plan = {0};

    *agree = false;
    TRY(plan_load_resolved(&plan, name, stored, options, mistakes, error));
    if (mistakes->count != before)
        goto out;
    TRY(plan_resolved(&plan, &resolved, error));
    TRY(report_diff_plans(resolved.bytes, now, on_field, &walk, error));
    *agree = walk.agree;
out:
    text_release(&resolved);
    plan_release(&plan);
    return status;
}

static enum status on_new_field(void *context, const char *path, const struct yaml_node *stored,
                                const struct yaml_node *now, struct error *error)
{
    struct text *names = context;

    (void)now;
    if (!stored)
        text_append(names, "%s%s", names->length ? ", " : "", path);
    return text_status(names, error);
}

enum status plan_compat_lacks(const char *stored, const char *now, struct text *names,
                              struct error *error)
{
    return report_diff_plans(stored, now, on_new_field, names, error);
}

enum status plan_compat_resolved(struct hdf5 *file, struct arena *arena, const char **text,
                                 struct error *error)
{
    return hdf5_read_text(file, "/plan/resolved", arena, text, error);
}
