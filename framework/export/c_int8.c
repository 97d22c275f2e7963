#include "export/c_int8.h"

#include <stdio.h>

enum { INTEGERS_IN_LINE = 16 };

static const struct quantized_node *made_of(const struct c_node *node)
{
    return &node->exported->quantized->nodes[node->number - 1];
}

static bool is_last(const struct c_node *node)
{
    return node->number == node->exported->quantized->count;
}

size_t c_int8_reals(const struct quantized_network *quantized)
{
    size_t most = 0;

    for (size_t i = 0; i + 1 < quantized->count; i++) {
        size_t size = shape_size(quantized_layer(quantized, i)->out);
        if (quantized->nodes[i].kind == QUANTIZED_FLOAT && size > most)
            most = size;
    }
    return most;
}

/* A layer in float32 writes over what it reads. */
static enum status check(const struct c_node *node, struct error *error)
{
    if (made_of(node)->kind != QUANTIZED_FLOAT)
        return STATUS_OK;
    PASS(c_layer_check(node, error));
    if (c_layer_values(node) != C_VALUES_IN_PLACE)
        return error_set(error, STATUS_UNAVAILABLE,
                         "layer '%s' (%s) cannot be exported as C in integers", node->node->name,
                         node->node->layer->descriptor.name);
    return STATUS_OK;
}

/* ------------------------------------------------------------------------- constants -- */

/* Number `i` of `count` in lines. */
static void print_integer(int32_t value, size_t i, size_t count, struct text *text)
{
    bool first = i % INTEGERS_IN_LINE == 0;
    bool last = i % INTEGERS_IN_LINE == INTEGERS_IN_LINE - 1 || i == count - 1;

    text_append(text, "%s%d%s", first ? "    " : " ", value, last ? ",\n" : ",");
}

static void begin_array(const struct c_node *node, const char *type, const char *name, size_t count,
                        struct text *text)
{
    text_append(text, "static const %s layer%zu_%s[%zu] = {\n", type, node->number, name, count);
}

static size_t print_int8(const struct c_node *node, const char *name, const int8_t *values,
                         size_t count, struct text *text)
{
    begin_array(node, "int8_t", name, count, text);
    for (size_t i = 0; i < count; i++)
        print_integer(values[i], i, count, text);
    text_append(text, "};\n");
    return count;
}

static size_t print_factors(const struct c_node *node, size_t count, struct text *text)
{
    const struct fixed_factor *factors = made_of(node)->factors;

    begin_array(node, "int32_t", "mantissas", count, text);
    for (size_t i = 0; i < count; i++)
        print_integer(factors[i].mantissa, i, count, text);
    text_append(text, "};\n");
    begin_array(node, "int8_t", "shifts", count, text);
    for (size_t i = 0; i < count; i++)
        print_integer(factors[i].shift, i, count, text);
    text_append(text, "};\n");
    return count * (sizeof(int32_t) + sizeof(int8_t));
}

static size_t sum_constants(const struct c_node *node, struct text *text)
{
    const struct quantized_node *made = made_of(node);
    size_t bytes = print_int8(node, "weights", made->weights, made->channels * made->row, text);

    begin_array(node, "int32_t", "biases", made->channels, text);
    for (size_t c = 0; c < made->channels; c++)
        print_integer(made->biases[c], c, made->channels, text);
    text_append(text, "};\n");
    return bytes + made->channels * sizeof(int32_t) + print_factors(node, made->channels, text);
}

static size_t add_constants(const struct c_node *node, struct text *text)
{
    return print_factors(node, 3, text);
}

static size_t concat_constants(const struct c_node *node, struct text *text)
{
    return print_factors(node, 2, text);
}

static size_t table_constants(const struct c_node *node, struct text *text)
{
    return print_int8(node, "table", made_of(node)->table, 256, text);
}

/* ------------------------------------------------------------------------- arguments -- */

static void print_shape(struct shape shape, struct text *text)
{
    text_append(text, "(struct shape){%d, %d, %d}", shape.channels, shape.height, shape.width);
}

static void print_window(const struct quantized_node *made, struct text *text)
{
    text_append(text, "(struct window){%d, %d, %d, %d}", made->kernel, made->stride, made->padding,
                made->dilation);
}

