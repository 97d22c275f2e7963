/*
 * Convolutions and their transposes.
 *
 * oneDNN's fast kernels want channels in blocks (of 16 with AVX-512); with fewer channels than a
 * block they are slow or not there, so channels are rounded up and the parameters of those that do
 * not exist are zero. The exception is the first convolution, of 1 or 3 channels, for which there
 * are kernels that read plain images. Hence several ways to feed a convolution are tried, the first
 * for which all directions have a fast kernel is taken.
 *
 * 3x3 kernels on images that are large enough go by Winograd's minimal filtering, F(4x4, 3x3): a
 * quarter of the multiplications, at relative rounding errors of about 1e-6 (Lavin, Gray, Fast
 * algorithms for convolutional neural networks, CVPR 2016). Whether depends on shapes alone.
 */
#include "base/processor.h"
#include "networks/engines/direct.h"
#include "networks/engines/im2col.h"
#include "networks/engines/onednn/kernel.h"
#include "networks/engines/tiles.h"

struct onednn_convolution {
    struct onednn_kernel *kernel;
    const struct request *request;
    struct conv_geometry g; /* as seen forward: from what comes in to what goes out */
    bool transposed, wants_dx;
    bool loose; /* channels as they are: groups that fill no blocks */
    dnnl_dims_t strides, dilates, padding;
    int groups, in, out;               /* rounded up; channels of all groups */
    dnnl_memory_desc_t source, values; /* what it reads and gives */
    dnnl_memory_desc_t weights, bias;  /* `weights`: any layout */
    dnnl_primitive_desc_t forward;
};

/* Weights of a primitive, [groups] [out / groups][in / groups][k][k]. */
static void weights_dims(const struct onednn_convolution *c, int groups, int out, int in,
                         dnnl_dims_t dims, int *count)
{
    dnnl_dim_t all[] = {groups, out / groups, in / groups, c->g.kernel_height, c->g.kernel_width};
    int first = groups == 1;

    *count = 5 - first;
    for (int d = first; d < 5; d++)
        dims[d - first] = all[d];
}

/* The layer's own weights: [out][in / groups][k][k]; a transposed one's are [in][out][k][k]. */
static void plain_weights(const struct onednn_convolution *c, dnnl_memory_desc_t *md)
{
    dnnl_dims_t dims, strides;
    int count, groups = c->g.groups;
    dnnl_dim_t taps = c->g.kernel_height * c->g.kernel_width;
    dnnl_dim_t in = c->g.in.channels / groups, out = c->g.out.channels / groups;

    weights_dims(c, c->groups == 1 ? 1 : groups, c->g.out.channels, c->g.in.channels, dims, &count);
    strides[count - 1] = 1;
    strides[count - 2] = c->g.kernel_width;
    strides[count - 3] = c->transposed ? out * taps : taps;
    strides[count - 4] = c->transposed ? taps : in * taps;
    if (count == 5)
        strides[0] = out * in * taps;
    dnnl_memory_desc_init_by_strides(md, count, dims, dnnl_f32, strides);
}

/* Groups are taken as they are: one, or of a channel each, or of whole blocks. */
static bool suits(const struct kernel_context *kernel_context, const struct conv_geometry *g)
{
    int in = g->in.channels / g->groups, out = g->out.channels / g->groups;
    bool depthwise = in == 1 && out == 1;

    return g->groups == 1 || depthwise ||
           (in % kernel_context->block == 0 && out % kernel_context->block == 0);
}

/* Measured: from 32 channels and 7 x 7 pixels on, on any of them, it was 1 to 3.6 times as fast as
 * the direct kernels; below, slower. */
static bool suits_winograd(const struct onednn_convolution *c)
{
    const struct conv_geometry *g = &c->g;

    return c->kernel->kernel_context->precision == PRECISION_FLOAT32 && !c->transposed &&
           g->groups == 1 && g->kernel_height == 3 && g->kernel_width == 3 && g->stride == 1 &&
           g->dilation == 1 && g->padding == 1 && c->in >= 32 && c->out >= 32 &&
           g->in.height >= 7 && g->in.width >= 7;
}

