/*
 * The training loop: minibatch gradient descent, the same bits for any number of threads.
 *
 * One step: the minibatch is cut into shards of settings->shard items. Each shard gathers its
 * items, goes forward, gets its loss and goes backward on one thread, into a gradient of its own,
 * so that it matters not which thread that was. Then the parameters are cut into chunks of a fixed
 * size; each chunk adds the shards' gradients in a binary tree (0+1, 2+3, …, then 0+2, …) and takes
 * the optimiser's step. The gradient is that of the mean loss over the minibatch; an epoch's last
 * minibatch may be smaller.
 *
 * Running statistics of batch normalisation follow as r = (1 - a) r + a b, where b is the mean of
 * the shards' statistics, weighted by their items, and a is the layer's momentum, 0.1 by default
 * (Ioffe, Szegedy 2015; in PyTorch's sense of momentum).
 *
 * Cost: about three forward passes an item and step; memory for one gradient a shard and one set of
 * activations a thread.
 */
#include "train/trainer.h"

#include "base/interrupt.h"
#include "base/parallel.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 16384 }; /* parameters; part of no result, a matter of cache and balance */

static size_t shard_size(const struct trainer *trainer, size_t index)
{
    return trainer_smaller(trainer->shard, trainer->member_count - index * trainer->shard);
}

/* Copy the shard's items side by side. */
static void gather(const struct trainer *trainer, const uint32_t *members, size_t count,
                   const struct worker *worker, float *inputs)
{
    const struct train_items *items = trainer->items;
    size_t input = shape_size(trainer->network->input);
    size_t output = shape_size(trainer->network->output);

    for (size_t i = 0; i < count; i++) {
        memcpy(inputs + i * input, image_set_at(items->inputs, members[i]).pixels,
               input * sizeof(float));
        if (trainer->loss->classes)
            worker->classes[i] = items->classes[members[i]];
        else
            memcpy(worker->targets + i * output, image_set_at(items->targets, members[i]).pixels,
                   output * sizeof(float));
    }
}

/* Which form has shards of `size` items. */
static size_t form_of(const struct trainer *trainer, size_t size)
{
    size_t f = 0;
    while ((size_t)trainer->forms[f].batch != size)
        f++;
    return f;
}

/* Forward and backward of one shard of the minibatch. A parallel_body. */
static void carry_shard(void *context, size_t index, int thread)
{
    const struct trainer *trainer = context;
    const struct network *network = trainer->network;
    struct worker *worker = &trainer->workers[thread];
    struct shard_result *result = &trainer->results[index];
    float *gradients = trainer->gradients + index * network->parameters;
    size_t count = shard_size(trainer, index);
    struct executor *executor = &worker->executors[form_of(trainer, count)];
    /* Layers that draw need a number of its own for each shard of each step. */
    uint64_t draw = (uint64_t)trainer->step * trainer->shard_count + index;

    gather(trainer, trainer->members + index * trainer->shard, count, worker, executor->input);
    executor_forward(executor, trainer->parameters, trainer->statistics, trainer->key, draw);
    result->located = false;
    result->loss = trainer->loss->evaluate(trainer->settings->loss.config, (int)count,
                                           shape_size(network->output), executor->output,
                                           trainer->loss->classes ? NULL : worker->targets,
                                           trainer->loss->classes ? worker->classes : NULL,
                                           1.0f / (float)trainer->member_count, executor->slopes);
    if (!isfinite(result->loss)) {
        result->located = !executor_finite(executor, &result->node);
        return;
    }
    executor_backward(executor, trainer->parameters, gradients);
    if (network->statistics)
        memcpy(trainer->batch_statistics + index * network->statistics, executor->batch_statistics,
               network->statistics * sizeof(float));
}

/* Bring one node's parameters to the programs that the step needs. A parallel_body. */
static void pack_node(void *context, size_t node, int thread)
{
    const struct trainer *trainer = context;
    size_t last = shard_size(trainer, trainer->shards_used - 1);

    (void)thread;
    program_pack_node(&trainer->forms[0], node, trainer->parameters, NULL);
    if (form_of(trainer, last) != 0)
        program_pack_node(&trainer->forms[form_of(trainer, last)], node, trainer->parameters, NULL);
}

/* Add the shards' gradients of one chunk of the parameters, and step. A parallel_body. */
static void step_chunk(void *context, size_t index, int thread)
{
    const struct trainer *trainer = context;
    const struct train_settings *settings = trainer->settings;
    size_t total = trainer->network->parameters, begin = index * CHUNK;
    size_t end = trainer_smaller(begin + CHUNK, total), used = trainer->shards_used;

    (void)thread;
    for (size_t stride = 1; stride < used; stride *= 2)
        for (size_t s = 0; s + stride < used; s += 2 * stride) {
            float *sum = trainer->gradients + s * total;
            const float *other = trainer->gradients + (s + stride) * total;
            for (size_t i = begin; i < end; i++)
                sum[i] += other[i];
        }
    trainer->optimizer->step(settings->optimizer.config, trainer->step + 1, trainer->learning_rate,
                             settings->weight_decay, begin, end, total, trainer->decays,
                             trainer->gradients, trainer->parameters, trainer->optimizer_state);
}

/* Batch statistic i of the minibatch: its shards' mean, weighted by their items. */
static double statistic_mean(const struct trainer *trainer, size_t i)
{
    double sum = 0;
    for (size_t s = 0; s < trainer->shards_used; s++)
        sum += (double)shard_size(trainer, s) *
               (double)trainer->batch_statistics[s * trainer->network->statistics + i];
    return sum / (double)trainer->member_count;
}

