#include "export/onnx.h"

#include "export/onnx_fields.h"
#include "export/onnx_int8.h"
#include "export/onnx_steps.h"

#include <stdio.h>

enum { IR_VERSION = 8, OPERATOR_SET = 17 };

/* What the output is, by content: its name, and what it means. */
static const struct {
    const char *name, *meaning;
} outputs[CONTENTS] = {
    [CONTENT_IMAGE] = {"answer", "the image that the network makes, in the scale of the input"},
    [CONTENT_FEATURES] = {"features", "features"},
    [CONTENT_SCORES] = {"scores", "a score for each class; the largest one's class is the answer"},
    [CONTENT_MASK] = {"class_scores",
                      "scores of the classes at each pixel; the largest one's class is the answer"},
    [CONTENT_NUMBERS] = {"numbers", "numbers in the units of the labels"},
    [CONTENT_MAP] = {"map", "numbers of each pixel in the units of the labels"},
};

static const char input_meaning[] =
    "an image as [batch, channels, height, width]: black is 0, white is 1; 8-bit values are "
    "divided by 255; colours are in the order red, green, blue";

static const char integers_meaning[] =
    "weights and values of 8 bits, biases of 32 bits, between QuantizeLinear and DequantizeLinear";

/* Of masks that stages made: they have no scores. */
static const char mask_name[] = "mask", mask_meaning[] = "the number of the class of each pixel";

const char *onnx_output_name(enum content content)
{
    return outputs[content].name;
}

/* Does a stage give class numbers, in place of the network's scores? */
static bool gives_mask(const struct exported_network *exported)
{
    return exported_after(exported) && exported_content(exported) == CONTENT_MASK;
}

static const char *meaning_of(const struct exported_network *exported)
{
    return gives_mask(exported) ? mask_meaning : outputs[exported_content(exported)].meaning;
}

static enum status write_before(struct onnx_graph *graph, struct error *error)
{
    const struct stage_graph *before = graph->exported->before;

    if (!before)
        return STATUS_OK;
    return onnx_steps(graph, before, "before", graph->image, (struct onnx_name){NULL, NULL},
                      &graph->image, error);
}

static enum status write_after(struct onnx_graph *graph, struct error *error)
{
    struct onnx_name end;

    if (!exported_after(graph->exported))
        return STATUS_OK;
    return onnx_steps(graph, graph->exported->after, "after", graph->output, graph->end, &end,
                      error);
}

static enum status write_layers(struct onnx_graph *graph, struct error *error)
{
    const struct network *network = graph->exported->network;
    bool integers = graph->exported->quantized != NULL;

    if (integers)
        onnx_int8_image(graph);
    for (size_t i = 0; i < network->count; i++) {
        const struct network_node *node = &network->nodes[i];
        const char *layer = node->layer->descriptor.name;
        onnx_layer_writer *write = onnx_writer_of(layer);
        if (!write)
            return error_set(error, STATUS_UNAVAILABLE,
                             "%s: the layer '%s' cannot be exported to ONNX", node->name, layer);
        graph->has_levels = integers && onnx_int8_has_levels(graph, i);
        write(graph, node);
        if (graph->has_levels)
            onnx_int8_value(graph, i);
    }
    return STATUS_OK;
}

/* The last node's value under the output's name, where it does not have it yet. */
static void finish_output(struct onnx_graph *graph)
{
    struct onnx_value last = graph->values[graph->exported->network->count - 1];

    if (last.name.node == graph->output.node)
        return;
    if (last.form != graph->output_form) {
        graph->one_size = true; /* the answer to one pixel, or a single answer */
        onnx_reform(graph, last, graph->output);
        return;
    }
    onnx_begin(graph, "Identity", graph->output);
    onnx_read(graph, last.name);
    onnx_end(graph, graph->output);
}

static void append_axis(struct text *shape, struct text *axis, int size, const char *any)
{
    if (any)
        protobuf_text(axis, DIM_PARAM, any);
    else
        protobuf_integer(axis, DIM_VALUE, size);
    protobuf_message(shape, SHAPE_DIM, axis);
}

/* The TypeProto of float32 values; `sides` are the names of height and width, where they may have
 * any size. */
