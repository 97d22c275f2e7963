/* Checks of the network and of what is measured, stored and drawn. */
#include "kinds/figure.h"
#include "plan/checker.h"

#include <stdio.h>
#include <string.h>

enum { MOST_LAYERS = 1024 };

/* "; did you mean 'x'?" or nothing. */
static const char *suggestion(const char *best, char *text, size_t room)
{
    text[0] = '\0';
    if (best)
        snprintf(text, room, "; did you mean '%.100s'?", best);
    return text;
}

static enum status check_layers(struct checker *checker, const struct node_spec *nodes,
                                size_t count, struct error *error)
{
    const struct text_list *layers = &checker->experiment->store.activations.layers;
    char path[PLACE_LENGTH], guess[128];
    enum status status = STATUS_OK;

    if (layers->count > MOST_LAYERS) {
        TRY(check_mistake(checker, "store.activations.layers", error,
                          "%zu names; at most %d are possible", layers->count, MOST_LAYERS));
        goto out;
    }
    for (size_t i = 0; i < layers->count; i++) {
        const char *name = layers->items[i], *best = NULL;
        size_t n = 0;
        for (; n < count && strcmp(nodes[n].name, name) != 0; n++)
            text_nearest(name, nodes[n].name, &best);
        if (n < count)
            continue;
        snprintf(path, sizeof path, "store.activations.layers[%zu]", i);
        if (strcmp(name, "all") != 0)
            TRY(check_mistake(checker, path, error, "network '%s' has no layer '%.100s'%s",
                              checker->experiment->network.kind->name, name,
                              suggestion(best, guess, sizeof guess)));
        else if (layers->count > 1)
            TRY(check_mistake(checker, path, error, "'all' stands alone"));
    }
out:
    return status;
}

static bool is_known(const struct checker *checker)
{
    const struct component *network = &checker->experiment->network;

    for (size_t i = 0; i < checker->networks->count; i++) {
        const struct sound_network *known = &checker->networks->items[i];
        if (known->family == network->kind && known->target == checker->target &&
            (network->kind->config_size == 0 ||
             memcmp(known->config, network->config, network->kind->config_size) == 0))
            return true;
    }
    return false;
}

static enum status remember(struct checker *checker, struct error *error)
{
    const struct component *network = &checker->experiment->network;
    struct sound_networks *networks = checker->networks;
    size_t size = network->kind->config_size;
    void *copy;
    enum status status = STATUS_OK;

    if (networks->count == sizeof networks->items / sizeof *networks->items)
        goto out;
    TRY(arena_new(&networks->arena, &copy, size, 1, error));
    if (size)
        memcpy(copy, network->config, size);
    networks->items[networks->count++] =
        (struct sound_network){network->kind, copy, checker->target};
out:
    return status;
}

/* Expand the family, so that wrong expressions come out now. One input channel and few outputs
 * stand for what only the data set knows. */
static enum status expand(struct checker *checker, struct error *error)
{
    const struct component *family = &checker->experiment->network;
    struct arena arena = {0};
    struct node_spec *nodes = NULL;
    struct error fault = {0};
    size_t count = 0, before = checker->found->count;
    enum status status = family_expand(family, 1, checker->target == CONTENT_IMAGE ? 1 : 10, &arena,
                                       &nodes, &count, &fault);

    if (status == STATUS_CONFIG) {
        char text[sizeof fault.message];
        error_text(&fault, text, sizeof text);
        TRY(check_mistake(checker, "network", error, "%s", text));
    } else if (status != STATUS_OK) {
        if (error)
            *error = fault;
    } else if (check_sound(checker, "store.activations")) {
        TRY(check_layers(checker, nodes, count, error));
        if (checker->found->count == before)
            TRY(remember(checker, error));
    }
out:
    arena_release(&arena);
    return status;
}

enum status check_network(struct checker *checker, struct error *error)
{
    const struct component *family = &checker->experiment->network;
    enum status status = STATUS_OK;

