#include "quantize/rounded.h"

#include "quantize/fake_quantize.h"
#include "quantize/quantized_layers.h"

#include <stdio.h>
#include <string.h>

struct building {
    struct rounded_network *rounded;
    struct node_spec *specs; /* [2 * folded nodes] */
    int *gives;              /* [folded nodes]: the node that gives a folded node's values */
    size_t count;
};

/* Is this sum computed together with the relu that reads it? Then only the relu rounds. */
static bool is_under_relu(const struct quantized_network *q, size_t i)
{
    for (size_t j = i + 1; j < q->count; j++)
        if (q->nodes[j].kind == QUANTIZED_SAME && quantized_is_relu(quantized_layer(q, j)) &&
            q->nodes[j].inputs[0] == (int)i)
            return true;
    return false;
}

/* Are the node's values rounded, and not its input's as they are? */
static bool rounds(const struct quantized_network *q, size_t i)
{
    switch (q->nodes[i].kind) {
    case QUANTIZED_SAME: return quantized_is_relu(quantized_layer(q, i));
    case QUANTIZED_MAXPOOL:
    case QUANTIZED_UPSAMPLE: return false;
    case QUANTIZED_FLOAT: return i + 1 < q->count;
    default: return !is_under_relu(q, i);
    }
}

static enum status add_rounding(struct building *b, size_t i, struct error *error)
{
    const struct quantized_network *q = &b->rounded->quantized;
    struct arena *arena = &b->rounded->network.arena;
    struct node_spec *spec = &b->specs[b->count];
    struct quantization *how;
    char name[160];

    snprintf(name, sizeof name, "%.140s.rounded", q->nodes[i].name);
    PASS(arena_copy(arena, name, strlen(name), &spec->name, error));
    PASS(arena_new(arena, &how, 1, sizeof *how, error));
    *how = q->nodes[i].out;
    spec->layer = (struct component){.kind = &layer_fake_quantize.descriptor, .config = how};
    spec->inputs[0] = b->gives[i];
    b->gives[i] = (int)b->count++;
    return STATUS_OK;
}

static enum status add_nodes(struct building *b, struct error *error)
{
    const struct quantized_network *q = &b->rounded->quantized;

    for (size_t i = 0; i < q->count; i++) {
        const struct network_node *node = quantized_layer(q, i);
        struct node_spec *spec = &b->specs[b->count];
        *spec = (struct node_spec){
            .name = node->name,
            .layer = {.kind = &node->layer->descriptor, .config = (void *)(uintptr_t)node->config}};
        for (int k = 0; k < LAYER_MAX_INPUTS; k++)
            spec->inputs[k] = node->inputs[k] < 0 ? -1 : b->gives[node->inputs[k]];
        b->gives[i] = (int)b->count++;
        if (rounds(q, i))
            PASS(add_rounding(b, i, error));
    }
    return STATUS_OK;
}

enum status rounded_new(struct rounded_network *rounded, const struct network *network,
                        const float *parameters, const float *statistics,
                        const struct activation_ranges *ranges, struct error *error)
{
    enum status status = STATUS_OK;
    struct building b = {.rounded = rounded};

    memset(rounded, 0, sizeof *rounded);
    TRY(quantized_new(&rounded->quantized, network, parameters, statistics, ranges, error));
    TRY(memory_new(&b.specs, rounded_nodes(rounded), 2 * sizeof *b.specs, error));
    TRY(memory_new(&b.gives, rounded_nodes(rounded), sizeof *b.gives, error));
    TRY(add_nodes(&b, error));
    TRY(network_build(&rounded->network, b.specs, b.count, network->input, network->output, error));
out:
    memory_free(b.specs);
    memory_free(b.gives);
    if (status != STATUS_OK)
        rounded_release(rounded);
    return status;
}

void rounded_release(struct rounded_network *rounded)
{
    network_release(&rounded->network);
    quantized_release(&rounded->quantized);
    memset(rounded, 0, sizeof *rounded);
}

void rounded_fill(const struct rounded_network *rounded, const struct fold_source *source,
                  size_t at, float *computed)
{
    const struct quantized_network *q = &rounded->quantized;

    fold_node(source, at, computed);
    quantized_round(quantized_layer(q, at), &q->nodes[at], computed);
}

void rounded_input(const struct rounded_network *rounded, float *values, size_t count)
{
    struct shape shape = {1, 1, (int)count};
    struct layer_call call = {.config = &rounded->quantized.input,
                              .batch = 1,
                              .inputs = 1,
                              .in = {shape},
                              .out = shape,
                              .x = {values},
                              .y = values};

    layer_fake_quantize.forward(&call);
}
