#include "export/onnx_graph.h"

#include "export/onnx_fields.h"

#include <stdio.h>
#include <string.h>

enum status onnx_graph_new(struct onnx_graph *graph, const struct exported_network *exported,
                           const char *output, struct error *error)
{
    bool image = content_is_spatial(exported->answer.content);
    struct onnx_name end = {output, NULL}, network = {"pipeline_network", NULL};

    *graph = (struct onnx_graph){.exported = exported,
                                 .image = {"image", NULL},
                                 .output = exported_after(exported) ? network : end,
                                 .end = end,
                                 .output_form = image ? ONNX_IMAGE : ONNX_FLAT};
    return memory_new(&graph->values, exported->network->count, sizeof *graph->values, error);
}

void onnx_graph_release(struct onnx_graph *graph)
{
    memory_free(graph->values);
    arena_release(&graph->arena);
    text_release(&graph->bytes);
    text_release(&graph->operator);
    text_release(&graph->part);
    text_release(&graph->name);
}

static void append_name(struct onnx_graph *graph, struct text *message, int field,
                        struct onnx_name name)
{
    struct text *text = &graph->name;

    text_clear(text);
    text_append(text, "%s%s%s", name.node, name.part ? "." : "", name.part ? name.part : "");
    if (text->failed)
        message->failed = true;
    else
        protobuf_text(message, field, text->bytes);
}

void onnx_begin(struct onnx_graph *graph, const char *operator, struct onnx_name name)
{
    append_name(graph, &graph->operator, NODE_NAME, name);
    protobuf_text(&graph->operator, NODE_OP_TYPE, operator);
}

void onnx_read(struct onnx_graph *graph, struct onnx_name name)
{
    append_name(graph, &graph->operator, NODE_INPUT, name);
}

static void begin_attribute(struct onnx_graph *graph, const char *attribute, int type)
{
    protobuf_text(&graph->part, ATTRIBUTE_NAME, attribute);
    protobuf_integer(&graph->part, ATTRIBUTE_TYPE, type);
}

static void end_attribute(struct onnx_graph *graph)
{
    protobuf_message(&graph->operator, NODE_ATTRIBUTE, &graph->part);
}

void onnx_integer(struct onnx_graph *graph, const char *attribute, int64_t value)
{
    begin_attribute(graph, attribute, ATTRIBUTE_INT);
    protobuf_integer(&graph->part, ATTRIBUTE_I, value);
    end_attribute(graph);
}

void onnx_integers(struct onnx_graph *graph, const char *attribute, const int *values, size_t count)
{
    begin_attribute(graph, attribute, ATTRIBUTE_INTEGERS);
    for (size_t i = 0; i < count; i++)
        protobuf_integer(&graph->part, ATTRIBUTE_INTS, values[i]);
    end_attribute(graph);
}

void onnx_real(struct onnx_graph *graph, const char *attribute, double value)
{
    begin_attribute(graph, attribute, ATTRIBUTE_FLOAT);
    protobuf_float(&graph->part, ATTRIBUTE_F, (float)value);
    end_attribute(graph);
}

void onnx_word(struct onnx_graph *graph, const char *attribute, const char *value)
{
    begin_attribute(graph, attribute, ATTRIBUTE_STRING);
    protobuf_text(&graph->part, ATTRIBUTE_S, value);
    end_attribute(graph);
}

void onnx_end(struct onnx_graph *graph, struct onnx_name output)
{
    append_name(graph, &graph->operator, NODE_OUTPUT, output);
    protobuf_message(&graph->bytes, GRAPH_NODE, &graph->operator);
}

/* The last node's value is the model's output, where it has the right form. */
void onnx_give(struct onnx_graph *graph, const struct network_node *node, enum onnx_form form)
{
    const struct network *network = graph->exported->network;
    size_t index = (size_t)(node - network->nodes);
    struct onnx_value *value = &graph->values[index];

    *value = (struct onnx_value){{node->name, "output"}, form};
    if (index + 1 == network->count && form == graph->output_form && !graph->has_levels)
        value->name = graph->output;
    onnx_end(graph, value->name);
}

void onnx_give_input(struct onnx_graph *graph, const struct network_node *node)
{
    graph->values[node - graph->exported->network->nodes] = onnx_input(graph, node, 0);
}

