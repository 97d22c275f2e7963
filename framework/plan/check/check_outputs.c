/* Checks of the network, and of measured and stored outputs. */
#include "plan/check/checker.h"
#include "tasks/registry.h"

#include <stdio.h>
#include <string.h>

enum { MOST_LAYERS = 1024 };

static enum status check_layers(struct checker *checker, const struct node_spec *nodes,
                                size_t count, struct error *error)
{
    const struct text_list *layers = &READ(checker, store.activations.layers);
    char path[PLACE_LENGTH], guess[128];

    if (layers->count > MOST_LAYERS) {
        PASS(check_mistake(checker, "store.activations.layers", error,
                           "%zu names; at most %d are possible", layers->count, MOST_LAYERS));
        return STATUS_OK;
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
            PASS(check_mistake(checker, path, error, "network '%s' has no layer '%.100s'%s",
                               READ(checker, network).kind->name, name,
                               check_suggestion(best, guess, sizeof guess)));
        else if (layers->count > 1)
            PASS(check_mistake(checker, path, error, "'all' must be the only entry"));
    }
    return STATUS_OK;
}

static bool is_known(struct checker *checker)
{
    const struct component *network = &READ(checker, network);
    enum content target = check_part(checker)->target;

    for (size_t i = 0; i < checker->networks->count; i++) {
        const struct sound_network *known = &checker->networks->items[i];
        if (known->family == network->kind && known->target == target &&
            (network->kind->config_size == 0 ||
             memcmp(known->config, network->config, network->kind->config_size) == 0))
            return true;
    }
    return false;
}

static enum status remember(struct checker *checker, struct error *error)
{
    const struct component *network = &READ(checker, network);
    struct sound_networks *networks = checker->networks;
    size_t size = network->kind->config_size;
    void *copy;

    if (networks->count == sizeof networks->items / sizeof *networks->items)
        return STATUS_OK;
    PASS(arena_new(&networks->arena, &copy, size, 1, error));
    if (size)
        memcpy(copy, network->config, size);
    networks->items[networks->count++] =
        (struct sound_network){network->kind, copy, check_part(checker)->target};
    return STATUS_OK;
}

/* Expand the family, so that wrong expressions come out now. One input channel and few outputs
 * stand for what only the data set knows. */
static enum status expand(struct checker *checker, struct error *error)
{
    const struct component *family = &READ(checker, network);
    enum content target = check_part(checker)->target;
    struct arena arena = {0};
    struct node_spec *nodes = NULL;
    struct error fault = {0};
    size_t count = 0, before = checker->found->count;
    enum status status =
        family_expand(family, 1, family_example_answer(target), &arena, &nodes, &count, &fault);

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
    const struct component *family = &READ(checker, network);
    enum content target = check_part(checker)->target;

    if (!check_sound(checker, "network.family") || !family->kind)
        return STATUS_OK;
    if (check_sound(checker, "task") && !family_serves(family->kind, target))
        PASS(check_unfit(checker, "network.family", family->kind->name, error));
    if (check_sound(checker, "network") && !is_known(checker))
        PASS(expand(checker, error));
    return STATUS_OK;
}

enum status check_hardware(struct checker *checker, struct error *error)
{
    const struct text_list *names = &READ(checker, hardware);
    char path[40];

    if (!check_sound(checker, "hardware"))
        return STATUS_OK;
    if (names->count > PLAN_MAX_MACHINES) {
        PASS(check_mistake(checker, "hardware", error, "%zu machines; at most %d are possible",
                           names->count, PLAN_MAX_MACHINES));
        return STATUS_OK;
    }
    for (size_t i = 1; i < names->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(names->items[i], names->items[j]) == 0) {
                snprintf(path, sizeof path, "hardware[%zu]", i);
                PASS(check_mistake(checker, path, error, "'%.100s' is listed twice",
                                   names->items[i]));
                break;
            }
    return STATUS_OK;
}

/* The machine of `select`, and a metric of the task. */
static enum status check_select_names(struct checker *checker, struct error *error)
{
    check_reads(checker, "select");
    const struct text_list *listed = &READ(checker, hardware);
    const char *machine = experiment_select_machine(checker->unrecorded), *best = NULL;
    char guess[128];

    if (check_sound(checker, "task") && !experiment_select_unit(checker->unrecorded))
        PASS(check_mistake(checker, "select.metric", error, "'%s' is not a metric of 'task: %s'",
                           experiment_select_metric_name(checker->unrecorded),
                           task_names[READ(checker, task)]));
    if (!machine || !check_sound(checker, "hardware"))
        return STATUS_OK;
    if (!machine[0])
        PASS(check_mistake(checker, "select.minimise", error,
                           "this cost needs a machine, and none is listed under 'hardware'"));
    for (size_t i = 0; i < listed->count; i++) {
        if (strcmp(listed->items[i], machine) == 0)
            return STATUS_OK;
        text_nearest(machine, listed->items[i], &best);
    }
    if (machine[0])
        PASS(check_mistake(checker, "select.hardware", error,
                           "'%.100s' is not listed under 'hardware'%s", machine,
                           check_suggestion(best, guess, sizeof guess)));
    return STATUS_OK;
}

enum status check_select(struct checker *checker, struct error *error)
{
    if (!check_sound(checker, "select"))
        return STATUS_OK;
    if (READ(checker, select.minimise) == SELECT_NOTHING) {
        const struct yaml_node *section = yaml_find(checker->root, "select");
        if (section && section->kind == YAML_MAPPING && section->count > 0 &&
            !yaml_get(section, "minimise"))
            PASS(check_mistake(checker, "select", error,
                               "'minimise' is missing: the cost by which to select, such as "
                               "energy_j"));
        return STATUS_OK;
    }
    if (check_sound(checker, "dataset.validation") && READ(checker, dataset.validation) == 0)
        PASS(check_mistake(checker, "select", error,
                           "the selection needs validation images, and "
                           "'dataset.validation' is 0"));
    if (READ(checker, select.score) == SCORE_INT8 && check_sound(checker, "quantize") &&
        !READ(checker, quantize).given)
        PASS(check_mistake(checker, "select.score", error,
                           "there are int8 scores only with the section 'quantize'"));
    return check_select_names(checker, error);
}
