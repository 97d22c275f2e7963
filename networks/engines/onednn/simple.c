/* Primitives without weights: pooling, element-wise functions, enlarging, sums, concatenation. */
#include "networks/engines/onednn/kernel.h"

/* Does it come from a layer's own function, or another engine? */
static bool is_others(const struct layout *layout)
{
    return !layout->form && !layout->kept_plain && !onednn_takes_all;
}

/* Input k as it comes. */
static int input(struct onednn_kernel *kernel, const struct request *request, int k)
{
    dnnl_memory_desc_t laid;

    onednn_laid(kernel->kernel_context, &request->layouts[k], request->in[k], &laid);
    return onednn_operand(kernel, &laid, (enum place)(PLACE_X0 + k));
}

/* A step backward that gives dx as `md`; the way from there to the input's layout. */
static enum status finish_dx(struct onednn_kernel *kernel, const struct request *request, int k,
                             int dx, struct error *error)
{
    if (kernel->operands[dx].place != PLACE_SCRATCH)
        return STATUS_OK;
    dnnl_memory_desc_t laid;
    onednn_laid(kernel->kernel_context, &request->layouts[k], request->in[k], &laid);
    return onednn_copy(kernel, PHASE_BACKWARD, dx,
                       onednn_operand(kernel, &laid, (enum place)(PLACE_DX0 + k)), 1, error);
}

/* Where a step backward gives dx of input k as `md`. */
static int begin_dx(struct onednn_kernel *kernel, const struct request *request, int k,
                    const dnnl_memory_desc_t *md)
{
    dnnl_memory_desc_t laid;

    onednn_laid(kernel->kernel_context, &request->layouts[k], request->in[k], &laid);
    return onednn_operand(kernel, md,
                          dnnl_memory_desc_equal(md, &laid) ? (enum place)(PLACE_DX0 + k)
                                                            : PLACE_SCRATCH);
}

static dnnl_prop_kind_t forward_kind(const struct onednn_kernel *kernel)
{
    return kernel->kernel_context->training ? dnnl_forward_training : dnnl_forward_inference;
}

static enum status pooling_backward(struct onednn_kernel *kernel, const struct request *request,
                                    const dnnl_memory_desc_t *source,
                                    const dnnl_memory_desc_t *values, int workspace,
                                    dnnl_alg_kind_t algorithm, dnnl_primitive_desc_t hint,
                                    struct error *error)
{
    const struct conv_geometry *g = &request->primitive->geometry;
    dnnl_dims_t kernels = {g->kernel_height, g->kernel_width}, strides = {g->stride, g->stride};
    dnnl_dims_t padding = {g->padding, g->padding};
    dnnl_primitive_desc_t descriptor;
    dnnl_pooling_desc_t wanted;

    PASS(onednn_check(dnnl_pooling_backward_desc_init(&wanted, algorithm, source, values, strides,
                                                      kernels, padding, padding),
                      "a pooling's gradient", error));
    PASS(onednn_describe(kernel, &wanted, false, hint, &descriptor, "a pooling's gradient", error));
    int dx = begin_dx(kernel, request, 0, source);
    struct argument arguments[3] = {{DNNL_ARG_DIFF_DST, onednn_operand(kernel, values, PLACE_DY)},
                                    {DNNL_ARG_DIFF_SRC, dx},
                                    {DNNL_ARG_WORKSPACE, workspace}};
    PASS(onednn_step(kernel, PHASE_BACKWARD, descriptor, arguments, workspace < 0 ? 2 : 3, error));
    return finish_dx(kernel, request, 0, dx, error);
}

enum status onednn_prepare_pooling(struct onednn_kernel *kernel, const struct request *request,
                                   struct error *error)
{
    const struct conv_geometry *g = &request->primitive->geometry;
    dnnl_alg_kind_t algorithm = request->primitive->kind == PRIMITIVE_MAXPOOL
                                    ? dnnl_pooling_max
                                    : dnnl_pooling_avg_exclude_padding;
    dnnl_dims_t kernels = {g->kernel_height, g->kernel_width}, strides = {g->stride, g->stride};
    dnnl_dims_t padding = {g->padding, g->padding};
    dnnl_memory_desc_t source, values;
    dnnl_primitive_desc_t descriptor;
    dnnl_pooling_desc_t wanted;
    int x, workspace = -1;

