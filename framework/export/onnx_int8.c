#include "export/onnx_int8.h"

#include "export/onnx_fields.h"
#include "quantize/quantized_layers.h"

static const struct quantized_node *made_of(const struct onnx_graph *graph, size_t node)
{
    return &graph->exported->quantized->nodes[node];
}

static size_t index_of(const struct onnx_graph *graph, const struct network_node *node)
{
    return (size_t)(node - graph->exported->network->nodes);
}

/* VALUE → QuantizeLinear → DequantizeLinear → `real`; scale and zero point are called NODE.… */
static void write_levels(struct onnx_graph *graph, const char *node, struct onnx_name value,
                         struct quantization how, struct onnx_name real)
{
    struct onnx_name scale = {node, "value_scale"}, zero = {node, "value_zero"};
    struct onnx_name integers = {node, "integers"};
    int8_t zero_point = (int8_t)how.zero;

    onnx_constant(graph, scale, NULL, 0, &how.scale);
    onnx_bytes(graph, zero, NULL, 0, &zero_point);
    onnx_begin(graph, "QuantizeLinear", integers);
    onnx_read(graph, value);
    onnx_read(graph, scale);
    onnx_read(graph, zero);
    onnx_end(graph, integers);
    onnx_begin(graph, "DequantizeLinear", real);
    onnx_read(graph, integers);
    onnx_read(graph, scale);
    onnx_read(graph, zero);
    onnx_end(graph, real);
}

void onnx_int8_image(struct onnx_graph *graph)
{
    struct onnx_name real = {graph->image.node, "real"};

    write_levels(graph, graph->image.node, graph->image, graph->exported->quantized->input, real);
    graph->image = real;
}

/* The relu that belongs to the sum before it. */
static bool is_part_of_sum(const struct onnx_graph *graph, size_t node)
{
    return made_of(graph, node)->kind == QUANTIZED_SAME &&
           quantized_is_relu(&graph->exported->network->nodes[node]);
}

bool onnx_int8_has_levels(const struct onnx_graph *graph, size_t node)
{
    const struct network *network = graph->exported->network;
    enum quantized_kind kind = made_of(graph, node)->kind;
    size_t reader = network->nodes[node].last_use;

    if (kind == QUANTIZED_SAME)
        return is_part_of_sum(graph, node);
    if (kind == QUANTIZED_FLOAT)
        return node + 1 < network->count;
    return !(quantized_is_sum(kind) && reader != node && reader < network->count &&
             is_part_of_sum(graph, reader));
}

void onnx_int8_value(struct onnx_graph *graph, size_t node)
{
    struct onnx_value *value = &graph->values[node];
    const char *name = graph->exported->network->nodes[node].name;
    bool last = node + 1 == graph->exported->network->count;
    struct onnx_name real = {name, "real"};

    if (last && value->form == graph->output_form)
        real = graph->output;
    write_levels(graph, name, value->name, made_of(graph, node)->out, real);
    value->name = real;
}

/* DequantizeLinear with a scale for each channel. */
static void write_real(struct onnx_graph *graph, const struct onnx_name names[4], int axis)
{
    onnx_begin(graph, "DequantizeLinear", names[0]);
    for (int i = 1; i < 4 && names[i].node; i++)
        onnx_read(graph, names[i]);
    onnx_integer(graph, "axis", axis);
    onnx_end(graph, names[0]);
}

/* In the order of the layer's own weights: transposed convolutions have the channels that go in
 * first. */
static enum status order_weights(const struct quantized_node *made, int8_t **weights)
{
    size_t taps = (size_t)made->kernel * (size_t)made->kernel, size = made->channels * made->row;
    size_t inputs = made->kind == QUANTIZED_TRANSPOSED_CONV ? made->row / taps : 1;
    size_t block = made->row / inputs;

    PASS(memory_new(weights, size, sizeof **weights, NULL));
    for (size_t i = 0; i < size; i++) {
        size_t c = i / made->row, k = i % made->row / block, tap = i % block;
        (*weights)[(k * made->channels + c) * block + tap] = made->weights[i];
    }
    return STATUS_OK;
}

static void write_weights(struct onnx_graph *graph, const struct network_node *node,
                          const struct quantized_node *made, int rank)
{
    const struct onnx_name names[4] = {{node->name, "weights"},
                                       {node->name, "weights_int8"},
                                       {node->name, "weights_scale"},
                                       {node->name, "weights_zero"}};
    int channels = (int)made->channels;
    int8_t *weights = NULL, *zeros = NULL;

    if (order_weights(made, &weights) == STATUS_OK &&
        memory_new(&zeros, made->channels, sizeof *zeros, NULL) == STATUS_OK) {
        onnx_bytes(graph, names[1], node->parameters[0].dims, rank, weights);
        onnx_constant(graph, names[2], &channels, 1, made->weight_scales);
        onnx_bytes(graph, names[3], &channels, 1, zeros);
        write_real(graph, names, made->kind == QUANTIZED_TRANSPOSED_CONV);
    } else {
        graph->bytes.failed = true;
    }
    memory_free(weights);
    memory_free(zeros);
}

/* A bias is in steps of the sum: the input's times the weights'. */
static void write_biases(struct onnx_graph *graph, const struct network_node *node,
                         const struct quantized_node *made)
{
    const struct onnx_name names[4] = {
        {node->name, "bias"}, {node->name, "bias_int32"}, {node->name, "bias_scale"}};
    int channels = (int)made->channels;
    float *scales = NULL;

    if (memory_new(&scales, made->channels, sizeof *scales, NULL) != STATUS_OK) {
        graph->bytes.failed = true;
        return;
    }
    for (size_t c = 0; c < made->channels; c++)
        scales[c] = made->in[0].scale * made->weight_scales[c];
    onnx_words(graph, names[1], &channels, made->biases);
    onnx_constant(graph, names[2], &channels, 1, scales);
    write_real(graph, names, 0);
    memory_free(scales);
}

void onnx_int8_parameter(struct onnx_graph *graph, const struct network_node *node, int k, int rank)
{
    const struct quantized_node *made = made_of(graph, index_of(graph, node));

    if (!made->weights)
        onnx_parameter(graph, node, k, rank);
    else if (k == 0)
        write_weights(graph, node, made, rank);
    else
        write_biases(graph, node, made);
}
