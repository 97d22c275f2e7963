/*
 * Batch normalisation, with max(x, 0) behind it where that follows. Channels that were added to
 * fill a block have scale and shift zero.
 */
#include "networks/engines/onednn/kernel.h"

struct onednn_batchnorm {
    struct onednn_kernel *kernel;
    const struct request *request;
    unsigned flags;
    dnnl_memory_desc_t values, vector, own; /* `own`: of the channels that there are */
    dnnl_primitive_desc_t forward;
    int x, y, scale, shift, mean, variance, workspace;
};

/* A vector that is packed from `floats` floats into a plain one. */
static enum status pack_vector(struct onednn_batchnorm *b, enum place place, size_t skip,
                               int *packed, struct error *error)
{
    int whole = onednn_operand(b->kernel, &b->own, place);
    int from = onednn_alias(b->kernel, whole, &b->own, skip * sizeof(float));

    *packed = onednn_operand(b->kernel, &b->vector, PLACE_PACKED);
    return onednn_copy(b->kernel, PHASE_PACK, from, *packed, 1, error);
}

static enum status pack(struct onednn_batchnorm *b, struct error *error)
{
    size_t channels = (size_t)b->request->out.channels;

    PASS(pack_vector(b, PLACE_PARAMETER0, 0, &b->scale, error));
    PASS(pack_vector(b, PLACE_PARAMETER1, 0, &b->shift, error));
    if (b->kernel->kernel_context->training) {
        b->mean = onednn_operand(b->kernel, &b->vector, PLACE_SAVED);
        b->variance = onednn_operand(b->kernel, &b->vector, PLACE_SAVED);
    } else {
        PASS(pack_vector(b, PLACE_RUNNING, 0, &b->mean, error));
        PASS(pack_vector(b, PLACE_RUNNING, channels, &b->variance, error));
    }
    return STATUS_OK;
}

/* Mean and unbiased variance of the shard, for the running statistics. */
static enum status give_statistics(struct onednn_batchnorm *b, struct error *error)
{
    double count =
        (double)b->kernel->kernel_context->batch * b->request->out.height * b->request->out.width;
    size_t channels = (size_t)b->request->out.channels;
    int means = onednn_operand(b->kernel, &b->own, PLACE_STATISTICS);
    int variances = onednn_alias(b->kernel, means, &b->own, channels * sizeof(float));

    PASS(onednn_copy(b->kernel, PHASE_FORWARD, b->mean, means, 1, error));
    return onednn_copy(b->kernel, PHASE_FORWARD, b->variance, variances,
                       (float)(count / (count > 1 ? count - 1 : 1)), error);
}

static enum status add_forward(struct onednn_batchnorm *b, struct error *error)
{
    const struct primitive *p = b->request->primitive;
    bool training = b->kernel->kernel_context->training;
    dnnl_batch_normalization_desc_t wanted;

    PASS(onednn_check(dnnl_batch_normalization_forward_desc_init(
                          &wanted, training ? dnnl_forward_training : dnnl_forward_inference,
                          &b->values, (float)p->epsilon, b->flags),
                      "batch normalisation", error));
    PASS(onednn_describe(b->kernel, &wanted, false, NULL, &b->forward, "batch normalisation",
                         error));
    PASS(pack(b, error));
    struct argument arguments[7] = {{DNNL_ARG_SRC, b->x},       {DNNL_ARG_DST, b->y},
                                    {DNNL_ARG_SCALE, b->scale}, {DNNL_ARG_SHIFT, b->shift},
                                    {DNNL_ARG_MEAN, b->mean},   {DNNL_ARG_VARIANCE, b->variance}};
    int count = 6;
    if (training && p->relu) {
        b->workspace = onednn_operand(b->kernel, onednn_query(b->forward, dnnl_query_workspace_md),
                                      PLACE_SAVED);
        arguments[count++] = (struct argument){DNNL_ARG_WORKSPACE, b->workspace};
    }
    PASS(onednn_step(b->kernel, PHASE_FORWARD, b->forward, arguments, count, error));
    if (training)
        PASS(give_statistics(b, error));
    return STATUS_OK;
}

