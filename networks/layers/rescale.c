/*
 * From normalised numbers to numbers in their unit: in each channel y = scale x + offset. Both are
 * taken from the labels that a network is trained on, not learnt: their standard deviation and mean
 * (graph/rescale.h). A network whose answers are numbers ends with it. Cost: a multiply-add a
 * value.
 */
#include "networks/layers/elementwise.h"

static void rescale_plan(const void *config, int batch, const struct shape *in, struct shape out,
                         const struct engine *engine, struct layer_plan *plan)
{
    (void)config, (void)batch, (void)in, (void)engine;
    plan->parameters[0] = (struct layer_parameter){
        .name = "scale", .dims = {out.channels, 1, 1, 1}, .initial = INITIAL_ONE};
    plan->parameters[1] = (struct layer_parameter){
        .name = "offset", .dims = {out.channels, 1, 1, 1}, .initial = INITIAL_ZERO};
    plan->parameter_count = 2;
}

static void rescale_forward(const struct layer_call *call)
{
    size_t plane = shape_plane(call->out), channels = (size_t)call->out.channels;

    for (size_t c = 0; c < (size_t)call->batch * channels; c++) {
        const float *x = call->x[0] + c * plane;
        float *y = call->y + c * plane;
        float scale = call->parameters[0][c % channels], offset = call->parameters[1][c % channels];
#pragma omp simd
        for (size_t i = 0; i < plane; i++)
            y[i] = scale * x[i] + offset;
    }
}

static void rescale_backward(const struct layer_call *call)
{
    size_t plane = shape_plane(call->out), channels = (size_t)call->out.channels;

    for (size_t c = 0; c < (size_t)call->batch * channels; c++) {
        const float *dy = call->dy + c * plane, *x = call->x[0] + c * plane;
        float scale = call->parameters[0][c % channels];
        double slope = 0, sum = 0;
        for (size_t i = 0; i < plane; i++) {
            slope += (double)dy[i] * (double)x[i];
            sum += (double)dy[i];
        }
        call->gradients[0][c % channels] += (float)slope;
        call->gradients[1][c % channels] += (float)sum;
        if (!call->dx[0])
            continue;
        for (size_t i = 0; i < plane; i++)
            call->dx[0][c * plane + i] += scale * dy[i];
    }
}

static void rescale_count(const void *config, const struct shape *in, struct shape out,
                          struct layer_work *work)
{
    (void)config, (void)in;
    elementwise_count((struct operations){.multiply_adds = 1}, out, work);
    work->weights = 2 * (double)out.channels;
}

static void rescale_primitive(const void *config, const struct shape *in, struct shape out,
                              struct primitive *primitive)
{
    (void)config, (void)in, (void)out;
    primitive->kind = PRIMITIVE_RESCALE;
}

const struct layer layer_rescale = {
    .descriptor = {.name = "rescale",
                   .summary = "normalised numbers in their unit: a factor and a constant a channel",
                   .source = "LeCun, Bottou, Orr, Müller, Efficient BackProp, 1998",
                   .version = 1},
    .inputs = 1,
    .in_place = true,
    .shape = same_shape,
    .plan = rescale_plan,
    .forward = rescale_forward,
    .backward = rescale_backward,
    .primitive = rescale_primitive,
    .count = rescale_count,
};
