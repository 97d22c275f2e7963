#include "quantize/fold.h"

#include <math.h>
#include <string.h>

extern const struct layer layer_batchnorm, layer_depthwise, layer_scale;

/* What a layer does to a channel: y = factor x + constant. */
struct channel_map {
    double factor, constant;
    double inverse, mean; /* of batchnorm: factor = scale inverse */
};

struct folding {
    const struct network *network;
    struct folded_network *folded;
    struct node_spec *specs; /* [network->count], of which `count` are used */
    size_t *readers;         /* [network->count] */
    size_t count;
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
    size_t into = (size_t)f->folded->become[before];
    return has_weights(&f->network->nodes[f->folded->from[into]]) &&
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
        spec->inputs[k] = node->inputs[k] < 0 ? -1 : f->folded->become[node->inputs[k]];
    if (is_channel_map(node)) {
        spec->layer.kind = &layer_depthwise.descriptor;
        PASS(pixel_config(f, &spec->layer.config, error));
    } else {
        spec->layer.kind = &node->layer->descriptor;
        PASS(copy_config(f, spec->layer.kind, node->config, &spec->layer.config, error));
    }
    f->folded->become[i] = (int)f->count;
    f->folded->from[f->count] = i;
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
        int into = f->folded->become[f->network->nodes[i].inputs[0]];
        struct component *layer = &f->specs[into].layer;
        *(bool *)setting(layer->kind, "bias", layer->config) = true;
        f->folded->become[i] = into;
        f->folded->stands_for[into] = i;
    }
    return STATUS_OK;
}

/* Of batchnorm or scale. */
static struct channel_map map_of(const struct fold_source *s, const struct network_node *node,
                                 size_t channel)
{
    struct primitive primitive = {0};

    if (node->layer == &layer_scale)
        return (struct channel_map){
            .factor = *(double *)setting(&layer_scale.descriptor, "factor", node->config)};
    const float *scale = s->parameters + node->parameter_offset[0];
    const float *shift = s->parameters + node->parameter_offset[1];
    const float *mean = s->statistics + node->statistics_offset;
    const float *variance = mean + (size_t)node->out.channels;
    node->layer->primitive(node->config, node->in, node->out, &primitive);
    double deviation = sqrt((double)variance[channel] + primitive.epsilon);
    double factor = (double)scale[channel] / deviation;
    return (struct channel_map){.factor = factor,
                                .constant = (double)shift[channel] - factor * (double)mean[channel],
                                .inverse = 1 / deviation,
                                .mean = (double)mean[channel]};
}

/* Weights lie in blocks, each of which belongs to one channel; channels take turns. */
static size_t block_of(const struct network_node *made)
{
    size_t block = layer_parameter_size(&made->parameters[0]) / (size_t)made->out.channels;

    if (kind_of(made) == PRIMITIVE_TRANSPOSED_CONV)
        block /= (size_t)made->in[0].channels;
    return block;
}

/* Is node i of the original a map that went into the folded node `at`? */
static bool is_map_of(const struct fold_source *s, size_t i, size_t at)
{
    return (size_t)s->folded->become[i] == at && is_channel_map(&s->network->nodes[i]);
}

static void fold_into(const struct fold_source *s, const struct network_node *node,
                      const struct network_node *made, float *parameters)
{
    float *weights = parameters + made->parameter_offset[0];
    float *bias = parameters + made->parameter_offset[1];
    size_t size = layer_parameter_size(&made->parameters[0]), block = block_of(made);
    size_t channels = (size_t)made->out.channels;

    for (size_t c = 0; c < channels; c++) {
        struct channel_map map = map_of(s, node, c);
        for (size_t first = c * block; first < size; first += channels * block)
            for (size_t i = first; i < first + block; i++)
                weights[i] = (float)((double)weights[i] * map.factor);
        bias[c] = (float)((double)bias[c] * map.factor + map.constant);
    }
}

/* Parameters as they were, those that are new 0 or 1. */
static void start_parameters(const struct fold_source *s, size_t at, float *parameters)
{
    const struct network_node *made = &s->folded->network.nodes[at];
    const struct network_node *node = &s->network->nodes[s->folded->from[at]];

    for (int k = 0; k < made->parameter_count; k++) {
        float *values = parameters + made->parameter_offset[k];
        size_t size = layer_parameter_size(&made->parameters[k]);
        if (is_channel_map(node) || k >= node->parameter_count)
            for (size_t i = 0; i < size; i++)
                values[i] = k ? 0 : 1;
        else
            memcpy(values, s->parameters + node->parameter_offset[k], size * sizeof *values);
    }
}

void fold_node(const struct fold_source *source, size_t at, float *parameters)
{
    start_parameters(source, at, parameters);
    for (size_t i = source->folded->from[at]; i <= source->folded->stands_for[at]; i++)
        if (is_map_of(source, i, at))
            fold_into(source, &source->network->nodes[i], &source->folded->network.nodes[at],
                      parameters);
}