    /* Plain values come from a layer's own function, and the layer's own pooling is fast; others
     * than the largest of plain values have other bits. */
    kernel->slow =
        is_others(&request->layouts[0]) ||
        (request->layouts[0].kept_plain && request->primitive->kind == PRIMITIVE_MAXPOOL);
    if (kernel->slow)
        return STATUS_OK;
    onednn_values(kernel->kernel_context, request->in[0], &source);
    onednn_values(kernel->kernel_context, request->out, &values);
    PASS(onednn_check(dnnl_pooling_forward_desc_init(&wanted, forward_kind(kernel), algorithm,
                                                     &source, &values, strides, kernels, padding,
                                                     padding),
                      "a pooling", error));
    PASS(onednn_describe(kernel, &wanted, false, NULL, &descriptor, "a pooling", error));
    PASS(onednn_as(kernel, PHASE_FORWARD, input(kernel, request, 0), &source, PLACE_SAVED, &x,
                   error));
    int y = onednn_operand(kernel, &values, PLACE_Y);
    const dnnl_memory_desc_t *kept = onednn_query(descriptor, dnnl_query_workspace_md);
    if (kept && kept->ndims > 0)
        workspace = onednn_operand(kernel, kept, PLACE_SAVED);
    struct argument arguments[3] = {
        {DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}, {DNNL_ARG_WORKSPACE, workspace}};
    PASS(onednn_step(kernel, PHASE_FORWARD, descriptor, arguments, workspace < 0 ? 2 : 3, error));
    onednn_give(kernel, request, y);
    if (request->wants_dx[0])
        PASS(pooling_backward(kernel, request, &source, &values, workspace, algorithm, descriptor,
                              error));
    return STATUS_OK;
}

/* An element-wise function from x to y (or in place) and, training, from dy to dx. `backward` says
 * which of x and y the gradient is taken from. */
struct function {
    dnnl_alg_kind_t forward, backward;
    float alpha, beta;
    bool from_y;
};

static struct function function_of(const struct primitive *primitive)
{
    switch (primitive->activation) {
    case ACTIVATION_RELU:
        return (struct function){dnnl_eltwise_relu, dnnl_eltwise_relu_use_dst_for_bwd, 0, 0, true};
    case ACTIVATION_LEAKY_RELU:
        return (struct function){dnnl_eltwise_relu, dnnl_eltwise_relu, (float)primitive->alpha, 0,
                                 false};
    case ACTIVATION_GELU:
        return (struct function){dnnl_eltwise_gelu_erf, dnnl_eltwise_gelu_erf, 0, 0, false};
    case ACTIVATION_SILU:
        return (struct function){dnnl_eltwise_swish, dnnl_eltwise_swish, 1, 0, false};
    case ACTIVATION_SIGMOID: break;
    }
    return (struct function){dnnl_eltwise_logistic, dnnl_eltwise_logistic_use_dst_for_bwd, 0, 0,
                             true};
}

static enum status add_function(struct onednn_kernel *kernel, const struct function *function,
                                int x, int y, dnnl_primitive_desc_t *descriptor,
                                struct error *error)
{
    struct argument arguments[] = {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}};
    dnnl_eltwise_desc_t wanted;

    PASS(onednn_check(
        dnnl_eltwise_forward_desc_init(&wanted, forward_kind(kernel),
                                       function->from_y ? function->backward : function->forward,
                                       &kernel->operands[x].md, function->alpha, function->beta),
        "an element-wise function", error));
    PASS(onednn_describe(kernel, &wanted, false, NULL, descriptor, "an element-wise function",
                         error));
    return onednn_step(kernel, PHASE_FORWARD, *descriptor, arguments, 2, error);
}

static enum status add_function_backward(struct onednn_kernel *kernel,
                                         const struct function *function, int from, int dy, int dx,
                                         dnnl_primitive_desc_t hint, struct error *error)
{
    const dnnl_memory_desc_t *md = &kernel->operands[dy].md;
    struct argument arguments[] = {{function->from_y ? DNNL_ARG_DST : DNNL_ARG_SRC, from},
                                   {DNNL_ARG_DIFF_DST, dy},
                                   {DNNL_ARG_DIFF_SRC, dx}};
    dnnl_primitive_desc_t descriptor;
    dnnl_eltwise_desc_t wanted;

    PASS(onednn_check(dnnl_eltwise_backward_desc_init(&wanted, function->backward, md, md,
                                                      function->alpha, function->beta),
                      "an element-wise function's gradient", error));
    PASS(onednn_describe(kernel, &wanted, false, hint, &descriptor,
                         "an element-wise function's gradient", error));
    return onednn_step(kernel, PHASE_BACKWARD, descriptor, arguments, 3, error);
}