static void begin_tensor(struct onnx_graph *graph, struct onnx_name name, const int *dims, int rank,
                         int type)
{
    append_name(graph, &graph->part, TENSOR_NAME, name);
    for (int axis = 0; axis < rank; axis++)
        protobuf_integer(&graph->part, TENSOR_DIMS, dims[axis]);
    protobuf_integer(&graph->part, TENSOR_DATA_TYPE, type);
}

static size_t count_of(const int *dims, int rank)
{
    size_t count = 1;

    for (int axis = 0; axis < rank; axis++)
        count *= (size_t)dims[axis];
    return count;
}

void onnx_constant(struct onnx_graph *graph, struct onnx_name name, const int *dims, int rank,
                   const float *values)
{
    begin_tensor(graph, name, dims, rank, DATA_TYPE_FLOAT);
    protobuf_floats(&graph->part, TENSOR_RAW_DATA, values, count_of(dims, rank));
    protobuf_message(&graph->bytes, GRAPH_INITIALIZER, &graph->part);
}

void onnx_bytes(struct onnx_graph *graph, struct onnx_name name, const int *dims, int rank,
                const int8_t *values)
{
    begin_tensor(graph, name, dims, rank, DATA_TYPE_INT8);
    protobuf_bytes(&graph->part, TENSOR_RAW_DATA, values, count_of(dims, rank));
    protobuf_message(&graph->bytes, GRAPH_INITIALIZER, &graph->part);
}

void onnx_words(struct onnx_graph *graph, struct onnx_name name, const int *dim,
                const int32_t *values)
{
    begin_tensor(graph, name, dim, 1, DATA_TYPE_INT32);
    protobuf_words(&graph->part, TENSOR_RAW_DATA, values, (size_t)*dim);
    protobuf_message(&graph->bytes, GRAPH_INITIALIZER, &graph->part);
}

void onnx_parameter(struct onnx_graph *graph, const struct network_node *node, int k, int rank)
{
    onnx_constant(graph, (struct onnx_name){node->name, node->parameters[k].name},
                  node->parameters[k].dims, rank,
                  graph->exported->parameters + node->parameter_offset[k]);
}

struct onnx_value onnx_input(const struct onnx_graph *graph, const struct network_node *node, int k)
{
    int from = node->inputs[k];

    return from < 0 ? (struct onnx_value){graph->image, ONNX_IMAGE} : graph->values[from];
}

struct onnx_name onnx_input_as(struct onnx_graph *graph, const struct network_node *node, int k,
                               enum onnx_form form)
{
    static const char *const parts[LAYER_MAX_INPUTS] = {"input", "input2"};
    struct onnx_value value = onnx_input(graph, node, k);
    struct onnx_name to = {node->name, parts[k]};

    if (value.form == form)
        return value.name;
    onnx_reform(graph, value, to);
    return to;
}

void onnx_indices(struct onnx_graph *graph, struct onnx_name name, int count, const int *values)
{
    begin_tensor(graph, name, &count, 1, DATA_TYPE_INT64);
    for (int i = 0; i < count; i++)
        protobuf_integer(&graph->part, TENSOR_INT64_DATA, values[i]);
    protobuf_message(&graph->bytes, GRAPH_INITIALIZER, &graph->part);
}

enum status onnx_step_name(struct onnx_graph *graph, const char *side, size_t number,
                           const char **name, struct error *error)
{
    char text[40];

    snprintf(text, sizeof text, "pipeline_%s%zu", side, number);
    return arena_copy(&graph->arena, text, strlen(text), name, error);
}

/* The axes of an image that a flat value has not, as an operand; written once. */
static struct onnx_name pixel_axes(struct onnx_graph *graph)
{
    static const int axes[] = {2, 3};
    struct onnx_name name = {"pixel_axes", NULL};

    if (!graph->axes_written)
        onnx_indices(graph, name, 2, axes);
    graph->axes_written = true;
    return name;
}

void onnx_reform(struct onnx_graph *graph, struct onnx_value value, struct onnx_name to)
{
    bool flat = value.form == ONNX_FLAT;
    struct onnx_name axes = flat ? pixel_axes(graph) : to;

    onnx_begin(graph, flat ? "Unsqueeze" : "Flatten", to);
    onnx_read(graph, value.name);
    if (flat)
        onnx_read(graph, axes);
    else
        graph->one_size = true;
    onnx_end(graph, to);
}
