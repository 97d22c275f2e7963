#include "quantize/quantized.h"

#include "quantize/quantized_layers.h"

#include <string.h>

struct fixed_factor quantized_mean_factor(const struct quantized_node *node, size_t pixels)
{
    return fixed_factor_of((double)node->in[0].scale / ((double)node->out.scale * (double)pixels));
}

bool quantized_ends_in_float(const struct quantized_network *quantized)
{
    return quantized->nodes[quantized->count - 1].kind == QUANTIZED_FLOAT;
}

struct quantization quantized_output(const struct quantized_network *quantized)
{
    return quantized->nodes[quantized->count - 1].out;
}

static size_t factors_of(const struct quantized_node *node)
{
    switch (node->kind) {
    case QUANTIZED_ADD: return 3;
    case QUANTIZED_CONCAT: return 2;
    case QUANTIZED_GLOBAL_AVGPOOL: return 1;
    default: return node->channels;
    }
}

size_t quantized_bytes(const struct quantized_network *quantized)
{
    size_t bytes = 0;

    for (size_t i = 0; i < quantized->count; i++) {
        const struct quantized_node *node = &quantized->nodes[i];
        bytes += node->channels * (node->row + sizeof *node->biases);
        bytes += factors_of(node) * sizeof *node->factors;
        bytes += node->kind == QUANTIZED_TABLE ? sizeof node->table : 0;
    }
    return bytes;
}

/* The relu that is all that reads node i; the number of nodes where there is none. */
static size_t find_relu(const struct network *network, size_t i)
{
    size_t readers = 0, reader = network->nodes[i].last_use;

    for (size_t j = i + 1; j < network->count; j++)
        for (int k = 0; k < network->nodes[j].layer->inputs; k++)
            readers += network->nodes[j].inputs[k] == (int)i;
    return readers == 1 && reader < network->count && quantized_is_relu(&network->nodes[reader])
               ? reader
               : network->count;
}

static struct quantization quantization_at(const struct quantized_network *q, int node)
{
    return node < 0 ? q->input : q->nodes[node].out;
}

static struct quantization range_at(const struct quantized_network *q,
                                    const struct activation_ranges *ranges, size_t node)
{
    return quantization_of(ranges->nodes[q->folded.stands_for[node]]);
}

/* How its values are quantised. A relu that an earlier node does is `QUANTIZED_SAME` already. */
static enum status connect_quantized(struct quantized_network *q,
                                     const struct activation_ranges *ranges, size_t i,
                                     struct error *error)
{
    const struct network *network = &q->folded.network;
    const struct network_node *node = &network->nodes[i];
    struct quantized_node *made = &q->nodes[i];
    bool done = made->name != NULL;

    made->name = node->name;
    if (!done)
        PASS(quantized_describe(node, made, error));
    for (int k = 0; k < LAYER_MAX_INPUTS; k++) {
        made->inputs[k] = node->inputs[k];
        made->in[k] = quantization_at(q, node->inputs[k]);
    }
    made->most_weight = (1 << (ranges->weight_bits ? ranges->weight_bits - 1 : 7)) - 1;
    made->low = QUANTIZED_LOW;
    made->high = QUANTIZED_HIGH;
    made->out = quantized_keeps_range(made->kind) ? made->in[0] : range_at(q, ranges, i);
    size_t relu = quantized_is_sum(made->kind) ? find_relu(network, i) : network->count;
    if (relu < network->count) {
        q->nodes[relu] = (struct quantized_node){.name = network->nodes[relu].name};
        made->out = range_at(q, ranges, relu);
        made->low = made->out.zero;
    }
    return STATUS_OK;
}

enum status quantized_new(struct quantized_network *quantized, const struct network *network,
                          const float *parameters, const float *statistics,
                          const struct activation_ranges *ranges, struct error *error)
{
    enum status status = STATUS_OK;
    struct quantized_network *q = quantized;

    memset(q, 0, sizeof *q);
    q->input = quantization_of(ranges->input);
    q->original_nodes = network->count;
    q->original_parameters = network->parameters;
    TRY(network_fold(&q->folded, network, parameters, statistics, error));
    q->count = q->folded.network.count;
    TRY(memory_new(&q->nodes, q->count, sizeof *q->nodes, error));
    for (size_t i = 0; i < q->count; i++) {
        TRY(connect_quantized(q, ranges, i, error));
        TRY(quantized_fill(quantized_layer(q, i), q->folded.parameters, &q->nodes[i], &q->arena,
                           error));
    }
out:
    if (status != STATUS_OK)
        quantized_release(q);
    return status;
}

void quantized_release(struct quantized_network *quantized)
{
    folded_network_release(&quantized->folded);
    arena_release(&quantized->arena);
    memory_free(quantized->nodes);
    memset(quantized, 0, sizeof *quantized);
}