/* The maps of [first, last) one after the other, on the constant `start`. */
static struct channel_map compose(const struct fold_source *s, size_t at, size_t first, size_t last,
                                  size_t channel, double start)
{
    struct channel_map all = {.factor = 1, .constant = start};

    for (size_t i = first; i < last; i++)
        if (is_map_of(s, i, at)) {
            struct channel_map map = map_of(s, &s->network->nodes[i], channel);
            all.factor *= map.factor;
            all.constant = all.constant * map.factor + map.constant;
        }
    return all;
}

/* Of a channel's weights before any map: their gradient times `factor`, where there are some.
 * Returns the sum of gradient times weight. */
static double weights_gradient(const struct fold_source *s, size_t at, size_t channel,
                               double factor, const float *folded_gradients, float *gradients)
{
    const struct network_node *made = &s->folded->network.nodes[at];
    const struct network_node *node = &s->network->nodes[s->folded->from[at]];
    size_t size = layer_parameter_size(&made->parameters[0]), block = block_of(made);
    const float *slopes = folded_gradients + made->parameter_offset[0];
    double sum = 0;

    if (is_channel_map(node)) /* a weight of 1, which is no parameter */
        return (double)slopes[channel];
    for (size_t first = channel * block; first < size; first += (size_t)made->out.channels * block)
        for (size_t i = first; i < first + block; i++) {
            sum += (double)slopes[i] * (double)s->parameters[node->parameter_offset[0] + i];
            gradients[node->parameter_offset[0] + i] = (float)((double)slopes[i] * factor);
        }
    return sum;
}

static void channel_gradient(const struct fold_source *s, size_t at, size_t channel,
                             const float *folded_gradients, float *gradients)
{
    const struct network_node *made = &s->folded->network.nodes[at];
    size_t first = s->folded->from[at], end = s->folded->stands_for[at] + 1;
    const struct network_node *node = &s->network->nodes[first];
    bool biased = !is_channel_map(node) && node->parameter_count > 1;
    double slope = (double)folded_gradients[made->parameter_offset[1] + channel];
    double bias = biased ? (double)s->parameters[node->parameter_offset[1] + channel] : 0;
    double factor = compose(s, at, first, end, channel, bias).factor;
    double sum = weights_gradient(s, at, channel, factor, folded_gradients, gradients);

    if (biased)
        gradients[node->parameter_offset[1] + channel] = (float)(slope * factor);
    for (size_t i = first; i < end; i++) {
        const struct network_node *map = &s->network->nodes[i];
        if (!is_map_of(s, i, at) || map->layer != &layer_batchnorm)
            continue;
        struct channel_map before = compose(s, at, first, i, channel, bias);
        double after = compose(s, at, i + 1, end, channel, 0).factor;
        struct channel_map own = map_of(s, map, channel);
        double of_factor = after * (sum * before.factor + slope * before.constant);
        gradients[map->parameter_offset[1] + channel] = (float)(slope * after);
        gradients[map->parameter_offset[0] + channel] =
            (float)(own.inverse * (of_factor - slope * after * own.mean));
    }
}

void fold_gradient(const struct fold_source *source, size_t at, const float *folded_gradients,
                   float *gradients)
{
    const struct folded_network *folded = source->folded;
    const struct network_node *made = &folded->network.nodes[at];
    const struct network_node *node = &source->network->nodes[folded->from[at]];

    if (folded->stands_for[at] > folded->from[at] || is_channel_map(node)) {
        for (size_t c = 0; c < (size_t)made->out.channels; c++)
            channel_gradient(source, at, c, folded_gradients, gradients);
        return;
    }
    for (int k = 0; k < node->parameter_count; k++)
        memcpy(gradients + node->parameter_offset[k], folded_gradients + made->parameter_offset[k],
               layer_parameter_size(&node->parameters[k]) * sizeof *gradients);
}

static enum status prepare_fold(struct folding *f, struct error *error)
{
    struct folded_network *folded = f->folded;
    size_t count = f->network->count;

    PASS(memory_new(&f->specs, count, sizeof *f->specs, error));
    PASS(memory_new(&f->readers, count, sizeof *f->readers, error));
    PASS(memory_new(&folded->from, count, sizeof *folded->from, error));
    PASS(memory_new(&folded->become, count, sizeof *folded->become, error));
    return memory_new(&folded->stands_for, count, sizeof *folded->stands_for, error);
}

enum status network_fold(struct folded_network *folded, const struct network *network,
                         const float *parameters, const float *statistics, struct error *error)
{
    enum status status = STATUS_OK;
    struct folding f = {.network = network, .folded = folded};
    struct fold_source source = {folded, network, parameters, statistics};

    memset(folded, 0, sizeof *folded);
    TRY(prepare_fold(&f, error));
    count_readers(&f);
    TRY(add_nodes(&f, error));
    TRY(network_build(&folded->network, f.specs, f.count, network->input, network->output, error));
    TRY(memory_new(&folded->parameters, folded->network.parameters, sizeof(float), error));
    for (size_t at = 0; at < folded->network.count; at++)
        fold_node(&source, at, folded->parameters);
out:
    memory_free(f.specs);
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
    memory_free(folded->from);
    memory_free(folded->become);
    memset(folded, 0, sizeof *folded);
}