enum direction { FORWARD, BACKWARD_DATA, BACKWARD_WEIGHTS };

/* With AVX2, oneDNN adds the bias of what is transposed afterwards, in a slow loop: ours is faster.
 */
static bool adds_bias(const struct onednn_convolution *c)
{
    const struct kernel_context *kernel_context = c->kernel->kernel_context;

    return c->transposed && c->request->primitive->bias && c->groups == 1 &&
           kernel_context->block == 8 && onednn_may_stay_plain(kernel_context);
}

static dnnl_status_t describe_transposed(const struct onednn_convolution *c,
                                         enum direction direction,
                                         const dnnl_memory_desc_t *weights,
                                         dnnl_deconvolution_desc_t *wanted)
{
    dnnl_prop_kind_t kind =
        c->kernel->kernel_context->training ? dnnl_forward_training : dnnl_forward_inference;
    const dnnl_memory_desc_t *bias = c->request->primitive->bias && !adds_bias(c) ? &c->bias : NULL;

    if (direction == FORWARD)
        return dnnl_dilated_deconvolution_forward_desc_init(
            wanted, kind, dnnl_deconvolution_direct, &c->source, weights, bias, &c->values,
            c->strides, c->dilates, c->padding, c->padding);
    if (direction == BACKWARD_DATA)
        return dnnl_dilated_deconvolution_backward_data_desc_init(
            wanted, dnnl_deconvolution_direct, &c->source, weights, &c->values, c->strides,
            c->dilates, c->padding, c->padding);
    return dnnl_dilated_deconvolution_backward_weights_desc_init(
        wanted, dnnl_deconvolution_direct, &c->source, weights, bias, &c->values, c->strides,
        c->dilates, c->padding, c->padding);
}

static dnnl_status_t describe_usual(const struct onednn_convolution *c, enum direction direction,
                                    dnnl_alg_kind_t algorithm, const dnnl_memory_desc_t *weights,
                                    dnnl_convolution_desc_t *wanted)
{
    dnnl_prop_kind_t kind =
        c->kernel->kernel_context->training ? dnnl_forward_training : dnnl_forward_inference;
    const dnnl_memory_desc_t *bias = c->request->primitive->bias ? &c->bias : NULL;

    if (direction == FORWARD)
        return dnnl_dilated_convolution_forward_desc_init(wanted, kind, algorithm, &c->source,
                                                          weights, bias, &c->values, c->strides,
                                                          c->dilates, c->padding, c->padding);
    if (direction == BACKWARD_DATA)
        return dnnl_dilated_convolution_backward_data_desc_init(wanted, algorithm, &c->source,
                                                                weights, &c->values, c->strides,
                                                                c->dilates, c->padding, c->padding);
    return dnnl_dilated_convolution_backward_weights_desc_init(
        wanted, algorithm, &c->source, weights, bias, &c->values, c->strides, c->dilates,
        c->padding, c->padding);
}

static enum status describe_by(struct onednn_convolution *c, enum direction direction,
                               dnnl_alg_kind_t algorithm, dnnl_primitive_desc_t *descriptor,
                               struct error *error)
{
    dnnl_memory_desc_t weights = c->weights;
    dnnl_convolution_desc_t wanted;

    if (direction == BACKWARD_WEIGHTS)
        weights.data_type = dnnl_f32;
    if (algorithm == dnnl_convolution_winograd) /* no layout that is not told to others */
        dnnl_memory_desc_init_by_tag(&weights, c->weights.ndims, c->weights.dims, dnnl_f32,
                                     dnnl_OIhw16i16o);
    PASS(onednn_check(c->transposed ? describe_transposed(c, direction, &weights, &wanted)
                                    : describe_usual(c, direction, algorithm, &weights, &wanted),
                      "a convolution", error));
    return onednn_describe(
        c->kernel, &wanted, direction == FORWARD && c->request->primitive->relu && !c->transposed,
        direction == FORWARD ? NULL : c->forward, descriptor, "a convolution", error);
}

