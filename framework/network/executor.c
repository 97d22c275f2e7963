/*
 * One shard's way through a network. All buffers are parts of one block, 64-byte aligned: the
 * carver walks through them twice, first without memory, to learn the size.
 */
#include "network/network.h"

#include "network/executor_private.h"

#include <string.h>

struct carver {
    unsigned char *base; /* NULL: only measure */
    size_t used;         /* SIZE_MAX once it cannot be represented */
};

static void *carve(struct carver *carver, size_t count, size_t size)
{
    size_t bytes, end;
    void *part = carver->base ? carver->base + carver->used : NULL;

    if (!memory_multiply(count, size, &bytes) ||
        __builtin_add_overflow(bytes, MEMORY_ALIGNMENT - 1, &bytes) ||
        __builtin_add_overflow(carver->used, bytes / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT, &end)) {
        carver->used = SIZE_MAX;
        return NULL;
    }
    carver->used = end;
    return part;
}

/* `batch` arrays of `floats`; saturates where a size cannot be represented. */
static float *carve_batch(struct carver *carver, int batch, size_t floats)
{
    size_t count;
    return carve(carver, memory_multiply((size_t)batch, floats, &count) ? count : SIZE_MAX,
                 sizeof(float));
}

static struct layer_plan plan_of(const struct executor *executor, size_t i)
{
    const struct network_node *node = &executor->network->nodes[i];
    struct layer_plan plan = {0};

    if (node->layer->plan)
        node->layer->plan(node->config, executor->batch, node->in, node->out, executor->engine,
                          &plan);
    return plan;
}

/* A lean executor's activations lie in the network's shared slots. */
static void carve_activations(struct executor *executor, struct carver *carver)
{
    const struct network *network = executor->network;

    for (int s = 0; executor->lean && s < network->slots; s++) {
        float *slot = carve_batch(carver, executor->batch, network->slot_size);
        for (size_t i = 0; carver->base && i < network->count; i++)
            if (network->nodes[i].slot == s)
                executor->activations[i] = slot;
    }
    for (size_t i = 0; !executor->lean && i < network->count; i++) {
        float *part = carve_batch(carver, executor->batch, shape_size(network->nodes[i].out));
        if (carver->base)
            executor->activations[i] = part;
    }
}

static void carve_training(struct executor *executor, struct carver *carver)
{
    const struct network *network = executor->network;

    executor->gradients = carve(carver, network->count, sizeof *executor->gradients);
    executor->saved = carve(carver, network->count, sizeof *executor->saved);
    for (size_t i = 0; i < network->count; i++) {
        float *gradient = carve_batch(carver, executor->batch, shape_size(network->nodes[i].out));
        float *saved = carve(carver, plan_of(executor, i).saved, sizeof *saved);
        if (carver->base) {
            executor->gradients[i] = gradient;
            executor->saved[i] = saved;
        }
    }
    executor->batch_statistics =
        carve(carver, network->statistics, sizeof *executor->batch_statistics);
}

static void carve_all(struct executor *executor, struct carver *carver)
{
    const struct network *network = executor->network;
    size_t scratch = 0;

    executor->activations = carve(carver, network->count, sizeof *executor->activations);
    carve_activations(executor, carver);
    if (executor->training)
        carve_training(executor, carver);
    for (size_t i = 0; i < network->count; i++) {
        size_t needed = plan_of(executor, i).scratch;
        scratch = needed > scratch ? needed : scratch;
    }
    executor->scratch = carve(carver, scratch, sizeof *executor->scratch);
}

size_t executor_bytes(const struct executor *executor)
{
    struct executor copy = *executor;
    struct carver carver = {0};

    carve_all(&copy, &carver);
    return carver.used;
}

void executor_bind(struct executor *executor)
{
    struct carver carver = {.base = executor->memory};
    carve_all(executor, &carver);
}

enum status executor_new(struct executor *executor, const struct network *network,
                         const struct engine *engine, int batch, bool training, struct error *error)
{
    enum status status = STATUS_OK;

    *executor = (struct executor){
        .network = network, .engine = engine, .batch = batch, .training = training};
    executor->bytes = executor_bytes(executor);
    TRY(memory_new(&executor->memory, executor->bytes, 1, error));
    executor_bind(executor);
out:
    return status;
}

void executor_release(struct executor *executor)
{
    memory_free(executor->memory);
    memset(executor, 0, sizeof *executor);
}

/* Everything that both directions tell a layer. */
static struct layer_call call_of(const struct executor *executor, size_t i, const float *parameters,
                                 const float *x, int count)
{
    const struct network_node *node = &executor->network->nodes[i];
    struct layer_call call = {.config = node->config,
                              .engine = executor->engine,
                              .batch = count,
                              .inputs = node->layer->inputs,
                              .out = node->out,
                              .training = executor->training,
                              .y = executor->activations[i],
                              .scratch = executor->scratch};

    for (int k = 0; k < node->layer->inputs; k++) {
        call.in[k] = node->in[k];
        call.x[k] = node->inputs[k] < 0 ? x : executor->activations[node->inputs[k]];
    }
    for (int k = 0; k < node->parameter_count; k++)
        call.parameters[k] = parameters + node->parameter_offset[k];
    if (executor->training) {
        call.saved = executor->saved[i];
        if (node->statistics)
            call.batch_statistics = executor->batch_statistics + node->statistics_offset;
    }
    return call;
}

const float *executor_forward(struct executor *executor, const float *parameters,
                              const float *statistics, const float *x, int count,
                              struct random_key key, uint64_t step)
{
    const struct network *network = executor->network;

    for (size_t i = 0; i < network->count; i++) {
        const struct network_node *node = &network->nodes[i];
        struct layer_call call = call_of(executor, i, parameters, x, count);
        if (node->statistics && statistics)
            call.statistics = statistics + node->statistics_offset;
        call.stream = random_stream(key, RANDOM_LAYER, random_index((uint32_t)i, step));
        node->layer->forward(&call);
    }
    return executor->activations[network->count - 1];
}

void executor_backward(struct executor *executor, const float *parameters, const float *x,
                       const float *dy, int count, float *gradients)
{
    const struct network *network = executor->network;
    size_t last = network->count - 1;

    for (size_t i = 0; i < last; i++)
        memset(executor->gradients[i], 0,
               (size_t)count * shape_size(network->nodes[i].out) * sizeof(float));
    for (size_t i = network->count; i-- > 0;) {
        const struct network_node *node = &network->nodes[i];
        struct layer_call call = call_of(executor, i, parameters, x, count);
        call.dy = i == last ? dy : executor->gradients[i];
        for (int k = 0; k < node->layer->inputs; k++)
            call.dx[k] = node->inputs[k] < 0 ? NULL : executor->gradients[node->inputs[k]];
        for (int k = 0; k < node->parameter_count; k++)
            call.gradients[k] = gradients + node->parameter_offset[k];
        node->layer->backward(&call);
    }
}

/* A float is finite unless its exponent is all ones; looked at as bits, eight lanes at a time. */
static bool all_finite(const float *values, size_t count)
{
    uint32_t found = 0;

#pragma omp simd reduction(| : found)
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        found |= (bits & 0x7f800000u) == 0x7f800000u;
    }
    return !found;
}

bool executor_finite(const struct executor *executor, int count, size_t *node)
{
    const struct network *network = executor->network;

    for (size_t i = 0; i < network->count; i++)
        if (!all_finite(executor->activations[i],
                        (size_t)count * shape_size(network->nodes[i].out))) {
            *node = i;
            return false;
        }
    return true;
}
