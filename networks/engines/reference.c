/*
 * The reference engine: every kernel as its formula reads, with sums in double precision. Slow, and
 * the oracle that the other engines are tested against.
 */
#include "interfaces/engine.h"

static const char *reference_version(void)
{
    return "1";
}

static const char *reference_isa(enum precision precision)
{
    (void)precision;
    return "portable";
}

static enum status reference_environment(const char *isa, const char **setting, struct error *error)
{
    (void)isa, (void)error;
    *setting = NULL;
    return STATUS_OK;
}

static enum status reference_start(struct error *error)
{
    (void)error;
    return STATUS_OK;
}

static size_t reference_conv_scratch(const struct conv_geometry *geometry)
{
    (void)geometry;
    return 0;
}

/* One tap of the kernel: which filter meets which channel where. */
struct tap {
    int image, filter, channel, i, j; /* channel: within the group */
};

static size_t weight_index(const struct conv_geometry *g, const struct tap *t)
{
    size_t channels = (size_t)(g->in.channels / g->groups);
    size_t plane = (size_t)t->filter * channels + (size_t)t->channel;
    return (plane * (size_t)g->kernel_height + (size_t)t->i) * (size_t)g->kernel_width +
           (size_t)t->j;
}

static size_t out_index(const struct conv_geometry *g, const struct tap *t, int v, int u)
{
    return (((size_t)t->image * (size_t)g->out.channels + (size_t)t->filter) *
                (size_t)g->out.height +
            (size_t)v) *
               (size_t)g->out.width +
           (size_t)u;
}

/* The input that output (v, u) sees through the tap; false where it is padding. */
static bool in_index(const struct conv_geometry *g, const struct tap *t, int v, int u,
                     size_t *index)
{
    int y = v * g->stride + t->i * g->dilation - g->padding;
    int x = u * g->stride + t->j * g->dilation - g->padding;
    int channels = g->in.channels / g->groups;
    int channel = t->filter / (g->out.channels / g->groups) * channels + t->channel;

    if (y < 0 || y >= g->in.height || x < 0 || x >= g->in.width)
        return false;
    *index = (((size_t)t->image * (size_t)g->in.channels + (size_t)channel) * (size_t)g->in.height +
              (size_t)y) *
                 (size_t)g->in.width +
             (size_t)x;
    return true;
}

static double output_value(const struct conv_geometry *g, struct tap t, int v, int u,
                           const float *x, const float *w)
{
    size_t index;
    double sum = 0;

    for (t.channel = 0; t.channel < g->in.channels / g->groups; t.channel++)
        for (t.i = 0; t.i < g->kernel_height; t.i++)
            for (t.j = 0; t.j < g->kernel_width; t.j++)
                if (in_index(g, &t, v, u, &index))
                    sum += (double)x[index] * (double)w[weight_index(g, &t)];
    return sum;
}

static void reference_conv_forward(const struct conv_geometry *g, const float *x, const float *w,
                                   const float *bias, float *y, float *scratch)
{
    struct tap t = {0};

    (void)scratch;
    for (t.image = 0; t.image < g->batch; t.image++)
        for (t.filter = 0; t.filter < g->out.channels; t.filter++)
            for (int v = 0; v < g->out.height; v++)
                for (int u = 0; u < g->out.width; u++)
                    y[out_index(g, &t, v, u)] = (float)(output_value(g, t, v, u, x, w) +
                                                        (bias ? (double)bias[t.filter] : 0));
}

/* What output positions along one axis see input position `at` through tap `k`: at most one. */
static bool seen_from(const struct conv_geometry *g, int at, int k, int size, int *output)
{
    int place = at + g->padding - k * g->dilation;
    if (place < 0 || place % g->stride || place / g->stride >= size)
        return false;
    *output = place / g->stride;
    return true;
}

static double input_gradient(const struct conv_geometry *g, struct tap t, int y, int x,
                             const float *dy, const float *w)
{
    int filters = g->out.channels / g->groups, group = t.channel / (g->in.channels / g->groups);
    int v, u;
    double sum = 0;

    t.channel %= g->in.channels / g->groups;
    for (int f = 0; f < filters; f++)
        for (t.i = 0; t.i < g->kernel_height; t.i++)
            for (t.j = 0; t.j < g->kernel_width; t.j++) {
                t.filter = group * filters + f;
                if (seen_from(g, y, t.i, g->out.height, &v) &&
                    seen_from(g, x, t.j, g->out.width, &u))
                    sum += (double)dy[out_index(g, &t, v, u)] * (double)w[weight_index(g, &t)];
            }
    return sum;
}

