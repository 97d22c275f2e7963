#include "quantize/quantized_layers.h"

#include "quantize/products.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

extern const struct layer layer_flatten, layer_dropout, layer_global_avgpool, layer_softmax;

enum { ADD_SHIFT = 20 };

static void describe_primitive(const struct network_node *node, struct primitive *primitive)
{
    *primitive = (struct primitive){0};
    if (node->layer->primitive)
        node->layer->primitive(node->config, node->in, node->out, primitive);
}

bool quantized_is_relu(const struct network_node *node)
{
    struct primitive primitive;

    describe_primitive(node, &primitive);
    return primitive.kind == PRIMITIVE_ELEMENTWISE && primitive.activation == ACTIVATION_RELU;
}

bool quantized_is_sum(enum quantized_kind kind)
{
    return kind == QUANTIZED_CONV || kind == QUANTIZED_TRANSPOSED_CONV || kind == QUANTIZED_DENSE ||
           kind == QUANTIZED_ADD;
}

bool quantized_keeps_range(enum quantized_kind kind)
{
    return kind == QUANTIZED_SAME || kind == QUANTIZED_MAXPOOL || kind == QUANTIZED_AVGPOOL ||
           kind == QUANTIZED_UPSAMPLE;
}

/* QUANTIZED_KINDS where there is none. */
static enum quantized_kind kind_of(const struct network_node *node, enum primitive_kind primitive)
{
    if (node->layer == &layer_global_avgpool) /* whose primitive is an average pooling, too */
        return QUANTIZED_GLOBAL_AVGPOOL;
    switch (primitive) {
    case PRIMITIVE_CONV: return QUANTIZED_CONV;
    case PRIMITIVE_TRANSPOSED_CONV: return QUANTIZED_TRANSPOSED_CONV;
    case PRIMITIVE_DENSE: return QUANTIZED_DENSE;
    case PRIMITIVE_MAXPOOL: return QUANTIZED_MAXPOOL;
    case PRIMITIVE_AVGPOOL: return QUANTIZED_AVGPOOL;
    case PRIMITIVE_ELEMENTWISE: return QUANTIZED_TABLE;
    case PRIMITIVE_UPSAMPLE: return QUANTIZED_UPSAMPLE;
    case PRIMITIVE_ADD: return QUANTIZED_ADD;
    case PRIMITIVE_CONCAT: return QUANTIZED_CONCAT;
    case PRIMITIVE_RESCALE: return QUANTIZED_FLOAT;
    case PRIMITIVE_BATCHNORM:
    case PRIMITIVE_NONE: break;
    }
    if (node->layer == &layer_flatten || node->layer == &layer_dropout)
        return QUANTIZED_SAME;
    return node->layer == &layer_softmax ? QUANTIZED_FLOAT : QUANTIZED_KINDS;
}

enum status quantized_describe(const struct network_node *node, struct quantized_node *made,
                               struct error *error)
{
    struct primitive primitive;
    const struct conv_geometry *g = &primitive.geometry;

    describe_primitive(node, &primitive);
    made->kind = kind_of(node, primitive.kind);
    if (made->kind == QUANTIZED_KINDS)
        return error_set(error, STATUS_UNAVAILABLE, "%s: the layer %s has no form in integers",
                         node->name, node->layer->descriptor.name);
    made->kernel = g->kernel_height;
    made->stride = g->stride;
    made->padding = g->padding;
    made->dilation = g->dilation;
    made->groups = g->groups;
    if (made->kind == QUANTIZED_DENSE)
        made->kernel = made->stride = made->dilation = made->groups = 1;
    if (made->kind == QUANTIZED_UPSAMPLE)
        made->kernel = made->stride = node->out.height / node->in[0].height;
    return STATUS_OK;
}

/* The arrays of a node that has weights, to be filled. */
struct integers {
    int8_t *weights;
    int16_t *wide;
    float *scales;
    int32_t *biases;
    struct fixed_factor *factors;
};

static enum status integers_new(struct quantized_node *made, struct integers *arrays,
                                struct arena *arena, struct error *error)
{
    size_t size = made->channels * made->row;

