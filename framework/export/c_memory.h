/*
 * Where the values of a network's nodes lie while exported C computes them.
 *
 * The network's input and output are the caller's, unless they are asked for in the static block.
 * All other values share it: those of a node are kept until its last reader has run. Layers that
 * give one value for each value write over what they read where nobody else needs it; flatten and
 * dropout move nothing.
 */
#ifndef UNDERSTUDY_EXPORT_C_MEMORY_H
#define UNDERSTUDY_EXPORT_C_MEMORY_H

#include "export/c_layers.h"

enum c_room {
    ROOM_INPUT,  /* the caller's, only read */
    ROOM_OUTPUT, /* the caller's */
    ROOM_MEMORY, /* the static block */
};

struct c_place {
    enum c_room room;
    size_t offset; /* bytes within the static block */
    size_t owner;  /* the node whose values came to this place first; the number of nodes for
                      ROOM_INPUT */
};

struct c_memory {
    struct c_place *places; /* [network->count] */
    size_t bytes;           /* of the static block */
    size_t input, output;   /* bytes within the static block, where they have a place there */
};

struct c_memory_need {
    size_t value_bytes;          /* of one value */
    const enum c_values *values; /* [network->count] */
    bool own_input, own_output;  /* a place in the static block for what ROOM_INPUT, ROOM_OUTPUT
                                    stand for */
};

MUST_CHECK enum status c_memory_new(struct c_memory *memory, const struct network *network,
                                    const struct c_memory_need *need, struct error *error);
void c_memory_release(struct c_memory *memory);

#endif
