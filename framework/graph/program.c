/*
 * From a network's graph to a program.
 *
 * Values have one layout each, chosen by the node that makes them; their gradient has the same. A
 * node that the engine does not know works on plain values: what it reads is copied from the
 * engine's layout once, its gradient is brought back. So reorders stand only where the engine's
 * nodes meet others (and the engine's kernels may reorder what they read, see the engine).
 *
 * Moments: node i of n goes forward at i and backward at 2n - i.
 */
#include "graph/program.h"

#include <string.h>

static struct layout plain_layout(const struct program *program, struct shape shape)
{
    return (struct layout){.bytes = (size_t)program->batch * shape_size(shape) * sizeof(float)};
}

static bool is_plain(const struct layout *layout)
{
    return layout->form == NULL;
}

static struct layout layout_of(const struct program *program, int node)
{
    return node < 0 ? plain_layout(program, program->network->input) : program->nodes[node].layout;
}

static void describe(const struct network_node *node, struct primitive *primitive)
{
    *primitive = (struct primitive){0};
    if (node->layer->primitive)
        node->layer->primitive(node->config, node->in, node->out, primitive);
}

/* The relu that is all that reads node i's values; the network's count where there is none. Only
 * what gives new sums is worth it. */
static size_t find_relu(const struct program *program, size_t i, const struct primitive *primitive)
{
    const struct network *network = program->network;
    size_t readers = 0, reader = network->nodes[i].last_use;
    struct primitive next;

    if (primitive->kind != PRIMITIVE_CONV && primitive->kind != PRIMITIVE_TRANSPOSED_CONV &&
        primitive->kind != PRIMITIVE_DENSE && primitive->kind != PRIMITIVE_BATCHNORM &&
        primitive->kind != PRIMITIVE_ADD)
        return network->count;
    if (program->use == PROGRAM_OBSERVE || reader <= i || reader >= network->count)
        return network->count;
    for (size_t j = i + 1; j <= reader; j++)
        for (int k = 0; k < network->nodes[j].layer->inputs; k++)
            readers += network->nodes[j].inputs[k] == (int)i;
    describe(&network->nodes[reader], &next);
    return readers == 1 && next.kind == PRIMITIVE_ELEMENTWISE && next.activation == ACTIVATION_RELU
               ? reader
               : network->count;
}

static enum status prepare_node(struct program *program, size_t i, struct error *error)
{
    const struct network_node *node = &program->network->nodes[i];
    struct program_node *made = &program->nodes[i];
    struct layout layouts[LAYER_MAX_INPUTS] = {0};
    bool wants_dx[LAYER_MAX_INPUTS] = {false};
    struct kernel *kernel = NULL;
    struct primitive primitive;

    made->layout = plain_layout(program, node->out);
    describe(node, &primitive);
    size_t relu = find_relu(program, i, &primitive);
    primitive.relu = relu < program->network->count;
    for (int k = 0; k < node->layer->inputs; k++) {
        layouts[k] = layout_of(program, node->inputs[k]);
        wants_dx[k] = program->use == PROGRAM_TRAIN && node->inputs[k] >= 0;
    }
    if (program->kernel_context && primitive.kind != PRIMITIVE_NONE)
        PASS(program->engine->kernels->prepare(program->kernel_context, &primitive, node->in,
                                               node->out, layouts, wants_dx, &kernel, error));
    if (kernel)
        made->layout = kernel->layout;
    else if (primitive.kind == PRIMITIVE_MAXPOOL || primitive.kind == PRIMITIVE_UPSAMPLE)
        made->layout.kept_plain = layouts[0].kept_plain; /* by whom they were computed */
    made->kernel = kernel;
    made->precision = kernel ? kernel->precision : PRECISION_FLOAT32;
    if (primitive.relu) {
        made->inlined = true;
        program->nodes[relu].fused = true;
        program->nodes[relu].layout = made->layout;
        program->nodes[relu].precision = made->precision;
    }
    return STATUS_OK;
}

