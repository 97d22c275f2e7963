/* Workshops: which layouts values have on this processor, and which primitive is prepared where. */
#include "networks/engines/onednn/maker.h"

#include "base/memory.h"
#include "base/processor.h"
#include "networks/engines/onednn/kernel.h"

#include <omp.h>

/* What the library may use, in the limits of UNDERSTUDY_MAX_ISA even where a verb that computes
 * nothing did not hand them on to it. */
static bool has(dnnl_cpu_isa_t isa)
{
    enum processor_isa limit = isa == dnnl_cpu_isa_avx512_core_amx    ? PROCESSOR_AMX
                               : isa == dnnl_cpu_isa_avx512_core_bf16 ? PROCESSOR_AVX512_BF16
                               : isa == dnnl_cpu_isa_avx512_core      ? PROCESSOR_AVX512
                                                                      : PROCESSOR_AVX2;

    return ((unsigned)dnnl_get_effective_cpu_isa() & (unsigned)isa) == (unsigned)isa &&
           (isa == dnnl_cpu_isa_sse41 || processor_has(limit));
}

const char *onednn_isa(enum precision precision)
{
    if (precision == PRECISION_BFLOAT16)
        return has(dnnl_cpu_isa_avx512_core_amx)    ? "avx512_core_amx"
               : has(dnnl_cpu_isa_avx512_core_bf16) ? "avx512_core_bf16"
                                                    : "none";
    /* What newer sets add is of no use to float32. */
    return has(dnnl_cpu_isa_avx512_core) ? "avx512_core"
           : has(dnnl_cpu_isa_avx2)      ? "avx2"
           : has(dnnl_cpu_isa_sse41)     ? "sse41"
                                         : "generic";
}

enum status onednn_start(struct error *error)
{
    /* Kernels are made for, and run on, one thread: also where no team of threads is at work. */
    omp_set_num_threads(1);
    if (!onednn_device)
        PASS(onednn_check(dnnl_engine_create(&onednn_device, dnnl_cpu, 0), "its engine", error));
    return STATUS_OK;
}

static enum status check(enum precision precision, struct error *error)
{
    if (precision == PRECISION_BFLOAT16 && !has(dnnl_cpu_isa_avx512_core_bf16))
        return error_set(error, STATUS_UNAVAILABLE,
                         "bfloat16 needs kernels for AVX512_BF16; processor, --isa and "
                         "ONEDNN_MAX_CPU_ISA leave oneDNN those for %s",
                         onednn_isa(PRECISION_FLOAT32));
    return STATUS_OK;
}

static void take_all(bool all)
{
    onednn_takes_all = all;
}

static void keep_plain(bool may)
{
    onednn_keeps_plain = may;
}

/* Blocks of as many channels as a register has floats; tile registers (AMX) take whole pixels. */
static void choose_values(struct kernel_context *kernel_context)
{
    kernel_context->fused = has(dnnl_cpu_isa_avx2);
    kernel_context->type = kernel_context->precision == PRECISION_BFLOAT16 ? dnnl_bf16 : dnnl_f32;
    if (kernel_context->precision == PRECISION_BFLOAT16 && has(dnnl_cpu_isa_avx512_core_amx)) {
        kernel_context->values = dnnl_nhwc;
        kernel_context->block = 1;
    } else if (has(dnnl_cpu_isa_avx512_core)) {
        kernel_context->values = dnnl_nChw16c;
        kernel_context->block = 16;
    } else if (has(dnnl_cpu_isa_sse41)) {
        kernel_context->values = dnnl_nChw8c;
        kernel_context->block = 8;
    } else {
        kernel_context->values = dnnl_nchw;
        kernel_context->block = 1;
    }
}

static enum status open_context(enum precision precision, bool training, int batch, void **made,
                                struct error *error)
{
    struct kernel_context *kernel_context;

