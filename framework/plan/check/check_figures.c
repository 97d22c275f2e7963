/* Checks of figures. */
#include "interfaces/figure.h"
#include "plan/check/checker.h"
#include "tasks/registry.h"

#include <stdio.h>
#include <string.h>

const char *check_suggestion(const char *best, char *text, size_t room)
{
    text[0] = '\0';
    if (best)
        snprintf(text, room, "; did you mean '%.100s'?", best);
    return text;
}

/* The field of a configuration that is called so, and its member; NULL: there is none. */
static const struct field *find_field(const struct component *component, const char *name,
                                      const void **member)
{
    const struct field *field = component->kind->fields;

    for (; field && field->name; field++)
        if (strcmp(field->name, name) == 0) {
            *member = (const char *)component->config + field->offset;
            return field;
        }
    return NULL;
}

const char *check_setting(const struct component *component, const char *name)
{
    const void *member;
    const struct field *field = find_field(component, name, &member);

    if (field && field->type == FIELD_TEXT)
        return *(const char *const *)member;
    if (field && field->type == FIELD_CHOICE)
        return field->choices[*(const int64_t *)member];
    return NULL;
}

/* "figures[0].curves.metric"; made only where there is a mistake, for a plan has many points. */
static const char *figure_path(struct checker *checker, size_t index, const char *key,
                               char path[PLACE_LENGTH])
{
    snprintf(path, PLACE_LENGTH, "figures[%zu].%s.%s", index,
             READ(checker, figures).items[index].kind->name, key);
    return path;
}

static enum status figure_machine(struct checker *checker, size_t index, const char *machine,
                                  struct error *error)
{
    const struct text_list *names = &READ(checker, hardware);
    const char *best = NULL;
    char path[PLACE_LENGTH], guess[128];

    if (!machine || !machine[0] || strcmp(machine, "auto") == 0 ||
        !check_sound(checker, "hardware"))
        return STATUS_OK;
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], machine) == 0)
            return STATUS_OK;
    for (size_t i = 0; i < names->count; i++)
        text_nearest(machine, names->items[i], &best);
    return check_mistake(checker, figure_path(checker, index, "hardware", path), error,
                         "'%.100s' is not listed under 'hardware'%s", machine,
                         check_suggestion(best, guess, sizeof guess));
}

static enum status figure_score(struct checker *checker, size_t index, const char *score,
                                struct error *error)
{
    char path[PLACE_LENGTH];

    if (!score || strcmp(score, "int8") != 0 || !check_sound(checker, "quantize") ||
        READ(checker, quantize).given)
        return STATUS_OK;
    return check_mistake(checker, figure_path(checker, index, "score", path), error,
                         "there are int8 scores only with the section 'quantize'");
}

static enum status figure_metric(struct checker *checker, size_t index, const char *metric,
                                 struct error *error)
{
    const char *best = NULL;
    char path[PLACE_LENGTH], guess[128];

    if (!metric || !metric[0] || strcmp(metric, "auto") == 0 || !check_sound(checker, "task"))
        return STATUS_OK;
    for (size_t i = 0; metric_names[i]; i++)
        if (strcmp(metric_names[i], metric) == 0 && task_has_metric(checker->task, (enum metric)i))
            return STATUS_OK;
    for (size_t i = 0; metric_names[i]; i++)
        if (strcmp(metric_names[i], metric) != 0)
            text_nearest(metric, metric_names[i], &best);
    return check_mistake(checker, figure_path(checker, index, "metric", path), error,
                         "'%.100s' is not a metric of 'task: %s'%s", metric,
                         task_names[READ(checker, task)],
                         check_suggestion(best, guess, sizeof guess));
}

/* The values of the axis `path` in a mapping of axes, or NULL; then the nearest goes to *best. */
static const struct yaml_node *find_axis(const struct yaml_node *mapping, const char *path,
                                         const char **best)
{
    if (!mapping || mapping->kind != YAML_MAPPING)
        return NULL;
    for (size_t i = 0; !yaml_get(mapping, path) && i < mapping->count; i++)
        text_nearest(path, mapping->keys[i]->text, best);
    return yaml_get(mapping, path);
}

static bool all_numbers(const struct yaml_node *values)
{
    int64_t integer;
    double real;

    for (size_t i = 0; values->kind == YAML_SEQUENCE && i < values->count; i++)
        if (!yaml_integer(values->items[i], &integer) && !yaml_real(values->items[i], &real))
            return false;
    return true;
}

static enum status figure_axis(struct checker *checker, size_t index, const char *axis,
                               struct error *error)
{
    const struct yaml_node *zip = READ(checker, zip);
    const char *best = NULL;
    char path[PLACE_LENGTH], guess[128];

    if (!axis || !axis[0] || strcmp(axis, "auto") == 0)
        return STATUS_OK;
    const struct yaml_node *values = find_axis(READ(checker, grid), axis, &best);
    for (size_t i = 0; !values && zip && zip->kind == YAML_SEQUENCE && i < zip->count; i++)
        values = find_axis(zip->items[i], axis, &best);
    if (!values)
        return check_mistake(checker, figure_path(checker, index, "axis", path), error,
                             "'%.100s' is not an axis of the grid%s", axis,
                             check_suggestion(best, guess, sizeof guess));
    if (!all_numbers(values))
        return check_mistake(checker, figure_path(checker, index, "axis", path), error,
                             "the values of '%.100s' are not numbers", axis);
    return STATUS_OK;
}

