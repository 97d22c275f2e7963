#include "quantize/fold.h"

#include <math.h>
#include <string.h>

extern const struct layer layer_batchnorm, layer_depthwise, layer_scale;

/* What a layer does to its channels: y = factors[c] x + constants[c]. */
struct channel_map {
    double *factors, *constants;
};

struct folding {
    const struct network *network;
    const float *parameters, *statistics;
    struct folded_network *folded;
    struct node_spec *specs; /* [network->count], of which `count` are used */
    size_t *from;            /* [count]: the node whose parameters a folded one starts from */
    int *become;             /* [network->count]: the folded node that gives a node's values */
    size_t *readers;         /* [network->count] */
    size_t count;
    struct channel_map map; /* room for the most channels */
};

static bool is_channel_map(const struct network_node *node)
{
    return node->layer == &layer_batchnorm || node->layer == &layer_scale;
}

static void *setting(const struct descriptor *kind, const char *name, const void *config)
{
    const struct field *field = kind->fields;

    while (strcmp(field->name, name) != 0)
        field++;
    return (char *)(uintptr_t)config + field->offset;
}

static enum primitive_kind kind_of(const struct network_node *node)
{
    struct primitive primitive = {0};

    if (node->layer->primitive)
        node->layer->primitive(node->config, node->in, node->out, &primitive);
    return primitive.kind;
}

/* Once it is folded. */
static bool has_weights(const struct network_node *node)
{
    enum primitive_kind kind = kind_of(node);
    return kind == PRIMITIVE_CONV || kind == PRIMITIVE_TRANSPOSED_CONV || kind == PRIMITIVE_DENSE ||
           is_channel_map(node);
}

static void count_readers(struct folding *f)
{
    for (size_t i = 0; i < f->network->count; i++)
        for (int k = 0; k < f->network->nodes[i].layer->inputs; k++)
            if (f->network->nodes[i].inputs[k] >= 0)
                f->readers[f->network->nodes[i].inputs[k]]++;
}

/* Can node i go into the weights of the node before it? A network's output has to stay the last
 * node's. */
static bool folds(const struct folding *f, size_t i)
{
    int before = f->network->nodes[i].inputs[0];

    if (!is_channel_map(&f->network->nodes[i]) || before < 0 || f->readers[before] != 1)
        return false;
    size_t into = (size_t)f->become[before];
    return has_weights(&f->network->nodes[f->from[into]]) &&
           (i + 1 < f->network->count || into + 1 == f->count);
}

static enum status copy_config(struct folding *f, const struct descriptor *kind, const void *config,
                               void **copy, struct error *error)
{
    unsigned char *bytes = NULL;

    if (kind->config_size)
        PASS(arena_new(&f->folded->network.arena, &bytes, kind->config_size, 1, error));
    if (config && kind->config_size)
        memcpy(bytes, config, kind->config_size);
    *copy = bytes;
    return STATUS_OK;
}

/* A depthwise convolution of one pixel. */
static enum status pixel_config(struct folding *f, void **config, struct error *error)
{
    static const char *const ones[] = {"kernel", "stride", "dilation", "multiplier"};
    const struct descriptor *kind = &layer_depthwise.descriptor;

    PASS(copy_config(f, kind, NULL, config, error));
    for (size_t k = 0; k < sizeof ones / sizeof *ones; k++)
        *(int64_t *)setting(kind, ones[k], *config) = 1;
    *(bool *)setting(kind, "bias", *config) = true;
    return STATUS_OK;
}

static enum status add_node(struct folding *f, size_t i, struct error *error)
{
    const struct network_node *node = &f->network->nodes[i];
    struct node_spec *spec = &f->specs[f->count];

    PASS(arena_copy(&f->folded->network.arena, node->name, strlen(node->name), &spec->name, error));
    for (int k = 0; k < LAYER_MAX_INPUTS; k++)
        spec->inputs[k] = node->inputs[k] < 0 ? -1 : f->become[node->inputs[k]];
    if (is_channel_map(node)) {
        spec->layer.kind = &layer_depthwise.descriptor;
        PASS(pixel_config(f, &spec->layer.config, error));
    } else {
        spec->layer.kind = &node->layer->descriptor;
        PASS(copy_config(f, spec->layer.kind, node->config, &spec->layer.config, error));
    }
    f->become[i] = (int)f->count;
    f->from[f->count] = i;
    f->folded->stands_for[f->count++] = i;
    return STATUS_OK;
}

static enum status add_nodes(struct folding *f, struct error *error)
{
    for (size_t i = 0; i < f->network->count; i++) {
        if (!folds(f, i)) {
            PASS(add_node(f, i, error));
            continue;
        }
        int into = f->become[f->network->nodes[i].inputs[0]];
        struct component *layer = &f->specs[into].layer;
        *(bool *)setting(layer->kind, "bias", layer->config) = true;
        f->become[i] = into;
        f->folded->stands_for[into] = i;
    }
    return STATUS_OK;
}