/* The unit of the labels is no weight: it stays as exact as they are. */
static bool has_weights(const struct network_node *node)
{
    struct primitive primitive;

    describe(node, &primitive);
    return node->parameter_count && primitive.kind != PRIMITIVE_RESCALE;
}

/* What was asked for is computed, or refused: weights are of no use in another precision. */
static enum status check_precision(const struct program *program, struct error *error)
{
    for (size_t i = 0; i < program->network->count; i++) {
        const struct network_node *node = &program->network->nodes[i];
        if (has_weights(node) && program->nodes[i].precision != program->precision)
            return error_set(error, STATUS_UNAVAILABLE,
                             "layer '%s' (%s): engine '%s' has no kernel in %s for its shape on "
                             "this processor; choose 'precision: float32'",
                             node->name, node->layer->descriptor.name,
                             program->engine->descriptor.name, precision_names[program->precision]);
    }
    return STATUS_OK;
}

/* Plain copies of values for readers outside of the engine, and the ways back for gradients. */
static enum status prepare_edges(struct program *program, size_t i, struct error *error)
{
    const struct network *network = program->network;
    struct program_node *node = &program->nodes[i];
    struct shape shape = network->nodes[i].out;
    struct layout plain = plain_layout(program, shape);

    node->unread = network->nodes[i].last_use == i;
    if (is_plain(&node->layout) || node->inlined)
        return STATUS_OK;
    node->copied = program->use == PROGRAM_OBSERVE || i == network->count - 1;
    for (size_t j = i + 1; j < network->count; j++)
        for (int k = 0; k < network->nodes[j].layer->inputs; k++)
            if (network->nodes[j].inputs[k] == (int)i && !program->nodes[j].kernel &&
                !program->nodes[j].fused)
                node->copied = true;
    if (!node->copied)
        return STATUS_OK;
    struct kernel *kernel;
    PASS(program->engine->kernels->prepare_reorder(program->kernel_context, shape, &node->layout,
                                                   &plain, &kernel, error));
    node->to_plain = kernel;
    if (program->use == PROGRAM_TRAIN) {
        PASS(program->engine->kernels->prepare_reorder(program->kernel_context, shape, &plain,
                                                       &node->layout, &kernel, error));
        node->from_plain = kernel;
    }
    return STATUS_OK;
}

/* Which dx are the first for their values, going backward. A fused relu stands for its node. */
static enum status find_first_gradients(struct program *program, struct error *error)
{
    enum status status = STATUS_OK;
    const struct network *network = program->network;
    bool *written = NULL;

    TRY(memory_new(&written, network->count, sizeof *written, error));
    for (size_t i = network->count; i-- > 0;)
        for (int k = 0; k < network->nodes[i].layer->inputs; k++) {
            int from = network->nodes[i].inputs[k];
            if (from < 0 || program->nodes[i].fused)
                continue;
            program->nodes[i].adds[k] = written[from];
            written[from] = true;
        }
out:
    memory_free(written);
    return status;
}

static size_t last_moment(const struct program *program, size_t node)
{
    return program->use == PROGRAM_INFER ? program->network->nodes[node].last_use
                                         : 2 * program->network->count + 1;
}

static enum status plan_values(struct program *program, struct error *error)
{
    const struct network *network = program->network;

    for (size_t i = 0; i < network->count; i++) {
        struct program_node *node = &program->nodes[i];
        size_t relu = network->nodes[i].last_use;
        if (!node->fused)
            PASS(buffers_add(&program->buffers, node->layout.bytes, i,
                             last_moment(program, node->inlined ? relu : i), &node->values, error));
        if (node->inlined)
            program->nodes[relu].values = node->values;
        if (node->copied)
            PASS(buffers_add(&program->buffers, plain_layout(program, network->nodes[i].out).bytes,
                             i, last_moment(program, i), &node->copy, error));
    }
    return STATUS_OK;
}

