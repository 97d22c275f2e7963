#include "plan/key_part.h"

#include "kinds/engine.h"
#include "kinds/filter.h"

#include <stdio.h>
#include <string.h>

/* Which stage is the first to use a section, or a field of one. What does not stand here is in no
 * key: names, words, the grid, figures, machines by name (see print_machines). */
static const struct {
    const char *section, *field; /* field NULL: all that have no row of their own */
    enum trial_stage stage;
} rows[] = {
    {"task", NULL, TRIAL_DATA},           {"seed", NULL, TRIAL_DATA},
    {"dataset", NULL, TRIAL_DATA},        {"dataset", "degrade", TRIAL_DEGRADE},
    {"dataset", "patch", TRIAL_FILTER},   {"pipeline", NULL, TRIAL_TUNE},
    {"pipeline", "replace", TRIAL_LABEL}, {"label_noise", NULL, TRIAL_LABEL},
    {"filter", NULL, TRIAL_FILTER},       {"network", NULL, TRIAL_TRAIN},
    {"train", NULL, TRIAL_TRAIN},         {"train", "labels", TRIAL_FILTER},
    {"train", "input", TRIAL_FILTER},     {"store", NULL, TRIAL_EVALUATE},
};

static bool find_stage(const char *section, const char *name, enum trial_stage *stage)
{
    bool found = false;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].section, section) != 0)
            continue;
        bool own = name && rows[i].field && strcmp(rows[i].field, name) == 0;
        if (own || (!rows[i].field && !found))
            *stage = rows[i].stage;
        found = true;
        if (own)
            break;
    }
    return found;
}

/* Of the kind, and of those that its settings name in turn. */
static void print_version(const char *path, const struct component *component, struct text *text)
{
    if (!component->kind)
        return;
    text_append(text, "%s version: %s %d\n", path, component->kind->name, component->kind->version);
    for (const struct field *field = component->kind->fields; field && field->name; field++) {
        const void *member = (const char *)component->config + field->offset;
        const struct component_list *list = member;
        char inner[256];
        if (field->type != FIELD_COMPONENTS)
            continue;
        snprintf(inner, sizeof inner, "%s.%s", path, field->name);
        for (size_t i = 0; i < list->count; i++)
            print_version(inner, &list->items[i], text);
    }
}

static void print_fields(const char *path, const struct field *fields, const void *record,
                         struct text *text);

/* One field, and the versions of what it names. */
static void print_field(const char *path, const struct field *field, const void *member,
                        struct text *text)
{
    const struct component_list *list = member;
    char inner[256];

    snprintf(inner, sizeof inner, "%s%s%s", path, path[0] ? "." : "", field->name);
    if (field->type == FIELD_RECORD) {
        print_fields(inner, field->fields, member, text);
        return;
    }
    text_append(text, "%s: ", inner);
    schema_print_value(field, member, text);
    text_append(text, "\n");
    if (field->type == FIELD_SELECT || field->type == FIELD_COMPONENT)
        print_version(inner, member, text);
    for (size_t i = 0; field->type == FIELD_COMPONENTS && i < list->count; i++)
        print_version(inner, &list->items[i], text);
    if (field->type == FIELD_SELECT) {
        const struct component *chosen = member;
        print_fields(path, chosen->kind->fields, chosen->config, text);
    }
}

static void print_fields(const char *path, const struct field *fields, const void *record,
                         struct text *text)
{
    for (; fields && fields->name; fields++)
        print_field(path, fields, (const char *)record + fields->offset, text);
}

/* The layers that the family's parameters come to: an edited family, or a layer's new version,
 * makes new keys. As a digest, for they are many. */
static enum status print_layers(const struct plan *plan, const struct experiment *experiment,
                                struct text *text, struct error *error)
{
    struct arena arena = {0};
    struct text layers = {0};
    struct hash hash = {0};
    struct node_spec *nodes = NULL;
    char digest[HASH_TEXT];
    size_t count = 0;
    enum status status = STATUS_OK;