static const struct primitive relu = {.kind = PRIMITIVE_ELEMENTWISE, .activation = ACTIVATION_RELU};

enum status onednn_relu_forward(struct onednn_kernel *kernel, int y, struct error *error)
{
    struct function function = function_of(&relu);
    dnnl_primitive_desc_t descriptor;

    return add_function(kernel, &function, y, y, &descriptor, error);
}

enum status onednn_relu_backward(struct onednn_kernel *kernel, int y, int dy, struct error *error)
{
    struct function function = function_of(&relu);
    dnnl_primitive_desc_t hint;
    dnnl_eltwise_desc_t wanted;

    PASS(onednn_check(dnnl_eltwise_forward_desc_init(&wanted, dnnl_forward_training,
                                                     function.backward, &kernel->operands[y].md, 0,
                                                     0),
                      "relu", error));
    PASS(onednn_describe(kernel, &wanted, false, NULL, &hint, "relu", error));
    return add_function_backward(kernel, &function, y, dy, dy, hint, error);
}

/* Takes any layout as it comes and leaves it. */
enum status onednn_prepare_elementwise(struct onednn_kernel *kernel, const struct request *request,
                                       struct error *error)
{
    struct function function = function_of(request->primitive);
    dnnl_primitive_desc_t hint;
    int x = input(kernel, request, 0);
    dnnl_memory_desc_t md = kernel->operands[x].md;
    int y = onednn_operand(kernel, &md, PLACE_Y);

    /* On plain values the layers' own functions are as fast. */
    kernel->slow = is_others(&request->layouts[0]);
    if (kernel->slow)
        return STATUS_OK;
    kernel->kernel.precision = onednn_precision(&md);
    PASS(add_function(kernel, &function, x, y, &hint, error));
    onednn_give(kernel, request, y);
    if (request->wants_dx[0])
        PASS(add_function_backward(kernel, &function, function.from_y ? y : x,
                                   onednn_operand(kernel, &md, PLACE_DY),
                                   onednn_operand(kernel, &md, PLACE_DX0), hint, error));
    return STATUS_OK;
}

enum status onednn_prepare_upsample(struct onednn_kernel *kernel, const struct request *request,
                                    struct error *error)
{
    float factors[] = {(float)request->out.height / (float)request->in[0].height,
                       (float)request->out.width / (float)request->in[0].width};
    dnnl_memory_desc_t source, values;
    dnnl_primitive_desc_t forward, backward;
    dnnl_resampling_desc_t wanted;
    int x;

    kernel->slow =
        request->layouts[0].kept_plain ||
        onednn_narrow(kernel->kernel_context, &request->layouts[0], request->in[0].channels);
    if (kernel->slow)
        return STATUS_OK;
    onednn_values(kernel->kernel_context, request->in[0], &source);
    onednn_values(kernel->kernel_context, request->out, &values);
    PASS(onednn_check(dnnl_resampling_forward_desc_init(&wanted, forward_kind(kernel),
                                                        dnnl_resampling_nearest, factors, &source,
                                                        &values),
                      "an enlargement", error));
    PASS(onednn_describe(kernel, &wanted, false, NULL, &forward, "an enlargement", error));
    PASS(onednn_as(kernel, PHASE_FORWARD, input(kernel, request, 0), &source, PLACE_SCRATCH, &x,
                   error));
    int y = onednn_operand(kernel, &values, PLACE_Y);
    struct argument arguments[] = {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}};
    PASS(onednn_step(kernel, PHASE_FORWARD, forward, arguments, 2, error));
    onednn_give(kernel, request, y);
    if (!request->wants_dx[0])
        return STATUS_OK;
    PASS(onednn_check(dnnl_resampling_backward_desc_init(&wanted, dnnl_resampling_nearest, factors,
                                                         &source, &values),
                      "an enlargement's gradient", error));
    PASS(onednn_describe(kernel, &wanted, false, forward, &backward, "an enlargement's gradient",
                         error));
    int dx = begin_dx(kernel, request, 0, &source);
    struct argument back[] = {{DNNL_ARG_DIFF_DST, onednn_operand(kernel, &values, PLACE_DY)},
                              {DNNL_ARG_DIFF_SRC, dx}};
    PASS(onednn_step(kernel, PHASE_BACKWARD, backward, back, 2, error));
    return finish_dx(kernel, request, 0, dx, error);
}