/* Node i's gradient is alive from its last reader's way back to its own. */
static enum status plan_gradient(struct program *program, size_t i, size_t first,
                                 struct error *error)
{
    size_t count = program->network->count, owner = i;
    struct program_node *node = &program->nodes[i];

    if (node->inlined)
        return STATUS_OK; /* its relu's */
    if (node->fused)
        owner = (size_t)program->network->nodes[i].inputs[0];
    PASS(buffers_add(&program->buffers, node->layout.bytes, first, 2 * count - owner,
                     &node->gradient, error));
    program->nodes[owner].gradient = node->gradient;
    return STATUS_OK;
}

static enum status plan_gradients(struct program *program, struct error *error)
{
    const struct network *network = program->network;
    size_t count = network->count;

    for (size_t i = 0; i < count; i++)
        if (program->nodes[i].unread || i == count - 1)
            PASS(plan_gradient(program, i, count, error));
    for (size_t reader = count; reader-- > 0;)
        for (int k = 0; k < network->nodes[reader].layer->inputs; k++) {
            int from = network->nodes[reader].inputs[k];
            bool twice = k > 0 && from == network->nodes[reader].inputs[0];
            if (from >= 0 && !twice && network->nodes[from].last_use == reader)
                PASS(plan_gradient(program, (size_t)from, 2 * count - reader, error));
        }
    return STATUS_OK;
}

static void raise(size_t *most, size_t bytes)
{
    *most = bytes > *most ? bytes : *most;
}

/* Room for what a layer or kernel saves, its scratch memory, and its dx on the way. */
static bool plan_extras(struct program *program, size_t i)
{
    const struct network_node *node = &program->network->nodes[i];
    struct program_node *made = &program->nodes[i];
    struct layer_plan plan = {0};
    bool fits = true;

    if (made->to_plain)
        raise(&program->scratch_bytes, made->to_plain->scratch);
    if (made->from_plain)
        raise(&program->scratch_bytes, made->from_plain->scratch);
    if (made->fused)
        return true;
    if (made->kernel) {
        plan.saved = made->kernel->saved;
        raise(&program->scratch_bytes, made->kernel->scratch);
        made->packed = program->packed_bytes;
        fits = memory_add_aligned(&program->packed_bytes, made->kernel->packed);
    } else if (node->layer->plan) {
        node->layer->plan(node->config, program->batch, node->in, node->out, program->engine,
                          &plan);
        fits = memory_multiply(plan.saved, sizeof(float), &plan.saved) &&
               memory_multiply(plan.scratch, sizeof(float), &plan.scratch);
        raise(&program->scratch_bytes, plan.scratch);
    }
    made->saved = program->saved_bytes;
    /* A layer saves for its backward alone; a kernel may keep its input in another layout there. */
    if (program->use != PROGRAM_TRAIN)
        return fits &&
               memory_add_aligned(&program->saved_bytes, made->kernel ? made->kernel->saved : 0);
    for (int k = 0; k < node->layer->inputs; k++) {
        struct layout layout = layout_of(program, node->inputs[k]);
        bool brought = !made->kernel && !is_plain(&layout);
        if (made->adds[k] || brought)
            raise(&program->spare_bytes, layout.bytes);
        if (brought)
            raise(&program->spare_plain_bytes, plain_layout(program, node->in[k]).bytes);
    }
    return fits && memory_add_aligned(&program->saved_bytes, plan.saved);
}

/* What an executor carves from its block; see executor.c. */
static enum status plan_memory(struct program *program, struct error *error)
{
    const struct network *network = program->network;
    size_t parts[] = {
        network->count * sizeof(struct executor_node), plain_layout(program, network->input).bytes,
        plain_layout(program, network->output).bytes, network->statistics * sizeof(float)};