/* Is `name` an axis of the mapping, or a key within the values of one? */
static bool is_axis_or_key(const struct yaml_node *axes, const char *name, const char **best)
{
    if (find_axis(axes, name, best))
        return true;
    for (size_t i = 0; axes && axes->kind == YAML_MAPPING && i < axes->count; i++) {
        size_t length = strlen(axes->keys[i]->text);
        if (strncmp(axes->keys[i]->text, name, length) == 0 && name[length] == '.')
            return true;
    }
    return false;
}

/* The axes that `where` names, in rules that are written rightly. */
static enum status figure_where(struct checker *checker, size_t index, struct error *error)
{
    const struct component *component = &READ(checker, figures).items[index];
    const struct yaml_node *zip = READ(checker, zip);
    const void *member;
    const struct field *field = find_field(component, "where", &member);
    const struct text_list *where = field && field->type == FIELD_TEXTS ? member : NULL;
    char path[PLACE_LENGTH], guess[128], name[PLACE_LENGTH];

    for (size_t k = 0; where && k < where->count; k++) {
        const char *sign = strchr(where->items[k], '='), *best = NULL;
        if (!sign)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(sign - where->items[k]), where->items[k]);
        bool known = is_axis_or_key(READ(checker, grid), name, &best) ||
                     is_axis_or_key(yaml_find(checker->root, "search.space"), name, &best);
        for (size_t i = 0; !known && zip && zip->kind == YAML_SEQUENCE && i < zip->count; i++)
            known = is_axis_or_key(zip->items[i], name, &best);
        if (!known)
            PASS(check_mistake(checker, figure_path(checker, index, "where", path), error,
                               "'%.100s' is not an axis of the grid%s", name,
                               check_suggestion(best, guess, sizeof guess)));
    }
    return STATUS_OK;
}

/* What a figure shows has to be there: the guard, scores in integers. */
static enum status figure_needs(struct checker *checker, size_t index, const struct figure *figure,
                                struct error *error)
{
    char path[PLACE_LENGTH];

    snprintf(path, sizeof path, "figures[%zu]", index);
    const struct yaml_node *guard = READ(checker, guard);
    if (figure->guard && (!guard || yaml_is_null(guard)))
        PASS(check_mistake(checker, path, error,
                           "figure '%s' needs the section 'guard', which names two networks",
                           figure->descriptor.name));
    if (figure->confusion && check_sound(checker, "store") && !READ(checker, store.confusion).given)
        PASS(check_mistake(checker, path, error,
                           "figure '%s' needs counts of classes; add 'store: {confusion: {}}'",
                           figure->descriptor.name));
    if (figure->int8 && check_sound(checker, "quantize") && !READ(checker, quantize).given)
        PASS(check_mistake(checker, path, error,
                           "figure '%s' needs the section 'quantize', without which there are no "
                           "scores in integers",
                           figure->descriptor.name));
    return STATUS_OK;
}

/* How it looks. */
static enum status figure_looks(struct checker *checker, size_t index, struct error *error)
{
    char path[PLACE_LENGTH];
    const char *key;
    const char *mistake = figure_style_mistake(READ(checker, figures).items[index].config, &key);

    return mistake ? check_mistake(checker, figure_path(checker, index, key, path), error, "%s",
                                   mistake)
                   : STATUS_OK;
}

static enum status check_figure(struct checker *checker, size_t index, struct error *error)
{
    const struct component *component = &READ(checker, figures).items[index];
    const struct figure *figure = (const void *)component->kind;
    char path[PLACE_LENGTH];

    if (check_sound(checker, "task") && !(figure->serves >> checker->task->labels & 1)) {
        snprintf(path, sizeof path, "figures[%zu]", index);
        PASS(check_mistake(checker, path, error, "figure '%s' does not serve 'task: %s'",
                           figure->descriptor.name, task_names[READ(checker, task)]));
    }
    PASS(figure_needs(checker, index, figure, error));
    const char *objection =
        figure->objection && check_sound(checker, "store")
            ? figure->objection(component->config, READ(checker, store.examples))
            : NULL;
    if (objection) {
        snprintf(path, sizeof path, "figures[%zu]", index);
        PASS(check_mistake(checker, path, error, "%s", objection));
    }
    PASS(figure_machine(checker, index, check_setting(component, "hardware"), error));
    PASS(figure_score(checker, index, check_setting(component, "score"), error));
    PASS(figure_metric(checker, index, check_setting(component, "metric"), error));
    PASS(figure_axis(checker, index, check_setting(component, "axis"), error));
    PASS(figure_looks(checker, index, error));
    return figure_where(checker, index, error);
}

enum status check_figures(struct checker *checker, struct error *error)
{
    /* After a mistake in the list, items are not where their numbers say. */
    for (size_t i = 0; check_sound(checker, "figures") && i < READ(checker, figures).count; i++)
        PASS(check_figure(checker, i, error));
    return STATUS_OK;
}
