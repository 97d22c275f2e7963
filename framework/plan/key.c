/*
 * Keys: SHA-256 over everything that a trial's results depend on, and nothing else. The canonical
 * text of the sections that matter (every default spelled out, so spelling, order and comments of
 * the file do not count), the version of each implementation used, the layers that the family comes
 * to, the machines' figures, and the engine as it runs here.
 *
 * Not in a key: the experiment's name, `about`, the grid and its figures, threads, paths, times.
 */
#include "plan/steps.h"

#include "kinds/engine.h"
#include "kinds/registry.h"

#include <string.h>

/* Sections of the experiment file, by what depends on them. */
static const char *const data_sections[] = {"task", "seed", "dataset", "pipeline", NULL};
static const char *const trial_sections[] = {"filter", "network", "train", "store", NULL};

static void print_section(const struct field *field, const struct experiment *experiment,
                          struct text *text)
{
    const struct field table[] = {*field, {0}};

    schema_print(table, experiment, 0, text);
}

static void print_sections(const char *const *names, const struct experiment *experiment,
                           struct text *text)
{
    for (; *names; names++)
        for (const struct field *field = experiment_fields; field->name; field++)
            if (strcmp(field->name, *names) == 0)
                print_section(field, experiment, text);
}

static void print_version(const char *kind, const struct component *component, struct text *text)
{
    if (component->kind)
        text_append(text, "version %s %s %d\n", kind, component->kind->name,
                    component->kind->version);
}

static void print_versions(const char *kind, const struct component_list *list, struct text *text)
{
    for (size_t i = 0; i < list->count; i++)
        print_version(kind, &list->items[i], text);
}

/* What data, degradation, pipeline and labels depend on. */
static void print_data(const struct trial *trial, struct text *text)
{
    const struct experiment *experiment = &trial->experiment;

    text_append(text, "understudy data 1\nreplicate %lu\n", (unsigned long)trial->replicate);
    print_sections(data_sections, experiment, text);
    print_version("dataset", &experiment->dataset.source, text);
    print_versions("degradation", &experiment->dataset.degrade, text);
    print_versions("stage", &experiment->pipeline.stages, text);
}

/* The layers that the family's parameters come to: an edited family makes new keys. */
static enum status print_layers(const struct experiment *experiment, struct text *text,
                                struct error *error)
{
    struct arena arena = {0};
    struct node_spec *nodes = NULL;
    size_t count = 0;
    enum status status = STATUS_OK;

    TRY(family_expand(&experiment->network, 1, experiment->task == TASK_CLASSIFY ? 10 : 1, &arena,
                      &nodes, &count, error));
    for (size_t i = 0; i < count; i++) {
        text_append(text, "layer %s from %d %d: ", nodes[i].name, nodes[i].inputs[0],
                    nodes[i].inputs[1]);
        schema_print_component(&nodes[i].layer, text);
        text_append(text, "\n");
        print_version("layer", &nodes[i].layer, text);
    }
out:
    arena_release(&arena);
    return status;
}

static void print_machines(const struct plan *plan, struct text *text)
{
    for (size_t i = 0; i < plan->base.hardware.count; i++) {
        text_append(text, "machine %s: ", plan->machines[i].name);
        schema_print_component(&plan->machines[i].model, text);
        text_append(text, "\n");
        print_version("cost model", &plan->machines[i].model, text);
    }
}

/* The engine as it runs on this machine. */
static enum status print_engine(const struct train_settings *settings, struct text *text,
                                struct error *error)
{
    const struct engine *engine = (const void *)settings->engine.kind;
    enum precision precision = (enum precision)settings->precision;
    enum status status = STATUS_OK;

    TRY(engine->start(error));
    TRY(engine_check(engine, precision, error));
    text_append(text, "engine_version: ");
    text_append(text, "%s\nengine_isa: %s\n", engine->version(), engine->isa(precision));
out:
    return status;
}

static enum status print_trial(const struct plan *plan, const struct trial *trial,
                               struct text *text, struct error *error)
{
    const struct experiment *experiment = &trial->experiment;
    enum status status = STATUS_OK;

    text_append(text, "understudy trial 2\n");
    print_sections(trial_sections, experiment, text);
    print_version("filter", &experiment->filter, text);
    print_version("family", &experiment->network, text);
    print_version("optimizer", &experiment->train.optimizer, text);
    print_version("schedule", &experiment->train.schedule, text);
    print_version("loss", &experiment->train.loss, text);
    print_versions("augmentation", &experiment->train.augment, text);
    print_version("engine", &experiment->train.engine, text);
    TRY(print_layers(experiment, text, error));
    print_machines(plan, text);
    TRY(print_engine(&experiment->train, text, error));
out:
    return status;
}

static enum status digest(const struct text *text, char key[HASH_TEXT], struct error *error)
{
    struct hash hash = {0};
    enum status status = STATUS_OK;

    TRY(text_status(text, error));
    TRY(hash_begin(&hash, error));
    TRY(hash_bytes(&hash, text->bytes, text->length, error));
    TRY(hash_end(&hash, key, error));
out:
    hash_release(&hash);
    return status;
}

enum status trial_keys(const struct plan *plan, struct trial *trial, struct error *error)
{
    struct text text = {0};
    enum status status = STATUS_OK;

    print_data(trial, &text);
    TRY(digest(&text, trial->data_key, error));
    TRY(print_trial(plan, trial, &text, error));
    TRY(digest(&text, trial->key, error));
out:
    text_release(&text);
    return status;
}

enum status plan_resolved(const struct plan *plan, struct text *text, struct error *error)
{
    enum status status = STATUS_OK;

    for (const struct field *field = experiment_fields; field->name; field++) {
        if (field->type != FIELD_NODE) {
            print_section(field, &plan->base, text);
            continue;
        }
        /* Axes and rules, with numbers in one spelling. */
        const char *member = (const char *)&plan->base + field->offset;
        const struct yaml_node *node = *(const struct yaml_node *const *)(const void *)member;
        if (!node)
            continue;
        text_append(text, "%s: ", field->name);
        grid_value_print(node, text);
        text_append(text, "\n");
    }
    text_append(text, plan->base.hardware.count ? "machines:\n" : "machines: {}\n");
    for (size_t i = 0; i < plan->base.hardware.count; i++) {
        text_append(text, "  %s: {", plan->machines[i].name);
        schema_print_component(&plan->machines[i].model, text);
        text_append(text, "}\n");
    }
    TRY(print_engine(&plan->base.train, text, error));
    TRY(text_status(text, error));
out:
    return status;
}
