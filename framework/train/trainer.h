/*
 * What the training loop works with: everything is sized and allocated before the first step.
 * Private to framework/train/.
 */
#ifndef UNDERSTUDY_TRAIN_TRAINER_H
#define UNDERSTUDY_TRAIN_TRAINER_H

#include "network/program.h"
#include "train/train.h"

/* The sizes of shards that there are: full ones, a minibatch's last, the last minibatch's last. */
enum { MAX_FORMS = 3 };

struct worker { /* what one thread carries a shard with */
    struct executor executors[MAX_FORMS];
    float *targets;   /* [shard][output] */
    uint8_t *classes; /* [shard] */
};

struct shard_result {
    double loss;  /* sum over its items */
    bool located; /* an activation is not finite, first at `node` */
    size_t node;
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

    size_t item_count, batch, shard, shard_count; /* shard_count: of a full minibatch */
    int64_t passes;                               /* over the items, in each epoch */
    int64_t steps;                                /* to be made in all */
    struct program forms[MAX_FORMS];              /* of different shard sizes */
    size_t form_count;
    struct worker *workers;
    size_t worker_count;
    uint32_t *kept, *order;  /* [item_count]: items to train on; this epoch's order of them */
    float *gradients;        /* [shard_count][parameters] */
    float *batch_statistics; /* [shard_count][statistics] */
    float *optimizer_state;  /* [slots][parameters] */
    uint8_t *decays;         /* [parameters] */
    struct shard_result *results;
    float *parameters, *statistics; /* the caller's */

    /* The step being made. */
    int64_t step;            /* from 0 */
    const uint32_t *members; /* [member_count]: the minibatch's items */
    size_t member_count, shards_used;
    double learning_rate;
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

#endif