    (void)plan;
    TRY(family_expand(&experiment->network, 1, experiment->task == TASK_CLASSIFY ? 10 : 1, &arena,
                      &nodes, &count, error));
    for (size_t i = 0; i < count; i++) {
        text_append(&layers, "layer %s from %d %d: ", nodes[i].name, nodes[i].inputs[0],
                    nodes[i].inputs[1]);
        schema_print_component(&nodes[i].layer, &layers);
        text_append(&layers, "\n");
        print_version("layer", &nodes[i].layer, &layers);
    }
    TRY(text_status(&layers, error));
    TRY(hash_begin(&hash, error));
    TRY(hash_bytes(&hash, layers.bytes, layers.length, error));
    TRY(hash_end(&hash, digest, error));
    text_append(text, "network layers: %s\n", digest);
out:
    hash_release(&hash);
    text_release(&layers);
    arena_release(&arena);
    return status;
}

static enum status print_machines(const struct plan *plan, const struct experiment *experiment,
                                  struct text *text, struct error *error)
{
    (void)experiment;
    (void)error;
    for (size_t i = 0; i < plan->base.hardware.count; i++) {
        text_append(text, "hardware %s: {", plan->machines[i].name);
        schema_print_component(&plan->machines[i].model, text);
        text_append(text, "}\n");
        print_version("hardware", &plan->machines[i].model, text);
    }
    return STATUS_OK;
}

enum status key_print_engine(const struct train_settings *settings, struct text *text,
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

static enum status print_engine(const struct plan *plan, const struct experiment *experiment,
                                struct text *text, struct error *error)
{
    (void)plan;
    return key_print_engine(&experiment->train, text, error);
}

static const struct key_part specials[] = {
    {.stage = TRIAL_TRAIN, .print = print_layers, .paths = {"network"}},
    {.stage = TRIAL_TRAIN, .print = print_engine, .paths = {"train.engine", "train.precision"}},
    {.stage = TRIAL_EVALUATE, .print = print_machines},
    /* Evaluation runs the network as well. */
    {.stage = TRIAL_EVALUATE, .print = print_engine, .paths = {"train.engine", "train.precision"}},
};

size_t key_parts(struct key_part parts[KEY_MOST_PARTS])
{
    size_t count = 0;

    for (const struct field *top = experiment_fields; top->name; top++) {
        const struct field single[] = {*top, {0}};
        bool record = top->type == FIELD_RECORD;
        const struct field *field = record ? top->fields : single;
        for (; field->name && count < KEY_MOST_PARTS; field++) {
            struct key_part part = {.section = record ? top->name : NULL,
                                    .field = record ? field : top,
                                    .offset = record ? top->offset : 0,
                                    .filter = strcmp(top->name, "filter") == 0,
                                    .loss = record && strcmp(top->name, "train") == 0 &&
                                            strcmp(field->name, "loss") == 0};
            if (find_stage(top->name, record ? field->name : NULL, &part.stage))
                parts[count++] = part;
        }
    }
    for (size_t i = 0; i < sizeof specials / sizeof *specials && count < KEY_MOST_PARTS; i++)
        parts[count++] = specials[i];
    return count;
}

enum status key_part_print(const struct key_part *part, const struct plan *plan,
                           const struct experiment *experiment, struct text *text,
                           struct error *error)
{
    if (part->print)
        return part->print(plan, experiment, text, error);
    print_field(part->section ? part->section : "", part->field,
                (const char *)experiment + part->offset + part->field->offset, text);
    return STATUS_OK;
}

bool key_filters(const struct experiment *experiment)
{
    return experiment->train.labels == LABELS_PIPELINE;
}

bool key_filter_trains(const struct experiment *experiment)
{
    const struct filter *filter = (const void *)experiment->filter.kind;

    return key_filters(experiment) && filter->trains;
}
