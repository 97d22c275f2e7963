/*
 * Each layer as ONNX operators (https://onnx.ai/onnx/operators, operator set 17). What windows and
 * activations are comes from the layer's primitive (interfaces/primitive.h).
 */
#include "export/onnx_int8.h"

#include <math.h>
#include <string.h>

static struct primitive primitive_of(const struct network_node *node)
{
    struct primitive primitive = {0};

    node->layer->primitive(node->config, node->in, node->out, &primitive);
    return primitive;
}

static struct onnx_name part_of(const struct network_node *node, const char *part)
{
    return (struct onnx_name){node->name, part};
}

/* An operator that has the node's name; the values of NODE.PART are what it reads or gives. */
static void begin(struct onnx_graph *graph, const char *operator, const struct network_node * node)
{
    onnx_begin(graph, operator, part_of(node, NULL));
}

/* The node's parameters, the first of `rank` axes, the others of one. */
static void write_parameters(struct onnx_graph *graph, const struct network_node *node, int rank)
{
    for (int k = 0; k < node->parameter_count; k++)
        if (graph->exported->quantized)
            onnx_int8_parameter(graph, node, k, k ? 1 : rank);
        else
            onnx_parameter(graph, node, k, k ? 1 : rank);
}

static void read_parameters(struct onnx_graph *graph, const struct network_node *node)
{
    for (int k = 0; k < node->parameter_count; k++)
        onnx_read(graph, part_of(node, node->parameters[k].name));
}

static void write_windows(struct onnx_graph *graph, const struct conv_geometry *g)
{
    int kernel[] = {g->kernel_height, g->kernel_width}, strides[] = {g->stride, g->stride};
    int pads[] = {g->padding, g->padding, g->padding, g->padding};

    onnx_integers(graph, "kernel_shape", kernel, 2);
    onnx_integers(graph, "strides", strides, 2);
    onnx_integers(graph, "pads", pads, 4);
}

/* The end of an operator that gives one pixel: it is flat from here on. */
static void give_pixel(struct onnx_graph *graph, const struct network_node *node, const char *part)
{
    struct onnx_name pixel = part_of(node, part);

    onnx_end(graph, pixel);
    onnx_begin(graph, "Flatten", part_of(node, "flatten"));
    onnx_read(graph, pixel);
    onnx_give(graph, node, ONNX_FLAT);
}

/* conv, depthwise, transposed_conv: the order of the weights is ONNX's, too. Of a vector they make
 * another, unless it becomes an image. */
static void convolution(struct onnx_graph *graph, const struct network_node *node,
                        const char *operator)
{
    bool flat = onnx_input(graph, node, 0).form == ONNX_FLAT && shape_plane(node->out) == 1;
    struct primitive primitive = primitive_of(node);
    int dilations[] = {primitive.geometry.dilation, primitive.geometry.dilation};
    struct onnx_name x = onnx_input_as(graph, node, 0, ONNX_IMAGE);

    write_parameters(graph, node, 4);
    begin(graph, operator, node);
    onnx_read(graph, x);
    read_parameters(graph, node);
    write_windows(graph, &primitive.geometry);
    onnx_integers(graph, "dilations", dilations, 2);
    onnx_integer(graph, "group", primitive.geometry.groups);
    if (flat)
        give_pixel(graph, node, "pixel");
    else
        onnx_give(graph, node, ONNX_IMAGE);
}

static void conv(struct onnx_graph *graph, const struct network_node *node)
{
    convolution(graph, node, "Conv");
}

static void transposed_conv(struct onnx_graph *graph, const struct network_node *node)
{
    convolution(graph, node, "ConvTranspose");
}

/* y = x W' + b */
static void dense(struct onnx_graph *graph, const struct network_node *node)
{
    struct onnx_name x = onnx_input_as(graph, node, 0, ONNX_FLAT);

    write_parameters(graph, node, 2);
    begin(graph, "Gemm", node);
    onnx_read(graph, x);
    read_parameters(graph, node);
    onnx_integer(graph, "transB", 1);
    onnx_give(graph, node, ONNX_FLAT);
}

static void begin_pooling(struct onnx_graph *graph, const struct network_node *node,
                          const char *operator)
{
    struct primitive primitive = primitive_of(node);
    struct onnx_name x = onnx_input_as(graph, node, 0, ONNX_IMAGE);

    begin(graph, operator, node);
    onnx_read(graph, x);
    write_windows(graph, &primitive.geometry);
}

static void maxpool(struct onnx_graph *graph, const struct network_node *node)
{
    begin_pooling(graph, node, "MaxPool");
    onnx_give(graph, node, ONNX_IMAGE);
}

static void avgpool(struct onnx_graph *graph, const struct network_node *node)
{
    begin_pooling(graph, node, "AveragePool");
    onnx_integer(graph, "count_include_pad", 0);
    onnx_give(graph, node, ONNX_IMAGE);
}

