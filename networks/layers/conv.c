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
#include "kinds/layer.h"

#include <limits.h>

enum padding { PADDING_SAME, PADDING_VALID };

static const char *const paddings[] = {"same", "valid", NULL};
static const char *const initials[] = {"he", "zero", NULL};
static const enum initialisation initial_of[] = {INITIAL_HE, INITIAL_ZERO};

struct conv {
    int64_t filters, kernel, stride, padding, dilation, groups, initial;
    bool bias;
};

static const struct field fields[] = {
    {"filters", FIELD_INTEGER, offsetof(struct conv, filters), .minimum = 1, .maximum = 65536,
     .help = "channels that come out"},
    {"kernel", FIELD_INTEGER, offsetof(struct conv, kernel), .minimum = 1, .maximum = 63,
     .unit = "pixels", .help = "side of the square kernel"},
    {"stride", FIELD_INTEGER, offsetof(struct conv, stride), .minimum = 1, .maximum = 63,
     .fallback = "1", .unit = "pixels", .help = "distance of the places looked at"},
    {"padding", FIELD_CHOICE, offsetof(struct conv, padding), .fallback = "same",
     .choices = paddings, .help = "same: zeros around, size is kept; valid: inside only"},
    {"dilation", FIELD_INTEGER, offsetof(struct conv, dilation), .minimum = 1, .maximum = 63,
     .fallback = "1", .unit = "pixels", .help = "distance of the kernel's taps"},
    {"groups", FIELD_INTEGER, offsetof(struct conv, groups), .minimum = 1, .maximum = 65536,
     .fallback = "1", .help = "parts of the channels that do not mix"},
    {"bias", FIELD_BOOLEAN, offsetof(struct conv, bias), .fallback = "true",
     .help = "add a learned constant to each filter's output"},
    {"initial", FIELD_CHOICE, offsetof(struct conv, initial), .fallback = "he", .choices = initials,
     .help = "weights before training; zero lets a residual start from nothing"},
    {0}};

static int padding_of(const struct conv *conv)
{
    return conv->padding == PADDING_SAME ? (int)(conv->dilation * (conv->kernel - 1) / 2) : 0;
}

static enum status conv_shape(const void *config, const struct shape *in, struct shape *out,
                              struct error *error)
{
    const struct conv *conv = config;
    int64_t reach = conv->dilation * (conv->kernel - 1) + 1, padding = padding_of(conv);
    int64_t height = in[0].height + 2 * padding, width = in[0].width + 2 * padding;

    if (in[0].channels % conv->groups || conv->filters % conv->groups)
        return error_set(error, STATUS_CONFIG,
                         "%d groups do not divide %d input channels and %d filters",
                         (int)conv->groups, in[0].channels, (int)conv->filters);
    if (conv->padding == PADDING_SAME && reach % 2 == 0)
        return error_set(error, STATUS_CONFIG,
                         "padding 'same' has no middle for a kernel that reaches over %d pixels; "
                         "use an odd kernel or padding 'valid'",
                         (int)reach);
    if (height < reach || width < reach)
        return error_set(error, STATUS_CONFIG,
                         "a kernel that reaches over %d x %d pixels does not fit into an input of "
                         "%d x %d",
                         (int)reach, (int)reach, in[0].height, in[0].width);
    if (height * width > INT_MAX ||
        in[0].channels / conv->groups * conv->kernel * conv->kernel > INT_MAX)
        return error_set(error, STATUS_CONFIG,
                         "%d channels of %d x %d pixels are too many for a kernel of %d x %d",
                         in[0].channels, in[0].height, in[0].width, (int)conv->kernel,
                         (int)conv->kernel);
    *out = (struct shape){(int)conv->filters, (int)((height - reach) / conv->stride + 1),
                          (int)((width - reach) / conv->stride + 1)};
    return STATUS_OK;
}

static struct conv_geometry geometry_of(const struct conv *conv, int batch, struct shape in,
                                        struct shape out)
{
    return (struct conv_geometry){.batch = batch,
                                  .in = in,
                                  .out = out,
                                  .kernel_height = (int)conv->kernel,
                                  .kernel_width = (int)conv->kernel,
                                  .stride = (int)conv->stride,
                                  .padding = padding_of(conv),
                                  .dilation = (int)conv->dilation,
                                  .groups = (int)conv->groups};
}

static void conv_plan(const void *config, int batch, const struct shape *in, struct shape out,
                      const struct engine *engine, struct layer_plan *plan)
{
    const struct conv *conv = config;
    int kernel = (int)conv->kernel, channels = in[0].channels / (int)conv->groups;
    struct conv_geometry geometry = geometry_of(conv, batch, in[0], out);

    plan->parameters[0] = (struct layer_parameter){.name = "weights",
                                                   .dims = {out.channels, channels, kernel, kernel},
                                                   .initial = initial_of[conv->initial],
                                                   .fan_in = channels * kernel * kernel,
                                                   .decay = true};
    plan->parameters[1] = (struct layer_parameter){
        .name = "bias", .dims = {out.channels, 1, 1, 1}, .initial = INITIAL_ZERO};
    plan->parameter_count = conv->bias ? 2 : 1;
    plan->scratch = engine ? engine->conv_scratch(&geometry) : 0;
}

static void conv_forward(const struct layer_call *call)
{
    const struct conv *conv = call->config;
    struct conv_geometry geometry = geometry_of(conv, call->batch, call->in[0], call->out);

    call->engine->conv_forward(&geometry, call->x[0], call->parameters[0],
                               conv->bias ? call->parameters[1] : NULL, call->y, call->scratch);
}

static void conv_backward(const struct layer_call *call)
{
    const struct conv *conv = call->config;
    struct conv_geometry geometry = geometry_of(conv, call->batch, call->in[0], call->out);

    if (call->dx[0])
        call->engine->conv_backward_data(&geometry, call->dy, call->parameters[0], call->dx[0],
                                         call->scratch);
    call->engine->conv_backward_weights(&geometry, call->x[0], call->dy, call->gradients[0],
                                        conv->bias ? call->gradients[1] : NULL, call->scratch);
}

static void conv_count(const void *config, const struct shape *in, struct shape out,
                       struct layer_work *work)
{
    const struct conv *conv = config;
    double groups = (double)conv->groups;

    work->m = (double)out.height * (double)out.width;
    work->k = (double)in[0].channels / groups * (double)(conv->kernel * conv->kernel);
    work->n = (double)out.channels / groups;
    work->products = groups;
    work->operations.multiply_adds = work->m * work->k * work->n * groups;
    work->operations.additions = conv->bias ? (double)shape_size(out) : 0;
    work->inputs = (double)shape_size(in[0]);
    work->weights = work->k * (double)out.channels + (conv->bias ? (double)out.channels : 0);
    work->outputs = (double)shape_size(out);
}

static void conv_primitive(const void *config, const struct shape *in, struct shape out,
                           struct primitive *primitive)
{
    const struct conv *conv = config;

    primitive->kind = PRIMITIVE_CONV;
    primitive->geometry = geometry_of(conv, 0, in[0], out);
    primitive->bias = conv->bias;
}

const struct layer layer_conv = {
    .descriptor = {.name = "conv",
                   .summary = "convolution with learned square kernels",
                   .source = "LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to "
                             "document recognition, Proc. IEEE 1998",
                   .fields = fields,
                   .config_size = sizeof(struct conv),
                   .version = 1},
    .inputs = 1,
    .shape = conv_shape,
    .plan = conv_plan,
    .forward = conv_forward,
    .backward = conv_backward,
    .primitive = conv_primitive,
    .count = conv_count,
};