    PASS(onednn_start(error));
    PASS(check(precision, error));
    PASS(memory_new(&kernel_context, 1, sizeof *kernel_context, error));
    kernel_context->precision = precision;
    kernel_context->training = training;
    kernel_context->batch = batch;
    choose_values(kernel_context);
    *made = kernel_context;
    return STATUS_OK;
}

static void close_context(void *made)
{
    struct kernel_context *kernel_context = made;

    while (kernel_context->kernels)
        onednn_kernel_drop(kernel_context);
    memory_free(kernel_context);
}

static onednn_prepare *const prepares[] = {
    [PRIMITIVE_CONV] = onednn_prepare_convolution,
    [PRIMITIVE_TRANSPOSED_CONV] = onednn_prepare_convolution,
    [PRIMITIVE_DENSE] = onednn_prepare_dense,
    [PRIMITIVE_MAXPOOL] = onednn_prepare_pooling,
    [PRIMITIVE_AVGPOOL] = onednn_prepare_pooling,
    [PRIMITIVE_BATCHNORM] = onednn_prepare_batchnorm,
    [PRIMITIVE_ELEMENTWISE] = onednn_prepare_elementwise,
    [PRIMITIVE_UPSAMPLE] = onednn_prepare_upsample,
    [PRIMITIVE_ADD] = onednn_prepare_add,
    [PRIMITIVE_CONCAT] = onednn_prepare_concat,
};

/* What is never computed in another precision than was asked for. */
static bool has_weights(enum primitive_kind kind)
{
    return kind == PRIMITIVE_CONV || kind == PRIMITIVE_TRANSPOSED_CONV || kind == PRIMITIVE_DENSE ||
           kind == PRIMITIVE_BATCHNORM;
}

static enum status prepare(void *made, const struct primitive *primitive, const struct shape *in,
                           struct shape out, const struct layout *layouts, const bool *wants_dx,
                           struct kernel **kernel, struct error *error)
{
    enum status status = STATUS_OK;
    struct kernel_context *kernel_context = made;
    struct request request = {primitive, in, out, layouts, wants_dx};
    struct onednn_kernel *own;

    *kernel = NULL;
    if ((size_t)primitive->kind >= sizeof prepares / sizeof *prepares || !prepares[primitive->kind])
        return STATUS_OK;
    TRY(onednn_kernel_new(kernel_context, &own, error));
    own->alone = kernel_context->precision != PRECISION_FLOAT32 && has_weights(primitive->kind);
    struct error mistake = {0};
    status = prepares[primitive->kind](own, &request, &mistake);
    own->kernel.scratch += own->scratchpad;
    if (own->slow) { /* or not there at all */
        onednn_kernel_drop(kernel_context);
        return STATUS_OK;
    }
    *kernel = status == STATUS_OK ? &own->kernel : NULL;
    if (status != STATUS_OK && error)
        *error = mistake;
out:
    return status;
}

static enum status prepare_reorder(void *made, struct shape shape, const struct layout *from,
                                   const struct layout *to, struct kernel **kernel,
                                   struct error *error)
{
    struct onednn_kernel *own;
    dnnl_memory_desc_t x, y;

    PASS(onednn_kernel_new(made, &own, error));
    onednn_laid(made, from, shape, &x);
    onednn_laid(made, to, shape, &y);
    PASS(onednn_copy(own, PHASE_FORWARD, onednn_operand(own, &x, PLACE_X0),
                     onednn_operand(own, &y, PLACE_Y), 1, error));
    own->kernel.scratch += own->scratchpad;
    *kernel = &own->kernel;
    return STATUS_OK;
}

const struct kernel_maker onednn_kernels = {
    .check = check,
    .take_all = take_all,
    .keep_plain = keep_plain,
    .open = open_context,
    .close = close_context,
    .prepare = prepare,
    .prepare_reorder = prepare_reorder,
    .pack = onednn_pack,
    .bind = onednn_bind,
    .unbind = onednn_unbind,
    .forward = onednn_forward,
    .backward = onednn_backward,
};
