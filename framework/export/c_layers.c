#include "export/c_layers.h"

#include "interfaces/primitive.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FLOATS_IN_LINE = 6 };

void c_float_print(float value, struct text *text)
{
    char digits[40];

    snprintf(digits, sizeof digits, "%.9g", (double)value);
    text_append(text, "%s%sF", digits, strpbrk(digits, ".e") ? "" : ".0");
}

/* Number `i` of `count` in lines. */
static void print_item(float value, size_t i, size_t count, struct text *text)
{
    bool first = i % FLOATS_IN_LINE == 0, last = i % FLOATS_IN_LINE == FLOATS_IN_LINE - 1;

    text_append(text, "%s", first ? "    " : " ");
    c_float_print(value, text);
    text_append(text, "%s", last || i == count - 1 ? ",\n" : ",");
}

void c_floats_print(const float *values, size_t count, struct text *text)
{
    for (size_t i = 0; i < count; i++)
        print_item(values[i], i, count, text);
}

/* layerNUMBER_NAME[count] */
static size_t print_array(const struct c_node *node, const char *name, const float *values,
                          size_t count, struct text *text)
{
    text_append(text, "static const float %slayer%zu_%s[%zu] = {\n", node->prefix, node->number,
                name, count);
    c_floats_print(values, count, text);
    text_append(text, "};\n");
    return count;
}

static const float *parameter_of(const struct c_node *node, int which)
{
    return node->exported->parameters + node->node->parameter_offset[which];
}

static size_t print_parameters(const struct c_node *node, struct text *text)
{
    size_t floats = 0;

    for (int p = 0; p < node->node->parameter_count; p++) {
        const struct layer_parameter *parameter = &node->node->parameters[p];
        floats += print_array(node, parameter->name, parameter_of(node, p),
                              layer_parameter_size(parameter), text);
    }
    return floats;
}

static struct primitive primitive_of(const struct network_node *node)
{
    struct primitive primitive = {0};

    node->layer->primitive(node->config, node->in, node->out, &primitive);
    return primitive;
}

/* Slopes of batch normalisation in inference, as the layer computes them. */
static size_t batchnorm_constants(const struct c_node *node, struct text *text)
{
    size_t channels = (size_t)node->node->out.channels;
    const float *mean = node->exported->statistics + node->node->statistics_offset;
    const float *variance = mean + channels, *scale = parameter_of(node, 0);
    double epsilon = primitive_of(node->node).epsilon;

    print_array(node, "mean", mean, channels, text);
    text_append(text, "static const float %slayer%zu_slope[%zu] = {\n", node->prefix, node->number,
                channels);
    for (size_t c = 0; c < channels; c++)
        print_item((float)((double)scale[c] * (1 / sqrt((double)variance[c] + epsilon))), c,
                   channels, text);
    text_append(text, "};\n");
    print_array(node, "shift", parameter_of(node, 1), channels, text);
    return 3 * channels;
}

static void print_shape(struct shape shape, struct text *text)
{
    text_append(text, "(struct shape){%d, %d, %d}", shape.channels, shape.height, shape.width);
}

static void print_window(const struct conv_geometry *geometry, struct text *text)
{
    text_append(text, "(struct window){%d, %d, %d, %d}", geometry->kernel_height, geometry->stride,
                geometry->padding, geometry->dilation);
}

static void print_name(const struct c_node *node, const char *name, struct text *text)
{
    text_append(text, "%slayer%zu_%s", node->prefix, node->number, name);
}

/* ", NAME", each, up to NULL; then where the node writes. */
static void print_names(const struct c_node *node, const char *const *names, struct text *text)
{
    for (; *names; names++) {
        text_append(text, ", ");
        print_name(node, *names, text);
    }
    text_append(text, ", %s", node->y);
}

static void print_weights(const struct c_node *node, struct text *text)
{
    print_name(node, "weights", text);
    text_append(text, ", ");
    if (node->node->parameter_count > 1)
        print_name(node, "bias", text);
    else
        text_append(text, "NULL");
}