static enum status describe(struct onednn_convolution *c, enum direction direction,
                            dnnl_primitive_desc_t *descriptor, struct error *error)
{
    bool slow = c->kernel->slow;

    if (suits_winograd(c) &&
        describe_by(c, direction, dnnl_convolution_winograd, descriptor, NULL) == STATUS_OK)
        return STATUS_OK;
    c->kernel->slow = slow; /* Winograd's is not there for this instruction set */
    return describe_by(c, direction, dnnl_convolution_direct, descriptor, error);
}

/* Packed weights as `md`, filled from the plain parameter; both directions may share them. */
static enum status pack_weights(struct onednn_convolution *c, int plain,
                                const dnnl_memory_desc_t *md, int *packed, struct error *error)
{
    *packed = onednn_operand(c->kernel, md, PLACE_PACKED);
    return onednn_copy(c->kernel, PHASE_PACK, plain, *packed, 1, error);
}

static enum status add_forward(struct onednn_convolution *c, int x, int y, int plain, int *weights,
                               struct error *error)
{
    const struct primitive *p = c->request->primitive;
    struct argument arguments[4] = {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}};
    int count = 2, bias = -1;

    PASS(pack_weights(c, plain, onednn_query(c->forward, dnnl_query_weights_md), weights, error));
    arguments[count++] = (struct argument){DNNL_ARG_WEIGHTS, *weights};
    if (p->bias) {
        dnnl_memory_desc_t own;
        bias = onednn_operand(c->kernel, &c->bias, PLACE_PACKED);
        onednn_vector((size_t)c->g.out.channels, &own);
        PASS(onednn_copy(c->kernel, PHASE_PACK, onednn_operand(c->kernel, &own, PLACE_PARAMETER1),
                         bias, 1, error));
        if (!adds_bias(c))
            arguments[count++] = (struct argument){DNNL_ARG_BIAS, bias};
    }
    PASS(onednn_step(c->kernel, PHASE_FORWARD, c->forward, arguments, count, error));
    if (adds_bias(c)) {
        onednn_narrow_bias(c->kernel, (struct shape){c->out, c->g.out.height, c->g.out.width},
                           p->relu, (int[]){y, bias});
        return STATUS_OK;
    }
    if (p->relu && c->transposed)
        PASS(onednn_relu_forward(c->kernel, y, error));
    return STATUS_OK;
}

/* An operand for a gradient of the parameter in `place`: itself if it is laid out so. */
static int gradient_operand(struct onednn_convolution *c, const dnnl_memory_desc_t *md,
                            const dnnl_memory_desc_t *plain, enum place place)
{
    bool same = dnnl_memory_desc_equal(md, plain);
    return onednn_operand(c->kernel, md, same ? place : PLACE_SCRATCH);
}

static enum status give_gradient(struct onednn_convolution *c, int gradient,
                                 const dnnl_memory_desc_t *plain, enum place place,
                                 struct error *error)
{
    if (c->kernel->operands[gradient].place == place)
        return STATUS_OK;
    return onednn_copy(c->kernel, PHASE_BACKWARD, gradient, onednn_operand(c->kernel, plain, place),
                       1, error);
}

/* A kernel of our own, where there are tile registers: oneDNN's fills tiles with pixels of one row
 * only, and gives other layouts than that of the parameter. On 8 x 8 to 40 x 40 pixels and 64 to
 * 256 channels ours took a quarter to two thirds of the time. A kernel of one pixel needs no
 * shifts, and is a plain product to the library, too. */
