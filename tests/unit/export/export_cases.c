#include "tests/unit/export/export_cases.h"

#include "base/memory.h"
#include "networks/layers/registry.h"
#include "tests/property/layer_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 7, SETTINGS = 64, NARROW = 8 };

#define PREVIOUS(n)                                                                                \
    {                                                                                              \
        (n) - 1, -1                                                                                \
    }

/* Values that change between pixels and vectors, names that are passed on, the output's name. */
static const struct export_chain chains[] = {
    {"vector_to_pixel",
     CONTENT_SCORES,
     {3, 6, 5},
     {{"mean", "global_avgpool", "", PREVIOUS(0)},
      {"conv", "conv", "filters=4 kernel=1", PREVIOUS(1)},
      {"sigmoid", "sigmoid", "", PREVIOUS(2)}}},
    {"vector_to_image",
     CONTENT_IMAGE,
     {3, 1, 1},
     {{"mean", "global_avgpool", "", PREVIOUS(0)},
      {"add", "add", "", {0, -1}},
      {"mean2", "global_avgpool", "", PREVIOUS(2)},
      {"flatten", "flatten", "", PREVIOUS(3)}}},
    {"dropout_last",
     CONTENT_IMAGE,
     {2, 6, 5},
     {{"conv", "conv", "filters=2 kernel=3", PREVIOUS(0)},
      {"dropout", "dropout", "", PREVIOUS(1)}}},
    {"dropout_alone", CONTENT_IMAGE, {2, 6, 5}, {{"dropout", "dropout", "", PREVIOUS(0)}}},
    {"vectors",
     CONTENT_NUMBERS,
     {3, 6, 5},
     {{"mean", "global_avgpool", "", PREVIOUS(0)},
      {"both", "concat", "", {0, 0}},
      {"batchnorm", "batchnorm", "", PREVIOUS(2)},
      {"silu", "silu", "", PREVIOUS(3)},
      {"softmax", "softmax", "", PREVIOUS(4)},
      {"rescale", "rescale", "", PREVIOUS(5)}}},
    {"pixel_and_vector",
     CONTENT_IMAGE,
     {3, 1, 1},
     {{"flatten", "flatten", "", PREVIOUS(0)},
      {"add", "add", "", {0, -1}},
      {"relu", "relu", "", PREVIOUS(2)}}},
    {"map",
     CONTENT_MAP,
     {3, 6, 5},
     {{"conv", "conv", "filters=2 kernel=3", PREVIOUS(0)},
      {"rescale", "rescale", "", PREVIOUS(1)}}},
};

static size_t chain_length(const struct export_chain *chain)
{
    size_t count = 0;

    while (count < EXPORT_MOST_ROWS && chain->rows[count].layer)
        count++;
    return count;
}

static enum status chain_build(const struct export_chain *chain, struct shape input,
                               struct network *network, struct error *error)
{
    struct shape outs[EXPORT_MOST_ROWS], in[LAYER_MAX_INPUTS];
    struct node_spec *specs;
    size_t count = chain_length(chain);

    PASS(arena_new(&network->arena, &specs, count, sizeof *specs, error));
    for (size_t i = 0; i < count; i++) {
        const struct export_row *row = &chain->rows[i];
        const struct descriptor *kind = registry_find(registry_layers(), row->layer);
        specs[i] = (struct node_spec){.name = row->name, .layer = {.kind = kind}};
        PASS(arena_new(&network->arena, &specs[i].layer.config, kind->config_size + 1, 1, error));
        layer_configure(kind, row->settings, specs[i].layer.config);
        for (int k = 0; k < LAYER_MAX_INPUTS; k++) {
            specs[i].inputs[k] = row->from[k];
            in[k] = row->from[k] < 0 ? input : outs[row->from[k]];
        }
        PASS(layer_of(kind)->shape(specs[i].layer.config, in, &outs[i], error));
    }
    return network_build(network, specs, count, input, outs[count - 1], error);
}

enum status export_case_network(const struct export_case *item, struct shape input,
                                struct network *network, struct error *error)
{
    enum status status = STATUS_OK;

    memset(network, 0, sizeof *network);
    if (!item->chain)
        return network_new(network, &item->family, input, item->answer, error);
    status = chain_build(item->chain, input, network, error);
    if (status != STATUS_OK)
        network_release(network);
    return status;
}

static void fill_parameters(const struct network *network, float *parameters, float *statistics)
{
    struct random_stream stream = random_stream((struct random_key){.seed = 5}, RANDOM_GENERATE, 0);

    network_initialise(network, (struct random_key){.seed = 3}, parameters, statistics);
    for (size_t i = 0; i < network->parameters; i++)
        parameters[i] += (float)(0.05 * random_normal(&stream));
    for (size_t i = 0; i < network->statistics; i++) /* means from 0, variances from 1 */
        statistics[i] += (float)(random_uniform(&stream) - 0.5);
}

/* Do the parameters fit images of another size, and give one answer there? */
static bool takes_any_size(const struct export_case *item, const struct network *network)
{
    struct network other;

    if (export_case_network(item, item->other, &other, NULL) != STATUS_OK)
        return false;
    bool spatial = content_is_spatial(item->answer.content);
    bool same = other.parameters == network->parameters &&
                other.output.channels == network->output.channels &&
                (spatial || shape_plane(other.output) == 1);
    network_release(&other);
    return same;
}

