#include "networks/layers/convolution.h"

#include <limits.h>

const char *const convolution_paddings[] = {"same", "valid", NULL};
const char *const convolution_initials[] = {"he", "zero", "dirac", "whiten", NULL};
static const enum initialisation initial_of[] = {INITIAL_HE, INITIAL_ZERO, INITIAL_DIRAC,
                                                 INITIAL_WHITEN};

static int padding_of(const struct convolution *conv)
{
    return conv->padding == PADDING_SAME ? (int)(conv->dilation * (conv->kernel - 1) / 2) : 0;
}

enum status convolution_shape(const struct convolution *conv, struct shape in, struct shape *out,
                              struct error *error)
{
    int64_t reach = conv->dilation * (conv->kernel - 1) + 1, padding = padding_of(conv);
    int64_t height = in.height + 2 * padding, width = in.width + 2 * padding;

    if (in.channels % conv->groups || conv->filters % conv->groups)
        return error_set(error, STATUS_CONFIG,
                         "%d groups do not divide %d input channels and %d filters",
                         (int)conv->groups, in.channels, (int)conv->filters);
    if (conv->padding == PADDING_SAME && reach % 2 == 0)
        return error_set(error, STATUS_CONFIG,
                         "padding 'same' has no middle for a kernel that reaches over %d pixels; "
                         "use an odd kernel or padding 'valid'",
                         (int)reach);
    if (height < reach || width < reach)
        return error_set(error, STATUS_CONFIG,
                         "a kernel that reaches over %d x %d pixels does not fit into an input of "
                         "%d x %d",
                         (int)reach, (int)reach, in.height, in.width);
    if (height * width > INT_MAX ||
        in.channels / conv->groups * conv->kernel * conv->kernel > INT_MAX)
        return error_set(error, STATUS_CONFIG,
                         "%d channels of %d x %d pixels are too many for a kernel of %d x %d",
                         in.channels, in.height, in.width, (int)conv->kernel, (int)conv->kernel);
    *out = (struct shape){(int)conv->filters, (int)((height - reach) / conv->stride + 1),
                          (int)((width - reach) / conv->stride + 1)};
    return STATUS_OK;
}

static struct conv_geometry convolution_geometry(const struct convolution *conv, int batch,
                                                 struct shape in, struct shape out)
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

void convolution_parameters(struct layer_plan *plan, const int dims[4], int fan_in,
                            enum initialisation initial, int biases)
{
    plan->parameters[0] = (struct layer_parameter){.name = "weights",
                                                   .dims = {dims[0], dims[1], dims[2], dims[3]},
                                                   .initial = initial,
                                                   .fan_in = fan_in,
                                                   .decay = initial != INITIAL_WHITEN,
                                                   .rate = initial != INITIAL_WHITEN};
    plan->parameters[1] = (struct layer_parameter){
        .name = "bias", .dims = {biases, 1, 1, 1}, .initial = INITIAL_ZERO, .rate = 1};
    plan->parameter_count = biases ? 2 : 1;
}

void convolution_plan(const struct convolution *conv, int batch, struct shape in, struct shape out,
                      const struct engine *engine, struct layer_plan *plan)
{
    struct conv_geometry geometry = convolution_geometry(conv, batch, in, out);
    int kernel = (int)conv->kernel, channels = in.channels / (int)conv->groups;
    int dims[4] = {out.channels, channels, kernel, kernel};

    convolution_parameters(plan, dims, channels * kernel * kernel, initial_of[conv->initial],
                           conv->bias ? out.channels : 0);
    plan->scratch = engine ? engine->conv_scratch(&geometry) : 0;
}

void convolution_forward(const struct convolution *conv, const struct layer_call *call)
{
    struct conv_geometry geometry = convolution_geometry(conv, call->batch, call->in[0], call->out);

    call->engine->conv_forward(&geometry, call->x[0], call->parameters[0],
                               conv->bias ? call->parameters[1] : NULL, call->y, call->scratch);
}

void convolution_backward(const struct convolution *conv, const struct layer_call *call)
{
    struct conv_geometry geometry = convolution_geometry(conv, call->batch, call->in[0], call->out);

    if (call->dx[0])
        call->engine->conv_backward_data(&geometry, call->dy, call->parameters[0], call->dx[0],
                                         call->scratch);
    call->engine->conv_backward_weights(&geometry, call->x[0], call->dy, call->gradients[0],
                                        conv->bias ? call->gradients[1] : NULL, call->scratch);
}

void convolution_count(const struct convolution *conv, struct shape in, struct shape out,
                       struct layer_work *work)
{
    double groups = (double)conv->groups;

    work->m = (double)out.height * (double)out.width;
    work->k = (double)in.channels / groups * (double)(conv->kernel * conv->kernel);
    work->n = (double)out.channels / groups;
    work->products = groups;
    work->rows = out.height;
    work->kernel = (double)conv->kernel;
    work->stride = (double)conv->stride;
    work->operations.multiply_adds = work->m * work->k * work->n * groups;
    work->operations.additions = conv->bias ? (double)shape_size(out) : 0;
    work->inputs = (double)shape_size(in);
    work->weights = work->k * (double)out.channels + (conv->bias ? (double)out.channels : 0);
    work->outputs = (double)shape_size(out);
}

void convolution_primitive(const struct convolution *conv, struct shape in, struct shape out,
                           struct primitive *primitive)
{
    primitive->kind = PRIMITIVE_CONV;
    primitive->geometry = convolution_geometry(conv, 0, in, out);
    primitive->bias = conv->bias;
}
