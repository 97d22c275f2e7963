/*
 * Max pooling: the largest value of each window of size x size pixels; windows stand `stride`
 * pixels apart, and those that would stick out are left out. Backward, a window's gradient goes to
 * the place of its largest value, the first in reading order where several are equal; the place is
 * searched again rather than remembered. Cost: size^2 - 1 comparisons a value.
 */
#include "kinds/layer.h"

struct maxpool {
    int64_t size, stride;
};

static const struct field fields[] = {
    {"size", FIELD_INTEGER, offsetof(struct maxpool, size), .minimum = 1, .maximum = 64,
     .fallback = "2", .unit = "pixels", .help = "side of the square window"},
    {"stride", FIELD_INTEGER, offsetof(struct maxpool, stride), .minimum = 0, .maximum = 64,
     .fallback = "0", .unit = "pixels", .help = "distance of windows; 0: the window's size"},
    {0}};

static int stride_of(const struct maxpool *maxpool)
{
    return (int)(maxpool->stride ? maxpool->stride : maxpool->size);
}

static enum status maxpool_shape(const void *config, const struct shape *in, struct shape *out,
                                 struct error *error)
{
    const struct maxpool *maxpool = config;
    int size = (int)maxpool->size, stride = stride_of(maxpool);

    if (in[0].height < size || in[0].width < size)
        return error_set(error, STATUS_CONFIG,
                         "a window of %d x %d pixels does not fit into an input of %d x %d", size,
                         size, in[0].height, in[0].width);
    *out = (struct shape){in[0].channels, (in[0].height - size) / stride + 1,
                          (in[0].width - size) / stride + 1};
    return STATUS_OK;
}

/* Where in the window at x the largest value stands. Written as selections: a branch would be
 * guessed wrong half of the time. */
static size_t largest(const float *x, int size, size_t width)
{
    size_t best = 0;
    float most = x[0];

    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            size_t at = (size_t)i * width + (size_t)j;
            bool more = x[at] > most;
            best = more ? at : best;
            most = more ? x[at] : most;
        }
    return best;
}

/* Windows of all planes in order; backward where dx is given. */
static void pool(const struct layer_call *call, float *y, float *dx)
{
    const struct maxpool *maxpool = call->config;
    int size = (int)maxpool->size;
    size_t stride = (size_t)stride_of(maxpool), width = (size_t)call->in[0].width;
    size_t plane = (size_t)call->in[0].height * width;
    size_t planes = (size_t)call->batch * (size_t)call->in[0].channels, o = 0;

    for (size_t p = 0; p < planes; p++)
        for (size_t i = 0; i < (size_t)call->out.height; i++)
            for (size_t j = 0; j < (size_t)call->out.width; j++, o++) {
                size_t corner = p * plane + i * stride * width + j * stride;
                size_t best = corner + largest(call->x[0] + corner, size, width);
                if (dx)
                    dx[best] += call->dy[o];
                else
                    y[o] = call->x[0][best];
            }
}

static void maxpool_forward(const struct layer_call *call)
{
    pool(call, call->y, NULL);
}

static void maxpool_backward(const struct layer_call *call)
{
    if (call->dx[0])
        pool(call, NULL, call->dx[0]);
}

static void maxpool_count(const void *config, const struct shape *in, struct shape out,
                          struct layer_work *work)
{
    const struct maxpool *maxpool = config;
    double window = (double)(maxpool->size * maxpool->size);

    work->operations.comparisons = (window - 1) * (double)shape_size(out);
    work->inputs = (double)shape_size(in[0]);
    work->outputs = (double)shape_size(out);
}

static void maxpool_primitive(const void *config, const struct shape *in, struct shape out,
                              struct primitive *primitive)
{
    const struct maxpool *maxpool = config;
    int size = (int)maxpool->size;

    primitive->kind = PRIMITIVE_MAXPOOL;
    primitive->geometry = (struct conv_geometry){.in = in[0],
                                                 .out = out,
                                                 .kernel_height = size,
                                                 .kernel_width = size,
                                                 .stride = stride_of(maxpool),
                                                 .dilation = 1,
                                                 .groups = 1};
}

const struct layer layer_maxpool = {
    .descriptor = {.name = "maxpool",
                   .summary = "largest value of each window",
                   .source =
                       "Scherer, Mueller, Behnke, Evaluation of pooling operations, ICANN 2010",
                   .fields = fields,
                   .config_size = sizeof(struct maxpool),
                   .version = 1},
    .inputs = 1,
    .shape = maxpool_shape,
    .forward = maxpool_forward,
    .backward = maxpool_backward,
    .primitive = maxpool_primitive,
    .count = maxpool_count,
};