static enum status add_backward(struct onednn_batchnorm *b, int dx, struct error *error)
{
    const struct primitive *p = b->request->primitive;
    int dscale = onednn_operand(b->kernel, &b->vector, PLACE_SCRATCH);
    int dshift = onednn_operand(b->kernel, &b->vector, PLACE_SCRATCH);
    int dy = onednn_operand(b->kernel, &b->values, PLACE_DY);
    struct argument arguments[11] = {{DNNL_ARG_SRC, b->x},
                                     {DNNL_ARG_MEAN, b->mean},
                                     {DNNL_ARG_VARIANCE, b->variance},
                                     {DNNL_ARG_SCALE, b->scale},
                                     {DNNL_ARG_DIFF_DST, dy},
                                     {DNNL_ARG_DIFF_SRC, dx},
                                     {DNNL_ARG_DIFF_SCALE, dscale},
                                     {DNNL_ARG_DIFF_SHIFT, dshift},
                                     {DNNL_ARG_SHIFT, b->shift},
                                     {DNNL_ARG_WORKSPACE, b->workspace}};
    dnnl_primitive_desc_t descriptor;
    dnnl_batch_normalization_desc_t wanted;

    PASS(onednn_check(dnnl_batch_normalization_backward_desc_init(&wanted, dnnl_backward,
                                                                  &b->values, &b->values,
                                                                  (float)p->epsilon, b->flags),
                      "batch normalisation's gradient", error));
    PASS(onednn_describe(b->kernel, &wanted, false, b->forward, &descriptor,
                         "batch normalisation's gradient", error));
    PASS(onednn_step(b->kernel, PHASE_BACKWARD, descriptor, arguments, p->relu ? 10 : 9, error));
    PASS(onednn_copy(b->kernel, PHASE_BACKWARD, dscale,
                     onednn_operand(b->kernel, &b->own, PLACE_GRADIENT0), 1, error));
    return onednn_copy(b->kernel, PHASE_BACKWARD, dshift,
                       onednn_operand(b->kernel, &b->own, PLACE_GRADIENT1), 1, error);
}

static enum status keep_plain(struct onednn_batchnorm *b, struct error *error)
{
    struct onednn_kernel *kernel = b->kernel;
    dnnl_memory_desc_t plain;

    onednn_vector((size_t)b->request->out.channels, &b->vector);
    b->own = b->vector;
    onednn_plain(kernel->kernel_context, b->request->out, &plain);
    int x = onednn_operand(kernel, &plain, PLACE_X0), y = onednn_operand(kernel, &plain, PLACE_Y);
    PASS(pack(b, error));
    onednn_narrow_batchnorm(kernel, b->request->out, b->request->primitive,
                            (int[]){x, y, b->scale, b->shift, b->mean, b->variance});
    onednn_give_plain(kernel, y);
    return STATUS_OK;
}

enum status onednn_prepare_batchnorm(struct onednn_kernel *kernel, const struct request *request,
                                     struct error *error)
{
    const struct kernel_context *kernel_context = kernel->kernel_context;
    struct onednn_batchnorm b = {.kernel = kernel, .request = request};
    dnnl_memory_desc_t laid;

    kernel->slow = onednn_narrow(kernel_context, &request->layouts[0], request->out.channels);
    if (kernel->slow)
        return STATUS_OK;
    if (!request->layouts[0].form && onednn_may_stay_plain(kernel_context))
        return keep_plain(&b, error);
    b.flags = dnnl_use_scale | dnnl_use_shift |
              (request->primitive->relu ? dnnl_fuse_norm_relu : 0u) |
              (kernel_context->training ? 0u : dnnl_use_global_stats);
    onednn_values(kernel_context, request->out, &b.values);
    onednn_vector((size_t)b.values.dims[1], &b.vector);
    onednn_vector((size_t)request->out.channels, &b.own);
    onednn_laid(kernel_context, &request->layouts[0], request->in[0], &laid);
    PASS(onednn_as(kernel, PHASE_FORWARD, onednn_operand(kernel, &laid, PLACE_X0), &b.values,
                   PLACE_SAVED, &b.x, error));
    b.y = onednn_operand(kernel, &b.values, PLACE_Y);
    PASS(add_forward(&b, error));
    onednn_give(kernel, request, b.y);
    if (!kernel_context->training)
        return STATUS_OK;
    bool same = dnnl_memory_desc_equal(&laid, &b.values) && request->wants_dx[0];
    int dx = onednn_operand(kernel, &b.values, same ? PLACE_DX0 : PLACE_SCRATCH);
    PASS(add_backward(&b, dx, error));
    if (!same && request->wants_dx[0])
        PASS(onednn_copy(kernel, PHASE_BACKWARD, dx, onednn_operand(kernel, &laid, PLACE_DX0), 1,
                         error));
    return STATUS_OK;
}
