#include "graph/network.h"

#include "graph/rescale.h"

#include <math.h>
#include <string.h>

static const size_t MOST_COUNTED = (size_t)1
                                   << 36; /* values of a layer, in a network of shapes alone */

/* The shapes of a node's inputs, and the number of readers. */
static void connect_node(struct network *network, size_t i, const struct node_spec *spec)
{
    struct network_node *node = &network->nodes[i];

    for (int k = 0; k < LAYER_MAX_INPUTS; k++) {
        int from = k < node->layer->inputs ? spec->inputs[k] : -1;
        node->inputs[k] = from;
        node->in[k] = from < 0 ? network->input : network->nodes[from].out;
        if (from >= 0)
            network->nodes[from].last_use = i;
    }
}

static enum status size_check(struct shape shape, size_t most, struct error *error)
{
    size_t plane, all;

    if (!memory_multiply((size_t)shape.height, (size_t)shape.width, &plane) ||
        !memory_multiply(plane, (size_t)shape.channels, &all) || all > most)
        return error_set(error, STATUS_CONFIG, "%d x %d x %d values are too many; at most %zu",
                         shape.channels, shape.height, shape.width, most);
    return STATUS_OK;
}

enum status network_check_size(const struct network *network, struct error *error)
{
    enum status status = STATUS_OK;

    TRY(size_check(network->input, NETWORK_MOST_VALUES, error));
    for (size_t i = 0; i < network->count; i++) {
        status = size_check(network->nodes[i].out, NETWORK_MOST_VALUES, error);
        if (status != STATUS_OK)
            TRY(error_context(error, "%s", network->nodes[i].name));
    }
out:
    return status;
}

/* Offsets of parameters and statistics in the network's flat arrays. */
static void place(struct network *network, struct network_node *node)
{
    struct layer_plan plan = {0};

    if (!node->layer->plan)
        return;
    node->layer->plan(node->config, 1, node->in, node->out, NULL, &plan);
    node->parameter_count = plan.parameter_count;
    for (int k = 0; k < plan.parameter_count; k++) {
        node->parameters[k] = plan.parameters[k];
        node->parameter_offset[k] = network->parameters;
        network->parameters += layer_parameter_size(&plan.parameters[k]);
    }
    node->statistics = plan.statistics;
    node->statistics_offset = network->statistics;
    node->momentum = plan.momentum;
    network->statistics += plan.statistics;
}

static enum status node_build(struct network *network, size_t i, const struct node_spec *spec,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct network_node *node = &network->nodes[i];

    node->name = spec->name;
    node->layer = layer_of(spec->layer.kind);
    node->config = spec->layer.config;
    node->last_use = i;
    connect_node(network, i, spec);
    TRY(node->layer->shape(node->config, node->in, &node->out, error));
    TRY(size_check(node->out, MOST_COUNTED, error));
    place(network, node);
    for (int k = 0; k < node->parameter_count; k++)
        if (node->parameters[k].initial == INITIAL_WHITEN && node->inputs[0] >= 0)
            TRY(error_set(error, STATUS_CONFIG,
                          "initial 'whiten' needs a layer that reads the network's input"));
out:
    return status == STATUS_OK ? status : error_context(error, "%s", spec->name);
}

enum status network_build(struct network *network, const struct node_spec *specs, size_t count,
                          struct shape input, struct shape target, struct error *error)
{
    if (count == 0)
        return error_set(error, STATUS_CONFIG, "a network needs at least one layer");
    PASS(size_check(input, MOST_COUNTED, error));
    PASS(arena_new(&network->arena, &network->nodes, count, sizeof *network->nodes, error));
    network->count = count;
    network->input = input;
    for (size_t i = 0; i < count; i++)
        PASS(node_build(network, i, &specs[i], error));
    network->nodes[count - 1].last_use = count;
    network->output = network->nodes[count - 1].out;
    if (!shape_equal(network->output, target))
        return error_set(error, STATUS_CONFIG,
                         "the last layer, %s, gives %d x %d x %d values; expected %d x %d x %d",
                         specs[count - 1].name, network->output.channels, network->output.height,
                         network->output.width, target.channels, target.height, target.width);
    return STATUS_OK;
}

enum status network_new(struct network *network, const struct component *family, struct shape input,
                        struct answer target, struct error *error)
{
    enum status status = STATUS_OK;
    struct shape output = answer_outputs(target, input);
    struct node_spec *specs;
    size_t count;

    memset(network, 0, sizeof *network);
    TRY(family_check_sides(family, input, error));
    struct answer answer = {target.content, output.channels};
    TRY(family_expand(family, input.channels, answer, &network->arena, &specs, &count, error));
    if (target.content == CONTENT_NUMBERS || target.content == CONTENT_MAP)
        TRY(rescale_append(&network->arena, &specs, &count, error));
    status = network_build(network, specs, count, input, output, error);
    if (status != STATUS_OK)
        error_context(error, "%s", family->kind->name);
out:
    if (status != STATUS_OK)
        network_release(network);
    return status;
}

void network_release(struct network *network)
{
    arena_release(&network->arena);
    memset(network, 0, sizeof *network);
}

size_t layer_parameter_size(const struct layer_parameter *parameter)
{
    size_t size = 1;
    for (int d = 0; d < 4; d++)
        size *= (size_t)parameter->dims[d];
    return size;
}

