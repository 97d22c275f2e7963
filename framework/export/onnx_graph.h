/*
 * A graph of ONNX operators while it is being written. Private to framework/export/.
 *
 * Of the two forms in which a value travels, images have four axes [batch, channels, height, width]
 * and flat values two, [batch, channels]. A layer asks for the form that its operator takes.
 */
#ifndef UNDERSTUDY_EXPORT_ONNX_GRAPH_H
#define UNDERSTUDY_EXPORT_ONNX_GRAPH_H

#include "export/onnx.h"
#include "export/protobuf.h"

struct onnx_name { /* "NODE.PART", or "NODE" alone where `part` is NULL */
    const char *node, *part;
};

enum onnx_form { ONNX_IMAGE, ONNX_FLAT };

struct onnx_value { /* what a node of the network gives */
    struct onnx_name name;
    enum onnx_form form;
};

struct onnx_graph {
    const struct exported_network *exported;
    struct onnx_name image;     /* what layers read that read the input */
    struct onnx_name output;    /* of the network */
    enum onnx_form output_form; /* that it has to have */
    struct onnx_name end;       /* of the model: what stages after the network make of that */
    struct text bytes;          /* the GraphProto so far: operators and initializers */
    struct onnx_value *values;  /* [network->count] */
    bool has_levels;   /* the node that is being written: integers come after its operators */
    bool one_size;     /* of images: a layer takes their pixels as a vector of a fixed length */
    bool axes_written; /* the constant that Unsqueeze reads */
    struct text operator, part, name; /* messages within it, and a name */
    struct arena arena;               /* names of steps */
};

MUST_CHECK enum status onnx_graph_new(struct onnx_graph *graph,
                                      const struct exported_network *exported, const char *output,
                                      struct error *error);
void onnx_graph_release(struct onnx_graph *graph);

/*
 * An operator: onnx_begin(), then its inputs in their order, its attributes, and onnx_end() with
 * its output. onnx_give() is the same as onnx_end() for the operator that gives the node's value.
 */
void onnx_begin(struct onnx_graph *graph, const char *operator, struct onnx_name name);
void onnx_read(struct onnx_graph *graph, struct onnx_name name);
void onnx_integer(struct onnx_graph *graph, const char *attribute, int64_t value);
void onnx_integers(struct onnx_graph *graph, const char *attribute, const int *values,
                   size_t count);
void onnx_real(struct onnx_graph *graph, const char *attribute, double value);
void onnx_word(struct onnx_graph *graph, const char *attribute, const char *value);
void onnx_end(struct onnx_graph *graph, struct onnx_name output);
void onnx_give(struct onnx_graph *graph, const struct network_node *node, enum onnx_form form);
/* The node's value is its input: nothing is computed. */
void onnx_give_input(struct onnx_graph *graph, const struct network_node *node);

/* A constant of `rank` axes. */
void onnx_constant(struct onnx_graph *graph, struct onnx_name name, const int *dims, int rank,
                   const float *values);
/* The same of 8-bit integers, and, with one axis, of 32-bit integers. */
void onnx_bytes(struct onnx_graph *graph, struct onnx_name name, const int *dims, int rank,
                const int8_t *values);
void onnx_words(struct onnx_graph *graph, struct onnx_name name, const int *dim,
                const int32_t *values);
/* Integers of 64 bits, with one axis. */
void onnx_indices(struct onnx_graph *graph, struct onnx_name name, int count, const int *values);
/* Parameter k of the node, of as many axes. */
void onnx_parameter(struct onnx_graph *graph, const struct network_node *node, int k, int rank);

/* The k-th input of the node, as it comes … */
struct onnx_value onnx_input(const struct onnx_graph *graph, const struct network_node *node,
                             int k);
/* … and in the form asked for, after an operator that changes it where that is needed. */
struct onnx_name onnx_input_as(struct onnx_graph *graph, const struct network_node *node, int k,
                               enum onnx_form form);
/* An operator that brings a value into another form. */
void onnx_reform(struct onnx_graph *graph, struct onnx_value value, struct onnx_name to);

/* "pipeline_SIDE1" …, which lives as long as the graph. */
MUST_CHECK enum status onnx_step_name(struct onnx_graph *graph, const char *side, size_t number,
                                      const char **name, struct error *error);

/* Write the operators of a node. */
typedef void onnx_layer_writer(struct onnx_graph *graph, const struct network_node *node);
/* By a layer's name; NULL: none. */
onnx_layer_writer *onnx_writer_of(const char *layer);

#endif
