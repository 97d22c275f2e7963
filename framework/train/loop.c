/*
 * One step of minibatch gradient descent, the same bits for any number of threads.
 *
 * The minibatch is cut into shards of settings->shard items. Each shard gathers its items, goes
 * forward, gets its loss and goes backward on one thread, into a gradient of its own, so that it
 * matters not which thread that was. What becomes of the gradients is in update.c. An epoch's last
 * minibatch may be smaller.
 *
 * Cost: about three forward passes an item and step; memory for one gradient a shard and one set of
 * activations a thread.
 */
#include "train/trainer.h"

#include "base/interrupt.h"
#include "base/parallel.h"
#include "graph/rescale.h"

#include <math.h>
#include <string.h>

/* Copy the shard's items side by side. */
static void gather(const struct trainer *trainer, const uint32_t *members, size_t count,
                   const struct trainer_thread *worker, float *inputs)
{
    const struct train_items *items = trainer->items;
    size_t input = shape_size(trainer->network->input);
    size_t output = shape_size(trainer_target_shape(trainer));
    bool along = trainer_changes_targets(trainer);

    for (size_t i = 0; i < count; i++) {
        float *x = inputs + i * input;
        float *target = worker->targets ? worker->targets + i * output : NULL;
        memcpy(x, image_set_at(items->inputs, members[i]).pixels, input * sizeof(float));
        if (target)
            memcpy(target, image_set_at(items->targets, members[i]).pixels, output * sizeof(float));
        else
            worker->classes[i] = items->classes[members[i]];
        if (trainer->settings->augment.count)
            trainer_augment(trainer, members[i], x, along ? target : NULL, worker->scratch);
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

/* The loss of a shard. Numbers are compared as if they had no unit. */
static double compare(const struct trainer *trainer, const struct trainer_thread *worker,
                      struct loss_call *call)
{
    const struct network *network = trainer->network;
    size_t size = shape_size(network->output), count = (size_t)call->count;

    if (!worker->outputs)
        return trainer->loss->evaluate(call);
    memcpy(worker->outputs, call->y, count * size * sizeof(float));
    call->y = worker->outputs;
    for (size_t i = 0; i < count; i++) {
        rescale_undo(network, trainer->parameters, worker->outputs + i * size);
        rescale_undo(network, trainer->parameters, worker->targets + i * size);
    }
    double loss = trainer->loss->evaluate(call);
    for (size_t i = 0; i < count; i++)
        rescale_slopes(network, trainer->parameters, call->dy + i * size);
    return loss;
}

/* Of the shard that went forward: each parameter of the network is written. */
static void find_gradients(const struct trainer *trainer, struct trainer_thread *worker,
                           struct executor *executor, float *gradients)
{
    if (!trainer->rounded) {
        executor_backward(executor, trainer->computed, gradients);
        return;
    }
    struct fold_source source = trainer_fold_source(trainer);
    executor_backward(executor, trainer->computed, worker->gradients);
    for (size_t at = 0; at < rounded_nodes(trainer->rounded); at++)
        fold_gradient(&source, at, worker->gradients, gradients);
}

/* Forward and backward of one shard of the minibatch. A parallel_body. */
static void carry_shard(void *context, size_t index, int thread)
{
    const struct trainer *trainer = context;
    const struct network *network = trainer->network;
    struct trainer_thread *worker = &trainer->workers[thread];
    struct shard_result *result = &trainer->results[index];
    float *gradients = trainer->gradients + index * network->parameters;
    size_t count = trainer_shard_size(trainer, index);
    struct executor *executor = &worker->executors[form_of(trainer, count)];
    /* Layers that draw need a number of its own for each shard of each step. */
    uint64_t step =
        (uint64_t)(trainer->progress.step + trainer_passes_before(trainer) * trainer->pass_steps);
    uint64_t draw = step * trainer->shard_count + index;

    gather(trainer, trainer->members + index * trainer->shard, count, worker, executor->input);
    if (trainer->rounded)
        rounded_input(trainer->rounded, executor->input, count * shape_size(network->input));
    executor_forward(executor, trainer->computed, trainer->statistics, trainer->key, draw);
    if (interrupt_requested()) /* the whole step is left out */
        return;
    result->located = false;
    struct loss_call call = {.config = trainer->settings->loss.config,
                             .count = (int)count,
                             .shape = network->output,
                             .y = executor->output,
                             .targets = worker->targets,
                             .classes = worker->classes,
                             .scale = 1.0f / (float)trainer->member_count,
                             .dy = executor->output_gradient,
                             .scratch = worker->scratch};
    result->loss = compare(trainer, worker, &call);
    if (!isfinite(result->loss)) {
        result->located = !executor_finite(executor, &result->node);
        return;
    }
    find_gradients(trainer, worker, executor, gradients);
    network_scale_gradients(network, gradients);
    if (network->statistics && !trainer->rounded)
        memcpy(trainer->batch_statistics + index * network->statistics, executor->batch_statistics,
               network->statistics * sizeof(float));
}

/* Bring one node's parameters to the programs that the step needs. A parallel_body. */
static void pack_node(void *context, size_t node, int thread)
{
    const struct trainer *trainer = context;
    size_t last = trainer_shard_size(trainer, trainer->shards_used - 1);

    (void)thread;
    program_pack_node(&trainer->forms[0], node, trainer->computed, NULL);
    if (form_of(trainer, last) != 0)
        program_pack_node(&trainer->forms[form_of(trainer, last)], node, trainer->computed, NULL);
}

/* Round one node's parameters. A parallel_body. */
static void round_node(void *context, size_t node, int thread)
{
    const struct trainer *trainer = context;
    struct fold_source source = trainer_fold_source(trainer);

    (void)thread;
    rounded_fill(trainer->rounded, &source, node, trainer->computed);
}

/* Nothing to pack is nothing to wake threads for. */
static void pack(struct trainer *trainer)
{
    if (trainer->rounded)
        parallel_for(trainer->threads, rounded_nodes(trainer->rounded), round_node, trainer);
    for (size_t f = 0; f < trainer->form_count; f++)
        if (trainer->forms[f].packed_bytes) {
            parallel_for(trainer->threads, trainer_computed(trainer)->count, pack_node, trainer);
            return;
        }
}

/* Add up the shards' losses, in their order; the first that is not finite ends the training. */
static enum status add_losses(const struct trainer *trainer, double *sum, struct error *error)
{
    int64_t epoch = trainer_epoch(trainer);

    for (size_t s = 0; s < trainer->shards_used; s++) {
        const struct shard_result *result = &trainer->results[s];
        if (!isfinite(result->loss) && result->located)
            return error_set(error, STATUS_DIVERGED,
                             "epoch %lld: the loss is not finite; first at layer '%s'",
                             (long long)epoch, trainer_computed(trainer)->nodes[result->node].name);
        if (!isfinite(result->loss))
            return error_set(error, STATUS_DIVERGED,
                             "epoch %lld: the loss is not finite, though all activations are",
                             (long long)epoch);
        *sum += result->loss;
    }
    return STATUS_OK;
}

/* The items of pass `number`, counted from 1 over the whole training, in their order. */
static void shuffle(struct trainer *trainer, int64_t number)
{
    struct random_stream stream = random_stream(trainer->key, RANDOM_SHUFFLE, (uint64_t)number);

    random_permutation(&stream, trainer->order, (uint32_t)trainer->item_count);
    for (size_t i = 0; i < trainer->item_count; i++)
        trainer->order[i] = trainer->kept[trainer->order[i]];
    trainer->ordered = number;
}

enum status trainer_step(struct trainer *trainer, struct error *error)
{
    struct train_progress *progress = &trainer->progress;
    size_t first = (size_t)(progress->step % trainer->pass_steps) * trainer->batch;
    double loss = progress->loss;

    trainer->pass = trainer_passes_before(trainer) + progress->step / trainer->pass_steps + 1;
    if (trainer->ordered != trainer->pass)
        shuffle(trainer, trainer->pass);
    trainer->members = trainer->order + first;
    trainer->member_count = trainer_smaller(trainer->batch, trainer->item_count - first);
    trainer->shards_used = trainer_divide_up(trainer->member_count, trainer->shard);
    pack(trainer);
    parallel_for((int)trainer->worker_count, trainer->shards_used, carry_shard, trainer);
    PASS(interrupt_check(error)); /* the training's state is still that of before the step */
    PASS(add_losses(trainer, &loss, error));
    PASS(trainer_update(trainer, error));
    progress->loss = loss;
    progress->step++;
    return STATUS_OK;
}
