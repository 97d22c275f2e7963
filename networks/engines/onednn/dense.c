/*
 * Dense layers in bfloat16: what comes in is brought to rows of values, what goes out is plain. In
 * float32 a shard's step is faster by OpenBLAS (measured: up to twice, for 28x28 to 1000 to 1000),
 * since oneDNN's products want weights and their gradients in another order.
 */
#include "networks/engines/onednn/kernel.h"

struct onednn_dense {
    struct onednn_kernel *kernel;
    const struct request *request;
    dnnl_memory_desc_t source, values, gradient; /* rows; `gradient`: of what it gives */
    dnnl_memory_desc_t weights, bias, own;       /* `weights`: any; `own`: the parameter's */
    dnnl_primitive_desc_t forward;
    int parameter;
};

static void rows(int batch, int size, dnnl_data_type_t type, dnnl_memory_desc_t *md)
{
    dnnl_dims_t dims = {batch, size};
    dnnl_memory_desc_init_by_tag(md, 2, dims, type, dnnl_ab);
}

/* What comes in, as plain images of the kernel_context's type: the same memory as rows. */
static enum status bring_in(struct onednn_dense *d, int *x, struct error *error)
{
    struct onednn_kernel *kernel = d->kernel;
    dnnl_memory_desc_t laid, plain;

    onednn_laid(kernel->kernel_context, &d->request->layouts[0], d->request->in[0], &laid);
    onednn_plain(kernel->kernel_context, d->request->in[0], &plain);
    dnnl_dims_t dims = {plain.dims[0], plain.dims[1], plain.dims[2], plain.dims[3]};
    dnnl_memory_desc_init_by_tag(&plain, 4, dims, kernel->kernel_context->type, dnnl_nchw);
    PASS(onednn_as(kernel, PHASE_FORWARD, onednn_operand(kernel, &laid, PLACE_X0), &plain,
                   PLACE_SAVED, x, error));
    *x = onednn_alias(kernel, *x, &d->source, 0);
    return STATUS_OK;
}

static enum status add_forward(struct onednn_dense *d, int x, int y, struct error *error)
{
    const struct primitive *p = d->request->primitive;
    struct argument arguments[4] = {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}};
    int count = 2;
    dnnl_inner_product_desc_t wanted;

    PASS(onednn_check(
        dnnl_inner_product_forward_desc_init(
            &wanted,
            d->kernel->kernel_context->training ? dnnl_forward_training : dnnl_forward_inference,
            &d->source, &d->weights, p->bias ? &d->bias : NULL, &d->values),
        "a dense layer", error));
    PASS(onednn_describe(d->kernel, &wanted, p->relu, NULL, &d->forward, "a dense layer", error));
    int weights =
        onednn_operand(d->kernel, onednn_query(d->forward, dnnl_query_weights_md), PLACE_PACKED);
    PASS(onednn_copy(d->kernel, PHASE_PACK, d->parameter, weights, 1, error));
    arguments[count++] = (struct argument){DNNL_ARG_WEIGHTS, weights};
    if (p->bias) {
        int bias = onednn_operand(d->kernel, &d->bias, PLACE_PACKED);
        PASS(onednn_copy(d->kernel, PHASE_PACK,
                         onednn_operand(d->kernel, &d->bias, PLACE_PARAMETER1), bias, 1, error));
        arguments[count++] = (struct argument){DNNL_ARG_BIAS, bias};
    }
    return onednn_step(d->kernel, PHASE_FORWARD, d->forward, arguments, count, error);
}

static enum status add_weights_gradient(struct onednn_dense *d, int x, int dy, struct error *error)
{
    const struct primitive *p = d->request->primitive;
    dnnl_memory_desc_t gradient = d->weights;
    dnnl_inner_product_desc_t wanted;
    dnnl_primitive_desc_t descriptor;

    gradient.data_type = dnnl_f32;
    PASS(onednn_check(dnnl_inner_product_backward_weights_desc_init(
                          &wanted, &d->source, &gradient, p->bias ? &d->bias : NULL, &d->gradient),
                      "a dense layer's gradient", error));
    PASS(onednn_describe(d->kernel, &wanted, false, d->forward, &descriptor,
                         "a dense layer's gradient", error));
    const dnnl_memory_desc_t *md = onednn_query(descriptor, dnnl_query_diff_weights_md);
    bool same = dnnl_memory_desc_equal(md, &d->own);
    int dw = onednn_operand(d->kernel, md, same ? PLACE_GRADIENT0 : PLACE_SCRATCH);
    struct argument arguments[4] = {
        {DNNL_ARG_SRC, x}, {DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_WEIGHTS, dw}};
    if (p->bias)
        arguments[3] = (struct argument){DNNL_ARG_DIFF_BIAS,
                                         onednn_operand(d->kernel, &d->bias, PLACE_GRADIENT1)};
    PASS(onednn_step(d->kernel, PHASE_BACKWARD, descriptor, arguments, p->bias ? 4 : 3, error));
    if (!same)
        PASS(onednn_copy(d->kernel, PHASE_BACKWARD, dw,
                         onednn_operand(d->kernel, &d->own, PLACE_GRADIENT0), 1, error));
    return STATUS_OK;
}

