/* Dense layer: y = W x + b, W of [outputs][inputs]. The engine does the products. */
#include "interfaces/layer.h"

struct dense {
    int64_t outputs;
    bool bias;
};

static const struct field fields[] = {
    {"outputs", FIELD_INTEGER, offsetof(struct dense, outputs), .minimum = 1, .maximum = 65536,
     .help = "number of output values"},
    {"bias", FIELD_BOOLEAN, offsetof(struct dense, bias), .default_value = "true",
     .help = "add a learned constant to each output"},
    {0}};

static enum status dense_shape(const void *config, const struct shape *in, struct shape *out,
                               struct error *error)
{
    const struct dense *dense = config;

    if (in[0].height != 1 || in[0].width != 1)
        return error_set(error, STATUS_CONFIG,
                         "dense takes a flat input, not one of %d x %d x %d; put flatten before it",
                         in[0].channels, in[0].height, in[0].width);
    *out = (struct shape){(int)dense->outputs, 1, 1};
    return STATUS_OK;
}

static void dense_plan(const void *config, int batch, const struct shape *in, struct shape out,
                       const struct engine *engine, struct layer_plan *plan)
{
    const struct dense *dense = config;
    int inputs = in[0].channels, outputs = out.channels;

    (void)batch, (void)engine;
    plan->parameters[0] = (struct layer_parameter){.name = "weights",
                                                   .dims = {outputs, inputs, 1, 1},
                                                   .initial = INITIAL_HE,
                                                   .fan_in = inputs,
                                                   .decay = true,
                                                   .rate = 1};
    plan->parameters[1] = (struct layer_parameter){
        .name = "bias", .dims = {outputs, 1, 1, 1}, .initial = INITIAL_ZERO, .rate = 1};
    plan->parameter_count = dense->bias ? 2 : 1;
}

static void dense_forward(const struct layer_call *call)
{
    const struct dense *dense = call->config;
    call->engine->dense_forward(call->batch, call->in[0].channels, call->out.channels, call->x[0],
                                call->parameters[0], dense->bias ? call->parameters[1] : NULL,
                                call->y);
}

static void dense_backward(const struct layer_call *call)
{
    const struct dense *dense = call->config;
    int inputs = call->in[0].channels, outputs = call->out.channels;

    if (call->dx[0])
        call->engine->dense_backward_data(call->batch, inputs, outputs, call->dy,
                                          call->parameters[0], call->dx[0]);
    call->engine->dense_backward_weights(call->batch, inputs, outputs, call->x[0], call->dy,
                                         call->gradients[0],
                                         dense->bias ? call->gradients[1] : NULL);
}

static void dense_count(const void *config, const struct shape *in, struct shape out,
                        struct layer_work *work)
{
    const struct dense *dense = config;

    work->m = 1;
    work->k = (double)in[0].channels;
    work->n = (double)out.channels;
    work->products = 1;
    work->rows = work->kernel = work->stride = 1;
    work->operations.multiply_adds = work->k * work->n;
    work->operations.additions = dense->bias ? work->n : 0;
    work->inputs = work->k;
    work->weights = work->k * work->n + (dense->bias ? work->n : 0);
    work->outputs = work->n;
}

static void dense_primitive(const void *config, const struct shape *in, struct shape out,
                            struct primitive *primitive)
{
    const struct dense *dense = config;

    (void)in, (void)out;
    primitive->kind = PRIMITIVE_DENSE;
    primitive->bias = dense->bias;
}

const struct layer layer_dense = {
    .descriptor = {.name = "dense",
                   .summary = "every output a weighted sum of all inputs",
                   .source = "Rumelhart, Hinton, Williams, Learning representations by "
                             "back-propagating errors, Nature 1986",
                   .fields = fields,
                   .config_size = sizeof(struct dense),
                   .version = 1},
    .inputs = 1,
    .shape = dense_shape,
    .plan = dense_plan,
    .forward = dense_forward,
    .backward = dense_backward,
    .primitive = dense_primitive,
    .count = dense_count,
};
