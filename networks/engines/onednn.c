/*
 * The oneDNN engine: whole primitives (convolution, pooling, batch normalisation …) prepared once
 * for their shapes, in layouts of their own, by code that is generated for this processor. What it
 * leaves (groups that fill no block, say) goes to OpenBLAS and the layers' own functions.
 *
 * The library stays single-threaded inside; what it is told of is in networks/engines/onednn/.
 * Built without the library, the engine says so when it is asked for.
 *
 * Georganas et al., Anatomy of high-performance deep learning convolutions on SIMD architectures,
 * SC 2018.
 */
#include "networks/engines/openblas.h"

#include <stdio.h>
#include <string.h>

#ifdef UNDERSTUDY_ONEDNN

#include "base/processor.h"
#include "networks/engines/onednn/maker.h"

#include <dnnl.h>

/* With OpenBLAS' version and kernels: what is left to it depends on them. */
static const char *onednn_version(void)
{
    static char text[256];
    const dnnl_version_t *version = dnnl_version();

    snprintf(text, sizeof text, "oneDNN %d.%d.%d, %s", version->major, version->minor,
             version->patch, engine_openblas.version());
    return text;
}

static enum status onednn_environment(const char *isa, const char **setting, struct error *error)
{
    static const char *const settings[] = {
        [PROCESSOR_AVX2] = "ONEDNN_MAX_CPU_ISA=AVX2",
        [PROCESSOR_AVX512] = "ONEDNN_MAX_CPU_ISA=AVX512_CORE",
        [PROCESSOR_AVX512_BF16] = "ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16",
        [PROCESSOR_AMX] = NULL,
    };
    enum processor_isa limit;

    *setting = NULL;
    PASS(processor_limit(&limit, error));
    if (isa && strcmp(isa, "avx512") == 0) /* what this processor does not have, openblas refuses */
        limit = PROCESSOR_AVX512;
    if (isa && strcmp(isa, "avx2") == 0)
        limit = PROCESSOR_AVX2;
    *setting = settings[limit];
    return STATUS_OK;
}

static enum status start(struct error *error)
{
    enum status status = engine_openblas.start(error);
    return status == STATUS_OK ? onednn_start(error) : status;
}

#define KERNELS &onednn_kernels
#define ISA onednn_isa

#else

#define KERNELS NULL
#define ISA isa_of_none

static const char *onednn_version(void)
{
    return "not built in";
}

static const char *isa_of_none(enum precision precision)
{
    (void)precision;
    return "none";
}

static enum status onednn_environment(const char *isa, const char **setting, struct error *error)
{
    (void)isa, (void)error;
    *setting = NULL;
    return STATUS_OK;
}

static enum status start(struct error *error)
{
    return error_set(
        error, STATUS_UNAVAILABLE,
        "this program was built without oneDNN; install libdnnl-dev and build again, or "
        "choose 'openblas'");
}

#endif

const struct engine engine_onednn = {
    .descriptor = {.name = "onednn",
                   .summary = "generated kernels in blocked layouts by oneDNN",
                   .source = "Georganas et al., Anatomy of high-performance deep learning "
                             "convolutions on SIMD architectures, SC 2018",
                   .version = 5},
    .version = onednn_version,
    .isa = ISA,
    .environment = onednn_environment,
    .start = start,
    .thread_room = OPENBLAS_THREAD_ROOM,
    .take_room = openblas_take_room,
    .kernels = KERNELS,
    .conv_scratch = openblas_conv_scratch,
    .conv_forward = openblas_conv_forward,
    .conv_backward_data = openblas_conv_backward_data,
    .conv_backward_weights = openblas_conv_backward_weights,
    .dense_forward = openblas_dense_forward,
    .dense_backward_data = openblas_dense_backward_data,
    .dense_backward_weights = openblas_dense_backward_weights,
};
