#include "plan/keys/key_part.h"

#include "filters/own_network.h"
#include "interfaces/engine.h"
#include "interfaces/stage.h"

#include <stdio.h>
#include <string.h>

/* Which step is the first to use a section, or a field of one. What does not stand here is in no
 * key: names, words, the grid, figures, machines by name (see print_machines). */
static const struct {
    const char *section, *field; /* field NULL: all that have no row of their own */
    enum trial_step step;
} rows[] = {
    {"task", NULL, TRIAL_DATA},           {"seed", NULL, TRIAL_DATA},
    {"dataset", NULL, TRIAL_DATA},        {"dataset", "degrade", TRIAL_DEGRADE},
    {"dataset", "patch", TRIAL_FILTER},   {"pipeline", NULL, TRIAL_TUNE},
    {"pipeline", "replace", TRIAL_LABEL}, {"label_noise", NULL, TRIAL_LABEL},
    {"filter", NULL, TRIAL_FILTER},       {"network", NULL, TRIAL_TRAIN},
    {"train", NULL, TRIAL_TRAIN},         {"train", "labels", TRIAL_FILTER},
    {"train", "input", TRIAL_FILTER},     {"train", "quantize", TRIAL_FINE_TUNE},
    {"store", NULL, TRIAL_EVALUATE},
};

static bool find_step(const char *section, const char *name, enum trial_step *step)
{
    bool found = false;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].section, section) != 0)
            continue;
        bool own = name && rows[i].field && strcmp(rows[i].field, name) == 0;
        if (own || (!rows[i].field && !found))
            *step = rows[i].step;
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
    if (field->type == FIELD_RECORD && field->unsaid && !*(const bool *)member)
        return; /* it is not there */
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

static enum status print_layers(const struct plan *plan, const struct experiment *experiment,
                                struct text *text, struct error *error)
{
    (void)plan;
    return family_print_layers(&experiment->network, experiment_task(experiment)->labels, text,
                               error);
}

/* What stages that train networks depend on beside their settings. */
static enum status print_stages(const struct plan *plan, const struct experiment *experiment,
                                struct text *text, struct error *error)
{
    const struct component_list *stages = &experiment->pipeline.stages;
    const struct engine *engine = (const void *)experiment->train.engine.kind;

    (void)plan;
    for (size_t i = 0; i < stages->count; i++) {
        const struct stage *stage = (const void *)stages->items[i].kind;
        if (stage->key)
            PASS(stage->key(stages->items[i].config, experiment_task(experiment), engine, text,
                            error));
    }
    return STATUS_OK;
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

/* Versions are of the integers' arithmetic, and of which images ranges are found on. */
static enum status print_quantize(const struct plan *plan, const struct experiment *experiment,
                                  struct text *text, struct error *error)
{
    (void)plan;
    (void)error;
    for (const struct field *top = experiment_fields; top->name; top++)
        if (experiment->quantize.given && strcmp(top->name, "quantize") == 0) {
            print_field("", top, &experiment->quantize, text);
            text_append(text, "quantize version: 1\n");
        }
    return STATUS_OK;
}

/* Ranges are found before the fine-tuning, as the section says. */
static enum status print_fine_tune(const struct plan *plan, const struct experiment *experiment,
                                   struct text *text, struct error *error)
{
    return experiment->train.quantize.given ? print_quantize(plan, experiment, text, error)
                                            : STATUS_OK;
}

enum status key_print_engine(const struct train_settings *settings, struct text *text,
                             struct error *error)
{
    return engine_print((const void *)settings->engine.kind, (enum precision)settings->precision,
                        text, error);
}

static enum status print_engine(const struct plan *plan, const struct experiment *experiment,
                                struct text *text, struct error *error)
{
    (void)plan;
    return key_print_engine(&experiment->train, text, error);
}

static enum status print_filter_layers(const struct plan *plan, const struct experiment *experiment,
                                       struct text *text, struct error *error)
{
    const struct component *own = filter_own_network(&experiment->filter);

    (void)plan;
    return own ? family_print_layers(own, experiment_task(experiment)->labels, text, error)
               : STATUS_OK;
}

static const struct key_part specials[] = {
    {.step = TRIAL_TUNE, .print = print_stages, .paths = {"pipeline.stages", "train.engine"}},
    {.step = TRIAL_TRAIN, .print = print_layers, .paths = {"network"}},
    {.step = TRIAL_TRAIN, .print = print_engine, .paths = {"train.engine", "train.precision"}},
    {.step = TRIAL_EVALUATE, .print = print_machines},
    {.step = TRIAL_FINE_TUNE, .print = print_fine_tune, .paths = {"train.quantize", "quantize"}},
    /* Evaluation runs the network as well. */
    {.step = TRIAL_EVALUATE, .print = print_engine, .paths = {"train.engine", "train.precision"}},
    {.step = TRIAL_EVALUATE, .print = print_quantize, .paths = {"quantize"}},
    {.step = TRIAL_FILTER, .print = print_filter_layers, .paths = {"filter"}, .filter = true},
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
                                    .network = strcmp(top->name, "network") == 0};
            if (record && strcmp(top->name, "train") == 0) {
                part.loss = strcmp(field->name, "loss") == 0;
                part.course = strcmp(field->name, "epochs") == 0 ||
                              strcmp(field->name, "early_stopping") == 0;
            }
            if (find_step(top->name, record ? field->name : NULL, &part.step))
                parts[count++] = part;
        }
    }
    for (size_t i = 0; i < sizeof specials / sizeof *specials && count < KEY_MOST_PARTS; i++) {
        parts[count] = specials[i];
        parts[count++].network = specials[i].print == print_layers;
    }
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

bool key_filter_own(const struct experiment *experiment)
{
    return key_filter_trains(experiment) && filter_own_network(&experiment->filter);
}
