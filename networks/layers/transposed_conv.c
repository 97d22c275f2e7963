/*
 * Transposed convolution: the transpose of the linear map that a convolution with the same kernel,
 * stride s and padding p is. It takes in what that convolution gives: each input pixel puts a
 * weighted kernel of k x k pixels into the output, s pixels from its neighbour's, and p pixels are
 * cut off at each edge: (n - 1) s - 2 p + k pixels come out of n. Weights are [channels that come
 * in][filters][k][k].
 *
 * So the forward pass is that convolution's backward pass for data, and the other way round; for
 * the weights, x and dy change places. `geometry` is always that of the convolution: its input is
 * this layer's output.
 */
#include "math/lanes.h"
#include "networks/layers/convolution.h"
#include "networks/layers/elementwise.h"

#include <limits.h>

static const struct field fields[] = {
    CONVOLUTION_FILTERS,
    CONVOLUTION_KERNEL,
    {"stride", FIELD_INTEGER, offsetof(struct convolution, stride), .minimum = 1, .maximum = 63,
     .default_value = "1", .unit = "pixels",
     .help = "distance of neighbouring inputs in the output"},
    {"padding", FIELD_INTEGER, offsetof(struct convolution, padding), .minimum = 0, .maximum = 62,
     .default_value = "0", .unit = "pixels",
     .help = "pixels cut off at each edge; less than kernel"},
    CONVOLUTION_BIAS,
    {0}};

static enum status transposed_conv_shape(const void *config, const struct shape *in,
                                         struct shape *out, struct error *error)
{
    const struct convolution *conv = config;
    int64_t cut = conv->kernel - 2 * conv->padding;
    int64_t height = (in[0].height - 1) * conv->stride + cut;
    int64_t width = (in[0].width - 1) * conv->stride + cut;

    if (conv->padding >= conv->kernel)
        return error_set(error, STATUS_CONFIG,
                         "padding %d cuts off whole kernels of %d x %d pixels", (int)conv->padding,
                         (int)conv->kernel, (int)conv->kernel);
    if (height < 1 || width < 1)
        return error_set(error, STATUS_CONFIG,
                         "padding %d leaves nothing of an input of %d x %d pixels",
                         (int)conv->padding, in[0].height, in[0].width);
    if ((height + 2 * conv->padding) * (width + 2 * conv->padding) > INT_MAX)
        return error_set(error, STATUS_CONFIG, "an output of %lld x %lld pixels is too large",
                         (long long)height, (long long)width);
    *out = (struct shape){(int)conv->filters, (int)height, (int)width};
    return STATUS_OK;
}

static struct conv_geometry geometry_of(const struct convolution *conv, int batch, struct shape in,
                                        struct shape out)
{
    return (struct conv_geometry){.batch = batch,
                                  .in = out,
                                  .out = in,
                                  .kernel_height = (int)conv->kernel,
                                  .kernel_width = (int)conv->kernel,
                                  .stride = (int)conv->stride,
                                  .padding = (int)conv->padding,
                                  .dilation = 1,
                                  .groups = 1};
}

/* Scratch memory: the engine's, then the gradient of the input before it is added. An output pixel
 * sees (k / s)^2 pixels of each channel on average: that is its fan-in. */
static void transposed_conv_plan(const void *config, int batch, const struct shape *in,
                                 struct shape out, const struct engine *engine,
                                 struct layer_plan *plan)
{
    const struct convolution *conv = config;
    struct conv_geometry geometry = geometry_of(conv, batch, in[0], out);
    int kernel = (int)conv->kernel, stride = (int)conv->stride;
    int dims[4] = {in[0].channels, out.channels, kernel, kernel};
    int64_t fan_in = (int64_t)in[0].channels * kernel * kernel / (stride * stride);

