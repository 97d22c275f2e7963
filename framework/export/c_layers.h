/* How each kind of layer is written as C. */
#ifndef UNDERSTUDY_EXPORT_C_LAYERS_H
#define UNDERSTUDY_EXPORT_C_LAYERS_H

#include "export/c_pieces.h"
#include "export/exported.h"

/* Where a layer's values go. */
enum c_values {
    C_VALUES_NEW,      /* into a place of their own */
    C_VALUES_IN_PLACE, /* they may replace those of an input */
    C_VALUES_SAME,     /* they are those of the input: nothing is computed */
};

/* A node on its way into the text. */
struct c_node {
    const struct exported_network *exported;
    const struct network_node *node;
    const char *prefix;              /* its arrays are called PREFIXlayerNUMBER_… */
    size_t number;                   /* from 1 */
    const char *x[LAYER_MAX_INPUTS]; /* expressions: where it reads and writes */
    const char *y;
};

struct c_layer {
    const char *name; /* the layer's */
    enum c_piece piece;
    enum c_values values;
    /* Its arrays of constants, and how many floats these have; NULL: its parameters as they are. */
    size_t (*constants)(const struct c_node *node, struct text *text);
    /* The arguments of the call. */
    void (*arguments)(const struct c_node *node, struct text *text);
};

/* NULL where there is no such row. */
const struct c_layer *c_layer_find(const char *name);

/* STATUS_UNAVAILABLE where the node's layer has no row. */
enum status c_layer_check(const struct c_node *node, struct error *error);
enum c_values c_layer_values(const struct c_node *node);
uint64_t c_layer_pieces(const struct c_node *node);
/* The node's arrays of constants, each with a line before it; returns their bytes. */
size_t c_layer_constants(const struct c_node *node, struct text *text);
/* How many values its bands of images may have, as far as vectors are used; 0: it has none. */
size_t c_layer_band(const struct c_node *node);
/* The statement that computes it, in a function's body. */
void c_layer_call(const struct c_node *node, struct text *text);

/* A float as a constant that reads back as the same bits. */
void c_float_print(float value, struct text *text);
/* `count` of them in lines, each of which begins with four blanks. */
void c_floats_print(const float *values, size_t count, struct text *text);

#endif