static void merge_statistics(const struct trainer *trainer)
{
    const struct network *network = trainer->network;

    for (size_t n = 0; n < network->count; n++) {
        const struct network_node *node = &network->nodes[n];
        for (size_t i = 0; i < node->statistics; i++) {
            float *running = &trainer->statistics[node->statistics_offset + i];
            double mean = statistic_mean(trainer, node->statistics_offset + i);
            *running = (float)((1 - node->momentum) * (double)*running + node->momentum * mean);
        }
    }
}

/* Add up the shards' losses, in their order; the first that is not finite ends the training. */
static enum status add_losses(const struct trainer *trainer, int64_t epoch, double *sum,
                              struct error *error)
{
    for (size_t s = 0; s < trainer->shards_used; s++) {
        const struct shard_result *result = &trainer->results[s];
        if (!isfinite(result->loss) && result->located)
            return error_set(error, STATUS_DIVERGED,
                             "epoch %lld: the loss is not finite; first at layer '%s'",
                             (long long)epoch, trainer->network->nodes[result->node].name);
        if (!isfinite(result->loss))
            return error_set(error, STATUS_DIVERGED,
                             "epoch %lld: the loss is not finite, though all activations are",
                             (long long)epoch);
        *sum += result->loss;
    }
    return STATUS_OK;
}

/* A parameter that is not finite may hide behind a relu: look once an epoch. */
static enum status check_parameters(const struct trainer *trainer, int64_t epoch,
                                    struct error *error)
{
    const struct network *network = trainer->network;

    for (size_t n = 0; n < network->count; n++) {
        const struct network_node *node = &network->nodes[n];
        for (int p = 0; p < node->parameter_count; p++) {
            const int *dims = node->parameters[p].dims;
            size_t size = (size_t)dims[0] * (size_t)dims[1] * (size_t)dims[2] * (size_t)dims[3];
            for (size_t i = 0; i < size; i++)
                if (!isfinite(trainer->parameters[node->parameter_offset[p] + i]))
                    return error_set(error, STATUS_DIVERGED,
                                     "epoch %lld: the %s of layer '%s' are not finite",
                                     (long long)epoch, node->parameters[p].name, node->name);
        }
    }
    return STATUS_OK;
}

static enum status make_step(struct trainer *trainer, int64_t epoch, double *loss,
                             struct error *error)
{
    enum status status = STATUS_OK;
    const struct train_settings *settings = trainer->settings;

    TRY(interrupt_check(error));
    trainer->shards_used = trainer_divide_up(trainer->member_count, trainer->shard);
    parallel_for(trainer->threads, trainer->network->count, pack_node, trainer);
    parallel_for((int)trainer->worker_count, trainer->shards_used, carry_shard, trainer);
    TRY(add_losses(trainer, epoch, loss, error));
    trainer->learning_rate =
        settings->learning_rate *
        trainer->schedule->factor(settings->schedule.config, trainer->step, trainer->steps);
    parallel_for(trainer->threads, trainer_divide_up(trainer->network->parameters, CHUNK),
                 step_chunk, trainer);
    merge_statistics(trainer);
    trainer->step++;
out:
    return status;
}

/* Once through the items; `number` counts the passes of the whole training from 1. */
static enum status make_pass(struct trainer *trainer, int64_t number, int64_t epoch, double *loss,
                             struct error *error)
{
    enum status status = STATUS_OK;
    struct random_stream stream = random_stream(trainer->key, RANDOM_SHUFFLE, (uint64_t)number);

    random_permutation(&stream, trainer->order, (uint32_t)trainer->item_count);
    for (size_t i = 0; i < trainer->item_count; i++)
        trainer->order[i] = trainer->kept[trainer->order[i]];
    for (size_t first = 0; first < trainer->item_count; first += trainer->batch) {
        trainer->members = trainer->order + first;
        trainer->member_count = trainer_smaller(trainer->batch, trainer->item_count - first);
        TRY(make_step(trainer, epoch, loss, error));
    }
out:
    return status;
}

static enum status make_epoch(struct trainer *trainer, int64_t epoch, const struct train_sink *sink,
                              struct error *error)
{
    enum status status = STATUS_OK;
    double loss = 0, items = (double)trainer->item_count * (double)trainer->passes;

    for (int64_t pass = 1; pass <= trainer->passes; pass++)
        TRY(make_pass(trainer, (epoch - 1) * trainer->passes + pass, epoch, &loss, error));
    TRY(check_parameters(trainer, epoch, error));
    if (sink && sink->epoch)
        TRY(sink->epoch(sink->context, epoch, trainer->settings->epochs, loss / items,
                        trainer->parameters, trainer->statistics, error));
out:
    return status;
}

enum status train_network(const struct network *network, const struct train_settings *settings,
                          const struct train_items *items, struct random_key key, int threads,
                          const struct train_sink *sink, float *parameters, float *statistics,
                          struct error *error)
{
    enum status status = STATUS_OK;
    struct trainer trainer = {
        .network = network,
        .settings = settings,
        .items = items,
        .loss = (const struct loss *)settings->loss.kind,
        .optimizer = (const struct optimizer *)settings->optimizer.kind,
        .schedule = (const struct schedule *)settings->schedule.kind,
        .key = key,
        .threads = threads,
        .parameters = parameters,
        .statistics = statistics,
    };

    TRY(trainer_prepare(&trainer, error));
    network_initialise(network, key, parameters, statistics);
    network_decays(network, trainer.decays);
    for (int64_t epoch = 1; epoch <= settings->epochs; epoch++)
        TRY(make_epoch(&trainer, epoch, sink, error));
out:
    trainer_release(&trainer);
    return status;
}
