#include "deploy/export_stages.h"

#include <string.h>

enum { BEFORE, AFTER };

static const char no_graph[] = "no graph describes it";

static const struct stage *stage_at(const struct model *model, size_t s)
{
    return model->chain.stages[s];
}

/* Append the steps of stage s; *out is the shape that it gives. */
static enum status add_stage(struct stage_graph *graph, const struct model *model, size_t s,
                             struct shape in, struct shape *out, struct error *error)
{
    const struct stage *stage = stage_at(model, s);
    size_t first = graph->count;

    PASS(chain_shape(&model->chain, s, s + 1, in, out, error));
    PASS(stage->graph(model->chain.configs[s], in, graph, error));
    for (size_t k = first; k < graph->count; k++)
        graph->steps[k].stage = stage->descriptor.name;
    return STATUS_OK;
}

static enum status hold(struct export_stages *stages, int side, const char *reason,
                        struct error *error)
{
    return text_print(&stages->held[side], error, "%s", reason);
}

/* ---- before the network */

/* Channels of what stage s is given: they do not depend on the image's size. */
static enum status find_channels(const struct model *model, size_t s, int *channels,
                                 struct error *error)
{
    struct shape any = {model->channels, 1024, 1024};

    *channels = model->input.channels;
    if (s == model->first)
        return STATUS_OK;
    PASS(chain_shape(&model->chain, 0, s, any, &any, error));
    *channels = any.channels;
    return STATUS_OK;
}

/* The images' shape: as asked for, as in training where stages keep it, or as the file's are. */
static enum status find_input(struct export_stages *stages, const struct model *model,
                              const struct export_stages_wanted *wanted, struct error *error)
{
    struct shape input = model->input, seen = {0};

    PASS(find_channels(model, stages->begin, &input.channels, error));
    stages->input = input;
    stages->input.height = wanted->height ? wanted->height : input.height;
    stages->input.width = wanted->width ? wanted->width : input.width;
    if (wanted->height)
        return STATUS_OK;
    if (chain_shape(&model->chain, stages->begin, model->first, input, &seen, NULL) == STATUS_OK &&
        shape_equal(seen, model->input))
        return STATUS_OK;
    if (shape_plane(wanted->images))
        return chain_shape(&model->chain, 0, stages->begin, wanted->images, &stages->input, error);
    return error_set(error, STATUS_CONFIG,
                     "stages before the network change the image's size, and the results file does "
                     "not tell the images': --size WIDTHxHEIGHT, or --what network");
}

/* Try from `begin` on. *held: the stage that refused its graph, with the reason in `error`. */
static enum status try_before(struct export_stages *stages, const struct model *model,
                              const struct export_stages_wanted *wanted, size_t *held,
                              struct error *error)
{
    *held = model->first;
    stages->before.count = 0;
    PASS(find_input(stages, model, wanted, error));
    stages->network = stages->input;
    for (size_t s = stages->begin; s < model->first; s++) {
        *held = s;
        PASS(add_stage(&stages->before, model, s, stages->network, &stages->network, error));
    }
    return STATUS_OK;
}

enum status export_stages_before(struct export_stages *stages, const struct model *model,
                                 const struct export_stages_wanted *wanted, struct error *error)
{
    size_t held;

    *stages = (struct export_stages){.begin = model->first, .end = model->last};
    stages->before.arena = stages->after.arena = &stages->arena;
    while (!wanted->none && stages->begin > 0 && stage_at(model, stages->begin - 1)->graph)
        stages->begin--;
    if (stages->begin > 0 && !wanted->none)
        PASS(hold(stages, BEFORE, no_graph, error));
    for (;;) {
        struct error refused = {0};
        enum status status = try_before(stages, model, wanted, &held, &refused);
        if (status != STATUS_UNAVAILABLE) {
            if (status != STATUS_OK)
                *error = refused;
            return status;
        }
        PASS(hold(stages, BEFORE, refused.message, error));
        stages->begin = held + 1;
    }
}

/* ---- after the network */

static const char needs_mask[] = "it takes a mask, and the network gives scores of the classes";

enum status export_stages_after(struct export_stages *stages, const struct model *model,
                                const struct export_stages_wanted *wanted, struct shape output,
                                struct error *error)
{
    const struct component_list *list = &model->trial.experiment.pipeline.stages;
    bool mask = model->network_answer.content == CONTENT_MASK;

    stages->content = model->network_answer.content;
    for (; !wanted->none && stages->end < list->count; stages->end++) {
        struct error refused = {0};
        if (mask || !stage_at(model, stages->end)->graph)
            return hold(stages, AFTER, mask ? needs_mask : no_graph, error);
        enum status status =
            add_stage(&stages->after, model, stages->end, output, &output, &refused);
        if (status == STATUS_UNAVAILABLE)
            return hold(stages, AFTER, refused.message, error);
        if (status != STATUS_OK) {
            *error = refused;
            return status;
        }
        stages->content = stages_output(list, stages->end + 1, model->task);
    }
    return STATUS_OK;
}

void export_stages_release(struct export_stages *stages)
{
    arena_release(&stages->arena);
    text_release(&stages->held[BEFORE]);
    text_release(&stages->held[AFTER]);
    memset(stages, 0, sizeof *stages);
}

/* ---- for people */

/* "before the network: grey", with the settings that tuning chose. */
static void print_stage(const struct model *model, size_t s, const char *reason, struct text *text)
{
    struct component chosen = model->trial.experiment.pipeline.stages.items[s];

    chosen.config = model->chain.configs[s];
    chosen.tuned_count = 0;
    text_append(text, "%s the network: ", s < model->first ? "before" : "after");
    schema_print_component(&chosen, text);
    if (reason)
        text_append(text, " (%s)", reason);
    text_append(text, "\n");
}

void export_stages_inside(const struct export_stages *stages, const struct model *model,
                          struct text *text)
{
    for (size_t s = stages->begin; s < stages->end; s++)
        if (s < model->first || s >= model->last)
            print_stage(model, s, NULL, text);
}

/* The one next to those that go along holds the others back. */
static const char *reason_of(const struct export_stages *stages, size_t s)
{
    bool before = s < stages->begin;
    const struct text *held = &stages->held[before ? BEFORE : AFTER];

    if (!held->length)
        return NULL;
    return s + 1 == stages->begin || s == stages->end ? held->bytes
                                                      : "a stage between it and the network stays";
}

void export_stages_left(const struct export_stages *stages, const struct model *model,
                        struct text *text)
{
    for (size_t s = 0; s < model->chain.count; s++)
        if (s < stages->begin || s >= stages->end)
            print_stage(model, s, reason_of(stages, s), text);
}