enum status onednn_prepare_add(struct onednn_kernel *kernel, const struct request *request,
                               struct error *error)
{
    int x0 = input(kernel, request, 0), x1 = input(kernel, request, 1);
    int as = kernel->operands[x0].md.ndims && request->layouts[0].form ? x0 : x1;
    dnnl_memory_desc_t md = kernel->operands[as].md;
    dnnl_primitive_desc_t descriptor;
    dnnl_binary_desc_t wanted;

    kernel->kernel.precision = onednn_precision(&md);
    PASS(onednn_as(kernel, PHASE_FORWARD, x0, &md, PLACE_SCRATCH, &x0, error));
    PASS(onednn_as(kernel, PHASE_FORWARD, x1, &md, PLACE_SCRATCH, &x1, error));
    PASS(onednn_check(dnnl_binary_desc_init(&wanted, dnnl_binary_add, &md, &md, &md), "a sum",
                      error));
    PASS(onednn_describe(kernel, &wanted, request->primitive->relu, NULL, &descriptor, "a sum",
                         error));
    int y = onednn_operand(kernel, &md, PLACE_Y);
    struct argument arguments[] = {{DNNL_ARG_SRC_0, x0}, {DNNL_ARG_SRC_1, x1}, {DNNL_ARG_DST, y}};
    PASS(onednn_step(kernel, PHASE_FORWARD, descriptor, arguments, 3, error));
    onednn_give(kernel, request, y);
    if (!kernel->kernel_context->training)
        return STATUS_OK;
    int dy = onednn_operand(kernel, &md, PLACE_DY);
    if (request->primitive->relu)
        PASS(onednn_relu_backward(kernel, y, dy, error));
    for (int k = 0; k < 2; k++)
        if (request->wants_dx[k]) {
            dnnl_memory_desc_t laid;
            onednn_laid(kernel->kernel_context, &request->layouts[k], request->in[k], &laid);
            PASS(onednn_copy(kernel, PHASE_BACKWARD, dy,
                             onednn_operand(kernel, &laid, (enum place)(PLACE_DX0 + k)), 1, error));
        }
    return STATUS_OK;
}

/* The part of `whole` that input k takes, rounded up. */
static enum status part_of(struct onednn_kernel *kernel, const struct request *request, int k,
                           int whole, int *part, struct error *error)
{
    const dnnl_memory_desc_t *md = &kernel->operands[whole].md;
    int begin = k ? request->in[0].channels : 0;
    dnnl_dims_t dims = {md->dims[0], k ? md->dims[1] - begin : request->in[0].channels, md->dims[2],
                        md->dims[3]};
    dnnl_dims_t offsets = {0, begin, 0, 0};
    dnnl_memory_desc_t view;

    PASS(onednn_check(dnnl_memory_desc_init_submemory(&view, md, dims, offsets), "a part", error));
    *part = onednn_alias(kernel, whole, &view, 0);
    return STATUS_OK;
}

enum status onednn_prepare_concat(struct onednn_kernel *kernel, const struct request *request,
                                  struct error *error)
{
    dnnl_memory_desc_t values, laid;
    int part;

    kernel->slow = request->in[0].channels % kernel->kernel_context->block != 0;
    if (kernel->slow) /* the second would begin in the middle of a block */
        return STATUS_OK;
    (request->layouts[0].kept_plain ? onednn_plain : onednn_values)(kernel->kernel_context,
                                                                    request->out, &values);
    int y = onednn_operand(kernel, &values, PLACE_Y), dy = -1;
    for (int k = 0; k < 2; k++) {
        PASS(part_of(kernel, request, k, y, &part, error));
        int x = input(kernel, request, k);
        if (request->layouts[0].kept_plain && !request->layouts[k].form)
            onednn_narrow_copy(kernel, request->in[k], request->out, (int[]){x, part});
        else
            PASS(onednn_copy(kernel, PHASE_FORWARD, x, part, 1, error));
    }
    onednn_give(kernel, request, y);
    for (int k = 0; k < 2; k++) {
        if (!request->wants_dx[k])
            continue;
        dy = dy < 0 ? onednn_operand(kernel, &values, PLACE_DY) : dy;
        onednn_laid(kernel->kernel_context, &request->layouts[k], request->in[k], &laid);
        PASS(part_of(kernel, request, k, dy, &part, error));
        PASS(onednn_copy(kernel, PHASE_BACKWARD, part,
                         onednn_operand(kernel, &laid, (enum place)(PLACE_DX0 + k)), 1, error));
    }
    return STATUS_OK;
}
