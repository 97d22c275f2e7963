/*
 * Convolutions gather, for some pixels of an output row, the patches that their kernels see, as
 * 16-bit integers without the zero point, and multiply them with four filters at a time: dot
 * products of 16-bit integers, for which processors have instructions. Integers are added in any
 * order with the same sum, so the bits do not depend on the vectors.
 */
#include "quantize/kernels.h"

#include "quantize/products.h"

#include <string.h>

enum { ADD_SHIFT = 20 };

/* The integer of a real value that is `value` steps of the output's scale. */
static inline int8_t level(const struct quantized_node *node, int32_t value)
{
    int64_t wide = (int64_t)value + node->out.zero;

    return (int8_t)(wide < node->low ? node->low : wide > node->high ? node->high : wide);
}

static void put(const struct quantized_node *node, size_t channel, int32_t sum, int8_t *y)
{
    *y = level(node, fixed_multiply(sum + node->biases[channel], node->factors[channel]));
}

/* `count` pixels in the channels [from, to): y[c][pixel], planes `plane` apart. */
static void multiply_patches(const struct quantized_node *node, size_t from, size_t to,
                             const int16_t *patches, size_t count, int8_t *y, size_t plane)
{
    const struct products *products = products_best();
    int32_t sums[PRODUCT_FILTERS];
    size_t c = from, row = node->wide_row;

    for (; c + PRODUCT_FILTERS <= to; c += PRODUCT_FILTERS)
        for (size_t u = 0; u < count; u++) {
            products->four(node->wide_weights + c * row, patches + u * row, row, sums);
            for (size_t k = 0; k < PRODUCT_FILTERS; k++)
                put(node, c + k, sums[k], y + (c + k) * plane + u);
        }
    for (; c < to; c++)
        for (size_t u = 0; u < count; u++)
            put(node, c, products->one(node->wide_weights + c * row, patches + u * row, row),
                y + c * plane + u);
}

/* What an output row sees of some input channels: [channel][kernel row], each row with zeros where
 * there is no pixel: in the padding, and in transposed convolutions also between pixels, which lie
 * `stride` apart there. */
struct seen_rows {
    int16_t *values;
    size_t width, first, apart; /* pixel u is at first + u apart */
};

static bool is_transposed(const struct quantized_call *call)
{
    return call->node->kind == QUANTIZED_TRANSPOSED_CONV;
}

static struct seen_rows rows_of(const struct quantized_call *call)
{
    const struct quantized_node *node = call->node;
    size_t padding = (size_t)node->padding, reach = (size_t)node->kernel - 1;
    struct seen_rows rows = {call->scratch, (size_t)call->in[0].width + 2 * padding, padding, 1};

    if (is_transposed(call)) /* a window begins at the output pixel; what is cut off is left out */
        rows = (struct seen_rows){call->scratch, (size_t)call->out.width + reach, reach - padding,
                                  (size_t)node->stride};
    return rows;
}

/* The input row that row `i` of the kernel sees from output row `v`; -1: none. */
static int seen_row(const struct quantized_call *call, int v, int i)
{
    const struct quantized_node *node = call->node;
    int at = v * node->stride - node->padding + i * node->dilation;

    if (is_transposed(call)) {
        at = v + node->padding - i;
        at = at >= 0 && at % node->stride == 0 ? at / node->stride : -1;
    }
    return at < call->in[0].height ? at : -1;
}

/* Of the channels [from, from + count). */
static void see_rows(const struct quantized_call *call, size_t from, size_t count, int v,
                     const struct seen_rows *rows)
{
    size_t width = (size_t)call->in[0].width, plane = shape_plane(call->in[0]);
    size_t kernel = (size_t)call->node->kernel;
    int16_t zero = (int16_t)call->node->in[0].zero;

    memset(rows->values, 0, count * kernel * rows->width * sizeof *rows->values);
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < kernel; i++) {
            int at = seen_row(call, v, (int)i);
            if (at < 0)
                continue;
            const int8_t *x = call->x[0] + (from + c) * plane + (size_t)at * width;
            int16_t *to = rows->values + (c * kernel + i) * rows->width;
            size_t place = rows->first;
            for (size_t u = 0; u < width && place < rows->width; u++, place += rows->apart)
                to[place] = (int16_t)(x[u] - zero);
        }
}

/* Patches of the output pixels [first, first + count): [pixel][channel][row][column]. What is left
 * of wide_row meets weights that are 0. */