/* Windows of a convolution or of a pooling. */
static void windows_arguments(const struct c_node *node, struct text *text)
{
    struct primitive primitive = primitive_of(node->node);
    bool conv = primitive.kind == PRIMITIVE_CONV, weighted = node->node->parameter_count > 0;

    text_append(text, "%s, ", node->x[0]);
    print_shape(node->node->in[0], text);
    text_append(text, ", ");
    print_window(&primitive.geometry, text);
    if (conv)
        text_append(text, ", %d", primitive.geometry.groups);
    text_append(text, ",\n        ");
    if (weighted) {
        print_weights(node, text);
        text_append(text, ", ");
    }
    print_shape(node->node->out, text);
    text_append(text, ", %s", node->y);
}

static void dense_arguments(const struct c_node *node, struct text *text)
{
    text_append(text, "%s, %d, ", node->x[0], node->node->in[0].channels);
    print_weights(node, text);
    text_append(text, ", %d, %s", node->node->out.channels, node->y);
}

static void values_arguments(const struct c_node *node, struct text *text)
{
    for (int k = 0; k < node->node->layer->inputs; k++)
        text_append(text, "%s, ", node->x[k]);
    text_append(text, "%zu, %s", shape_size(node->node->out), node->y);
}

static void concat_arguments(const struct c_node *node, struct text *text)
{
    for (int k = 0; k < node->node->layer->inputs; k++)
        text_append(text, "%s, %zu, ", node->x[k], shape_size(node->node->in[k]));
    text_append(text, "%s", node->y);
}

static void factor_arguments(const struct c_node *node, float factor, struct text *text)
{
    text_append(text, "%s, %zu, ", node->x[0], shape_size(node->node->out));
    c_float_print(factor, text);
    text_append(text, ", %s", node->y);
}

static void leaky_relu_arguments(const struct c_node *node, struct text *text)
{
    factor_arguments(node, (float)primitive_of(node->node).alpha, text);
}

static void scale_arguments(const struct c_node *node, struct text *text)
{
    const struct field *field = node->node->layer->descriptor.fields;
    double factor;

    while (strcmp(field->name, "factor") != 0)
        field++;
    memcpy(&factor, (const char *)node->node->config + field->offset, sizeof factor);
    factor_arguments(node, (float)factor, text);
}

static void shape_arguments(const struct c_node *node, struct text *text)
{
    text_append(text, "%s, ", node->x[0]);
    print_shape(node->node->in[0], text);
    text_append(text, ", %s", node->y);
}

static void batchnorm_arguments(const struct c_node *node, struct text *text)
{
    text_append(text, "%s, ", node->x[0]);
    print_shape(node->node->in[0], text);
    print_names(node, (const char *const[]){"mean", "slope", "shift", NULL}, text);
}

static void rescale_arguments(const struct c_node *node, struct text *text)
{
    text_append(text, "%s, ", node->x[0]);
    print_shape(node->node->in[0], text);
    print_names(node, (const char *const[]){"scale", "offset", NULL}, text);
}

static void upsample_arguments(const struct c_node *node, struct text *text)
{
    text_append(text, "%s, ", node->x[0]);
    print_shape(node->node->in[0], text);
    text_append(text, ", %d, %s", node->node->out.height / node->node->in[0].height, node->y);
}

/* One line a row, sorted by name, as in networks/layers/layers.def. */
static const struct c_layer layers_table[] = {
    {"add", PIECE_ADD, C_VALUES_IN_PLACE, NULL, values_arguments},
    {"avgpool", PIECE_AVGPOOL, C_VALUES_NEW, NULL, windows_arguments},
    {"batchnorm", PIECE_BATCHNORM, C_VALUES_IN_PLACE, batchnorm_constants, batchnorm_arguments},
    {"concat", PIECE_CONCAT, C_VALUES_NEW, NULL, concat_arguments},
    {"conv", PIECE_CONV, C_VALUES_NEW, NULL, windows_arguments},
    {"dense", PIECE_DENSE, C_VALUES_NEW, NULL, dense_arguments},
    {"depthwise", PIECE_CONV, C_VALUES_NEW, NULL, windows_arguments},
    {"dropout", PIECE_COPY, C_VALUES_SAME, NULL, values_arguments},
    {"flatten", PIECE_COPY, C_VALUES_SAME, NULL, values_arguments},
    {"gelu", PIECE_GELU, C_VALUES_IN_PLACE, NULL, values_arguments},
    {"global_avgpool", PIECE_GLOBAL_AVGPOOL, C_VALUES_NEW, NULL, shape_arguments},
    {"leaky_relu", PIECE_LEAKY_RELU, C_VALUES_IN_PLACE, NULL, leaky_relu_arguments},
    {"maxpool", PIECE_MAXPOOL, C_VALUES_NEW, NULL, windows_arguments},
    {"relu", PIECE_RELU, C_VALUES_IN_PLACE, NULL, values_arguments},
    {"rescale", PIECE_RESCALE, C_VALUES_IN_PLACE, NULL, rescale_arguments},
    {"scale", PIECE_SCALE, C_VALUES_IN_PLACE, NULL, scale_arguments},
    {"sigmoid", PIECE_SIGMOID, C_VALUES_IN_PLACE, NULL, values_arguments},
    {"silu", PIECE_SILU, C_VALUES_IN_PLACE, NULL, values_arguments},
    {"softmax", PIECE_SOFTMAX, C_VALUES_IN_PLACE, NULL, shape_arguments},
    {"transposed_conv", PIECE_TRANSPOSED_CONV, C_VALUES_NEW, NULL, windows_arguments},
    {"upsample", PIECE_UPSAMPLE, C_VALUES_NEW, NULL, upsample_arguments},
};

