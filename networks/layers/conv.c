/*
 * Convolution (a correlation, as is usual): for filter f of group g,
 *
 *     y[f][v][u] = b[f] + sum over c, i, j of w[f][c][i][j] x[g C + c][v s + i d - p][u s + j d -
 * p]
 *
 * with stride s, dilation d, padding p by zeros, and C input channels a group. `same` keeps height
 * and width at stride 1 (p = d (k - 1) / 2), `valid` pads nothing. The engine does the sums; its
 * product is M x K by K x N with M output pixels, K = k k C, N filters of a group.
 */
#include "networks/layers/convolution.h"

static const struct field fields[] = {
    CONVOLUTION_FILTERS,
    CONVOLUTION_KERNEL,
    CONVOLUTION_STRIDE,
    CONVOLUTION_PADDING,
    CONVOLUTION_DILATION,
    {"groups", FIELD_INTEGER, offsetof(struct convolution, groups), .minimum = 1, .maximum = 65536,
     .default_value = "1", .help = "parts of the channels that do not mix"},
    CONVOLUTION_BIAS,
    {"initial", FIELD_CHOICE, offsetof(struct convolution, initial), .default_value = "he",
     .choices = convolution_initials,
     .help = "weights before training; zero lets a residual start from nothing, dirac passes "
             "channels on, whiten takes what makes the training images' patches white and keeps "
             "it"},
    {0}};

static enum status conv_shape(const void *config, const struct shape *in, struct shape *out,
                              struct error *error)
{
    return convolution_shape(config, in[0], out, error);
}

static void conv_plan(const void *config, int batch, const struct shape *in, struct shape out,
                      const struct engine *engine, struct layer_plan *plan)
{
    convolution_plan(config, batch, in[0], out, engine, plan);
}

static void conv_forward(const struct layer_call *call)
{
    convolution_forward(call->config, call);
}

static void conv_backward(const struct layer_call *call)
{
    convolution_backward(call->config, call);
}

static void conv_count(const void *config, const struct shape *in, struct shape out,
                       struct layer_work *work)
{
    convolution_count(config, in[0], out, work);
}

static void conv_primitive(const void *config, const struct shape *in, struct shape out,
                           struct primitive *primitive)
{
    convolution_primitive(config, in[0], out, primitive);
}

const struct layer layer_conv = {
    .descriptor = {.name = "conv",
                   .summary = "convolution with learned square kernels",
                   .source = "LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to "
                             "document recognition, Proc. IEEE 1998",
                   .fields = fields,
                   .config_size = sizeof(struct convolution),
                   .version = 1},
    .inputs = 1,
    .shape = conv_shape,
    .plan = conv_plan,
    .forward = conv_forward,
    .backward = conv_backward,
    .primitive = conv_primitive,
    .count = conv_count,
};