/* The mean leaves one pixel whatever the image's size: it is flat from here on. */
static void global_avgpool(struct onnx_graph *graph, const struct network_node *node)
{
    struct onnx_name x = onnx_input_as(graph, node, 0, ONNX_IMAGE);

    begin(graph, "GlobalAveragePool", node);
    onnx_read(graph, x);
    give_pixel(graph, node, "mean");
}

static void flatten(struct onnx_graph *graph, const struct network_node *node)
{
    struct onnx_value value = onnx_input(graph, node, 0);

    if (value.form == ONNX_FLAT) {
        onnx_give_input(graph, node);
        return;
    }
    graph->one_size = true;
    begin(graph, "Flatten", node);
    onnx_read(graph, value.name);
    onnx_give(graph, node, ONNX_FLAT);
}

static void batchnorm(struct onnx_graph *graph, const struct network_node *node)
{
    const float *statistics = graph->exported->statistics + node->statistics_offset;
    int channels = node->out.channels;
    struct onnx_value x = onnx_input(graph, node, 0);

    write_parameters(graph, node, 1);
    onnx_constant(graph, part_of(node, "mean"), &channels, 1, statistics);
    onnx_constant(graph, part_of(node, "variance"), &channels, 1, statistics + channels);
    begin(graph, "BatchNormalization", node);
    onnx_read(graph, x.name);
    read_parameters(graph, node);
    onnx_read(graph, part_of(node, "mean"));
    onnx_read(graph, part_of(node, "variance"));
    onnx_real(graph, "epsilon", primitive_of(node).epsilon);
    onnx_give(graph, node, x.form);
}

/* One operator of one value, whatever its form; attributes may follow before it is given. */
static enum onnx_form begin_unary(struct onnx_graph *graph, const struct network_node *node,
                                  const char *operator)
{
    struct onnx_value x = onnx_input(graph, node, 0);

    begin(graph, operator, node);
    onnx_read(graph, x.name);
    return x.form;
}

static void relu(struct onnx_graph *graph, const struct network_node *node)
{
    onnx_give(graph, node, begin_unary(graph, node, "Relu"));
}

static void sigmoid(struct onnx_graph *graph, const struct network_node *node)
{
    onnx_give(graph, node, begin_unary(graph, node, "Sigmoid"));
}

static void leaky_relu(struct onnx_graph *graph, const struct network_node *node)
{
    enum onnx_form form = begin_unary(graph, node, "LeakyRelu");

    onnx_real(graph, "alpha", primitive_of(node).alpha);
    onnx_give(graph, node, form);
}

static void softmax(struct onnx_graph *graph, const struct network_node *node)
{
    enum onnx_form form = begin_unary(graph, node, "Softmax");

    onnx_integer(graph, "axis", 1);
    onnx_give(graph, node, form);
}

/* a OPERATOR b, as NODE.PART. */
static struct onnx_name binary(struct onnx_graph *graph, const struct network_node *node,
                               const char *operator, const char * part, struct onnx_name a,
                               struct onnx_name b)
{
    struct onnx_name name = part_of(node, part);

    onnx_begin(graph, operator, name);
    onnx_read(graph, a);
    onnx_read(graph, b);
    onnx_end(graph, name);
    return name;
}

/* The last of several operators of a node: a OPERATOR b. */
static void give_binary(struct onnx_graph *graph, const struct network_node *node,
                        const char *operator, struct onnx_name a, struct onnx_name b,
                        enum onnx_form form)
{
    begin(graph, operator, node);
    onnx_read(graph, a);
    onnx_read(graph, b);
    onnx_give(graph, node, form);
}

static struct onnx_name scalar(struct onnx_graph *graph, const struct network_node *node,
                               const char *part, double value)
{
    struct onnx_name name = part_of(node, part);
    float rounded = (float)value;

    onnx_constant(graph, name, NULL, 0, &rounded);
    return name;
}

/* x (erf(x / sqrt(2)) + 1) / 2; the operator Gelu came with operator set 20. */
static void gelu(struct onnx_graph *graph, const struct network_node *node)
{
    struct onnx_value x = onnx_input(graph, node, 0);
    struct onnx_name root = scalar(graph, node, "sqrt_half", sqrt(0.5));
    struct onnx_name one = scalar(graph, node, "one", 1), half = scalar(graph, node, "half", 0.5);
    struct onnx_name scaled = binary(graph, node, "Mul", "scaled", x.name, root);
    struct onnx_name erf_of = part_of(node, "erf");

    onnx_begin(graph, "Erf", erf_of);
    onnx_read(graph, scaled);
    onnx_end(graph, erf_of);
    struct onnx_name sum = binary(graph, node, "Add", "erf_plus_one", erf_of, one);
    struct onnx_name twice = binary(graph, node, "Mul", "twice", x.name, sum);
    give_binary(graph, node, "Mul", twice, half, x.form);
}

