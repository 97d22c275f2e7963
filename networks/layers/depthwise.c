/* Depthwise convolution: each channel has filters of its own, `multiplier` of them, and sees no
 * other. A convolution with as many groups as channels; see conv.c. */
#include "networks/layers/convolution.h"

#include <limits.h>

struct depthwise {
    struct convolution convolution; /* first: the common fields are its */
    int64_t multiplier;
};

static const struct field fields[] = {
    CONVOLUTION_KERNEL,
    CONVOLUTION_STRIDE,
    CONVOLUTION_PADDING,
    CONVOLUTION_DILATION,
    {"multiplier", FIELD_INTEGER, offsetof(struct depthwise, multiplier), .minimum = 1,
     .maximum = 256, .default_value = "1", .help = "filters of each channel"},
    CONVOLUTION_BIAS,
    {0}};

/* The equivalent convolution for this number of channels. */
static struct convolution convolution_of(const void *config, int channels)
{
    const struct depthwise *depthwise = config;
    struct convolution convolution = depthwise->convolution;

    convolution.groups = channels;
    convolution.filters = channels * depthwise->multiplier;
    return convolution;
}

static enum status depthwise_shape(const void *config, const struct shape *in, struct shape *out,
                                   struct error *error)
{
    struct convolution convolution = convolution_of(config, in[0].channels);

    if (convolution.filters > INT_MAX)
        return error_set(error, STATUS_CONFIG, "%d channels times %d filters are too many",
                         in[0].channels, (int)(convolution.filters / in[0].channels));
    return convolution_shape(&convolution, in[0], out, error);
}

static void depthwise_plan(const void *config, int batch, const struct shape *in, struct shape out,
                           const struct engine *engine, struct layer_plan *plan)
{
    struct convolution convolution = convolution_of(config, in[0].channels);
    convolution_plan(&convolution, batch, in[0], out, engine, plan);
}

static void depthwise_forward(const struct layer_call *call)
{
    struct convolution convolution = convolution_of(call->config, call->in[0].channels);
    convolution_forward(&convolution, call);
}

static void depthwise_backward(const struct layer_call *call)
{
    struct convolution convolution = convolution_of(call->config, call->in[0].channels);
    convolution_backward(&convolution, call);
}

static void depthwise_count(const void *config, const struct shape *in, struct shape out,
                            struct layer_work *work)
{
    struct convolution convolution = convolution_of(config, in[0].channels);
    convolution_count(&convolution, in[0], out, work);
}

static void depthwise_primitive(const void *config, const struct shape *in, struct shape out,
                                struct primitive *primitive)
{
    struct convolution convolution = convolution_of(config, in[0].channels);
    convolution_primitive(&convolution, in[0], out, primitive);
}

const struct layer layer_depthwise = {
    .descriptor = {.name = "depthwise",
                   .summary = "convolution of each channel by itself",
                   .source = "Howard et al., MobileNets, 2017 (arXiv:1704.04861)",
                   .fields = fields,
                   .config_size = sizeof(struct depthwise),
                   .version = 1},
    .inputs = 1,
    .shape = depthwise_shape,
    .plan = depthwise_plan,
    .forward = depthwise_forward,
    .backward = depthwise_backward,
    .primitive = depthwise_primitive,
    .count = depthwise_count,
};