    PASS(arena_new(arena, &arrays->weights, size, sizeof *arrays->weights, error));
    PASS(arena_new(arena, &arrays->wide, made->channels * made->wide_row, sizeof *arrays->wide,
                   error));
    PASS(arena_new(arena, &arrays->scales, made->channels, sizeof *arrays->scales, error));
    PASS(arena_new(arena, &arrays->biases, made->channels, sizeof *arrays->biases, error));
    PASS(arena_new(arena, &arrays->factors, made->channels, sizeof *arrays->factors, error));
    made->weights = arrays->weights;
    made->wide_weights = arrays->wide;
    made->weight_scales = arrays->scales;
    made->biases = arrays->biases;
    made->factors = arrays->factors;
    return STATUS_OK;
}

/* A channel's weights in the order of the quantised ones, which is another for transposed
 * convolutions: there, what goes in comes first. */
struct real_row {
    const float *first;
    size_t block, step; /* `block` weights side by side, blocks `step` apart */
};

static struct real_row row_at(const struct quantized_node *made, const float *weights,
                              size_t channel)
{
    size_t taps = (size_t)made->kernel * (size_t)made->kernel;

    if (made->kind == QUANTIZED_TRANSPOSED_CONV)
        return (struct real_row){weights + channel * taps, taps, made->channels * taps};
    return (struct real_row){weights + channel * made->row, made->row, made->row};
}

static float real_weight(const struct real_row *row, size_t i)
{
    return row->first[i / row->block * row->step + i % row->block];
}

/* The scale by which the largest weight is the largest integer; 0 where all are 0. */
static float row_scale(const struct quantized_node *made, const struct real_row *row)
{
    float most = 0;

    for (size_t i = 0; i < made->row; i++) {
        float size = fabsf(real_weight(row, i));
        most = size > most ? size : most;
    }
    return most / (float)made->most_weight;
}

static int32_t row_integer(const struct quantized_node *made, const struct real_row *row, size_t i,
                           float scale)
{
    float weight = roundf(real_weight(row, i) / scale), most = (float)made->most_weight;

    return (int32_t)(weight > most ? most : weight < -most ? -most : weight);
}

static double row_bias(const struct quantized_node *made, double bias, float scale)
{
    return round(bias / ((double)made->in[0].scale * (double)scale));
}

/* False where a sum of the channel might not fit into 32 bits. */
static bool row_fits(const struct quantized_node *made, const struct real_row *row, double bias,
                     float scale)
{
    int32_t below = made->in[0].zero - QUANTIZED_LOW, above = QUANTIZED_HIGH - made->in[0].zero;
    double most = below > above ? below : above, sum = 0;

    for (size_t i = 0; i < made->row; i++)
        sum += most * abs(row_integer(made, row, i, scale));
    return fabs(row_bias(made, bias, scale)) + sum <= INT32_MAX;
}

static float choose_scale(const struct quantized_node *made, const struct real_row *row,
                          double bias)
{
    float scale = row_scale(made, row);

    if (!(scale > 0))
        scale = (float)((double)made->out.scale / (double)made->in[0].scale);
    scale = scale > FLT_MIN ? scale : FLT_MIN;
    while (!row_fits(made, row, bias, scale))
        scale *= 2;
    return scale;
}

static bool all_finite(const float *values, size_t count)
{
    bool finite = true;

    for (size_t i = 0; i < count; i++)
        finite = finite && isfinite(values[i]);
    return finite;
}

static void fill_row(const struct quantized_node *made, const struct real_row *row, double bias,
                     size_t channel, const struct integers *arrays)
{
    float scale = choose_scale(made, row, bias);
    double in = (double)made->in[0].scale, out = (double)made->out.scale;

    for (size_t i = 0; i < made->row; i++) {
        int32_t weight = row_integer(made, row, i, scale);
        arrays->weights[channel * made->row + i] = (int8_t)weight;
        arrays->wide[channel * made->wide_row + i] = (int16_t)weight;
    }
    arrays->scales[channel] = scale;
    arrays->biases[channel] = (int32_t)row_bias(made, bias, scale);
    arrays->factors[channel] = fixed_factor_of(in * (double)scale / out);
}

