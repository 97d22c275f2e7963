#include "results/trial_filter.h"

#include <string.h>

const char *where_objection(const struct text_list *where)
{
    for (size_t i = 0; i < where->count; i++) {
        const char *sign = strchr(where->items[i], '=');
        if (!sign || sign == where->items[i])
            return "where: expected AXIS=VALUE, as filter.epochs=2";
    }
    return NULL;
}

void where_remark(const struct points *points, const struct text_list *where, struct text *remark)
{
    for (size_t i = 0; i < where->count; i++) {
        const char *rule = where->items[i], *word = NULL, *sign = strchr(rule, '=');
        for (size_t a = 0; !word && a < points->axis_count + points->fixed_count; a++) {
            const char *name = points->axes[a].name;
            if (strlen(name) == (size_t)(sign - rule) && strncmp(name, rule, strlen(name)) == 0)
                word = points_value_label(points, name, sign + 1);
        }
        text_append(remark, "; %s", word ? word : rule);
    }
}

static bool is_value(const char *text, const char *wanted)
{
    const struct yaml_node a = {.kind = YAML_SCALAR, .text = text},
                           b = {.kind = YAML_SCALAR, .text = wanted};
    double x, y;

    return strcmp(text, wanted) == 0 || (yaml_real(&a, &x) && yaml_real(&b, &y) && x == y);
}

enum status where_value(const char *mapping, const char *key, struct arena *arena,
                        const char **value, struct error *error)
{
    enum status status = STATUS_OK;
    struct diagnostics found = {0};
    struct yaml_node *root = NULL;

    *value = NULL;
    TRY(yaml_parse(arena, "axis", mapping, strlen(mapping), &root, &found, error));
    const struct yaml_node *node = found.count ? NULL : yaml_get(root, key);
    if (node && node->kind == YAML_SCALAR)
        *value = node->text;
out:
    diagnostics_release(&found);
    return status;
}

/* Move it behind the others, keeping their order. */
static void fix_axis(struct points *points, size_t index)
{
    struct axis_column axis = points->axes[index];

    axis.line = true;
    for (size_t i = index; i + 1 < points->axis_count; i++)
        points->axes[i] = points->axes[i + 1];
    points->axes[--points->axis_count] = axis;
    points->fixed_count++;
}

/* The axis that `name` is, or that it is a key of: then *key is what follows the axis's name. */
static bool find_axis(const struct points *points, const char *name, size_t *index,
                      const char **key)
{
    const size_t count = points->axis_count + points->fixed_count;

    *key = NULL;
    for (*index = 0; *index < count; ++*index)
        if (strcmp(points->axes[*index].name, name) == 0)
            return true;
    for (*index = 0; *index < count; ++*index) {
        size_t length = strlen(points->axes[*index].name);
        if (strncmp(points->axes[*index].name, name, length) == 0 && name[length] == '.') {
            *key = name + length + 1;
            return true;
        }
    }
    return false;
}

static enum status keep(struct points *points, const char *rule, struct arena *arena,
                        struct error *error)
{
    const char *sign = strchr(rule, '='), *name, *key;
    size_t index;
    bool found = false;

    PASS(arena_copy(arena, rule, (size_t)(sign - rule), &name, error));
    if (!find_axis(points, name, &index, &key))
        return error_set(error, STATUS_CONFIG, "where: '%s' is not an axis of the grid", name);
    const struct axis_column *axis = &points->axes[index];
    for (size_t t = 0; t < points->trials; t++) {
        const char *value = axis->texts[t];
        if (key)
            PASS(where_value(axis->texts[t], key, arena, &value, error));
        bool has = value && is_value(value, sign + 1);
        found = found || has;
        points->done[t] = points->done[t] && has;
    }
    if (!found) /* that all of them failed is no mistake of the figure's */
        return error_set(error, STATUS_CONFIG, "where: no trial has %s", rule);
    if (!key && index < points->axis_count)
        fix_axis(points, index);
    return STATUS_OK;
}

enum status where_keep(struct points *points, const struct text_list *where, struct arena *arena,
                       struct error *error)
{
    for (size_t i = 0; i < where->count; i++)
        PASS(keep(points, where->items[i], arena, error));
    return STATUS_OK;
}