static void gather(const struct quantized_call *call, const struct seen_rows *rows, size_t first,
                   size_t count, int16_t *patches)
{
    const struct quantized_node *node = call->node;
    bool transposed = is_transposed(call); /* such kernels are read backwards */
    size_t kernel = (size_t)node->kernel, lines = node->row / kernel;
    size_t stride = transposed ? 1 : (size_t)node->stride;
    ptrdiff_t begin = transposed ? node->kernel - 1 : 0, step = transposed ? -1 : node->dilation;

    for (size_t r = 0; r < lines; r++)
        for (size_t u = 0; u < count; u++) {
            const int16_t *from = rows->values + r * rows->width + (first + u) * stride + begin;
            int16_t *to = patches + u * node->wide_row + r * kernel;
            for (size_t j = 0; j < kernel; j++)
                to[j] = from[(ptrdiff_t)j * step];
        }
}

/* Values of a group's rows; patches lie behind them. */
static size_t row_values(const struct quantized_call *call)
{
    return call->node->row * rows_of(call).width;
}

static void convolve(const struct quantized_call *call)
{
    const struct quantized_node *node = call->node;
    struct seen_rows rows = rows_of(call);
    int16_t *patches = rows.values + row_values(call);
    size_t groups = (size_t)node->groups, filters = node->channels / groups;
    size_t channels = (size_t)call->in[0].channels / groups;
    size_t width = (size_t)call->out.width, plane = shape_plane(call->out);

    for (size_t g = 0; g < groups; g++)
        for (int v = 0; v < call->out.height; v++) {
            see_rows(call, g * channels, channels, v, &rows);
            for (size_t u = 0; u < width; u += QUANTIZED_PATCHES) {
                size_t left = width - u,
                       count = left < QUANTIZED_PATCHES ? left : QUANTIZED_PATCHES;
                gather(call, &rows, u, count, patches);
                multiply_patches(node, g * filters, (g + 1) * filters, patches, count,
                                 call->y + (size_t)v * width + u, plane);
            }
        }
}

static void connect_all(const struct quantized_call *call)
{
    int16_t *x = call->scratch;
    int16_t zero = (int16_t)call->node->in[0].zero;

    for (size_t i = 0; i < call->node->row; i++)
        x[i] = (int16_t)(call->x[0][i] - zero);
    multiply_patches(call->node, 0, call->node->channels, x, 1, call->y, 1);
}

struct window_span {
    int from, to;
};

static struct window_span window(const struct quantized_node *node, int number, int size)
{
    int from = number * node->stride - node->padding, to = from + node->kernel;
    return (struct window_span){from > 0 ? from : 0, to < size ? to : size};
}

static int8_t largest(const int8_t *x, struct window_span rows, struct window_span columns,
                      size_t width)
{
    int8_t most = QUANTIZED_LOW;

    for (int i = rows.from; i < rows.to; i++)
        for (int j = columns.from; j < columns.to; j++) {
            int8_t value = x[(size_t)i * width + (size_t)j];
            most = value > most ? value : most;
        }
    return most;
}

static int8_t mean(const int8_t *x, struct window_span rows, struct window_span columns,
                   size_t width)
{
    int32_t sum = 0, count = (rows.to - rows.from) * (columns.to - columns.from);

    for (int i = rows.from; i < rows.to; i++)
        for (int j = columns.from; j < columns.to; j++)
            sum += x[(size_t)i * width + (size_t)j];
    return (int8_t)((sum < 0 ? sum - count / 2 : sum + count / 2) / count);
}

static void pool(const struct quantized_call *call)
{
    size_t width = (size_t)call->in[0].width, plane = shape_plane(call->in[0]), o = 0;
    bool means = call->node->kind == QUANTIZED_AVGPOOL;

    for (size_t c = 0; c < (size_t)call->in[0].channels; c++)
        for (int v = 0; v < call->out.height; v++)
            for (int u = 0; u < call->out.width; u++)
                call->y[o++] = (means ? mean : largest)(
                    call->x[0] + c * plane, window(call->node, v, call->in[0].height),
                    window(call->node, u, call->in[0].width), width);
}

static void pool_all(const struct quantized_call *call)
{
    const struct quantized_node *node = call->node;
    size_t plane = shape_plane(call->in[0]);
    struct fixed_factor factor = quantized_mean_factor(node, plane);

    for (size_t c = 0; c < (size_t)call->in[0].channels; c++) {
        int32_t sum = 0;
        for (size_t i = 0; i < plane; i++)
            sum += call->x[0][c * plane + i] - node->in[0].zero;
        call->y[c] = level(node, fixed_multiply(sum, factor));
    }
}