static enum status add_data_gradient(struct onednn_dense *d, int dy, struct error *error)
{
    dnnl_memory_desc_t laid, plain;
    dnnl_inner_product_desc_t wanted;
    dnnl_primitive_desc_t descriptor;

    onednn_laid(d->kernel->kernel_context, &d->request->layouts[0], d->request->in[0], &laid);
    onednn_plain(d->kernel->kernel_context, d->request->in[0], &plain);
    dnnl_memory_desc_t into = d->source;
    into.data_type = dnnl_f32;
    PASS(onednn_check(
        dnnl_inner_product_backward_data_desc_init(&wanted, &into, &d->weights, &d->gradient),
        "a dense layer's gradient", error));
    PASS(onednn_describe(d->kernel, &wanted, false, d->forward, &descriptor,
                         "a dense layer's gradient", error));
    int weights =
        onednn_operand(d->kernel, onednn_query(descriptor, dnnl_query_weights_md), PLACE_PACKED);
    PASS(onednn_copy(d->kernel, PHASE_PACK, d->parameter, weights, 1, error));
    bool same = dnnl_memory_desc_equal(&laid, &plain);
    int dx = onednn_operand(d->kernel, &plain, same ? PLACE_DX0 : PLACE_SCRATCH);
    struct argument arguments[] = {{DNNL_ARG_DIFF_DST, dy},
                                   {DNNL_ARG_WEIGHTS, weights},
                                   {DNNL_ARG_DIFF_SRC, onednn_alias(d->kernel, dx, &into, 0)}};
    PASS(onednn_step(d->kernel, PHASE_BACKWARD, descriptor, arguments, 3, error));
    if (!same)
        PASS(onednn_copy(d->kernel, PHASE_BACKWARD, dx, onednn_operand(d->kernel, &laid, PLACE_DX0),
                         1, error));
    return STATUS_OK;
}

enum status onednn_prepare_dense(struct onednn_kernel *kernel, const struct request *request,
                                 struct error *error)
{
    const struct kernel_context *kernel_context = kernel->kernel_context;
    int inputs = (int)shape_size(request->in[0]), outputs = (int)shape_size(request->out);
    dnnl_dims_t dims = {outputs, inputs};
    struct onednn_dense d = {.kernel = kernel, .request = request};
    dnnl_memory_desc_t plain;
    int x, dy;

    kernel->slow = kernel_context->precision == PRECISION_FLOAT32 && !onednn_takes_all;
    if (kernel->slow)
        return STATUS_OK;
    rows(kernel_context->batch, inputs, kernel_context->type, &d.source);
    rows(kernel_context->batch, outputs, dnnl_f32, &d.values);
    rows(kernel_context->batch, outputs, kernel_context->type, &d.gradient);
    dnnl_memory_desc_init_by_tag(&d.weights, 2, dims, kernel_context->type, dnnl_format_tag_any);
    dnnl_memory_desc_init_by_tag(&d.own, 2, dims, dnnl_f32, dnnl_ab);
    onednn_vector((size_t)outputs, &d.bias);
    d.parameter = onednn_operand(kernel, &d.own, PLACE_PARAMETER0);
    PASS(bring_in(&d, &x, error));
    onednn_plain(kernel_context, request->out, &plain);
    int y = onednn_operand(kernel, &plain, PLACE_Y);
    PASS(add_forward(&d, x, onednn_alias(kernel, y, &d.values, 0), error));
    onednn_give(kernel, request, y);
    if (!kernel_context->training)
        return STATUS_OK;
    int given = onednn_operand(kernel, &d.values, PLACE_DY);
    if (request->primitive->relu)
        PASS(onednn_relu_backward(kernel, onednn_alias(kernel, y, &d.values, 0), given, error));
    PASS(onednn_as(kernel, PHASE_BACKWARD, given, &d.gradient, PLACE_SCRATCH, &dy, error));
    if (request->wants_dx[0])
        PASS(add_data_gradient(&d, dy, error));
    return add_weights_gradient(&d, x, dy, error);
}