static void reference_conv_backward_data(const struct conv_geometry *g, const float *dy,
                                         const float *w, float *dx, float *scratch)
{
    struct tap t = {0};

    (void)scratch;
    for (t.image = 0; t.image < g->batch; t.image++)
        for (t.channel = 0; t.channel < g->in.channels; t.channel++)
            for (int y = 0; y < g->in.height; y++)
                for (int x = 0; x < g->in.width; x++, dx++)
                    *dx = (float)((double)*dx + input_gradient(g, t, y, x, dy, w));
}

static double weight_gradient(const struct conv_geometry *g, struct tap t, const float *x,
                              const float *dy)
{
    size_t index;
    double sum = 0;

    for (t.image = 0; t.image < g->batch; t.image++)
        for (int v = 0; v < g->out.height; v++)
            for (int u = 0; u < g->out.width; u++)
                if (in_index(g, &t, v, u, &index))
                    sum += (double)x[index] * (double)dy[out_index(g, &t, v, u)];
    return sum;
}

static double bias_gradient(const struct conv_geometry *g, struct tap t, const float *dy)
{
    double sum = 0;

    for (t.image = 0; t.image < g->batch; t.image++)
        for (int v = 0; v < g->out.height; v++)
            for (int u = 0; u < g->out.width; u++)
                sum += (double)dy[out_index(g, &t, v, u)];
    return sum;
}

static void reference_conv_backward_weights(const struct conv_geometry *g, const float *x,
                                            const float *dy, float *dw, float *dbias,
                                            float *scratch)
{
    struct tap t = {0};

    (void)scratch;
    for (t.filter = 0; t.filter < g->out.channels; t.filter++) {
        for (t.channel = 0; t.channel < g->in.channels / g->groups; t.channel++)
            for (t.i = 0; t.i < g->kernel_height; t.i++)
                for (t.j = 0; t.j < g->kernel_width; t.j++) {
                    float *gradient = dw + weight_index(g, &t);
                    *gradient = (float)((double)*gradient + weight_gradient(g, t, x, dy));
                }
        if (dbias)
            dbias[t.filter] = (float)((double)dbias[t.filter] + bias_gradient(g, t, dy));
    }
}

/* base + sum of a[i step_a] b[i step_b]. */
static float dot(float base, const float *a, size_t step_a, const float *b, size_t step_b,
                 int count)
{
    double sum = 0;
    for (size_t i = 0; i < (size_t)count; i++)
        sum += (double)a[i * step_a] * (double)b[i * step_b];
    return (float)((double)base + sum);
}

static void reference_dense_forward(int batch, int inputs, int outputs, const float *x,
                                    const float *w, const float *bias, float *y)
{
    for (size_t n = 0; n < (size_t)batch; n++)
        for (size_t o = 0; o < (size_t)outputs; o++)
            *y++ = dot(bias ? bias[o] : 0, x + n * (size_t)inputs, 1, w + o * (size_t)inputs, 1,
                       inputs);
}

static void reference_dense_backward_data(int batch, int inputs, int outputs, const float *dy,
                                          const float *w, float *dx)
{
    for (size_t n = 0; n < (size_t)batch; n++)
        for (size_t i = 0; i < (size_t)inputs; i++, dx++)
            *dx = dot(*dx, dy + n * (size_t)outputs, 1, w + i, (size_t)inputs, outputs);
}

static void reference_dense_backward_weights(int batch, int inputs, int outputs, const float *x,
                                             const float *dy, float *dw, float *dbias)
{
    static const float one = 1;

    for (size_t o = 0; o < (size_t)outputs; o++) {
        for (size_t i = 0; i < (size_t)inputs; i++, dw++)
            *dw = dot(*dw, x + i, (size_t)inputs, dy + o, (size_t)outputs, batch);
        if (dbias)
            dbias[o] = dot(dbias[o], dy + o, (size_t)outputs, &one, 0, batch);
    }
}

const struct engine engine_reference = {
    .descriptor = {.name = "reference",
                   .summary = "plain C with sums in double precision; slow, for tests",
                   .version = 1},
    .version = reference_version,
    .isa = reference_isa,
    .environment = reference_environment,
    .start = reference_start,
    .conv_scratch = reference_conv_scratch,
    .conv_forward = reference_conv_forward,
    .conv_backward_data = reference_conv_backward_data,
    .conv_backward_weights = reference_conv_backward_weights,
    .dense_forward = reference_dense_forward,
    .dense_backward_data = reference_dense_backward_data,
    .dense_backward_weights = reference_dense_backward_weights,
};