static bool suits_tiles(const struct onednn_convolution *c)
{
    return c->kernel->kernel_context->values == dnnl_nhwc && !c->transposed &&
           c->g.kernel_height * c->g.kernel_width > 1 && tiles_suit(&c->g) &&
           processor_has(PROCESSOR_AMX);
}

static void add_tiles_gradient(struct onednn_convolution *c, int x, int dy,
                               const dnnl_memory_desc_t *plain)
{
    int dw = onednn_operand(c->kernel, plain, PLACE_GRADIENT0), db = -1;

    if (c->request->primitive->bias)
        db = onednn_operand(c->kernel, &c->bias, PLACE_GRADIENT1);
    onednn_tiles(c->kernel, &c->g, x, dy, dw, db);
}

static enum status add_weights_gradient(struct onednn_convolution *c, int x, int dy,
                                        const dnnl_memory_desc_t *plain, struct error *error)
{
    dnnl_primitive_desc_t descriptor;
    dnnl_memory_desc_t bias;
    int db = -1;

    PASS(describe(c, BACKWARD_WEIGHTS, &descriptor, error));
    int dw = gradient_operand(c, onednn_query(descriptor, dnnl_query_diff_weights_md), plain,
                              PLACE_GRADIENT0);
    struct argument arguments[4] = {
        {DNNL_ARG_SRC, x}, {DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_WEIGHTS, dw}};
    if (c->request->primitive->bias) {
        onednn_vector((size_t)c->g.out.channels, &bias);
        db = gradient_operand(c, &c->bias, &bias, PLACE_GRADIENT1);
        arguments[3] = (struct argument){DNNL_ARG_DIFF_BIAS, db};
    }
    PASS(onednn_step(c->kernel, PHASE_BACKWARD, descriptor, arguments, db < 0 ? 3 : 4, error));
    PASS(give_gradient(c, dw, plain, PLACE_GRADIENT0, error));
    if (db >= 0)
        PASS(give_gradient(c, db, &bias, PLACE_GRADIENT1, error));
    return STATUS_OK;
}

static enum status add_data_gradient(struct onednn_convolution *c, int dy, int plain, int weights,
                                     struct error *error)
{
    dnnl_primitive_desc_t descriptor;
    dnnl_memory_desc_t laid;

    PASS(describe(c, BACKWARD_DATA, &descriptor, error));
    const dnnl_memory_desc_t *wanted = onednn_query(descriptor, dnnl_query_weights_md);
    if (!dnnl_memory_desc_equal(&c->kernel->operands[weights].md, wanted))
        PASS(pack_weights(c, plain, wanted, &weights, error));
    onednn_laid(c->kernel->kernel_context, &c->request->layouts[0], c->g.in, &laid);
    int dx = onednn_operand(c->kernel, &laid, PLACE_DX0), given = dx;
    if (!dnnl_memory_desc_equal(&laid, &c->source))
        given = onednn_operand(c->kernel, &c->source, PLACE_SCRATCH);
    struct argument arguments[] = {
        {DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DIFF_SRC, given}};
    PASS(onednn_step(c->kernel, PHASE_BACKWARD, descriptor, arguments, 3, error));
    if (given != dx)
        PASS(onednn_copy(c->kernel, PHASE_BACKWARD, given, dx, 1, error));
    return STATUS_OK;
}

/* What the direct kernels are to compute. */
static bool direct_geometry(const struct onednn_convolution *c, struct conv_geometry *g)
{
    struct conv_geometry of = c->g;

    *g = c->g;
    if (!c->transposed)
        return direct_can(g);
    of.in = c->g.out;
    of.out = c->g.in;
    return im2col_mirror(&of, g) && direct_can(g);
}

/* Where oneDNN would sum up in an order that is known: not that of kernels of one pixel, of groups,
 * of Winograd's or, with AVX-512, of what is transposed. */