const struct c_layer *c_layer_find(const char *name)
{
    for (size_t i = 0; i < sizeof layers_table / sizeof *layers_table; i++)
        if (strcmp(layers_table[i].name, name) == 0)
            return &layers_table[i];
    return NULL;
}

static const struct c_layer *layer_at(const struct c_node *node)
{
    return c_layer_find(node->node->layer->descriptor.name);
}

enum status c_layer_check(const struct c_node *node, struct error *error)
{
    if (!layer_at(node))
        return error_set(error, STATUS_UNAVAILABLE, "layer '%s' (%s) cannot be exported as C",
                         node->node->name, node->node->layer->descriptor.name);
    return STATUS_OK;
}

enum c_values c_layer_values(const struct c_node *node)
{
    return layer_at(node)->values;
}

uint64_t c_layer_pieces(const struct c_node *node)
{
    return UINT64_C(1) << layer_at(node)->piece;
}

size_t c_layer_constants(const struct c_node *node, struct text *text)
{
    const struct c_layer *layer = layer_at(node);
    size_t floats;

    if (node->node->parameter_count == 0)
        return 0;
    text_append(text, "\n");
    floats = layer->constants ? layer->constants(node, text) : print_parameters(node, text);
    return floats * sizeof(float);
}

/* Values that a band of rows x columns outputs holds; as band_of() in c_text_vectors.c. */
static size_t band_values(const struct conv_geometry *g, int channels, int taps, int rows,
                          int columns)
{
    int reach = taps > 0 ? (taps - 1) * g->dilation : 0;
    size_t values = g->stride > 1 ? (size_t)(taps * taps) * (size_t)rows * (size_t)columns
                                  : (size_t)(rows + reach) * (size_t)(columns + reach);

    return (size_t)channels * values;
}

/* All outputs where these are few, or else as many as a processor's first cache takes, but at least
 * a row as long as the longest vectors. */
size_t c_layer_band(const struct c_node *node)
{
    enum { CACHED = 4096, LONGEST = 48 };
    struct primitive primitive = {0};
    struct shape out = node->node->out;
    int channels = node->node->in[0].channels;

    if (node->node->layer->primitive)
        primitive = primitive_of(node->node);
    if (primitive.kind != PRIMITIVE_CONV && primitive.kind != PRIMITIVE_TRANSPOSED_CONV)
        return 0;
    struct conv_geometry g = primitive.geometry;
    int taps = g.kernel_height;
    if (primitive.kind == PRIMITIVE_TRANSPOSED_CONV) { /* taken apart by its stride */
        taps = (taps + g.stride - 1) / g.stride;
        out.height = (out.height + g.stride - 1) / g.stride;
        out.width = (out.width + g.stride - 1) / g.stride;
        g.stride = g.dilation = 1;
    } else {
        channels /= g.groups;
    }
    size_t all = band_values(&g, channels, taps, out.height, out.width);
    size_t least = band_values(&g, channels, taps, 1, out.width < LONGEST ? out.width : LONGEST);
    return all < CACHED ? all : least > CACHED ? least : CACHED;
}

void c_layer_call(const struct c_node *node, struct text *text)
{
    const struct c_layer *layer = layer_at(node);

    text_append(text, "    %s(", c_piece_name(layer->piece));
    layer->arguments(node, text);
    text_append(text, ");\n");
}