/* x sigmoid(x) */
static void silu(struct onnx_graph *graph, const struct network_node *node)
{
    struct onnx_value x = onnx_input(graph, node, 0);
    struct onnx_name gate = part_of(node, "sigmoid");

    onnx_begin(graph, "Sigmoid", gate);
    onnx_read(graph, x.name);
    onnx_end(graph, gate);
    give_binary(graph, node, "Mul", x.name, gate, x.form);
}

/* A real setting of a layer, by its name in the layer's table. */
static double setting_of(const struct network_node *node, const char *name)
{
    const struct field *field = node->layer->descriptor.fields;
    double value;

    while (strcmp(field->name, name) != 0)
        field++;
    memcpy(&value, (const char *)node->config + field->offset, sizeof value);
    return value;
}

static void scale(struct onnx_graph *graph, const struct network_node *node)
{
    struct onnx_value x = onnx_input(graph, node, 0);

    give_binary(graph, node, "Mul", x.name,
                scalar(graph, node, "factor", setting_of(node, "factor")), x.form);
}

/* scale x + offset in each channel: the last axis is that of the channels, or they have three. */
static void rescale(struct onnx_graph *graph, const struct network_node *node)
{
    struct onnx_value x = onnx_input(graph, node, 0);
    struct onnx_name factors = part_of(node, node->parameters[0].name);
    int rank = x.form == ONNX_FLAT ? 1 : 3;

    onnx_parameter(graph, node, 0, rank);
    onnx_parameter(graph, node, 1, rank);
    struct onnx_name product = binary(graph, node, "Mul", "scaled", x.name, factors);
    give_binary(graph, node, "Add", product, part_of(node, node->parameters[1].name), x.form);
}

/* Two inputs in one form: flat where both are. An image beside a flat value has one pixel. */
static enum onnx_form begin_joint(struct onnx_graph *graph, const struct network_node *node,
                                  const char *operator)
{
    enum onnx_form first = onnx_input(graph, node, 0).form;
    enum onnx_form second = onnx_input(graph, node, 1).form;
    enum onnx_form form = first == second ? first : ONNX_IMAGE;
    struct onnx_name a = onnx_input_as(graph, node, 0, form);
    struct onnx_name b = onnx_input_as(graph, node, 1, form);

    graph->one_size = graph->one_size || first != second;
    begin(graph, operator, node);
    onnx_read(graph, a);
    onnx_read(graph, b);
    return form;
}

static void add(struct onnx_graph *graph, const struct network_node *node)
{
    onnx_give(graph, node, begin_joint(graph, node, "Add"));
}

static void concat(struct onnx_graph *graph, const struct network_node *node)
{
    enum onnx_form form = begin_joint(graph, node, "Concat");

    onnx_integer(graph, "axis", 1);
    onnx_give(graph, node, form);
}

/* Output pixel (i, j) is input pixel (floor(i / factor), floor(j / factor)). */
static void upsample(struct onnx_graph *graph, const struct network_node *node)
{
    static const int dims[] = {4};
    float factor = (float)(node->out.height / node->in[0].height);
    float scales[] = {1, 1, factor, factor};
    struct onnx_name x = onnx_input_as(graph, node, 0, ONNX_IMAGE);
    struct onnx_name no_region = {"", NULL};

    onnx_constant(graph, part_of(node, "scales"), dims, 1, scales);
    begin(graph, "Resize", node);
    onnx_read(graph, x);
    onnx_read(graph, no_region);
    onnx_read(graph, part_of(node, "scales"));
    onnx_word(graph, "mode", "nearest");
    onnx_word(graph, "coordinate_transformation_mode", "asymmetric");
    onnx_word(graph, "nearest_mode", "floor");
    onnx_give(graph, node, ONNX_IMAGE);
}

static const struct {
    const char *layer;
    onnx_layer_writer *write;
} rows[] = {
    {"add", add},
    {"avgpool", avgpool},
    {"batchnorm", batchnorm},
    {"concat", concat},
    {"conv", conv},
    {"dense", dense},
    {"depthwise", conv},
    {"dropout", onnx_give_input}, /* acts in training alone */
    {"flatten", flatten},
    {"gelu", gelu},
    {"global_avgpool", global_avgpool},
    {"leaky_relu", leaky_relu},
    {"maxpool", maxpool},
    {"relu", relu},
    {"rescale", rescale},
    {"scale", scale},
    {"sigmoid", sigmoid},
    {"silu", silu},
    {"softmax", softmax},
    {"transposed_conv", transposed_conv},
    {"upsample", upsample},
};

onnx_layer_writer *onnx_writer_of(const char *layer)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].layer, layer) == 0)
            return rows[i].write;
    return NULL;
}

bool onnx_has_layer(const char *name)
{
    return onnx_writer_of(name) != NULL;
}
