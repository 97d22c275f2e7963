/*
 * What the training loop works with: everything is sized and allocated before the first step.
 * Private to framework/train/.
 */
#ifndef UNDERSTUDY_TRAIN_TRAINER_H
#define UNDERSTUDY_TRAIN_TRAINER_H

#include "graph/program.h"
#include "quantize/rounded.h"
#include "train/train.h"

enum {
    TRAINER_CHUNK = 16384, /* parameters; clipping sums their squares by it */
    MAX_FORMS = 3, /* sizes of shards: full ones, a minibatch's last, the last minibatch's last */
};

struct trainer_thread { /* what one thread carries a shard with */
    struct executor executors[MAX_FORMS];
    float *targets;   /* [shard][output] */
    uint8_t *classes; /* [shard] */
    float *outputs;   /* [shard][output], normalised; NULL: the network gives no numbers */
    float *scratch;   /* for augmentations, then for the loss */
    float *gradients; /* of the computed parameters; NULL: they are the network's */
};

struct shard_result {
    double loss;  /* sum over its items */
    bool located; /* an activation is not finite, first at `node` */
    size_t node;
};

/* How far a training has come; with the arrays of numbers, all its state between two steps. */
struct train_progress {
    int64_t step;       /* steps made */
    int64_t epochs;     /* epochs ended, with all that belongs to their end */
    double loss;        /* sum over the items of the epoch so far */
    double best;        /* score of the best epoch */
    int64_t best_epoch; /* 0: there is none yet */
};

struct trainer {
    const struct network *network;
    const struct train_settings *settings;
    const struct train_items *items;
    const struct loss *loss;
    const struct optimizer *optimizer;
    const struct schedule *schedule;
    struct random_key key;
    int threads;
    const struct rounded_network *rounded; /* what is computed; NULL: the network itself */
    int64_t tuned_epochs; /* of the training that goes on, in as many passes each */

    size_t item_count, batch, shard, shard_count; /* shard_count: of a full minibatch */
    int64_t passes;                               /* over the items, in each epoch */
    int64_t pass_steps;                           /* steps of one pass */
    int64_t steps;                                /* to be made in all */
    struct program forms[MAX_FORMS];              /* of different shard sizes */
    size_t form_count;
    struct trainer_thread *workers;
    size_t worker_count;
    uint32_t *kept, *order;  /* [item_count]: items to train on; this pass's order of them */
    int64_t ordered;         /* the pass that `order` is of, from 1; 0: none */
    float *gradients;        /* [shard_count][parameters] */
    float *batch_statistics; /* [shard_count][statistics] */
    float *optimizer_state;  /* [slots][parameters] */
    double *norms;   /* [chunks]: each chunk's part of the squared norm; NULL: no clipping */
    uint8_t *decays; /* [parameters] */
    struct shard_result *results;
    float *parameters, *statistics; /* the caller's */
    float *computed; /* what is computed with: the rounded parameters, or the caller's */
    float *average_parameters, *average_statistics; /* NULL: no average */
    float *best_parameters, *best_statistics;       /* NULL: no early stopping */

    struct train_progress progress;
    int work; /* that is told (base/work.h): of all items, over all epochs */

    /* The step being made. */
    int64_t pass;            /* from 1, of the whole training; those before count */
    const uint32_t *members; /* [member_count]: the minibatch's items */
    size_t member_count, shards_used;
    double learning_rate;
    float gradient_scale; /* what clipping leaves of the gradients */
    double average_rest;  /* share of the average that is replaced */
};

static inline size_t trainer_divide_up(size_t a, size_t b)
{
    return a / b + (a % b != 0);
}

static inline size_t trainer_smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * With the members up to `threads` and the caller's parameters and statistics filled in: check
 * items against network and loss, count epochs and steps, allocate. STATUS_CONFIG where there is
 * nothing to train on or to train. The caller calls trainer_release() in any case.
 */
MUST_CHECK enum status trainer_prepare(struct trainer *trainer, struct error *error);
void trainer_release(struct trainer *trainer);

/* What is computed. */
static inline const struct network *trainer_computed(const struct trainer *trainer)
{
    return trainer->rounded ? &trainer->rounded->network : trainer->network;
}

/* Where its parameters come from; with `rounded` alone. */
static inline struct fold_source trainer_fold_source(const struct trainer *trainer)
{
    return (struct fold_source){&trainer->rounded->quantized.folded, trainer->network,
                                trainer->parameters, trainer->statistics};
}

/* Passes that the training made that goes on here. */
static inline int64_t trainer_passes_before(const struct trainer *trainer)
{
    return trainer->tuned_epochs * trainer->passes;
}

/* The number of the epoch being made, from 1, for messages. */
static inline int64_t trainer_epoch(const struct trainer *trainer)
{
    return trainer->progress.epochs + 1;
}

/* Change item `item`, copied to `input` and, where it is an image, `target` (else NULL), as
 * train.augment says. */
void trainer_augment(const struct trainer *trainer, uint32_t item, float *input, float *target,
                     float *scratch);
/* Of a target as the loss compares it: the network's output, or a mask of its size. */
static inline struct shape trainer_target_shape(const struct trainer *trainer)
{
    struct shape shape = trainer->network->output;

    return trainer->items->masks ? (struct shape){1, shape.height, shape.width} : shape;
}
/* Do augmentations change targets along with inputs? Numbers of a whole image stay. */
bool trainer_changes_targets(const struct trainer *trainer);
/* Can all augmentations be applied to the network's input, and to targets that are values? */
MUST_CHECK enum status trainer_check_augment(const struct trainer *trainer, struct error *error);

/* Items of shard `index` of the minibatch. */
size_t trainer_shard_size(const struct trainer *trainer, size_t index);
/* After all shards went backward: add their gradients, clip, step, average; the statistics too. */
MUST_CHECK enum status trainer_update(struct trainer *trainer, struct error *error);
/* STATUS_DIVERGED, with epoch and layer, where a value of `values` [parameters] is not finite;
 * `what` says what the values are: "" or "gradients of the ". */
MUST_CHECK enum status trainer_check_finite(const struct trainer *trainer, const float *values,
                                            const char *what, struct error *error);
/* Make the next step, which must not be the last's next. */
MUST_CHECK enum status trainer_step(struct trainer *trainer, struct error *error);

#endif
