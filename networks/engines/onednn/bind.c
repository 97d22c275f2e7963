/* Kernels bound to memory, and run. */
#include "base/memory.h"
#include "networks/engines/onednn/kernel.h"
#include "networks/engines/tiles.h"

#include <assert.h>

struct bound_step {
    dnnl_primitive_t primitive;
    int count;
    dnnl_exec_arg_t arguments[MAX_ARGUMENTS];
};

struct bound_kernel {
    const struct onednn_kernel *kernel;
    dnnl_stream_t stream;
    dnnl_memory_t memories[MAX_OPERANDS]; /* of the operands that are used after packing */
    struct bound_step steps[MAX_STEPS];
};

static void *address_of(const struct onednn_kernel *kernel, const struct kernel_buffers *buffers,
                        const struct operand *operand)
{
    void *base = NULL;

    switch (operand->place) {
    case PLACE_X0: base = buffers->x[0]; break;
    case PLACE_X1: base = buffers->x[1]; break;
    case PLACE_Y: base = buffers->y; break;
    case PLACE_DX0: base = buffers->dx[0]; break;
    case PLACE_DX1: base = buffers->dx[1]; break;
    case PLACE_DY: base = buffers->dy; break;
    case PLACE_PACKED: base = buffers->packed; break;
    case PLACE_SAVED: base = buffers->saved; break;
    case PLACE_SCRATCH: base = buffers->scratch; break;
    case PLACE_SCRATCHPAD:
        base = (unsigned char *)buffers->scratch + kernel->kernel.scratch - kernel->scratchpad;
        break;
    case PLACE_STATISTICS: base = buffers->statistics; break;
    case PLACE_RUNNING:
    case PLACE_PARAMETER0:
    case PLACE_PARAMETER1:
    case PLACE_GRADIENT0:
    case PLACE_GRADIENT1: return NULL;
    }
    return base ? (unsigned char *)base + operand->offset : NULL;
}

/* The memory objects of one step, as far as they are not there yet. */
static enum status bind_step(struct bound_kernel *bound, const struct kernel_buffers *buffers,
                             int s, struct error *error)
{
    const struct kernel_step *step = &bound->kernel->steps[s];
    struct bound_step *to = &bound->steps[s];

    *to = (struct bound_step){.primitive = step->primitive, .count = step->count};
    for (int a = 0; a < step->count; a++) {
        int o = step->arguments[a].operand;
        const struct operand *operand = &bound->kernel->operands[o];
        if (!bound->memories[o])
            PASS(onednn_check(dnnl_memory_create(&bound->memories[o], &operand->md, onednn_device,
                                                 address_of(bound->kernel, buffers, operand)),
                              "memory", error));
        to->arguments[a] = (dnnl_exec_arg_t){step->arguments[a].name, bound->memories[o]};
    }
    return STATUS_OK;
}

enum status onednn_bind(const struct kernel *kernel, const struct kernel_buffers *buffers,
                        struct bound_kernel **bound, struct error *error)
{
    enum status status = STATUS_OK;
    struct bound_kernel *made = NULL;

    TRY(memory_new(&made, 1, sizeof *made, error));
    made->kernel = (const struct onednn_kernel *)kernel;
    TRY(onednn_check(dnnl_stream_create(&made->stream, onednn_device, dnnl_stream_default_flags),
                     "a stream", error));
    for (int s = 0; s < made->kernel->step_count; s++)
        if (made->kernel->steps[s].phase != PHASE_PACK)
            TRY(bind_step(made, buffers, s, error));
out:
    if (status != STATUS_OK && made)
        onednn_unbind(made);
    *bound = status == STATUS_OK ? made : NULL;
    return status;
}

void onednn_unbind(struct bound_kernel *bound)
{
    for (int o = 0; o < MAX_OPERANDS; o++)
        if (bound->memories[o])
            dnnl_memory_destroy(bound->memories[o]);
    if (bound->stream)
        dnnl_stream_destroy(bound->stream);
    memory_free(bound);
}