    if (!check_sound(checker, "network.family") || !family->kind)
        goto out;
    if (check_sound(checker, "task") &&
        !family_serves(family->kind,
                       checker->target == CONTENT_IMAGE ? TASK_DENOISE : TASK_CLASSIFY))
        TRY(check_unfit(checker, "network.family", family->kind->name, error));
    if (check_sound(checker, "network") && !is_known(checker))
        TRY(expand(checker, error));
out:
    return status;
}

enum status check_hardware(struct checker *checker, struct error *error)
{
    const struct text_list *names = &checker->experiment->hardware;
    char path[40];
    enum status status = STATUS_OK;

    if (!check_sound(checker, "hardware"))
        goto out;
    if (names->count > PLAN_MAX_MACHINES) {
        TRY(check_mistake(checker, "hardware", error, "%zu machines; at most %d are possible",
                          names->count, PLAN_MAX_MACHINES));
        goto out;
    }
    for (size_t i = 1; i < names->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(names->items[i], names->items[j]) == 0) {
                snprintf(path, sizeof path, "hardware[%zu]", i);
                TRY(check_mistake(checker, path, error, "'%.100s' stands twice", names->items[i]));
                break;
            }
out:
    return status;
}

/* What a text or choice field of a configuration says; NULL for another type. */
static const char *setting(const struct component *component, const char *name)
{
    const struct field *field = component->kind->fields;

    for (; field && field->name; field++) {
        const char *member = (const char *)component->config + field->offset;
        if (strcmp(field->name, name) != 0)
            continue;
        if (field->type == FIELD_TEXT)
            return *(const char *const *)(const void *)member;
        if (field->type == FIELD_CHOICE)
            return field->choices[*(const int64_t *)(const void *)member];
    }
    return NULL;
}

/* "figures[0].curves.metric"; made only where there is a mistake, for a plan has many points. */
static const char *figure_path(const struct checker *checker, size_t index, const char *key,
                               char path[PLACE_LENGTH])
{
    snprintf(path, PLACE_LENGTH, "figures[%zu].%s.%s", index,
             checker->experiment->figures.items[index].kind->name, key);
    return path;
}

static enum status figure_machine(struct checker *checker, size_t index, const char *machine,
                                  struct error *error)
{
    const struct text_list *names = &checker->experiment->hardware;
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
                         suggestion(best, guess, sizeof guess));
}

static enum status figure_metric(struct checker *checker, size_t index, const char *metric,
                                 struct error *error)
{
    const char *best = NULL;
    char path[PLACE_LENGTH], guess[128];

    if (!metric || !metric[0] || strcmp(metric, "auto") == 0 || !check_sound(checker, "task"))
        return STATUS_OK;
    for (size_t i = 0; metric_names[i]; i++)
        if (strcmp(metric_names[i], metric) == 0 && (i == METRIC_ACCURACY) == checker->classify)
            return STATUS_OK;
    for (size_t i = 0; metric_names[i]; i++)
        if (strcmp(metric_names[i], metric) != 0)
            text_nearest(metric, metric_names[i], &best);
    return check_mistake(checker, figure_path(checker, index, "metric", path), error,
                         "'%.100s' is no metric of 'task: %s'%s", metric,
                         task_names[checker->experiment->task],
                         suggestion(best, guess, sizeof guess));
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
    const struct yaml_node *zip = checker->experiment->zip;
    const char *best = NULL;
    char path[PLACE_LENGTH], guess[128];

    if (!axis || !axis[0] || strcmp(axis, "auto") == 0)
        return STATUS_OK;
    const struct yaml_node *values = find_axis(checker->experiment->grid, axis, &best);
    for (size_t i = 0; !values && zip && zip->kind == YAML_SEQUENCE && i < zip->count; i++)
        values = find_axis(zip->items[i], axis, &best);
    if (!values)
        return check_mistake(checker, figure_path(checker, index, "axis", path), error,
                             "'%.100s' is no axis of the grid%s", axis,
                             suggestion(best, guess, sizeof guess));
    if (!all_numbers(values))
        return check_mistake(checker, figure_path(checker, index, "axis", path), error,
                             "the values of '%.100s' are not numbers", axis);
    return STATUS_OK;
}