    convolution_parameters(plan, dims, fan_in < 1 ? 1 : (int)fan_in, INITIAL_HE,
                           conv->bias ? out.channels : 0);
    if (engine)
        plan->scratch = engine->conv_scratch(&geometry) + (size_t)batch * shape_size(in[0]);
}

static void transposed_conv_forward(const struct layer_call *call)
{
    const struct convolution *conv = call->config;
    struct conv_geometry geometry = geometry_of(conv, call->batch, call->in[0], call->out);
    size_t plane = shape_plane(call->out), channels = (size_t)call->out.channels;

    for (size_t p = 0; p < (size_t)call->batch * channels; p++) {
        float *y = call->y + p * plane, bias = conv->bias ? call->parameters[1][p % channels] : 0;
#pragma omp simd
        for (size_t i = 0; i < plane; i++)
            y[i] = bias;
    }
    call->engine->conv_backward_data(&geometry, call->x[0], call->parameters[0], call->y,
                                     call->scratch);
}

static void bias_gradient(const struct layer_call *call)
{
    size_t plane = shape_plane(call->out), channels = (size_t)call->out.channels;

    for (size_t c = 0; c < channels; c++) {
        double lanes[LANES] = {0};
        for (size_t n = 0; n < (size_t)call->batch; n++)
            lanes_add(call->dy + (n * channels + c) * plane, plane, lanes);
        call->gradients[1][c] += (float)lanes_sum(lanes);
    }
}

static void transposed_conv_backward(const struct layer_call *call)
{
    const struct convolution *conv = call->config;
    struct conv_geometry geometry = geometry_of(conv, call->batch, call->in[0], call->out);

    if (call->dx[0]) {
        float *dx = call->scratch + call->engine->conv_scratch(&geometry);
        call->engine->conv_forward(&geometry, call->dy, call->parameters[0], NULL, dx,
                                   call->scratch);
        accumulate(dx, (size_t)call->batch * shape_size(call->in[0]), call->dx[0]);
    }
    call->engine->conv_backward_weights(&geometry, call->dy, call->x[0], call->gradients[0], NULL,
                                        call->scratch);
    if (conv->bias)
        bias_gradient(call);
}

/* The product: input pixels, by channels, by all taps of all filters. */
static void transposed_conv_count(const void *config, const struct shape *in, struct shape out,
                                  struct layer_work *work)
{
    const struct convolution *conv = config;
    double biases = conv->bias ? out.channels : 0;

    work->m = (double)shape_plane(in[0]);
    work->k = in[0].channels;
    work->n = (double)(conv->filters * conv->kernel * conv->kernel);
    work->products = 1;
    work->rows = in[0].height;
    work->kernel = work->stride = 1;
    work->operations.multiply_adds = work->m * work->k * work->n;
    work->operations.additions = biases * (double)shape_plane(out);
    work->inputs = (double)shape_size(in[0]);
    work->weights = work->k * work->n + biases;
    work->outputs = (double)shape_size(out);
}

static void transposed_conv_primitive(const void *config, const struct shape *in, struct shape out,
                                      struct primitive *primitive)
{
    const struct convolution *conv = config;

    primitive->kind = PRIMITIVE_TRANSPOSED_CONV;
    primitive->geometry = geometry_of(conv, 0, in[0], out);
    primitive->bias = conv->bias;
}

const struct layer layer_transposed_conv = {
    .descriptor = {.name = "transposed_conv",
                   .summary = "transpose of a convolution: enlarges by its stride",
                   .source = "Zeiler, Krishnan, Taylor, Fergus, Deconvolutional networks, CVPR "
                             "2010",
                   .fields = fields,
                   .config_size = sizeof(struct convolution),
                   .version = 1},
    .inputs = 1,
    .shape = transposed_conv_shape,
    .plan = transposed_conv_plan,
    .forward = transposed_conv_forward,
    .backward = transposed_conv_backward,
    .primitive = transposed_conv_primitive,
    .count = transposed_conv_count,
};
