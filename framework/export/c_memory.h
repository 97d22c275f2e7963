/*
 * Where the values of a network's nodes lie while exported C computes them.
 *
 * The network's input and output are the caller's. All other values share one static block: those
 * of a node are kept until its last reader has run. Layers that give one value for each value write
 * over what they read where nobody else needs it; flatten and dropout move nothing.
 */
#ifndef UNDERSTUDY_EXPORT_C_MEMORY_H
#define UNDERSTUDY_EXPORT_C_MEMORY_H

#include "graph/network.h"

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
};

/* `value_bytes`: of one value. Every layer of the network has a row in c_layers.c. */
MUST_CHECK enum status c_memory_new(struct c_memory *memory, const struct network *network,
                                    size_t value_bytes, struct error *error);
void c_memory_release(struct c_memory *memory);

#endif
