/*
 * What a network is trained on: inputs and targets, as whole images or patches of them.
 *
 * This is the wall between ground truth and training: items_make() is given the truth only where
 * `train.labels` asks for it.
 */
#ifndef UNDERSTUDY_TRIAL_TRAINING_SET_H
#define UNDERSTUDY_TRIAL_TRAINING_SET_H

#include "trial/splits.h"

struct items {
    struct image_set inputs, targets; /* targets: images, features or the pipeline's scores */
    uint8_t *classes;                 /* [inputs.count] in classification, else NULL */
    size_t *source;                   /* [inputs.count]: the image of the split each was cut from */
};

/* Items for the trial's label source, in split order, patches of one image together. Where
 * `train.input` is `redegraded`, inputs are the labels (whosever they are), put through
 * `dataset.degrade` with draws of their own, before patches are cut. */
MUST_CHECK enum status items_make(struct items *items, const struct experiment *experiment,
                                  const struct prepared *prepared, struct random_key key,
                                  int threads, struct error *error);
/* The items' shape; STATUS_CONFIG where there is none to train on. */
MUST_CHECK enum status items_shape(const struct experiment *experiment,
                                   const struct prepared *prepared, struct shape *shape,
                                   struct error *error);
/* What the training loop gets: the scores too, where labels are classes; it takes what its loss
 * compares with. `dropped` may be NULL. */
struct train_items items_train(const struct items *items, const uint8_t *dropped);
/* Is it known what the labels should be? Not of what the pipeline's inner stages give. */
bool items_have_truth(const struct experiment *experiment, const struct prepared *prepared);
/* What they should be: images, cut at the same places, or classes, item by item. For evaluation,
 * and for the one filter that is shown it. `key` as it was for items_make(). */
MUST_CHECK enum status items_truth(const struct items *items, const struct experiment *experiment,
                                   const struct prepared *prepared, struct random_key key,
                                   struct truth *truth, struct error *error);
void items_release(struct items *items);

#endif