static bool stays_plain(const struct onednn_convolution *c, struct conv_geometry *g)
{
    return onednn_may_stay_plain(c->kernel->kernel_context) && c->g.groups == 1 &&
           (!c->transposed || c->kernel->kernel_context->block == 8) &&
           onednn_is_implementation(c->forward, "jit:avx") && direct_geometry(c, g) &&
           onednn_plain_pays(c->kernel->kernel_context, g, c->in, c->out);
}

static enum status keep_plain(struct onednn_convolution *c, struct conv_geometry *g,
                              struct error *error)
{
    struct onednn_kernel *kernel = c->kernel;
    dnnl_memory_desc_t laid, in, out, own;
    int x, weights, bias = -1;

    g->batch = kernel->kernel_context->batch;
    onednn_laid(kernel->kernel_context, &c->request->layouts[0], c->g.in, &laid);
    onednn_plain(kernel->kernel_context, c->g.in, &in);
    onednn_plain(kernel->kernel_context, c->g.out, &out);
    plain_weights(c, &own);
    PASS(onednn_as(kernel, PHASE_FORWARD, onednn_operand(kernel, &laid, PLACE_X0), &in,
                   PLACE_SCRATCH, &x, error));
    int y = onednn_operand(kernel, &out, PLACE_Y);
    PASS(pack_weights(c, onednn_operand(kernel, &own, PLACE_PARAMETER0), &own, &weights, error));
    if (c->request->primitive->bias) {
        onednn_vector((size_t)c->g.out.channels, &own);
        bias = onednn_operand(kernel, &own, PLACE_PACKED);
        PASS(onednn_copy(kernel, PHASE_PACK, onednn_operand(kernel, &own, PLACE_PARAMETER1), bias,
                         1, error));
    }
    onednn_narrow_convolution(kernel, g, c->transposed, c->request->primitive->relu,
                              (int[]){x, y, weights, bias});
    onednn_give_plain(kernel, y);
    return STATUS_OK;
}

static enum status prepare(struct onednn_convolution *c, struct error *error)
{
    const struct request *request = c->request;
    dnnl_memory_desc_t laid, plain;
    struct conv_geometry direct;
    int x, weights;

    onednn_laid(c->kernel->kernel_context, &request->layouts[0], c->g.in, &laid);
    PASS(describe(c, FORWARD, &c->forward, error));
    if (stays_plain(c, &direct))
        return keep_plain(c, &direct, error);
    PASS(onednn_as(c->kernel, PHASE_FORWARD, onednn_operand(c->kernel, &laid, PLACE_X0), &c->source,
                   PLACE_SAVED, &x, error));
    int y = onednn_operand(c->kernel, &c->values, PLACE_Y);
    plain_weights(c, &plain);
    int parameter = onednn_operand(c->kernel, &plain, PLACE_PARAMETER0);
    PASS(add_forward(c, x, y, parameter, &weights, error));
    onednn_give(c->kernel, request, y);
    if (!c->kernel->kernel_context->training)
        return STATUS_OK;
    int dy = onednn_operand(c->kernel, &c->values, PLACE_DY);
    if (request->primitive->relu)
        PASS(onednn_relu_backward(c->kernel, y, dy, error));
    if (c->wants_dx)
        PASS(add_data_gradient(c, dy, parameter, weights, error));
    if (suits_tiles(c))
        add_tiles_gradient(c, x, dy, &plain);
    else
        PASS(add_weights_gradient(c, x, dy, &plain, error));
    return STATUS_OK;
}

static void loose_values(const struct kernel_context *kernel_context, struct shape shape,
                         dnnl_memory_desc_t *md)
{
    dnnl_dims_t dims = {kernel_context->batch, shape.channels, shape.height, shape.width};
    dnnl_memory_desc_init_by_tag(md, 4, dims, kernel_context->type, dnnl_nhwc);
}

