/*
 * The training loop. Knows neither YAML files, nor HDF5, nor which pipeline made the labels.
 *
 * A minibatch is cut into shards of a fixed size; one thread carries one shard forward and
 * backward; the shards' gradients are added in a fixed binary tree. Bits depend on `shard`, never
 * on `threads`. Batch normalisation is per shard (ghost batch normalisation, Hoffer, Hubara,
 * Soudry 2017); running statistics are merged in shard order.
 */
#ifndef UNDERSTUDY_TRAIN_TRAIN_H
#define UNDERSTUDY_TRAIN_TRAIN_H

#include "kinds/training.h"
#include "network/network.h"

enum label_source {
    LABELS_PIPELINE, /* the pipeline's own output on the unlabelled images: the point of it all */
    LABELS_MANUAL,   /* the ground truth of the hand-labelled images alone */
    LABELS_TRUTH,    /* the ground truth of the unlabelled images: the upper bound */
};

struct train_settings {    /* the `train:` section */
    int64_t labels;        /* enum label_source */
    int64_t epochs;        /* after each, the sink is told; one pass over the items, unless … */
    int64_t minimum_steps; /* … more passes an epoch are needed to make this many steps in all */
    int64_t batch, shard;  /* items */
    struct component optimizer, schedule, loss; /* `loss: ~` (the default) is the task's own:
                                                   plan_trial() fills in mse or cross_entropy */
    double learning_rate, weight_decay;
    struct component engine;
    int64_t precision; /* enum precision */
};

extern const struct field train_fields[]; /* of struct train_settings */

struct train_items {
    const struct image_set *inputs;  /* uniform */
    const struct image_set *targets; /* uniform; NULL in classification */
    const uint8_t *classes;          /* NULL in denoising */
    const uint8_t *dropped;          /* nonzero: leave this item out; NULL: use all */
};

struct train_sink {
    /* After each epoch (from 1): mean loss and the state so far. A status other than OK ends it. */
    enum status (*epoch)(void *context, int64_t epoch, int64_t epochs, double loss,
                         const float *parameters, const float *statistics, struct error *error);
    void *context;
};

/*
 * Train from fresh parameters. `parameters` and `statistics` (of the network's sizes, the caller's)
 * receive the result. STATUS_DIVERGED names epoch and layer when a loss or an activation is not
 * finite; STATUS_INTERRUPTED between steps when asked to stop.
 */
MUST_CHECK enum status train_network(const struct network *network,
                                     const struct train_settings *settings,
                                     const struct train_items *items, struct random_key key,
                                     int threads, const struct train_sink *sink, float *parameters,
                                     float *statistics, struct error *error);

#endif