static void append_type(struct text *info, struct shape shape, enum onnx_form form,
                        const char *const *sides)
{
    struct text axis = {0}, axes = {0}, tensor = {0}, type = {0};

    append_axis(&axes, &axis, 0, "batch");
    append_axis(&axes, &axis, shape.channels, NULL);
    if (form == ONNX_IMAGE) {
        append_axis(&axes, &axis, shape.height, sides ? sides[0] : NULL);
        append_axis(&axes, &axis, shape.width, sides ? sides[1] : NULL);
    }
    protobuf_integer(&tensor, TYPE_ELEMENT, DATA_TYPE_FLOAT);
    protobuf_message(&tensor, TYPE_SHAPE, &axes);
    protobuf_message(&type, TYPE_TENSOR, &tensor);
    protobuf_message(info, INFO_TYPE, &type);
    text_release(&axis);
    text_release(&axes);
    text_release(&tensor);
    text_release(&type);
}

/* Graph's name, input and output. */
static void write_ends(struct onnx_graph *graph)
{
    static const char *const sides[] = {"height", "width"};
    static const char *const other_sides[] = {"output_height", "output_width"};
    const struct exported_network *exported = graph->exported;
    struct shape in = exported_input(exported), out = exported_output(exported);
    bool same = in.height == out.height && in.width == out.width;
    struct text info = {0};

    protobuf_text(&graph->bytes, GRAPH_NAME, graph->exported->name);
    protobuf_text(&info, INFO_NAME, "image");
    append_type(&info, in, ONNX_IMAGE, graph->one_size ? NULL : sides);
    protobuf_text(&info, INFO_DOC_STRING, input_meaning);
    protobuf_message(&graph->bytes, GRAPH_INPUT, &info);
    protobuf_text(&info, INFO_NAME, graph->end.node);
    append_type(&info, out, graph->output_form,
                graph->one_size ? NULL
                : same          ? sides
                                : other_sides);
    protobuf_text(&info, INFO_DOC_STRING, meaning_of(exported));
    protobuf_message(&graph->bytes, GRAPH_OUTPUT, &info);
    text_release(&info);
}

static void append_fact(struct text *model, const char *name, const char *value)
{
    struct text entry = {0};

    protobuf_text(&entry, ENTRY_KEY, name);
    protobuf_text(&entry, ENTRY_VALUE, value);
    protobuf_message(model, MODEL_METADATA_PROPS, &entry);
    text_release(&entry);
}

/* What the model's user has to know, then what the caller gives along. */
static enum status append_facts(const struct exported_network *exported, struct text *model,
                                struct error *error)
{
    struct shape sides = {exported->network->input.channels, 1, 1};
    struct shape in = exported_input(exported), seen = exported->network->input;
    char multiple[16];

    if (in.height == seen.height && in.width == seen.width) /* else its sides are fixed */
        PASS(family_fit(exported->family, &sides, error));
    snprintf(multiple, sizeof multiple, "%d", sides.height);
    append_fact(model, "input", input_meaning);
    append_fact(model, "output", meaning_of(exported));
    append_fact(model, "sides_multiple_of", multiple);
    if (exported->quantized)
        append_fact(model, "integers", integers_meaning);
    for (size_t i = 0; i < exported->fact_count; i++)
        append_fact(model, exported->facts[i].name, exported->facts[i].value);
    return STATUS_OK;
}

static void append_operator_set(struct text *model)
{
    struct text set = {0};

    protobuf_integer(&set, OPSET_VERSION, OPERATOR_SET);
    protobuf_message(model, MODEL_OPSET_IMPORT, &set);
    text_release(&set);
}

enum status export_onnx(const struct exported_network *exported, struct text *model,
                        struct error *error)
{
    enum status status = STATUS_OK;
    struct exported_network written;
    struct onnx_graph graph = {0};

    TRY(exported_written(exported, &written, error));
    const char *output = onnx_output_name(exported_content(exported));
    TRY(onnx_graph_new(&graph, &written, gives_mask(exported) ? mask_name : output, error));
    TRY(write_before(&graph, error));
    TRY(write_layers(&graph, error));
    finish_output(&graph);
    TRY(write_after(&graph, error));
    write_ends(&graph);
    protobuf_integer(model, MODEL_IR_VERSION, IR_VERSION);
    protobuf_text(model, MODEL_PRODUCER_NAME, "understudy");
    append_operator_set(model);
    TRY(append_facts(exported, model, error));
    protobuf_message(model, MODEL_GRAPH, &graph.bytes);
    TRY(text_status(model, error));
    if (model->length > INT32_MAX)
        TRY(error_set(error, STATUS_UNAVAILABLE,
                      "an ONNX file has at most 2 GiB; this network takes %zu bytes",
                      model->length));
out:
    onnx_graph_release(&graph);
    return status;
}
