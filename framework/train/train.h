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

#include "interfaces/training.h"
#include "quantize/calibrate.h"

#include <stdbool.h>

enum label_source {
    LABELS_PIPELINE, /* the pipeline's own output on the unlabelled images: the point of it all */
    LABELS_MANUAL,   /* the ground truth of the hand-labelled images alone */
    LABELS_TRUTH,    /* the ground truth of the unlabelled images: the upper bound */
};

enum input_source {
    INPUT_DEGRADED,   /* what the pipeline saw */
    INPUT_REDEGRADED, /* the label, degraded again, so that it lacks the label's residue */
};

enum stopping_labels {
    STOPPING_PIPELINE, /* the pipeline's own output on the validation images */
    STOPPING_TRUTH,    /* their ground truth */
};

struct fine_tuning { /* quantisation-aware: weights and values are rounded as integers would be */
    bool given;      /* the record is there */
    int64_t bits;    /* of a weight; values have 8 */
    int64_t epochs;  /* after those of the training */
    double learning_rate; /* share of the training's */
};

struct train_settings {    /* the `train:` section */
    int64_t labels;        /* enum label_source */
    int64_t input;         /* enum input_source */
    int64_t epochs;        /* after each, the sink is told; one pass over the items, unless … */
    int64_t minimum_steps; /* … more passes an epoch are needed to make this many steps in all */
    int64_t batch, shard;  /* items */
    struct component optimizer, schedule, loss; /* `loss: ~` (the default) is the task's own,
                                                   which train_complete() fills in */
    double learning_rate, weight_decay;
    double clip_norm;              /* 0: gradients are not clipped */
    double average;                /* decay of the moving average of the weights; 0: none */
    struct component_list augment; /* in order */
    struct {
        int64_t patience; /* epochs; 0: train to the end */
        double minimum_delta;
        int64_t labels; /* enum stopping_labels */
    } early_stopping;
    struct component engine;
    int64_t precision; /* enum precision */
    struct fine_tuning quantize;
};

extern const struct field train_fields[]; /* of struct train_settings */
/* The same without what only an experiment has: whose labels, an early stop by the validation
 * images, the engine. These members are left as they are. */
extern const struct field train_course_fields[];

/* Where no loss was chosen, that of this name, with its default settings. Lives in `arena`. */
MUST_CHECK enum status train_complete(struct train_settings *settings, const char *name,
                                      struct arena *arena, struct error *error);

struct train_items {
    const struct image_set *inputs;  /* uniform */
    const struct image_set *targets; /* uniform: images, class scores, masks, numbers; NULL:
                                        classes alone */
    bool masks;                      /* targets are class numbers of each pixel */
    const uint8_t *classes;          /* of whole items; NULL: targets say all */
    const uint8_t *dropped;          /* nonzero: leave this item out; NULL: use all */
};

struct train_outcome {
    int64_t epochs; /* that were made */
    int64_t kept;   /* the one whose parameters were kept: the last, or early stopping's best */
    double items;   /* trained on in all, each as often as it was */
};

/*
 * What hears of the training, and may be asked; every member may be NULL, but for score() with
 * early stopping, and due() with save(). A status other than OK ends the training.
 */
struct train_sink {
    /* After each epoch (from 1): mean loss and the state so far, averaged where `average` says so.
     */
    enum status (*epoch)(void *context, int64_t epoch, int64_t epochs, double loss,
                         const float *parameters, const float *statistics, struct error *error);
    void *context;
    /* For early stopping: how good the state is that epoch() has just been given; larger is
     * better. */
    double (*score)(void *context);
    /*
     * Checkpoints: everything that the rest of the training depends on, between two steps. due() is
     * asked after every step; save() is also called when the training is interrupted. load() is
     * called once, before the first step: it fills in all parts and sets *step to the steps that
     * were made, or touches none of them and leaves *step 0.
     */
    bool (*due)(void *context);
    enum status (*save)(void *context, int64_t step, const struct train_part *parts, size_t count,
                        struct error *error);
    enum status (*load)(void *context, int64_t *step, const struct train_part *parts, size_t count,
                        struct error *error);
    struct train_outcome *outcome; /* filled in at the end */
};

/*
 * Train from fresh parameters, or on from a checkpoint. `parameters` and `statistics` (of the
 * network's sizes, the caller's) receive the result, with early stopping that of the best epoch.
 * STATUS_DIVERGED names epoch and layer when a loss, an activation or a parameter is not finite;
 * STATUS_INTERRUPTED between steps when asked to stop.
 */
MUST_CHECK enum status train_network(const struct network *network,
                                     const struct train_settings *settings,
                                     const struct train_items *items, struct random_key key,
                                     int threads, const struct train_sink *sink, float *parameters,
                                     float *statistics, struct error *error);

/*
 * Train on for integers, as settings->quantize says (quantize/rounded.h), from the parameters that
 * train_network() gave; they receive the result. The loss, the items, augmentation, the optimiser
 * and the schedule are the training's, the latter two from their beginning; passes are counted on,
 * so that orders and augmentations are new. Statistics and `ranges` stay, float32 is computed, and
 * there is no early stop.
 */
MUST_CHECK enum status train_fine_tune(const struct network *network,
                                       const struct train_settings *settings,
                                       const struct train_items *items, struct random_key key,
                                       int threads, const struct activation_ranges *ranges,
                                       const struct train_sink *sink, float *parameters,
                                       float *statistics, struct error *error);

#endif
