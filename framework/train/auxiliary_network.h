/*
 * A network fitted on the side, and applied: what looks at labels, or gives them, asks for it. It
 * is trained as `train:` says but for the epochs, to the end: no image is held back to stop it
 * early.
 */
#ifndef UNDERSTUDY_TRAIN_AUXILIARY_NETWORK_H
#define UNDERSTUDY_TRAIN_AUXILIARY_NETWORK_H

#include "train/train.h"

struct auxiliary_task {
    const struct component *family;
    const struct train_settings *train;
    int64_t epochs;
    struct train_items items;
    struct answer answer; /* what it is to give */
    struct random_key key;
    int threads;
};

struct auxiliary_network {
    struct component family;
    struct train_settings settings;
    struct network network;
    float *parameters, *statistics;
    struct answer answer;
};

/* Is told after each epoch (from 1), with the network as it is then. */
typedef enum status auxiliary_epoch(void *context, const struct auxiliary_network *fit,
                                    int64_t epoch, struct error *error);

/* Train. `epoch` may be NULL. The family's configuration stays the caller's. Release also after a
 * failure. */
MUST_CHECK enum status fit_network(struct auxiliary_network *fit, const struct auxiliary_task *task,
                                   auxiliary_epoch *epoch, void *context, struct error *error);
/* What it gives for images: scores before softmax, or images. `outputs` is made here. */
MUST_CHECK enum status auxiliary_outputs(const struct auxiliary_network *fit,
                                         const struct image_set *inputs, int threads,
                                         struct image_set *outputs, struct error *error);
/* Of masks: what it gives at each pixel for each class, before softmax. */
MUST_CHECK enum status auxiliary_scores(const struct auxiliary_network *fit,
                                        const struct image_set *inputs, int threads,
                                        struct image_set *scores, struct error *error);
/* Scores to probabilities, in place; they lie `step` apart. */
void auxiliary_softmax(float *scores, int count, size_t step);
void auxiliary_release(struct auxiliary_network *fit);

#endif