static enum status visit_case(struct export_case *item, struct shape input,
                              export_case_visitor *visit, void *context, struct error *error)
{
    static const struct exported_fact facts[] = {{"experiment", "export_cases"}};
    enum status status = STATUS_OK;
    struct network network = {0};
    float *parameters = NULL, *statistics = NULL;

    TRY(export_case_network(item, input, &network, error));
    TRY(memory_new(&parameters, network.parameters, sizeof *parameters, error));
    TRY(memory_new(&statistics, network.statistics, sizeof *statistics, error));
    fill_parameters(&network, parameters, statistics);
    if (item->chain)
        item->answer.count = network.output.channels;
    item->any_size = takes_any_size(item, &network);
    struct exported_network exported = {.name = item->name,
                                        .family = &item->family,
                                        .network = &network,
                                        .parameters = parameters,
                                        .statistics = statistics,
                                        .answer = item->answer,
                                        .facts = facts,
                                        .fact_count = 1};
    TRY(visit(context, item, &exported, error));
out:
    memory_free(parameters);
    memory_free(statistics);
    network_release(&network);
    return status == STATUS_OK ? status : error_context(error, "%s", item->name);
}

/* For grey images and for colours, of sides that differ. */
static enum status visit_family(const struct descriptor *kind, void *config, const char *setting,
                                enum content content, export_case_visitor *visit, void *context,
                                struct error *error)
{
    static const struct shape inputs[] = {{1, 28, 36}, {3, 32, 28}};
    bool classes = content == CONTENT_SCORES || content == CONTENT_MASK;

    for (size_t k = 0; k < sizeof inputs / sizeof *inputs; k++) {
        struct export_case item = {.family = {.kind = kind, .config = config},
                                   .answer = {content, classes                      ? CLASSES
                                                       : content == CONTENT_NUMBERS ? 2
                                                       : content == CONTENT_MAP     ? 2
                                                                                    : 0}};
        struct shape input = inputs[k];
        PASS(family_fit(&item.family, &input, error));
        item.other = (struct shape){input.channels, 2 * input.height + 1, input.width + 24};
        PASS(family_fit(&item.family, &item.other, error));
        snprintf(item.name, sizeof item.name, "%s_%s_%s_%d", kind->name, content_names[content],
                 setting, input.channels);
        for (char *at = item.name; *at; at++)
            *at = *at == ' ' ? '_' : *at;
        PASS(visit_case(&item, input, visit, context, error));
    }
    return STATUS_OK;
}

/* With its defaults, made narrow, and with each setting at its minimum. */
static enum status visit_settings(const struct descriptor *kind, enum content content,
                                  export_case_visitor *visit, void *context, struct error *error)
{
    int64_t config[SETTINGS];

    layer_configure(kind, "", config);
    for (const struct field *field = kind->fields; field->name; field++)
        if (strcmp(field->name, "width") == 0)
            config[field->offset / sizeof *config] = NARROW;
    PASS(visit_family(kind, config, "defaults", content, visit, context, error));
    for (const struct field *field = kind->fields; field->name; field++) {
        int64_t *value = &config[field->offset / sizeof *config], kept = *value;
        *value = (int64_t)field->minimum;
        if (*value != kept)
            PASS(visit_family(kind, config, field->name, content, visit, context, error));
        *value = kept;
    }
    return STATUS_OK;
}

static enum status visit_chain(const struct export_chain *chain, const struct component *family,
                               export_case_visitor *visit, void *context, struct error *error)
{
    struct export_case item = {
        .family = *family, .chain = chain, .answer = {chain->content, 0}, .other = chain->input};

    snprintf(item.name, sizeof item.name, "%s", chain->name);
    item.other.height += 5;
    item.other.width += 7;
    return visit_case(&item, chain->input, visit, context, error);
}

/* A layer by itself: where one pixel comes out, as scores. */
static enum status visit_layer(size_t number, const struct component *family,
                               export_case_visitor *visit, void *context, struct error *error)
{
    const struct layer_case *from = &layer_cases[number];
    const struct layer *layer = layer_of(registry_find(registry_layers(), from->layer));
    struct shape out, in[LAYER_MAX_INPUTS] = {from->in, from->in};
    char name[64];
    _Alignas(16) unsigned char config[256];

    snprintf(name, sizeof name, "layer%zu_%s", number, from->layer);
    layer_configure(&layer->descriptor, from->settings, config);
    PASS(layer->shape(config, in, &out, error));
    struct export_chain chain = {name,
                                 shape_plane(out) == 1 ? CONTENT_SCORES : CONTENT_IMAGE,
                                 from->in,
                                 {{from->layer, from->layer, from->settings, {-1, -1}}}};
    return visit_chain(&chain, family, visit, context, error);
}

enum status export_cases_each(export_case_visitor *visit, void *context, struct error *error)
{
    const struct registry *families = families_registry();
    int64_t config[SETTINGS];
    struct component any = {.kind = registry_find(families, "dncnn"), .config = config};

    for (size_t r = 0; r < families->count; r++)
        for (enum content content = 0; content < CONTENT_ANSWER; content++)
            if (content != CONTENT_FEATURES && family_serves(families->rows[r], content))
                PASS(visit_settings(families->rows[r], content, visit, context, error));
    layer_configure(any.kind, "", config);
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++)
        PASS(visit_chain(&chains[i], &any, visit, context, error));
    for (size_t i = 0; i < layer_case_count; i++)
        PASS(visit_layer(i, &any, visit, context, error));
    return STATUS_OK;
}