    PASS(plan_values(program, error));
    if (program->use == PROGRAM_TRAIN)
        PASS(plan_gradients(program, error));
    PASS(buffers_place(&program->buffers, error));
    bool fits = true;
    for (size_t i = 0; i < network->count; i++)
        fits = plan_extras(program, i) && fits;
    fits = fits && memory_add_aligned(&program->bytes, program->buffers.bytes) &&
           memory_add_aligned(&program->bytes, program->saved_bytes) &&
           memory_add_aligned(&program->bytes, program->scratch_bytes);
    for (int k = 0; k < LAYER_MAX_INPUTS; k++)
        fits = fits && memory_add_aligned(&program->bytes, program->spare_bytes) &&
               memory_add_aligned(&program->bytes, program->spare_plain_bytes);
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
        fits = fits && memory_add_aligned(&program->bytes, parts[p]);
    if (!fits)
        return error_set(error, STATUS_MEMORY, "a shard of %d images does not fit in memory",
                         program->batch);
    return memory_new(&program->packed, program->packed_bytes, 1, error);
}

/* Before anything is multiplied without a check. */
static enum status size_check(const struct program *program, struct error *error)
{
    const struct network *network = program->network;
    size_t most = shape_size(network->input), floats;

    for (size_t i = 0; i < network->count; i++)
        raise(&most, shape_size(network->nodes[i].out));
    /* 64: padding to an engine's blocks, gradients and copies stay far from the limit, too. */
    if (!memory_multiply(most, (size_t)program->batch, &floats) || floats > PTRDIFF_MAX / 64)
        return error_set(error, STATUS_MEMORY, "a shard of %d images does not fit in memory",
                         program->batch);
    return STATUS_OK;
}

enum status program_new(struct program *program, const struct network *network,
                        const struct engine *engine, enum precision precision, int batch,
                        enum program_use use, struct error *error)
{
    enum status status = STATUS_OK;

    *program = (struct program){
        .network = network, .engine = engine, .batch = batch, .use = use, .precision = precision};
    TRY(engine_check(engine, precision, error));
    TRY(network_check_size(network, error));
    TRY(size_check(program, error));
    if (engine->kernels)
        TRY(engine->kernels->open(precision, use == PROGRAM_TRAIN, batch, &program->kernel_context,
                                  error));
    TRY(memory_new(&program->nodes, network->count, sizeof *program->nodes, error));
    for (size_t i = 0; i < network->count; i++)
        if (!program->nodes[i].fused)
            TRY(prepare_node(program, i, error));
    TRY(check_precision(program, error));
    for (size_t i = 0; i < network->count; i++)
        TRY(prepare_edges(program, i, error));
    TRY(find_first_gradients(program, error));
    TRY(plan_memory(program, error));
out:
    if (status != STATUS_OK)
        program_release(program);
    return status;
}

void program_release(struct program *program)
{
    memory_free(program->packed);
    buffers_release(&program->buffers);
    memory_free(program->nodes);
    if (program->kernel_context)
        program->engine->kernels->close(program->kernel_context);
    memset(program, 0, sizeof *program);
}

void program_pack_node(const struct program *program, size_t node, const float *parameters,
                       const float *statistics)
{
    const struct network_node *source = &program->network->nodes[node];
    const struct kernel *kernel = program->nodes[node].kernel;
    const float *from[LAYER_MAX_PARAMETERS] = {NULL};

    if (!kernel || !kernel->packed)
        return;
    for (int k = 0; k < source->parameter_count; k++)
        from[k] = parameters + source->parameter_offset[k];
    program->engine->kernels->pack(
        kernel, from,
        source->statistics && statistics ? statistics + source->statistics_offset : NULL,
        program->packed + program->nodes[node].packed);
}

void program_pack(const struct program *program, const float *parameters, const float *statistics)
{
    for (size_t i = 0; i < program->network->count; i++)
        program_pack_node(program, i, parameters, statistics);
}