/* How the image is fed: as plain values with the channels there are, or rounded up. */
static void choose_layouts(struct onednn_convolution *c, bool first)
{
    const struct kernel_context *kernel_context = c->kernel->kernel_context;
    const struct conv_geometry *g = &c->g;
    bool depthwise = g->groups > 1 && g->in.channels == g->groups;
    dnnl_dims_t dims;
    int count;

    c->in = first || c->loose ? g->in.channels : onednn_round(kernel_context, g->in.channels);
    c->out = c->loose ? g->out.channels : onednn_round(kernel_context, g->out.channels);
    c->groups = depthwise ? c->out : g->groups;
    if (first)
        onednn_plain(kernel_context, g->in, &c->source);
    else if (c->loose)
        loose_values(kernel_context, g->in, &c->source);
    else
        onednn_values(kernel_context, g->in, &c->source);
    if (c->loose)
        loose_values(kernel_context, g->out, &c->values);
    else
        onednn_values(kernel_context, g->out, &c->values);
    weights_dims(c, c->groups, c->out, c->in, dims, &count);
    dnnl_memory_desc_init_by_tag(&c->weights, count, dims, kernel_context->type,
                                 dnnl_format_tag_any);
    onednn_vector((size_t)c->out, &c->bias);
}

/* Products by OpenBLAS would take it over, and lay many channels out or cut few filters badly.
 * Measured with AVX2 (3x3 and 5x5 kernels, 17 to 64 channels, 4 to 64 filters): direct kernels took
 * 0.4 to 0.95 of their time. */
static bool beats_products(const struct onednn_convolution *c)
{
    const struct kernel_context *kernel_context = c->kernel->kernel_context;
    struct conv_geometry direct;

    return !kernel_context->training && kernel_context->fused && kernel_context->block == 8 &&
           c->g.kernel_height > 1 && direct_geometry(c, &direct) && !direct_takes(&direct);
}

/* With few channels most of the work would be on those that do not exist, and the engine openblas
 * is faster; twice the work was the measured limit. Depthwise convolutions do no more than what
 * there is. In bfloat16 nobody else has kernels: what was asked for is computed, if slowly. */
static bool wastes(const struct onednn_convolution *c)
{
    const struct conv_geometry *g = &c->g;
    double there = (double)g->in.channels * g->out.channels, done = (double)c->in * c->out;

    return c->kernel->kernel_context->precision == PRECISION_FLOAT32 && !onednn_takes_all &&
           g->groups == 1 && done > 2 * there && !beats_products(c);
}

enum status onednn_prepare_convolution(struct onednn_kernel *kernel, const struct request *request,
                                       struct error *error)
{
    const struct primitive *p = request->primitive;
    struct kernel_context *kernel_context = kernel->kernel_context;
    struct onednn_convolution c = {.kernel = kernel,
                                   .request = request,
                                   .g = p->geometry,
                                   .transposed = p->kind == PRIMITIVE_TRANSPOSED_CONV,
                                   .wants_dx = request->wants_dx[0]};

    c.g.in = request->in[0];
    c.g.out = request->out;
    for (int d = 0; d < 2; d++) {
        c.strides[d] = c.g.stride;
        c.dilates[d] = c.g.dilation - 1;
        c.padding[d] = c.g.padding;
    }
    c.loose = !suits(kernel_context, &c.g);
    kernel->slow = c.loose && !kernel->alone;
    if (kernel->slow)
        return STATUS_OK;
    if (kernel_context->precision == PRECISION_FLOAT32 && !request->layouts[0].form &&
        !c.wants_dx && !c.transposed && c.g.groups == 1 && c.g.in.channels <= 3) {
        choose_layouts(&c, true);
        kernel->slow = wastes(&c);
        enum status status = kernel->slow ? STATUS_OK : prepare(&c, error);
        if (!kernel->slow)
            return status;
        onednn_kernel_clear(kernel);
    }
    choose_layouts(&c, false);
    kernel->slow = wastes(&c);
    return kernel->slow ? STATUS_OK : prepare(&c, error);
}
