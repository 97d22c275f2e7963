/* Average pooling: the mean of each window's pixels; places outside of the image do not count. */
#include "networks/layers/pooling.h"

/* The mean of a window of a plane. */
static float mean_of(const float *x, struct pooling_span rows, struct pooling_span columns,
                     size_t width)
{
    float sum = 0, count = (float)((rows.to - rows.from) * (columns.to - columns.from));

    for (int i = rows.from; i < rows.to; i++)
        for (int j = columns.from; j < columns.to; j++)
            sum += x[(size_t)i * width + (size_t)j];
    return sum / count;
}

/* A window's gradient, to all of its pixels. */
static void share_out(float gradient, struct pooling_span rows, struct pooling_span columns,
                      size_t width, float *dx)
{
    float share = gradient / (float)((rows.to - rows.from) * (columns.to - columns.from));

    for (int i = rows.from; i < rows.to; i++)
        for (int j = columns.from; j < columns.to; j++)
            dx[(size_t)i * width + (size_t)j] += share;
}

/* The windows of all planes in order; backward where dx is given. */
static void pool(const struct layer_call *call, float *y, float *dx)
{
    struct conv_geometry g = pooling_geometry(call->config, call->in[0], call->out);
    size_t width = (size_t)g.in.width, plane = shape_plane(g.in), o = 0;
    size_t planes = (size_t)call->batch * (size_t)g.in.channels;

    for (size_t p = 0; p < planes; p++)
        for (int i = 0; i < g.out.height; i++)
            for (int j = 0; j < g.out.width; j++, o++) {
                struct pooling_span rows = pooling_span(&g, i, g.in.height);
                struct pooling_span columns = pooling_span(&g, j, g.in.width);
                if (dx)
                    share_out(call->dy[o], rows, columns, width, dx + p * plane);
                else
                    y[o] = mean_of(call->x[0] + p * plane, rows, columns, width);
            }
}

static void avgpool_forward(const struct layer_call *call)
{
    pool(call, call->y, NULL);
}

static void avgpool_backward(const struct layer_call *call)
{
    if (call->dx[0])
        pool(call, NULL, call->dx[0]);
}

static void avgpool_count(const void *config, const struct shape *in, struct shape out,
                          struct layer_work *work)
{
    struct conv_geometry g = pooling_geometry(config, in[0], out);
    double values = (double)shape_size(out);

    work->operations.additions = pooling_pixels(&g) - values;
    work->operations.divisions = values;
    work->inputs = (double)shape_size(in[0]);
    work->outputs = values;
}

static void avgpool_primitive(const void *config, const struct shape *in, struct shape out,
                              struct primitive *primitive)
{
    primitive->kind = PRIMITIVE_AVGPOOL;
    primitive->geometry = pooling_geometry(config, in[0], out);
}

const struct layer layer_avgpool = {
    .descriptor = {.name = "avgpool",
                   .summary = "mean of each window",
                   .source = "LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to "
                             "document recognition, Proc. IEEE 1998",
                   .fields = pooling_fields,
                   .config_size = sizeof(struct pooling),
                   .version = 1},
    .inputs = 1,
    .shape = pooling_shape,
    .forward = avgpool_forward,
    .backward = avgpool_backward,
    .primitive = avgpool_primitive,
    .count = avgpool_count,
};
