/* One shard's way through a program. */
#include "graph/program.h"

#include "base/interrupt.h"
#include "base/vectors.h"

#include <string.h>

static void *carve(unsigned char **at, size_t bytes)
{
    void *part = *at;
    *at += (bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
    return bytes ? part : NULL;
}

/* The same parts as program.c has counted. */
static void carve_all(struct executor *executor)
{
    const struct program *program = executor->program;
    const struct network *network = program->network;
    const struct buffer *buffers = program->buffers.buffers;
    unsigned char *at = executor->memory;

    executor->nodes = carve(&at, network->count * sizeof *executor->nodes);
    memset(executor->nodes, 0, network->count * sizeof *executor->nodes);
    size_t images = (size_t)program->batch;
    executor->input = carve(&at, images * shape_size(network->input) * sizeof(float));
    executor->output_gradient = carve(&at, images * shape_size(network->output) * sizeof(float));
    executor->batch_statistics = carve(&at, network->statistics * sizeof(float));
    executor->scratch = carve(&at, program->scratch_bytes);
    for (int k = 0; k < LAYER_MAX_INPUTS; k++) {
        executor->spare[k] = carve(&at, program->spare_bytes);
        executor->spare_plain[k] = carve(&at, program->spare_plain_bytes);
    }
    unsigned char *saved = carve(&at, program->saved_bytes);
    unsigned char *common = carve(&at, program->buffers.bytes);
    for (size_t i = 0; i < network->count; i++) {
        const struct program_node *made = &program->nodes[i];
        struct executor_node *node = &executor->nodes[i];
        node->values = common + buffers[made->values].offset;
        node->gradient = common + buffers[made->gradient].offset;
        node->copy = made->copied ? (void *)(common + buffers[made->copy].offset) : node->values;
        bool saves = made->kernel || program->use == PROGRAM_TRAIN;
        node->saved = saved && saves ? saved + made->saved : NULL;
    }
    executor->output = executor->nodes[network->count - 1].copy;
}

/* Where node i's dx for its input k goes first. */
static void *dx_of(const struct executor *executor, size_t i, int k)
{
    int from = executor->program->network->nodes[i].inputs[k];

    if (from < 0 || executor->program->use != PROGRAM_TRAIN)
        return NULL;
    return executor->program->nodes[i].adds[k] ? executor->spare[k]
                                               : executor->nodes[from].gradient;
}

static enum status bind_node(struct executor *executor, size_t i, struct error *error)
{
    const struct program *program = executor->program;
    const struct network_node *source = &program->network->nodes[i];
    const struct program_node *made = &program->nodes[i];
    struct executor_node *node = &executor->nodes[i];
    const struct kernel_maker *kernels = program->engine->kernels;

    if (made->kernel) {
        struct kernel_buffers buffers = {.y = node->values,
                                         .dy = node->gradient,
                                         .packed = program->packed ? program->packed + made->packed
                                                                   : NULL,
                                         .saved = node->saved,
                                         .scratch = executor->scratch};
        if (source->statistics)
            buffers.statistics = executor->batch_statistics + source->statistics_offset;
        for (int k = 0; k < source->layer->inputs; k++) {
            int from = source->inputs[k];
            buffers.x[k] = from < 0 ? (void *)executor->input : executor->nodes[from].values;
            buffers.dx[k] = dx_of(executor, i, k);
        }
        PASS(kernels->bind(made->kernel, &buffers, &node->bound, error));
    }
    if (made->to_plain) {
        struct kernel_buffers buffers = {
            .x = {node->values}, .y = node->copy, .scratch = executor->scratch};
        PASS(kernels->bind(made->to_plain, &buffers, &node->to_plain, error));
    }
    return STATUS_OK;
}

/* Gradients on their way from plain into a layout: the output's, and what a layer's own backward
 * gives. */
static enum status bind_return(struct executor *executor, size_t i, struct error *error)
{
    const struct program *program = executor->program;
    bool output = i == program->network->count - 1;
    struct kernel_buffers buffers = {
        .x = {output ? executor->output_gradient : executor->spare_plain[0]},
        .y = output ? executor->nodes[i].gradient : executor->spare[0],
        .scratch = executor->scratch};

    return program->engine->kernels->bind(program->nodes[i].from_plain, &buffers,
                                          &executor->nodes[i].from_plain, error);
}

enum status executor_new(struct executor *executor, const struct program *program, void *memory,
                         struct error *error)
{
    enum status status = STATUS_OK;

    *executor = (struct executor){.program = program, .memory = memory};
    if (!memory) {
        TRY(memory_new(&executor->memory, program->bytes, 1, error));
        executor->owns = true;
    }
    carve_all(executor);
    for (size_t i = 0; i < program->network->count; i++)
        TRY(bind_node(executor, i, error));
    for (size_t i = 0; i < program->network->count; i++)
        if (program->nodes[i].from_plain)
            TRY(bind_return(executor, i, error));
out:
    if (status != STATUS_OK)
        executor_release(executor);
    return status;
}

void executor_release(struct executor *executor)
{
    for (size_t i = 0; executor->nodes && i < executor->program->network->count; i++) {
        struct bound_kernel *bound[] = {executor->nodes[i].bound, executor->nodes[i].to_plain,
                                        executor->nodes[i].from_plain};
        for (size_t b = 0; b < sizeof bound / sizeof *bound; b++)
            if (bound[b])
                executor->program->engine->kernels->unbind(bound[b]);
    }
    if (executor->owns)
        memory_free(executor->memory);
    memset(executor, 0, sizeof *executor);
}

/* Everything that both directions tell a layer. */
static struct layer_call call_of(const struct executor *executor, size_t i, const float *parameters)
{
    const struct program *program = executor->program;
    const struct network_node *node = &program->network->nodes[i];
    struct layer_call call = {.config = node->config,
                              .engine = program->engine,
                              .batch = program->batch,
                              .inputs = node->layer->inputs,
                              .out = node->out,
                              .training = program->use == PROGRAM_TRAIN,
                              .y = executor->nodes[i].values,
                              .saved = executor->nodes[i].saved,
                              .scratch = executor->scratch};

    for (int k = 0; k < node->layer->inputs; k++) {
        call.in[k] = node->in[k];
        call.x[k] = node->inputs[k] < 0 ? executor->input : executor->nodes[node->inputs[k]].copy;
    }
    for (int k = 0; k < node->parameter_count; k++)
        call.parameters[k] = parameters + node->parameter_offset[k];
    if (call.training && node->statistics)
        call.batch_statistics = executor->batch_statistics + node->statistics_offset;
    return call;
}

/* As in the layer relu, NaN passes. */
WIDE_VECTORS static void relu_in_place(float *values, size_t count)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        values[i] = values[i] < 0 ? 0 : values[i];
}