size_t network_node_parameters(const struct network_node *node)
{
    size_t count = 0;
    for (int k = 0; k < node->parameter_count; k++)
        count += layer_parameter_size(&node->parameters[k]);
    return count;
}

/* Filter f passes channel f on, by the middle of its kernel. */
static void pass_channels(const struct layer_parameter *parameter, float *values)
{
    const int *dims = parameter->dims;
    size_t taps = (size_t)dims[2] * (size_t)dims[3], filter = (size_t)dims[1] * taps;
    size_t middle = (size_t)(dims[2] / 2) * (size_t)dims[3] + (size_t)(dims[3] / 2);

    for (size_t f = 0; f < (size_t)dims[0] && f < (size_t)dims[1]; f++) {
        memset(values + f * filter, 0, filter * sizeof *values);
        values[f * filter + f * taps + middle] = 1;
    }
}

static void fill(const struct layer_parameter *parameter, struct random_stream *stream,
                 float *values)
{
    size_t size = layer_parameter_size(parameter);
    double deviation = sqrt(2.0 / (parameter->fan_in > 0 ? parameter->fan_in : 1));

    for (size_t i = 0; i < size; i++)
        switch (parameter->initial) {
        case INITIAL_ZERO: values[i] = 0; break;
        case INITIAL_ONE: values[i] = 1; break;
        case INITIAL_HE:
        case INITIAL_DIRAC:
        case INITIAL_WHITEN: values[i] = (float)(deviation * random_normal(stream)); break;
        }
    if (parameter->initial == INITIAL_DIRAC)
        pass_channels(parameter, values);
}

void network_initialise(const struct network *network, struct random_key key, float *parameters,
                        float *statistics)
{
    for (size_t i = 0; i < network->count; i++) {
        const struct network_node *node = &network->nodes[i];
        for (int k = 0; k < node->parameter_count; k++) {
            struct random_stream stream =
                random_stream(key, RANDOM_WEIGHTS, random_index((uint32_t)i, (uint64_t)k));
            fill(&node->parameters[k], &stream, parameters + node->parameter_offset[k]);
        }
        for (size_t s = 0; s < node->statistics; s++)
            statistics[node->statistics_offset + s] = s < node->statistics / 2 ? 0 : 1;
    }
}

void network_decays(const struct network *network, uint8_t *decays)
{
    for (size_t i = 0; i < network->count; i++) {
        const struct network_node *node = &network->nodes[i];
        for (int k = 0; k < node->parameter_count; k++)
            memset(decays + node->parameter_offset[k], node->parameters[k].decay,
                   layer_parameter_size(&node->parameters[k]));
    }
}

void network_scale_gradients(const struct network *network, float *gradients)
{
    for (size_t i = 0; i < network->count; i++) {
        const struct network_node *node = &network->nodes[i];
        for (int k = 0; k < node->parameter_count; k++) {
            float rate = node->parameters[k].rate, *at = gradients + node->parameter_offset[k];
            size_t size = layer_parameter_size(&node->parameters[k]);
            for (size_t n = 0; (rate < 1 || rate > 1) && n < size; n++)
                at[n] = rate > 0 ? at[n] * rate : 0; /* 0 is 0, whatever the gradient */
        }
    }
}

/* The last node that reads the input or a node's output. */
static size_t last_reader(const struct network *network, int tensor)
{
    size_t last = 0;

    if (tensor >= 0)
        return network->nodes[tensor].last_use;
    for (size_t i = 0; i < network->count; i++)
        for (int k = 0; k < network->nodes[i].layer->inputs; k++)
            if (network->nodes[i].inputs[k] < 0)
                last = i;
    return last;
}

/* The output may lie where an input is that no later node reads. */
static bool overwrites(const struct network *network, size_t i)
{
    const struct network_node *node = &network->nodes[i];

    for (int k = 0; node->layer->in_place && k < node->layer->inputs; k++)
        if (last_reader(network, node->inputs[k]) == i &&
            shape_size(node->in[k]) == shape_size(node->out))
            return true;
    return false;
}

/* Nodes run in their order. While one runs, its output is alive, and all that it or a later one
 * reads. */
static size_t live_values(const struct network *network, size_t i)
{
    size_t live = overwrites(network, i) ? 0 : shape_size(network->nodes[i].out);

    if (last_reader(network, -1) >= i)
        live += shape_size(network->input);
    for (size_t j = 0; j < i; j++)
        if (network->nodes[j].last_use >= i)
            live += shape_size(network->nodes[j].out);
    return live;
}

struct network_work network_work(const struct network *network, struct layer_work *layers)
{
    struct network_work work = {
        .layers = layers, .count = network->count, .parameters = (double)network->parameters};

    for (size_t i = 0; i < network->count; i++) {
        const struct network_node *node = &network->nodes[i];
        memset(&layers[i], 0, sizeof layers[i]);
        layers[i].name = node->name;
        node->layer->count(node->config, node->in, node->out, &layers[i]);
        layers[i].live = (double)live_values(network, i);
        work.peak_values = layers[i].live > work.peak_values ? layers[i].live : work.peak_values;
    }
    return work;
}

struct operations network_operations(const struct network *network)
{
    struct operations sum = {0};

    for (size_t i = 0; i < network->count; i++) {
        const struct network_node *node = &network->nodes[i];
        struct layer_work work = {0};
        node->layer->count(node->config, node->in, node->out, &work);
        sum = operations_add(sum, work.operations);
    }
    return sum;
}