/* Shapes and memory have been checked when the kernel was made, so a failure is our own bug. */
static void execute(dnnl_primitive_t primitive, dnnl_stream_t stream, int count,
                    const dnnl_exec_arg_t *arguments)
{
    dnnl_status_t result = dnnl_primitive_execute(primitive, stream, count, arguments);
    assert(result == dnnl_success);
    (void)result;
}

static void run_own(const struct bound_kernel *bound, int s)
{
    const struct kernel_step *step = &bound->kernel->steps[s];
    void *at[MAX_ARGUMENTS] = {NULL};

    for (int a = 0; a < step->count; a++) {
        dnnl_status_t result =
            dnnl_memory_get_data_handle(bound->steps[s].arguments[a].memory, &at[a]);
        assert(result == dnnl_success);
        (void)result;
    }
    if (step->own != OWN_TILES)
        onednn_run_narrow(step, bound->kernel->kernel_context, at);
    else
        tiles_weights(&step->geometry, bound->kernel->kernel_context->batch, at[0], at[1], at[2],
                      at[4], at[3]);
}

static void run(const struct bound_kernel *bound, enum phase phase)
{
    for (int s = 0; s < bound->kernel->step_count; s++)
        if (bound->kernel->steps[s].phase != phase)
            continue;
        else if (!bound->steps[s].primitive)
            run_own(bound, s);
        else
            execute(bound->steps[s].primitive, bound->stream, bound->steps[s].count,
                    bound->steps[s].arguments);
}

void onednn_forward(struct bound_kernel *bound)
{
    run(bound, PHASE_FORWARD);
}

void onednn_backward(struct bound_kernel *bound, float *const *gradients)
{
    for (int o = 0; o < bound->kernel->operand_count; o++) {
        const struct operand *operand = &bound->kernel->operands[o];
        if (bound->memories[o] &&
            (operand->place == PLACE_GRADIENT0 || operand->place == PLACE_GRADIENT1))
            dnnl_memory_set_data_handle(
                bound->memories[o],
                (unsigned char *)gradients[operand->place - PLACE_GRADIENT0] + operand->offset);
    }
    run(bound, PHASE_BACKWARD);
}

/* Plain sources lie where the caller says; everything else to pack lies among what is packed. */
static void *source_of(const struct operand *operand, const float *const *parameters,
                       const float *statistics, void *packed)
{
    const float *base = packed;

    if (operand->place == PLACE_PARAMETER0 || operand->place == PLACE_PARAMETER1)
        base = parameters[operand->place - PLACE_PARAMETER0];
    else if (operand->place == PLACE_RUNNING)
        base = statistics;
    return (unsigned char *)(uintptr_t)base + operand->offset;
}

static void pack_step(const struct onednn_kernel *kernel, const struct kernel_step *step,
                      dnnl_stream_t stream, const float *const *parameters, const float *statistics,
                      void *packed)
{
    dnnl_exec_arg_t arguments[MAX_ARGUMENTS];
    dnnl_status_t result = dnnl_success;

    for (int a = 0; a < step->count; a++) {
        const struct operand *operand = &kernel->operands[step->arguments[a].operand];
        arguments[a].arg = step->arguments[a].name;
        if (result == dnnl_success)
            result = dnnl_memory_create(&arguments[a].memory, &operand->md, onednn_device,
                                        source_of(operand, parameters, statistics, packed));
    }
    assert(result == dnnl_success);
    execute(step->primitive, stream, step->count, arguments);
    for (int a = 0; a < step->count; a++)
        dnnl_memory_destroy(arguments[a].memory);
}

void onednn_pack(const struct kernel *kernel, const float *const *parameters,
                 const float *statistics, void *packed)
{
    const struct onednn_kernel *from = (const struct onednn_kernel *)kernel;
    dnnl_stream_t stream = NULL;
    dnnl_status_t result = dnnl_stream_create(&stream, onednn_device, dnnl_stream_default_flags);

    assert(result == dnnl_success);
    (void)result;
    for (int s = 0; s < from->step_count; s++)
        if (from->steps[s].phase == PHASE_PACK)
            pack_step(from, &from->steps[s], stream, parameters, statistics, packed);
    dnnl_stream_destroy(stream);
}