/* An integer as an argument. */
static void print_argument(int32_t value, struct text *text)
{
    text_append(text, ", %d", value);
}

static void print_channels(const struct c_node *node, struct text *text)
{
    text_append(text,
                "        (struct channels){layer%zu_weights, layer%zu_biases, layer%zu_mantissas, "
                "layer%zu_shifts},\n        ",
                node->number, node->number, node->number, node->number);
}

static void print_levels(const struct quantized_node *made, struct text *text)
{
    text_append(text, "(struct levels){%d, %d, %d}", made->in[0].zero, made->out.zero, made->low);
}

/* Convolutions and poolings. */
static void windows_arguments(const struct c_node *node, struct text *text)
{
    const struct quantized_node *made = made_of(node);

    text_append(text, "%s, ", node->x[0]);
    print_shape(node->node->in[0], text);
    text_append(text, ", ");
    print_window(made, text);
    if (made->kind == QUANTIZED_CONV)
        print_argument(made->groups, text);
    text_append(text, ",\n");
    if (made->channels)
        print_channels(node, text);
    else
        text_append(text, "        ");
    print_shape(node->node->out, text);
    text_append(text, ", ");
    if (made->channels) {
        print_levels(made, text);
        text_append(text, ", ");
    }
    text_append(text, "%s", node->y);
}

static void dense_arguments(const struct c_node *node, struct text *text)
{
    const struct quantized_node *made = made_of(node);

    text_append(text, "%s, %zu,\n", node->x[0], made->row);
    print_channels(node, text);
    text_append(text, "%zu, ", made->channels);
    print_levels(made, text);
    text_append(text, ", %s", node->y);
}

static void global_avgpool_arguments(const struct c_node *node, struct text *text)
{
    const struct quantized_node *made = made_of(node);
    struct fixed_factor factor = quantized_mean_factor(made, shape_plane(node->node->in[0]));

    text_append(text, "%s, ", node->x[0]);
    print_shape(node->node->in[0], text);
    print_argument(made->in[0].zero, text);
    print_argument(factor.mantissa, text);
    print_argument(factor.shift, text);
    print_argument(made->out.zero, text);
    text_append(text, ", %s", node->y);
}

static void upsample_arguments(const struct c_node *node, struct text *text)
{
    text_append(text, "%s, ", node->x[0]);
    print_shape(node->node->in[0], text);
    print_argument(made_of(node)->stride, text);
    text_append(text, ", %s", node->y);
}

static void print_factor_names(const struct c_node *node, struct text *text)
{
    text_append(text, ", layer%zu_mantissas, layer%zu_shifts", node->number, node->number);
}

static void add_arguments(const struct c_node *node, struct text *text)
{
    const struct quantized_node *made = made_of(node);

    text_append(text, "%s, %d, %s, %d, %zu", node->x[0], made->in[0].zero, node->x[1],
                made->in[1].zero, shape_size(node->node->out));
    print_factor_names(node, text);
    print_argument(made->out.zero, text);
    print_argument(made->low, text);
    text_append(text, ", %s", node->y);
}

static void concat_arguments(const struct c_node *node, struct text *text)
{
    const struct quantized_node *made = made_of(node);

    for (int k = 0; k < 2; k++)
        text_append(text, "%s%s, %zu, %d", k ? ", " : "", node->x[k], shape_size(node->node->in[k]),
                    made->in[k].zero);
    print_factor_names(node, text);
    print_argument(made->out.zero, text);
    text_append(text, ", %s", node->y);
}

static void table_arguments(const struct c_node *node, struct text *text)
{
    text_append(text, "%s, %zu, layer%zu_table, %s", node->x[0], shape_size(node->node->out),
                node->number, node->y);
}

static void copy_arguments(const struct c_node *node, struct text *text)
{
    text_append(text, "%s, %zu, %s", node->x[0], shape_size(node->node->out), node->y);
}

/* ----------------------------------------------------------------------------- table -- */

