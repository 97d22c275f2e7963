/*
 * What a network is trained on: inputs and targets, as whole images or patches of them.
 *
 * This is the wall between ground truth and training: training_set_make() is given the truth only
 * where `train.labels` asks for it.
 */
#ifndef UNDERSTUDY_TRIAL_TRAINING_SET_H
#define UNDERSTUDY_TRIAL_TRAINING_SET_H

#include "trial/splits.h"

struct training_set {
    struct image_set inputs, targets; /* targets: as the network is to give them, or scores */
    struct answer answer;             /* what the network is to give */
    uint8_t *classes;                 /* [inputs.count] in classification, else NULL */
    size_t *source;                   /* [inputs.count]: the image of the split each was cut from */
};

/* Items for the trial's label source, in split order, patches of one image together. Where
 * `train.input` is `redegraded`, inputs are the labels (whosever they are), put through
 * `dataset.degrade` with draws of their own, before patches are cut. */
MUST_CHECK enum status training_set_make(struct training_set *items,
                                         const struct experiment *experiment,
                                         const struct splits *splits, struct random_key key,
                                         int threads, struct error *error);
/* The items' shape; STATUS_CONFIG where there is none to train on. */
MUST_CHECK enum status training_set_shape(const struct experiment *experiment,
                                          const struct splits *splits, struct shape *shape,
                                          struct error *error);
/* What the training loop gets: the scores too, where labels are classes; it takes what its loss
 * compares with. `dropped` may be NULL. */
struct train_items training_set_train(const struct training_set *items, const uint8_t *dropped);
/* Is it known what the labels should be, all of them? Not of what the pipeline's inner stages give.
 */
bool training_set_have_truth(const struct experiment *experiment, const struct splits *splits);
/* Labels of all unlabelled images, whosever they are, as items have them: cut at the same places.
 */
MUST_CHECK enum status training_set_cut(const struct experiment *experiment,
                                        const struct splits *splits, const struct image_set *labels,
                                        struct random_key key, struct image_set *cut,
                                        struct error *error);
/* What they should be: images, cut at the same places, or classes, item by item. For evaluation,
 * and for the one filter that is shown it. `key` as it was for training_set_make(). */
MUST_CHECK enum status training_set_truth(const struct training_set *items,
                                          const struct experiment *experiment,
                                          const struct splits *splits, struct random_key key,
                                          struct truth *truth, struct error *error);
void training_set_release(struct training_set *items);

#endif