/* The machine of `select`, and a metric of the task. */
static enum status check_select_names(struct checker *checker, struct error *error)
{
    const struct experiment *experiment = checker->experiment;
    const char *machine = experiment_select_machine(experiment), *best = NULL;
    const struct text_list *listed = &experiment->hardware;
    char guess[128];
    enum status status = STATUS_OK;

    if (check_sound(checker, "task") &&
        (experiment_select_metric(experiment) == METRIC_ACCURACY) != checker->classify)
        TRY(check_mistake(checker, "select.metric", error, "'%s' is no metric of 'task: %s'",
                          metric_names[experiment_select_metric(experiment)],
                          task_names[experiment->task]));
    if (!machine || !check_sound(checker, "hardware"))
        goto out;
    if (!machine[0])
        TRY(check_mistake(checker, "select.minimise", error,
                          "this is a machine's, and none is listed under 'hardware'"));
    for (size_t i = 0; i < listed->count; i++) {
        if (strcmp(listed->items[i], machine) == 0)
            goto out;
        text_nearest(machine, listed->items[i], &best);
    }
    if (machine[0])
        TRY(check_mistake(checker, "select.hardware", error,
                          "'%.100s' is not listed under 'hardware'%s", machine,
                          suggestion(best, guess, sizeof guess)));
out:
    return status;
}

enum status check_select(struct checker *checker, struct error *error)
{
    const struct experiment *experiment = checker->experiment;
    enum status status = STATUS_OK;

    if (!check_sound(checker, "select"))
        goto out;
    if (experiment->select.minimise == SELECT_NOTHING) {
        const struct yaml_node *section = yaml_find(checker->root, "select");
        if (section && section->kind == YAML_MAPPING && section->count > 0 &&
            !yaml_get(section, "minimise"))
            TRY(check_mistake(checker, "select", error,
                              "'minimise' is missing: what the selected network is to have the "
                              "least of, as energy_j"));
        goto out;
    }
    if (check_sound(checker, "dataset.validation") && experiment->dataset.validation == 0)
        TRY(check_mistake(checker, "select", error,
                          "the network is selected by the validation images, and "
                          "'dataset.validation' is 0"));
    TRY(check_select_names(checker, error));
out:
    return status;
}

static enum status check_figure(struct checker *checker, size_t index, struct error *error)
{
    const struct component *component = &checker->experiment->figures.items[index];
    const struct figure *figure = (const void *)component->kind;
    char path[PLACE_LENGTH];
    enum status status = STATUS_OK;

    if (check_sound(checker, "task") && !(checker->classify ? figure->classify : figure->denoise)) {
        snprintf(path, sizeof path, "figures[%zu]", index);
        TRY(check_mistake(checker, path, error, "figure '%s' does not serve 'task: %s'",
                          figure->descriptor.name, task_names[checker->experiment->task]));
    }
    const char *objection =
        figure->objection && check_sound(checker, "store")
            ? figure->objection(component->config, checker->experiment->store.examples)
            : NULL;
    if (objection) {
        snprintf(path, sizeof path, "figures[%zu]", index);
        TRY(check_mistake(checker, path, error, "%s", objection));
    }
    TRY(figure_machine(checker, index, setting(component, "hardware"), error));
    TRY(figure_metric(checker, index, setting(component, "metric"), error));
    TRY(figure_axis(checker, index, setting(component, "axis"), error));
out:
    return status;
}

enum status check_figures(struct checker *checker, struct error *error)
{
    enum status status = STATUS_OK;

    /* After a mistake in the list, items are not where their numbers say. */
    for (size_t i = 0; check_sound(checker, "figures") && i < checker->experiment->figures.count;
         i++)
        TRY(check_figure(checker, i, error));
out:
    return status;
}
