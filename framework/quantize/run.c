#include "quantize/run.h"

#include "graph/apply.h"
#include "graph/buffers.h"
#include "quantize/kernels.h"

#include <string.h>

enum { MOST_MEAN = INT32_MAX / (QUANTIZED_HIGH - QUANTIZED_LOW) };

/* The node whose integers node `i` has; -1: the input. */
static int root_of(const struct quantized_network *q, int i)
{
    while (i >= 0 && q->nodes[i].kind == QUANTIZED_SAME)
        i = q->nodes[i].inputs[0];
    return i;
}

static void find_shapes(struct quantized_plan *plan, const struct network *network)
{
    const struct quantized_network *q = plan->quantized;

    for (size_t i = 0; i < q->count; i++) {
        plan->steps[i].out = network->nodes[q->folded.stands_for[i]].out;
        for (int k = 0; k < LAYER_MAX_INPUTS; k++) {
            int from = q->nodes[i].inputs[k];
            plan->steps[i].in[k] = from < 0 ? plan->input : plan->steps[from].out;
        }
    }
}

static enum status check_shapes(const struct quantized_plan *plan, const struct network *network,
                                struct error *error)
{
    const struct quantized_network *q = plan->quantized;

    if (network->count != q->original_nodes || network->parameters != q->original_parameters)
        return error_set(error, STATUS_CONFIG,
                         "images of %d x %d pixels need other parameters than the quantised ones",
                         network->input.height, network->input.width);
    for (size_t i = 0; i < q->count; i++)
        if (q->nodes[i].kind == QUANTIZED_GLOBAL_AVGPOOL &&
            shape_plane(plan->steps[i].in[0]) > MOST_MEAN)
            return error_set(
                error, STATUS_CONFIG, "%s: the mean of %d x %d pixels does not fit into 32 bits",
                q->nodes[i].name, plan->steps[i].in[0].height, plan->steps[i].in[0].width);
    return STATUS_OK;
}

/* last[1 + i]: the last node that reads node i's integers, whoever hands them on; last[0]: the
 * input's. */
static void find_ends(const struct quantized_network *q, size_t *last)
{
    last[0] = 0;
    for (size_t i = 0; i < q->count; i++) {
        last[1 + i] = i;
        for (int k = 0; k < quantized_layer(q, i)->layer->inputs; k++)
            last[1 + root_of(q, q->nodes[i].inputs[k])] = i;
    }
    last[1 + root_of(q, (int)q->count - 1)] = q->count;
}

static struct quantized_call call_of(const struct quantized_plan *plan, size_t i)
{
    const struct quantized_step *step = &plan->steps[i];
    const struct quantized_network *q = plan->quantized;

    return (struct quantized_call){.node = &q->nodes[i],
                                   .layer = quantized_layer(q, i),
                                   .parameters = q->folded.parameters,
                                   .in = {step->in[0], step->in[1]},
                                   .out = step->out};
}

/* Buffer 0 is the input's, the others in the order of the nodes that have one. */
static enum status add_buffers(const struct quantized_plan *plan, struct buffer_plan *buffers,
                               const size_t *last, struct error *error)
{
    size_t index;

    PASS(buffers_add(buffers, shape_size(plan->input), 0, last[0], &index, error));
    for (size_t i = 0; i < plan->quantized->count; i++)
        if (plan->quantized->nodes[i].kind != QUANTIZED_SAME)
            PASS(buffers_add(buffers, shape_size(plan->steps[i].out), i, last[1 + i], &index,
                             error));
    return buffers_place(buffers, error);
}

static enum status place(struct quantized_plan *plan, struct error *error)
{
    enum status status = STATUS_OK;
    const struct quantized_network *q = plan->quantized;
    struct buffer_plan buffers = {0};
    size_t *last = NULL, scratch = 0, index = 0;

    TRY(memory_new(&last, q->count + 1, sizeof *last, error));
    find_ends(q, last);
    TRY(add_buffers(plan, &buffers, last, error));
    plan->input_offset = buffers.buffers[0].offset;
    for (size_t i = 0; i < q->count; i++) {
        int root = root_of(q, (int)i);
        struct quantized_call call = call_of(plan, i);
        plan->steps[i].offset = root == (int)i ? buffers.buffers[++index].offset
                                : root < 0     ? plan->input_offset
                                               : plan->steps[root].offset;
        size_t bytes = quantized_scratch(&call);
        scratch = bytes > scratch ? bytes : scratch;
    }
    plan->scratch_offset = buffers.bytes;
    plan->bytes = buffers.bytes;
    if (!memory_add_aligned(&plan->bytes, scratch))
        TRY(error_set(error, STATUS_MEMORY, "a network's scratch memory is too large"));
out:
    buffers_release(&buffers);
    memory_free(last);
    return status;
}

enum status quantized_plan_new(struct quantized_plan *plan,
                               const struct quantized_network *quantized,
                               const struct network *network, struct error *error)
{
    enum status status = STATUS_OK;

    *plan = (struct quantized_plan){
        .quantized = quantized, .input = network->input, .output = network->output};
    TRY(network_check_size(network, error));
    TRY(memory_new(&plan->steps, quantized->count, sizeof *plan->steps, error));
    if (network->count == quantized->original_nodes)
        find_shapes(plan, network);
    TRY(check_shapes(plan, network, error));
    TRY(place(plan, error));
out:
    if (status != STATUS_OK)
        quantized_plan_release(plan);
    return status;
}

void quantized_plan_release(struct quantized_plan *plan)
{
    memory_free(plan->steps);
    memset(plan, 0, sizeof *plan);
}

void quantized_run(const struct quantized_plan *plan, const float *input, float *output,
                   void *memory)
{
    const struct quantized_network *q = plan->quantized;
    unsigned char *bytes = memory;

    quantize_values(q->input, input, shape_size(plan->input),
                    (int8_t *)(bytes + plan->input_offset));
    for (size_t i = 0; i < q->count; i++) {
        struct quantized_call call = call_of(plan, i);
        for (int k = 0; k < LAYER_MAX_INPUTS; k++) {
            int from = q->nodes[i].inputs[k];
            call.x[k] = (const int8_t *)(bytes + (from < 0 ? plan->input_offset
                                                           : plan->steps[from].offset));
        }
        call.y = (int8_t *)(bytes + plan->steps[i].offset);
        call.scratch = bytes + plan->scratch_offset;
        call.real_output = i + 1 == q->count ? output : NULL;
        quantized_compute(&call);
    }
    if (!quantized_ends_in_float(q))
        dequantize_values(quantized_output(q),
                          (const int8_t *)(bytes + plan->steps[q->count - 1].offset),
                          shape_size(plan->output), output);
}
