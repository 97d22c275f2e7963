/*
 * Convolutions gather, for some pixels of an output row, the patches that their kernels see, as
 * 16-bit integers without the zero point, and multiply them with four filters at a time: dot
 * products of 16-bit integers, for which processors have instructions. Integers are added in any
 * order with the same sum, so the bits do not depend on the vectors.
 */
#include "quantize/kernels.h"

#include "base/vectors.h"

#include <string.h>

enum { FILTERS = 4 /* at a time */, ADD_SHIFT = 20 };

/* The integer of a real value that is `value` steps of the output's scale. */
static inline int8_t level(const struct quantized_node *node, int32_t value)
{
    int64_t wide = (int64_t)value + node->out.zero;

    return (int8_t)(wide < node->low ? node->low : wide > node->high ? node->high : wide);
}

/* sums[k] = of w[k][i] x[i], the rows `count` apart. */
WIDE_VECTORS static void four_products(const int16_t *w, const int16_t *x, size_t count,
                                       int32_t sums[FILTERS])
{
    const int16_t *w1 = w + count, *w2 = w1 + count, *w3 = w2 + count;
    int32_t a = 0, b = 0, c = 0, d = 0;

#pragma omp simd reduction(+ : a, b, c, d)
    for (size_t i = 0; i < count; i++) {
        a += w[i] * x[i];
        b += w1[i] * x[i];
        c += w2[i] * x[i];
        d += w3[i] * x[i];
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

WIDE_VECTORS static int32_t one_product(const int16_t *w, const int16_t *x, size_t count)
{
    int32_t sum = 0;

#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < count; i++)
        sum += w[i] * x[i];
    return sum;
}

static void put(const struct quantized_node *node, size_t channel, int32_t sum, int8_t *y)
{
    *y = level(node, fixed_multiply(sum + node->biases[channel], node->factors[channel]));
}

/* `count` pixels in the channels [from, to): y[c][pixel], planes `plane` apart. */
static void multiply_patches(const struct quantized_node *node, size_t from, size_t to,
                             const int16_t *patches, size_t count, int8_t *y, size_t plane)
{
    int32_t sums[FILTERS];
    size_t c = from;

    for (; c + FILTERS <= to; c += FILTERS)
        for (size_t u = 0; u < count; u++) {
            four_products(node->wide_weights + c * node->row, patches + u * node->row, node->row,
                          sums);
            for (size_t k = 0; k < FILTERS; k++)
                put(node, c + k, sums[k], y + (c + k) * plane + u);
        }
    for (; c < to; c++)
        for (size_t u = 0; u < count; u++)
            put(node, c,
                one_product(node->wide_weights + c * node->row, patches + u * node->row, node->row),
                y + c * plane + u);
}

/* What an output row sees of the channels [from, from + count) of the input: [channel][kernel row],
 * each row with its padding. */
struct seen_rows {
    int16_t *values;
    size_t width; /* with padding */
};

static void see_rows(const struct quantized_call *call, size_t from, size_t count, int v,
                     const struct seen_rows *rows)
{
    const struct quantized_node *node = call->node;
    size_t width = (size_t)call->in[0].width, plane = shape_plane(call->in[0]);
    size_t padding = (size_t)node->padding, kernel = (size_t)node->kernel;
    int16_t zero = (int16_t)node->in[0].zero;

    memset(rows->values, 0, count * kernel * rows->width * sizeof *rows->values);
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < kernel; i++) {
            int at = v * node->stride - node->padding + (int)i * node->dilation;
            if (at < 0 || at >= call->in[0].height)
                continue;
            const int8_t *x = call->x[0] + (from + c) * plane + (size_t)at * width;
            int16_t *to = rows->values + (c * kernel + i) * rows->width + padding;
            for (size_t u = 0; u < width; u++)
                to[u] = (int16_t)(x[u] - zero);
        }
}

/* Patches of the output pixels [first, first + count): [pixel][channel][row][column]. */
static void gather(const struct quantized_node *node, const struct seen_rows *rows, size_t first,
                   size_t count, int16_t *patches)
{
    size_t kernel = (size_t)node->kernel, lines = node->row / kernel;
    size_t stride = (size_t)node->stride, dilation = (size_t)node->dilation;

    for (size_t r = 0; r < lines; r++)
        for (size_t u = 0; u < count; u++) {
            const int16_t *from = rows->values + r * rows->width + (first + u) * stride;
            int16_t *to = patches + u * node->row + r * kernel;
            for (size_t j = 0; j < kernel; j++)
                to[j] = from[j * dilation];
        }
}

static struct seen_rows rows_of(const struct quantized_call *call)
{
    return (struct seen_rows){call->scratch,
                              (size_t)call->in[0].width + 2 * (size_t)call->node->padding};
}

/* Values of a group's rows, then its patches. */
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
                gather(node, &rows, u, count, patches);
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

/* The first input place whose tap `tap` falls into an output of `size` places, and the first behind
 * the last. */
static void tap_range(const struct quantized_node *node, int tap, int places, int size, int *first,
                      int *end)
{
    int shift = node->padding - tap; /* place p falls on p stride - shift */

    *first = shift > 0 ? (shift + node->stride - 1) / node->stride : 0;
    *end = size + shift > 0 ? (size + shift - 1) / node->stride + 1 : 0;
    *end = *end < places ? *end : places;
}

/* Add one input channel's part to the sums of an output channel. */
static void spread(const struct quantized_call *call, const int8_t *x, const int8_t *weights,
                   int32_t *sums)
{
    const struct quantized_node *node = call->node;
    int height, width, top, left;

    for (int i = 0; i < node->kernel; i++)
        for (int j = 0; j < node->kernel; j++) {
            int weight = weights[i * node->kernel + j];
            tap_range(node, i, call->in[0].height, call->out.height, &top, &height);
            tap_range(node, j, call->in[0].width, call->out.width, &left, &width);
            for (int v = top; v < height; v++) {
                const int8_t *from = x + (size_t)v * (size_t)call->in[0].width;
                int32_t *to =
                    sums + (size_t)(v * node->stride - node->padding + i) * (size_t)call->out.width;
                for (int u = left; u < width; u++)
                    to[u * node->stride - node->padding + j] +=
                        weight * (from[u] - node->in[0].zero);
            }
        }
}

static void convolve_transposed(const struct quantized_call *call)
{
    const struct quantized_node *node = call->node;
    size_t plane = shape_plane(call->out), in = shape_plane(call->in[0]);
    size_t taps = (size_t)node->kernel * (size_t)node->kernel;
    int32_t *sums = call->scratch;

    for (size_t c = 0; c < node->channels; c++) {
        memset(sums, 0, plane * sizeof *sums);
        for (size_t k = 0; k < (size_t)call->in[0].channels; k++)
            spread(call, call->x[0] + k * in, node->weights + c * node->row + k * taps, sums);
        for (size_t i = 0; i < plane; i++)
            put(node, c, sums[i], call->y + c * plane + i);
    }
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
        return (row_values(call) + QUANTIZED_PATCHES * node->row) * sizeof(int16_t);
    case QUANTIZED_DENSE: return node->row * sizeof(int16_t);
    case QUANTIZED_TRANSPOSED_CONV: return shape_plane(call->out) * sizeof(int32_t);
    case QUANTIZED_FLOAT:
        return (shape_size(call->in[0]) + shape_size(call->out) + layer_scratch(call)) *
               sizeof(float);
    default: return 0;
    }
}

void quantized_compute(const struct quantized_call *call)
{
    static void (*const kernels[QUANTIZED_KINDS])(const struct quantized_call *) = {
        [QUANTIZED_CONV] = convolve,       [QUANTIZED_TRANSPOSED_CONV] = convolve_transposed,
        [QUANTIZED_DENSE] = connect_all,   [QUANTIZED_MAXPOOL] = pool,
        [QUANTIZED_AVGPOOL] = pool,        [QUANTIZED_GLOBAL_AVGPOOL] = pool_all,
        [QUANTIZED_UPSAMPLE] = upsample,   [QUANTIZED_ADD] = add,
        [QUANTIZED_CONCAT] = concatenate,  [QUANTIZED_TABLE] = look_up,
        [QUANTIZED_FLOAT] = compute_float,
    };

    if (kernels[call->node->kind])
        kernels[call->node->kind](call);
}