WIDE_VECTORS static void relu_backward_in_place(const float *values, float *gradient, size_t count)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        gradient[i] = values[i] > 0 ? gradient[i] : 0;
}

void executor_forward(struct executor *executor, const float *parameters, const float *statistics,
                      struct random_key key, uint64_t step)
{
    const struct program *program = executor->program;
    const struct network *network = program->network;
    const struct kernel_maker *kernels = program->engine->kernels;

    for (size_t i = 0; i < network->count && !interrupt_requested(); i++) {
        const struct network_node *node = &network->nodes[i];
        if (executor->nodes[i].bound) {
            kernels->forward(executor->nodes[i].bound);
        } else if (!program->nodes[i].fused) {
            struct layer_call call = call_of(executor, i, parameters);
            if (node->statistics && statistics)
                call.statistics = statistics + node->statistics_offset;
            call.stream = random_stream(key, RANDOM_LAYER, random_index((uint32_t)i, step));
            node->layer->forward(&call);
            if (program->nodes[i].inlined)
                relu_in_place(call.y, program->nodes[i].layout.bytes / sizeof(float));
        }
        if (executor->nodes[i].to_plain)
            kernels->forward(executor->nodes[i].to_plain);
    }
}

static void add_float32(float *into, const float *from, size_t count)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        into[i] += from[i];
}

static float from_bfloat16(uint16_t value)
{
    uint32_t bits = (uint32_t)value << 16;
    float result;

    memcpy(&result, &bits, sizeof result);
    return result;
}

/* Rounded to the nearest, ties to even; what is not a number stays so. */
static uint16_t to_bfloat16(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1)) >> 16;
    return (uint16_t)((bits & 0x7fffffffu) > 0x7f800000u ? (bits >> 16) | 0x40u : rounded);
}

static void add_bfloat16(uint16_t *into, const uint16_t *from, size_t count)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        into[i] = to_bfloat16(from_bfloat16(into[i]) + from_bfloat16(from[i]));
}

/* Values of one layout on top of others, whatever the order in it. */
static void add_values(const struct layout *layout, void *into, const void *from)
{
    if (layout->precision == PRECISION_BFLOAT16)
        add_bfloat16(into, from, layout->bytes / sizeof(uint16_t));
    else
        add_float32(into, from, layout->bytes / sizeof(float));
}

/* A layer's own backward: dx +=, on plain values. What it read in the engine's layout gets its
 * gradient by way of spare memory. */
