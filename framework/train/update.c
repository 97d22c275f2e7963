/*
 * From the shards' gradients to new parameters. The parameters are cut into chunks of a fixed size;
 * each chunk adds the shards' gradients in a binary tree (0+1, 2+3, …, then 0+2, …), and takes the
 * optimiser's step. The gradient is that of the mean loss over the minibatch.
 *
 * Clipping (Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks",
 * ICML 2013): where the norm n of all gradients together is above the limit c, they are multiplied
 * by c / (n + 1e-6), as in PyTorch. Each chunk sums its squares in index order, in double
 * precision; the chunks' sums are added in their order.
 *
 * Averaging (Polyak, Juditsky 1992): a = a + (1 - d) (p - a) after step t, with the decay
 * min(d, (1 + t) / (10 + t)), so that the first weights are soon forgotten; as TensorFlow's
 * ExponentialMovingAverage.
 *
 * Running statistics of batch normalisation follow as r = (1 - a) r + a b, where b is the mean of
 * the shards' statistics, weighted by their items, and a is the layer's momentum, 0.1 by default
 * (Ioffe, Szegedy 2015; in PyTorch's sense of momentum).
 */
#include "base/parallel.h"
#include "train/trainer.h"

#include <math.h>

/* The shards' sum is in the first one's gradients. */
static void add_chunk(const struct trainer *trainer, size_t begin, size_t end)
{
    size_t total = trainer->network->parameters, used = trainer->shards_used;

    for (size_t stride = 1; stride < used; stride *= 2)
        for (size_t s = 0; s + stride < used; s += 2 * stride) {
            float *sum = trainer->gradients + s * total;
            const float *other = trainer->gradients + (s + stride) * total;
#pragma omp simd
            for (size_t i = begin; i < end; i++)
                sum[i] += other[i];
        }
}

static void step_parameters(const struct trainer *trainer, size_t begin, size_t end)
{
    const struct train_settings *settings = trainer->settings;
    float rest = (float)trainer->average_rest, *average = trainer->average_parameters;

    trainer->optimizer->step(settings->optimizer.config, trainer->progress.step + 1,
                             trainer->learning_rate, settings->weight_decay, begin, end,
                             trainer->network->parameters, trainer->decays, trainer->gradients,
                             trainer->parameters, trainer->optimizer_state);
    if (!average)
        return;
#pragma omp simd
    for (size_t i = begin; i < end; i++)
        average[i] += rest * (trainer->parameters[i] - average[i]);
}

static size_t chunk_end(const struct trainer *trainer, size_t index)
{
    return trainer_smaller((index + 1) * TRAINER_CHUNK, trainer->network->parameters);
}

/* Add and step at once: nothing is to be known of the other chunks. A parallel_body. */
static void step_chunk(void *context, size_t index, int thread)
{
    const struct trainer *trainer = context;

    (void)thread;
    add_chunk(trainer, index * TRAINER_CHUNK, chunk_end(trainer, index));
    step_parameters(trainer, index * TRAINER_CHUNK, chunk_end(trainer, index));
}

/* With clipping, first half: add, and the chunk's part of the norm. A parallel_body. */
static void measure_chunk(void *context, size_t index, int thread)
{
    const struct trainer *trainer = context;
    size_t begin = index * TRAINER_CHUNK, end = chunk_end(trainer, index);
    double sum = 0;

    (void)thread;
    add_chunk(trainer, begin, end);
    for (size_t i = begin; i < end; i++)
        sum += (double)trainer->gradients[i] * (double)trainer->gradients[i];
    trainer->norms[index] = sum;
}

/* Second half: scale and step. A parallel_body. */
static void clip_chunk(void *context, size_t index, int thread)
{
    const struct trainer *trainer = context;
    size_t begin = index * TRAINER_CHUNK, end = chunk_end(trainer, index);

    (void)thread;
    for (size_t i = begin; trainer->gradient_scale < 1 && i < end; i++)
        trainer->gradients[i] *= trainer->gradient_scale;
    step_parameters(trainer, begin, end);
}

static enum status clip(struct trainer *trainer, size_t chunks, struct error *error)
{
    double sum = 0;

    for (size_t i = 0; i < chunks; i++)
        sum += trainer->norms[i];
    if (!isfinite(sum))
        PASS(trainer_check_finite(trainer, trainer->gradients, "gradients of the ", error));
    double scale = trainer->settings->clip_norm / (sqrt(sum) + 1e-6);
    trainer->gradient_scale = scale < 1 ? (float)scale : 1;
    return STATUS_OK;
}

/* Batch statistic i of the minibatch: its shards' mean, weighted by their items. */
static double statistic_mean(const struct trainer *trainer, size_t i)
{
    double sum = 0;
    for (size_t s = 0; s < trainer->shards_used; s++)
        sum += (double)trainer_shard_size(trainer, s) *
               (double)trainer->batch_statistics[s * trainer->network->statistics + i];
    return sum / (double)trainer->member_count;
}

static void merge_statistics(const struct trainer *trainer)
{
    const struct network *network = trainer->network;
    float rest = (float)trainer->average_rest, *average = trainer->average_statistics;

    if (trainer->rounded) /* they stay */
        return;
    for (size_t n = 0; n < network->count; n++) {
        const struct network_node *node = &network->nodes[n];
        for (size_t i = 0; i < node->statistics; i++) {
            float *running = &trainer->statistics[node->statistics_offset + i];
            double mean = statistic_mean(trainer, node->statistics_offset + i);
            *running = (float)((1 - node->momentum) * (double)*running + node->momentum * mean);
        }
    }
    for (size_t i = 0; average && i < network->statistics; i++)
        average[i] += rest * (trainer->statistics[i] - average[i]);
}

enum status trainer_check_finite(const struct trainer *trainer, const float *values,
                                 const char *what, struct error *error)
{
    const struct network *network = trainer->network;

    for (size_t n = 0; n < network->count; n++) {
        const struct network_node *node = &network->nodes[n];
        for (int p = 0; p < node->parameter_count; p++) {
            size_t size = layer_parameter_size(&node->parameters[p]);
            for (size_t i = 0; i < size; i++)
                if (!isfinite(values[node->parameter_offset[p] + i]))
                    return error_set(error, STATUS_DIVERGED,
                                     "epoch %lld: the %s%s of layer '%s' are not finite",
                                     (long long)trainer_epoch(trainer), what,
                                     node->parameters[p].name, node->name);
        }
    }
    return STATUS_OK;
}

enum status trainer_update(struct trainer *trainer, struct error *error)
{
    const struct train_settings *settings = trainer->settings;
    size_t chunks = trainer_divide_up(trainer->network->parameters, TRAINER_CHUNK);
    double made = (double)(trainer->progress.step + 1), early = (1 + made) / (10 + made);

    trainer->learning_rate =
        settings->learning_rate * trainer->schedule->factor(settings->schedule.config,
                                                            trainer->progress.step, trainer->steps,
                                                            settings->epochs);
    trainer->average_rest = 1 - (settings->average < early ? settings->average : early);
    if (trainer->norms) {
        parallel_for(trainer->threads, chunks, measure_chunk, trainer);
        PASS(clip(trainer, chunks, error));
        parallel_for(trainer->threads, chunks, clip_chunk, trainer);
    } else {
        parallel_for(trainer->threads, chunks, step_chunk, trainer);
    }
    merge_statistics(trainer);
    return STATUS_OK;
}

size_t trainer_shard_size(const struct trainer *trainer, size_t index)
{
    return trainer_smaller(trainer->shard, trainer->member_count - index * trainer->shard);
}