/* Of batchnorm or scale. */
static void find_map(const struct folding *f, const struct network_node *node)
{
    size_t channels = (size_t)node->out.channels;
    struct primitive primitive = {0};

    if (node->layer == &layer_scale) {
        double factor = *(double *)setting(&layer_scale.descriptor, "factor", node->config);
        for (size_t c = 0; c < channels; c++) {
            f->map.factors[c] = factor;
            f->map.constants[c] = 0;
        }
        return;
    }
    const float *scale = f->parameters + node->parameter_offset[0];
    const float *shift = f->parameters + node->parameter_offset[1];
    const float *mean = f->statistics + node->statistics_offset, *variance = mean + channels;
    node->layer->primitive(node->config, node->in, node->out, &primitive);
    for (size_t c = 0; c < channels; c++) {
        f->map.factors[c] = (double)scale[c] / sqrt((double)variance[c] + primitive.epsilon);
        f->map.constants[c] = (double)shift[c] - f->map.factors[c] * (double)mean[c];
    }
}

/* The weights lie in blocks, each of which belongs to one channel; channels take turns. */
static void fold_into(const struct folding *f, const struct network_node *node)
{
    float *weights = f->folded->parameters + node->parameter_offset[0];
    float *bias = f->folded->parameters + node->parameter_offset[1];
    size_t size = layer_parameter_size(&node->parameters[0]);
    size_t channels = (size_t)node->out.channels, block = size / channels;

    if (kind_of(node) == PRIMITIVE_TRANSPOSED_CONV)
        block /= (size_t)node->in[0].channels;
    for (size_t i = 0; i < size; i++)
        weights[i] = (float)((double)weights[i] * f->map.factors[i / block % channels]);
    for (size_t c = 0; c < channels; c++)
        bias[c] = (float)((double)bias[c] * f->map.factors[c] + f->map.constants[c]);
}

/* Parameters as they were, those that are new 0 or 1. */
static void start_parameters(const struct folding *f, size_t at)
{
    const struct network_node *made = &f->folded->network.nodes[at];
    const struct network_node *node = &f->network->nodes[f->from[at]];
    float *parameters = f->folded->parameters;

    if (is_channel_map(node))
        for (size_t c = 0; c < (size_t)made->out.channels; c++)
            parameters[made->parameter_offset[0] + c] = 1;
    else
        for (int k = 0; k < node->parameter_count; k++)
            memcpy(parameters + made->parameter_offset[k],
                   f->parameters + node->parameter_offset[k],
                   layer_parameter_size(&node->parameters[k]) * sizeof *parameters);
}

static enum status fold_parameters(struct folding *f, struct error *error)
{
    enum status status = STATUS_OK;
    struct network *made = &f->folded->network;
    size_t most = 1;

    TRY(memory_new(&f->folded->parameters, made->parameters, sizeof(float), error));
    for (size_t at = 0; at < made->count; at++) {
        start_parameters(f, at);
        size_t channels = (size_t)made->nodes[at].out.channels;
        most = channels > most ? channels : most;
    }
    TRY(memory_new(&f->map.factors, most, sizeof(double), error));
    TRY(memory_new(&f->map.constants, most, sizeof(double), error));
    for (size_t i = 0; i < f->network->count; i++)
        if (is_channel_map(&f->network->nodes[i])) {
            find_map(f, &f->network->nodes[i]);
            fold_into(f, &made->nodes[f->become[i]]);
        }
out:
    memory_free(f->map.factors);
    memory_free(f->map.constants);
    return status;
}

enum status network_fold(struct folded_network *folded, const struct network *network,
                         const float *parameters, const float *statistics, struct error *error)
{
    enum status status = STATUS_OK;
    struct folding f = {
        .network = network, .parameters = parameters, .statistics = statistics, .folded = folded};

    memset(folded, 0, sizeof *folded);
    TRY(memory_new(&f.specs, network->count, sizeof *f.specs, error));
    TRY(memory_new(&f.from, network->count, sizeof *f.from, error));
    TRY(memory_new(&f.become, network->count, sizeof *f.become, error));
    TRY(memory_new(&f.readers, network->count, sizeof *f.readers, error));
    TRY(memory_new(&folded->stands_for, network->count, sizeof *folded->stands_for, error));
    count_readers(&f);
    TRY(add_nodes(&f, error));
    TRY(network_build(&folded->network, f.specs, f.count, network->input, network->output, error));
    TRY(fold_parameters(&f, error));
out:
    memory_free(f.specs);
    memory_free(f.from);
    memory_free(f.become);
    memory_free(f.readers);
    if (status != STATUS_OK)
        folded_network_release(folded);
    return status;
}

void folded_network_release(struct folded_network *folded)
{
    network_release(&folded->network);
    memory_free(folded->parameters);
    memory_free(folded->stands_for);
    memset(folded, 0, sizeof *folded);
}