static const struct {
    enum c_piece piece;
    enum c_values values;
    size_t (*constants)(const struct c_node *node, struct text *text);
    void (*arguments)(const struct c_node *node, struct text *text);
} rows[QUANTIZED_KINDS] = {
    [QUANTIZED_SAME] = {PIECE_COPY_INT8, C_VALUES_SAME, NULL, copy_arguments},
    [QUANTIZED_CONV] = {PIECE_CONV_INT8, C_VALUES_NEW, sum_constants, windows_arguments},
    [QUANTIZED_TRANSPOSED_CONV] = {PIECE_TRANSPOSED_CONV_INT8, C_VALUES_NEW, sum_constants,
                                   windows_arguments},
    [QUANTIZED_DENSE] = {PIECE_DENSE_INT8, C_VALUES_NEW, sum_constants, dense_arguments},
    [QUANTIZED_MAXPOOL] = {PIECE_MAXPOOL_INT8, C_VALUES_NEW, NULL, windows_arguments},
    [QUANTIZED_AVGPOOL] = {PIECE_AVGPOOL_INT8, C_VALUES_NEW, NULL, windows_arguments},
    [QUANTIZED_GLOBAL_AVGPOOL] = {PIECE_GLOBAL_AVGPOOL_INT8, C_VALUES_NEW, NULL,
                                  global_avgpool_arguments},
    [QUANTIZED_UPSAMPLE] = {PIECE_UPSAMPLE_INT8, C_VALUES_NEW, NULL, upsample_arguments},
    [QUANTIZED_ADD] = {PIECE_ADD_INT8, C_VALUES_IN_PLACE, add_constants, add_arguments},
    [QUANTIZED_CONCAT] = {PIECE_CONCAT_INT8, C_VALUES_NEW, concat_constants, concat_arguments},
    [QUANTIZED_TABLE] = {PIECE_TABLE_INT8, C_VALUES_IN_PLACE, table_constants, table_arguments},
    [QUANTIZED_FLOAT] = {PIECE_DEQUANTIZE, C_VALUES_IN_PLACE, c_layer_constants, NULL},
};

/* Where the last layer is in float32, its values are the caller's output. */
static enum c_values values(const struct c_node *node)
{
    enum quantized_kind kind = made_of(node)->kind;

    return kind == QUANTIZED_FLOAT && is_last(node) ? C_VALUES_NEW : rows[kind].values;
}

static uint64_t pieces(const struct c_node *node)
{
    enum quantized_kind kind = made_of(node)->kind;
    uint64_t needed = UINT64_C(1) << rows[kind].piece;

    if (kind == QUANTIZED_FLOAT)
        needed |= c_layer_pieces(node) | UINT64_C(1) << PIECE_QUANTIZE;
    return needed;
}

static size_t constants(const struct c_node *node, struct text *text)
{
    enum quantized_kind kind = made_of(node)->kind;

    if (!rows[kind].constants)
        return 0;
    if (kind != QUANTIZED_FLOAT)
        text_append(text, "\n");
    return rows[kind].constants(node, text);
}

/* One call of `quantize` or `dequantize`. */
static void print_conversion(const char *function, struct quantization how, size_t count,
                             const char *from, const char *to, struct text *text)
{
    text_append(text, "    %s(%s, %zu, ", function, from, count);
    c_float_print(how.scale, text);
    text_append(text, ", %d, %s);\n", how.zero, to);
}

static void call_in_float(const struct c_node *node, struct text *text)
{
    const struct quantized_node *made = made_of(node);
    const char *reals = is_last(node) ? node->y : "reals";
    struct c_node real = *node;
    size_t count = shape_size(node->node->out);

    real.x[0] = real.y = reals;
    print_conversion("dequantize", made->in[0], count, node->x[0], reals, text);
    c_layer_call(&real, text);
    if (!is_last(node))
        print_conversion("quantize", made->out, count, reals, node->y, text);
}

static void call(const struct c_node *node, struct text *text)
{
    enum quantized_kind kind = made_of(node)->kind;

    if (kind == QUANTIZED_FLOAT) {
        call_in_float(node, text);
        return;
    }
    text_append(text, "    %s(", c_piece_name(rows[kind].piece));
    rows[kind].arguments(node, text);
    text_append(text, ");\n");
}

const struct c_numbers c_numbers_int8 = {.type = "int8_t",
                                         .bytes = sizeof(int8_t),
                                         .check = check,
                                         .values = values,
                                         .pieces = pieces,
                                         .constants = constants,
                                         .call = call};
