/* A quantised network in place of an engine, for graph/apply.h. */
#include "graph/apply.h"

#include "quantize/run.h"

/* For images of one shape. */
struct shape_run {
    struct quantized_plan plan;
    unsigned char *memory;   /* of all threads */
    float *inputs, *outputs; /* likewise, of a shard each */
    size_t batch, bytes;     /* bytes: of a thread's memory */
};

static void shape_close(void *made)
{
    struct shape_run *run = made;

    quantized_plan_release(&run->plan);
    memory_free(run->memory);
    memory_free(run->inputs);
    memory_free(run->outputs);
    memory_free(run);
}

static enum status shape_open(void *context, const struct network *network, int batch, int threads,
                              void **made, struct error *error)
{
    struct shape_run *run;
    size_t lanes = (size_t)threads, shards = lanes * (size_t)batch;

    PASS(memory_new(&run, 1, sizeof *run, error));
    *made = run;
    run->batch = (size_t)batch;
    PASS(quantized_plan_new(&run->plan, context, network, error));
    if (!memory_add_aligned(&run->bytes, run->plan.bytes))
        return error_set(error, STATUS_MEMORY, "an image's values do not fit in memory");
    PASS(memory_new(&run->memory, lanes, run->bytes, error));
    PASS(memory_new(&run->inputs, shards, shape_size(network->input) * sizeof(float), error));
    return memory_new(&run->outputs, shards, shape_size(network->output) * sizeof(float), error);
}

static float *shape_input(void *made, int thread)
{
    const struct shape_run *run = made;

    return run->inputs + (size_t)thread * run->batch * shape_size(run->plan.input);
}

static const float *shape_answers(void *made, int thread, int count)
{
    const struct shape_run *run = made;
    size_t in = shape_size(run->plan.input), out = shape_size(run->plan.output);
    const float *inputs = shape_input(made, thread);
    float *outputs = run->outputs + (size_t)thread * run->batch * out;

    for (size_t k = 0; k < (size_t)count; k++)
        quantized_run(&run->plan, inputs + k * in, outputs + k * out,
                      run->memory + (size_t)thread * run->bytes);
    return outputs;
}

static const struct apply_method by_integers = {shape_open, shape_input, shape_answers,
                                                shape_close};

/* The method only reads its context. */
static void *context_of(const struct quantized_network *quantized)
{
    return (void *)(uintptr_t)quantized;
}

enum status quantized_apply(const struct quantized_network *quantized,
                            const struct component *family, const struct image_set *in,
                            struct answer answer, int threads, struct image_set *out,
                            struct error *error)
{
    return network_apply_by(family, &by_integers, context_of(quantized), in, answer, threads, false,
                            out, error);
}

enum status quantized_scores(const struct quantized_network *quantized,
                             const struct component *family, const struct image_set *in,
                             struct answer answer, int threads, struct image_set *out,
                             struct error *error)
{
    return network_apply_by(family, &by_integers, context_of(quantized), in, answer, threads, true,
                            out, error);
}
