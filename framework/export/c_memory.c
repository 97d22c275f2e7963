#include "export/c_memory.h"

#include "export/static_memory.h"

#include <string.h>

/* The owner of the place that node i's input k lies in. */
static size_t owner_of_input(const struct c_memory *memory, const struct network *network, size_t i,
                             int k)
{
    int from = network->nodes[i].inputs[k];

    return from < 0 ? network->count : memory->places[from].owner;
}

/* Whose place node i's values take: another node's, that of the network's input, or its own. */
static size_t choose_owner(const struct c_memory *memory, const struct network *network,
                           enum c_values values, const size_t *last, size_t i)
{
    const struct network_node *node = &network->nodes[i];
    size_t owner = owner_of_input(memory, network, i, 0);
    bool output = i == network->count - 1;

    if (values == C_VALUES_SAME && !(output && owner == network->count))
        return owner;
    for (int k = 0; values == C_VALUES_IN_PLACE && k < node->layer->inputs; k++) {
        owner = owner_of_input(memory, network, i, k);
        if (owner < network->count && last[owner] == i)
            return owner;
    }
    return i;
}

/* last[owner]: the last node that reads the owner's place; the number of nodes for the output.
 * last[network->count] is the input's. */
static void choose_owners(struct c_memory *memory, const struct network *network,
                          const enum c_values *values, size_t *last)
{
    for (size_t i = 0; i < network->count; i++) {
        size_t owner = choose_owner(memory, network, values[i], last, i);
        size_t use = network->nodes[i].last_use;
        for (int k = 0; k < network->nodes[i].layer->inputs; k++)
            if (owner_of_input(memory, network, i, k) == network->count)
                last[network->count] = i;
        memory->places[i].owner = owner;
        if (owner < network->count)
            last[owner] = use > last[owner] ? use : last[owner];
    }
}

/* The room of each owner, and blocks for what lies in the static block: the input, then the owners
 * in their order; returns their number. */
static size_t make_blocks(struct c_memory *memory, const struct network *network,
                          const size_t *last, const struct c_memory_need *need,
                          struct static_block *blocks)
{
    size_t count = 0;

    if (need->own_input)
        blocks[count++] = (struct static_block){
            .bytes = shape_size(network->input) * need->value_bytes, .last = last[network->count]};
    for (size_t i = 0; i < network->count; i++) {
        if (memory->places[i].owner != i)
            continue;
        memory->places[i].room = last[i] == network->count ? ROOM_OUTPUT : ROOM_MEMORY;
        if (memory->places[i].room == ROOM_MEMORY || need->own_output)
            blocks[count++] = (struct static_block){.bytes = shape_size(network->nodes[i].out) *
                                                             need->value_bytes,
                                                    .first = i,
                                                    .last = last[i]};
    }
    return count;
}

static void take_places(struct c_memory *memory, const struct network *network,
                        const struct c_memory_need *need, const struct static_block *blocks)
{
    if (need->own_input)
        memory->input = blocks++->offset;
    for (size_t i = 0; i < network->count; i++) {
        struct c_place *place = &memory->places[i];
        if (place->owner == network->count)
            place->room = ROOM_INPUT;
        else if (place->owner != i)
            *place = memory->places[place->owner];
        else if (place->room == ROOM_MEMORY)
            place->offset = blocks++->offset;
        else if (need->own_output)
            memory->output = blocks++->offset;
    }
}

enum status c_memory_new(struct c_memory *memory, const struct network *network,
                         const struct c_memory_need *need, struct error *error)
{
    enum status status = STATUS_OK;
    struct static_block *blocks = NULL;
    size_t *last = NULL;

    *memory = (struct c_memory){0};
    TRY(memory_new(&memory->places, network->count, sizeof *memory->places, error));
    TRY(memory_new(&blocks, network->count + 1, sizeof *blocks, error));
    TRY(memory_new(&last, network->count + 1, sizeof *last, error));
    choose_owners(memory, network, need->values, last);
    size_t count = make_blocks(memory, network, last, need, blocks);
    TRY(static_memory_place(blocks, count, need->value_bytes, &memory->bytes, error));
    take_places(memory, network, need, blocks);
out:
    memory_free(blocks);
    memory_free(last);
    if (status != STATUS_OK)
        c_memory_release(memory);
    return status;
}

void c_memory_release(struct c_memory *memory)
{
    memory_free(memory->places);
    memset(memory, 0, sizeof *memory);
}
