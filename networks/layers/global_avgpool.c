/* Global average pooling: the mean of each channel; a vector comes out, for dense layers. */
#include "interfaces/layer.h"
#include "math/lanes.h"

static enum status global_avgpool_shape(const void *config, const struct shape *in,
                                        struct shape *out, struct error *error)
{
    (void)config, (void)error;
    *out = (struct shape){in[0].channels, 1, 1};
    return STATUS_OK;
}

static void global_avgpool_forward(const struct layer_call *call)
{
    size_t plane = shape_plane(call->in[0]);
    size_t planes = (size_t)call->batch * (size_t)call->in[0].channels;

    for (size_t p = 0; p < planes; p++) {
        double lanes[LANES] = {0};
        lanes_add(call->x[0] + p * plane, plane, lanes);
        call->y[p] = (float)(lanes_sum(lanes) / (double)plane);
    }
}

static void global_avgpool_backward(const struct layer_call *call)
{
    size_t plane = shape_plane(call->in[0]);
    size_t planes = (size_t)call->batch * (size_t)call->in[0].channels;
    float *dx = call->dx[0];

    for (size_t p = 0; dx && p < planes; p++, dx += plane) {
        float share = call->dy[p] / (float)plane;
#pragma omp simd
        for (size_t i = 0; i < plane; i++)
            dx[i] += share;
    }
}

static void global_avgpool_count(const void *config, const struct shape *in, struct shape out,
                                 struct layer_work *work)
{
    (void)config;
    work->operations.additions = (double)shape_size(in[0]) - out.channels;
    work->operations.divisions = out.channels;
    work->inputs = (double)shape_size(in[0]);
    work->outputs = out.channels;
}

static void global_avgpool_primitive(const void *config, const struct shape *in, struct shape out,
                                     struct primitive *primitive)
{
    (void)config;
    primitive->kind = PRIMITIVE_AVGPOOL;
    primitive->geometry = (struct conv_geometry){.in = in[0],
                                                 .out = out,
                                                 .kernel_height = in[0].height,
                                                 .kernel_width = in[0].width,
                                                 .stride = 1,
                                                 .dilation = 1,
                                                 .groups = 1};
}

const struct layer layer_global_avgpool = {
    .descriptor = {.name = "global_avgpool",
                   .summary = "mean of each channel",
                   .source = "Lin, Chen, Yan, Network in network, ICLR 2014",
                   .version = 1},
    .inputs = 1,
    .shape = global_avgpool_shape,
    .forward = global_avgpool_forward,
    .backward = global_avgpool_backward,
    .primitive = global_avgpool_primitive,
    .count = global_avgpool_count,
};