static double bias_at(const struct network_node *node, const float *parameters, size_t channel)
{
    return node->parameter_count > 1 ? (double)parameters[node->parameter_offset[1] + channel] : 0;
}

static enum status fill_sum(const struct network_node *node, const float *parameters,
                            struct quantized_node *made, struct arena *arena, struct error *error)
{
    const float *weights = parameters + node->parameter_offset[0];
    struct integers arrays;

    made->channels = (size_t)node->out.channels;
    made->row = layer_parameter_size(&node->parameters[0]) / made->channels;
    made->wide_row = (made->row + PRODUCT_STEP - 1) / PRODUCT_STEP * PRODUCT_STEP;
    for (int k = 0; k < node->parameter_count; k++)
        if (!all_finite(parameters + node->parameter_offset[k],
                        layer_parameter_size(&node->parameters[k])))
            return error_set(error, STATUS_DIVERGED, "%s: a parameter is not finite", node->name);
    PASS(integers_new(made, &arrays, arena, error));
    for (size_t c = 0; c < made->channels; c++) {
        struct real_row row = row_at(made, weights, c);
        fill_row(made, &row, bias_at(node, parameters, c), c, &arrays);
    }
    return STATUS_OK;
}

void quantized_round(const struct network_node *node, const struct quantized_node *made,
                     float *parameters)
{
    float *weights = parameters + node->parameter_offset[0];

    for (size_t c = 0; c < made->channels; c++) {
        struct real_row row = row_at(made, weights, c);
        float *first = weights + (row.first - weights);
        float scale = choose_scale(made, &row, bias_at(node, parameters, c));
        for (size_t i = 0; i < made->row; i++)
            first[i / row.block * row.step + i % row.block] =
                scale * (float)row_integer(made, &row, i, scale);
    }
}

static enum status fill_factors(struct quantized_node *made, struct arena *arena,
                                struct error *error)
{
    double a = (double)made->in[0].scale, b = (double)made->in[1].scale;
    double out = (double)made->out.scale, twice = 2 * (a > b ? a : b);
    struct fixed_factor *factors;

    PASS(arena_new(arena, &factors, 3, sizeof *factors, error));
    made->factors = factors;
    if (made->kind == QUANTIZED_CONCAT) {
        factors[0] = fixed_factor_of(a / out);
        factors[1] = fixed_factor_of(b / out);
        return STATUS_OK;
    }
    factors[0] = fixed_factor_of(a / twice);
    factors[1] = fixed_factor_of(b / twice);
    factors[2] = fixed_factor_of(twice / ((1 << ADD_SHIFT) * out));
    return STATUS_OK;
}

/* What the layer itself gives for each of the 256 values. */
static void fill_table(const struct network_node *node, struct quantized_node *made)
{
    struct shape shape = {1, 1, 256};
    int8_t levels[256];
    float values[256], results[256];
    struct layer_call call = {.config = node->config,
                              .batch = 1,
                              .inputs = 1,
                              .in = {shape},
                              .out = shape,
                              .x = {values},
                              .y = results};

    for (int i = 0; i < 256; i++)
        levels[i] = (int8_t)(i + QUANTIZED_LOW);
    dequantize_values(made->in[0], levels, 256, values);
    node->layer->forward(&call);
    quantize_values(made->out, results, 256, made->table);
}

enum status quantized_fill(const struct network_node *node, const float *parameters,
                           struct quantized_node *made, struct arena *arena, struct error *error)
{
    switch (made->kind) {
    case QUANTIZED_CONV:
    case QUANTIZED_TRANSPOSED_CONV:
    case QUANTIZED_DENSE: return fill_sum(node, parameters, made, arena, error);
    case QUANTIZED_ADD:
    case QUANTIZED_CONCAT: return fill_factors(made, arena, error);
    case QUANTIZED_TABLE: fill_table(node, made); return STATUS_OK;
    default: return STATUS_OK;
    }
}
