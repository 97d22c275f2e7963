/*
 * Max pooling: the largest value of each window. Backward, a window's gradient goes to the place of
 * its largest value, the first in reading order where several are equal; the place is searched
 * again rather than remembered. Cost: a comparison for each value but the first.
 *
 * Windows of 2 x 2 pixels side by side, the usual ones, have loops of their own over whole rows,
 * which are vectorised. Everything is written as selections: a branch would be guessed wrong half
 * of the time.
 */
#include "networks/layers/pooling.h"

#include "base/vectors.h"

/* Position in the plane of a window's largest value. */
static size_t largest(const float *x, struct pooling_span rows, struct pooling_span columns,
                      size_t width)
{
    size_t best = (size_t)rows.from * width + (size_t)columns.from;
    float most = x[best];

    for (int i = rows.from; i < rows.to; i++)
        for (int j = columns.from; j < columns.to; j++) {
            size_t at = (size_t)i * width + (size_t)j;
            bool more = x[at] > most;
            best = more ? at : best;
            most = more ? x[at] : most;
        }
    return best;
}

/* The windows of one plane in order; backward where dx is given. */
static void pool(const struct conv_geometry *g, const float *x, float *y, const float *dy,
                 float *dx)
{
    size_t width = (size_t)g->in.width, o = 0;

    for (int i = 0; i < g->out.height; i++)
        for (int j = 0; j < g->out.width; j++, o++) {
            size_t best = largest(x, pooling_span(g, i, g->in.height),
                                  pooling_span(g, j, g->in.width), width);
            if (dx)
                dx[best] += dy[o];
            else
                y[o] = x[best];
        }
}

/* One row of windows of 2 x 2, of the rows a and b. */
WIDE_VECTORS static void pairs_forward(const float *a, const float *b, size_t count, float *y)
{
#pragma omp simd
    for (size_t j = 0; j < count; j++) {
        float most = a[2 * j], right = a[2 * j + 1], below = b[2 * j], last = b[2 * j + 1];
        most = right > most ? right : most;
        most = below > most ? below : most;
        y[j] = last > most ? last : most;
    }
}

/* The gradient is handed from the last to the first until one keeps it. */
WIDE_VECTORS static void pairs_backward(const float *a, const float *b, const float *dy,
                                        size_t count, float *da, float *db)
{
#pragma omp simd
    for (size_t j = 0; j < count; j++) {
        float first = a[2 * j], right = a[2 * j + 1], below = b[2 * j], last = b[2 * j + 1];
        float upper = right > first ? right : first, most = below > upper ? below : upper;
        float gradient = dy[j];
        float to_last = last > most ? gradient : 0, others = last > most ? 0 : gradient;
        float to_below = below > upper ? others : 0, row = below > upper ? 0 : others;
        float to_right = right > first ? row : 0, to_first = right > first ? 0 : row;
        da[2 * j] += to_first;
        da[2 * j + 1] += to_right;
        db[2 * j] += to_below;
        db[2 * j + 1] += to_last;
    }
}

static void pool_pairs(const struct conv_geometry *g, const float *x, float *y, const float *dy,
                       float *dx)
{
    size_t width = (size_t)g->in.width, count = (size_t)g->out.width;

    for (size_t i = 0; i < (size_t)g->out.height; i++) {
        const float *a = x + 2 * i * width, *b = a + width;
        if (dx)
            pairs_backward(a, b, dy + i * count, count, dx + 2 * i * width,
                           dx + (2 * i + 1) * width);
        else
            pairs_forward(a, b, count, y + i * count);
    }
}

static void maxpool_forward(const struct layer_call *call)
{
    struct conv_geometry g = pooling_geometry(call->config, call->in[0], call->out);
    bool pairs = g.kernel_height == 2 && g.stride == 2 && g.padding == 0;
    size_t in = shape_plane(g.in), out = shape_plane(g.out);

    for (size_t p = 0; p < (size_t)call->batch * (size_t)g.in.channels; p++)
        (pairs ? pool_pairs : pool)(&g, call->x[0] + p * in, call->y + p * out, NULL, NULL);
}

static void maxpool_backward(const struct layer_call *call)
{
    struct conv_geometry g = pooling_geometry(call->config, call->in[0], call->out);
    bool pairs = g.kernel_height == 2 && g.stride == 2 && g.padding == 0;
    size_t in = shape_plane(g.in), out = shape_plane(g.out);

    for (size_t p = 0; call->dx[0] && p < (size_t)call->batch * (size_t)g.in.channels; p++)
        (pairs ? pool_pairs : pool)(&g, call->x[0] + p * in, NULL, call->dy + p * out,
                                    call->dx[0] + p * in);
}

static void maxpool_count(const void *config, const struct shape *in, struct shape out,
                          struct layer_work *work)
{
    struct conv_geometry g = pooling_geometry(config, in[0], out);

    work->operations.comparisons = pooling_pixels(&g) - (double)shape_size(out);
    work->inputs = (double)shape_size(in[0]);
    work->outputs = (double)shape_size(out);
}

static void maxpool_primitive(const void *config, const struct shape *in, struct shape out,
                              struct primitive *primitive)
{
    primitive->kind = PRIMITIVE_MAXPOOL;
    primitive->geometry = pooling_geometry(config, in[0], out);
}

const struct layer layer_maxpool = {
    .descriptor = {.name = "maxpool",
                   .summary = "largest value of each window",
                   .source =
                       "Scherer, Mueller, Behnke, Evaluation of pooling operations, ICANN 2010",
                   .fields = pooling_fields,
                   .config_size = sizeof(struct pooling),
                   .version = 1},
    .inputs = 1,
    .shape = pooling_shape,
    .forward = maxpool_forward,
    .backward = maxpool_backward,
    .primitive = maxpool_primitive,
    .count = maxpool_count,
};