static void upsample(const struct quantized_call *call)
{
    size_t factor = (size_t)call->node->stride, width = (size_t)call->in[0].width;
    size_t rows = (size_t)call->in[0].channels * (size_t)call->in[0].height, wide = width * factor;

    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < factor; k++)
            for (size_t u = 0; u < wide; u++)
                call->y[(r * factor + k) * wide + u] = call->x[0][r * width + u / factor];
}

static void add(const struct quantized_call *call)
{
    const struct quantized_node *node = call->node;
    const struct fixed_factor *factors = node->factors;
    size_t count = shape_size(call->out);

    for (size_t i = 0; i < count; i++) {
        int32_t a = (call->x[0][i] - node->in[0].zero) * (1 << ADD_SHIFT);
        int32_t b = (call->x[1][i] - node->in[1].zero) * (1 << ADD_SHIFT);
        int32_t sum = fixed_multiply(a, factors[0]) + fixed_multiply(b, factors[1]);
        call->y[i] = level(node, fixed_multiply(sum, factors[2]));
    }
}

static void concatenate(const struct quantized_call *call)
{
    const struct quantized_node *node = call->node;
    int8_t *y = call->y;

    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < shape_size(call->in[k]); i++)
            *y++ = level(node, fixed_multiply(call->x[k][i] - node->in[k].zero, node->factors[k]));
}

static void look_up(const struct quantized_call *call)
{
    size_t count = shape_size(call->out);

    for (size_t i = 0; i < count; i++)
        call->y[i] = call->node->table[call->x[0][i] - QUANTIZED_LOW];
}

static size_t layer_scratch(const struct quantized_call *call)
{
    struct layer_plan plan = {0};

    if (call->layer->layer->plan)
        call->layer->layer->plan(call->layer->config, 1, call->in, call->out, NULL, &plan);
    return plan.scratch;
}

/* Scratch memory: the real input, the real output, the layer's own. */
static void compute_float(const struct quantized_call *call)
{
    size_t in = shape_size(call->in[0]), out = shape_size(call->out);
    float *x = call->scratch, *y = x + in;
    struct layer_call layer = {.config = call->layer->config,
                               .batch = 1,
                               .inputs = 1,
                               .in = {call->in[0]},
                               .out = call->out,
                               .x = {x},
                               .y = call->real_output ? call->real_output : y,
                               .scratch = y + out};

    for (int k = 0; k < call->layer->parameter_count; k++)
        layer.parameters[k] = call->parameters + call->layer->parameter_offset[k];
    dequantize_values(call->node->in[0], call->x[0], in, x);
    call->layer->layer->forward(&layer);
    if (!call->real_output)
        quantize_values(call->node->out, y, out, call->y);
}

size_t quantized_scratch(const struct quantized_call *call)
{
    const struct quantized_node *node = call->node;

    switch (node->kind) {
    case QUANTIZED_CONV:
    case QUANTIZED_TRANSPOSED_CONV:
        return (row_values(call) + QUANTIZED_PATCHES * node->wide_row) * sizeof(int16_t);
    case QUANTIZED_DENSE: return node->wide_row * sizeof(int16_t);
    case QUANTIZED_FLOAT:
        return (shape_size(call->in[0]) + shape_size(call->out) + layer_scratch(call)) *
               sizeof(float);
    default: return 0;
    }
}

void quantized_compute(const struct quantized_call *call)
{
    static void (*const kernels[QUANTIZED_KINDS])(const struct quantized_call *) = {
        [QUANTIZED_CONV] = convolve,       [QUANTIZED_TRANSPOSED_CONV] = convolve,
        [QUANTIZED_DENSE] = connect_all,   [QUANTIZED_MAXPOOL] = pool,
        [QUANTIZED_AVGPOOL] = pool,        [QUANTIZED_GLOBAL_AVGPOOL] = pool_all,
        [QUANTIZED_UPSAMPLE] = upsample,   [QUANTIZED_ADD] = add,
        [QUANTIZED_CONCAT] = concatenate,  [QUANTIZED_TABLE] = look_up,
        [QUANTIZED_FLOAT] = compute_float,
    };

    if (kernels[call->node->kind])
        kernels[call->node->kind](call);
}