static void backward_plain(struct executor *executor, size_t i, const float *parameters,
                           float *gradients)
{
    const struct program *program = executor->program;
    const struct network_node *node = &program->network->nodes[i];
    const struct program_node *made = &program->nodes[i];
    struct layer_call call = call_of(executor, i, parameters);

    if (made->inlined)
        relu_backward_in_place(executor->nodes[i].values, executor->nodes[i].gradient,
                               made->layout.bytes / sizeof(float));
    call.dy = executor->nodes[i].gradient;
    for (int k = 0; k < node->layer->inputs; k++) {
        int from = node->inputs[k];
        if (from < 0)
            continue;
        bool plain = !program->nodes[from].layout.form;
        call.dx[k] = plain ? executor->nodes[from].gradient : executor->spare_plain[k];
        if (!plain || !made->adds[k])
            memset(call.dx[k], 0, (size_t)program->batch * shape_size(node->in[k]) * sizeof(float));
    }
    for (int k = 0; k < node->parameter_count; k++) {
        call.gradients[k] = gradients + node->parameter_offset[k];
        memset(call.gradients[k], 0, layer_parameter_size(&node->parameters[k]) * sizeof(float));
    }
    node->layer->backward(&call);
}

/* What a layer's backward gave for node `from`, its input k, into that node's layout. */
static void bring_back(struct executor *executor, size_t from, int k, bool adds)
{
    const struct program *program = executor->program;
    const struct layout *layout = &program->nodes[from].layout;

    if (k > 0)
        memcpy(executor->spare_plain[0], executor->spare_plain[k], program->spare_plain_bytes);
    program->engine->kernels->forward(executor->nodes[from].from_plain);
    if (adds)
        add_values(layout, executor->nodes[from].gradient, executor->spare[0]);
    else
        memcpy(executor->nodes[from].gradient, executor->spare[0], layout->bytes);
}

static void backward_kernel(struct executor *executor, size_t i, float *gradients)
{
    const struct program *program = executor->program;
    const struct network_node *node = &program->network->nodes[i];
    float *into[LAYER_MAX_PARAMETERS] = {NULL};

    for (int k = 0; k < node->parameter_count; k++)
        into[k] = gradients + node->parameter_offset[k];
    program->engine->kernels->backward(executor->nodes[i].bound, into);
    for (int k = 0; k < node->layer->inputs; k++)
        if (node->inputs[k] >= 0 && program->nodes[i].adds[k])
            add_values(&program->nodes[node->inputs[k]].layout,
                       executor->nodes[node->inputs[k]].gradient, executor->spare[k]);
}

/* Gradients that no layer writes, and the output's. */
static void begin_backward(struct executor *executor)
{
    const struct program *program = executor->program;
    size_t last = program->network->count - 1;

    for (size_t i = 0; i < last; i++)
        if (program->nodes[i].unread)
            memset(executor->nodes[i].gradient, 0, program->nodes[i].layout.bytes);
    if (executor->nodes[last].from_plain)
        program->engine->kernels->forward(executor->nodes[last].from_plain);
    else
        memcpy(executor->nodes[last].gradient, executor->output_gradient,
               program->nodes[last].layout.bytes);
}

void executor_backward(struct executor *executor, const float *parameters, float *gradients)
{
    const struct program *program = executor->program;

    begin_backward(executor);
    for (size_t i = program->network->count; i-- > 0 && !interrupt_requested();) {
        const struct network_node *node = &program->network->nodes[i];
        if (program->nodes[i].fused)
            continue;
        if (executor->nodes[i].bound) {
            backward_kernel(executor, i, gradients);
            continue;
        }
        backward_plain(executor, i, parameters, gradients);
        for (int k = 0; k < node->layer->inputs; k++)
            if (node->inputs[k] >= 0 && program->nodes[node->inputs[k]].layout.form)
                bring_back(executor, (size_t)node->inputs[k], k, program->nodes[i].adds[k]);
    }
}

/* Not finite: all bits of the exponent are set. Looked at as bits, many lanes at a time. */
static bool all_finite(const struct layout *layout, const void *values)
{
    const uint32_t *words = values; /* of bfloat16, two in a word */
    bool halves = layout->precision == PRECISION_BFLOAT16;
    uint32_t found = 0, low = halves ? 0x7f80u : 0x7f800000u;

#pragma omp simd reduction(| : found)
    for (size_t i = 0; i < layout->bytes / sizeof *words; i++)
        found |= (uint32_t)((words[i] & 0x7f800000u) == 0x7f800000u) |
                 (uint32_t)((words[i] & low) == low);
    return !found;
}

bool executor_finite(const struct executor *executor, size_t *node)
{
    const struct program *program = executor->program;

    for (size_t i = 0; i < program->network->count; i++)
        if (!all_finite(&program->nodes[i].layout, executor->nodes[i].values)) {
            *node = i;
            return false;
        }
    return true;
}
