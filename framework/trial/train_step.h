/* The step of the training, and what of it the cache has. */
#ifndef UNDERSTUDY_TRIAL_TRAIN_STEP_H
#define UNDERSTUDY_TRIAL_TRAIN_STEP_H

#include "cache/record.h"
#include "trial/training_set.h"
#include "trial/trial_network.h"

/* Trains what is not in the cache; call it between train_step_recall() and train_step_end(). */
struct train_step {
    char key[HASH_TEXT]; /* of the entry; "" without a cache */
    bool claimed;        /* no other process runs the same training */
};

/* Options whose checkpoint lies beside a step's entry; end it whatever happened. */
struct step_checkpoint {
    struct trial_options options;
    struct checkpoint checkpoint;
    struct text path;
};

MUST_CHECK enum status step_checkpoint_begin(struct step_checkpoint *own,
                                             const struct trial_options *options,
                                             enum trial_step step, const char *key,
                                             struct error *error);
void step_checkpoint_end(struct step_checkpoint *own, enum status status);

/* What an earlier training left: `trained` gets its parameters, `record` its values and curves. If
 * there is none, *found is false. */
MUST_CHECK enum status train_step_recall(struct train_step *step, const struct trial *trial,
                                         const struct splits *splits, const struct network *network,
                                         const struct trial_options *options,
                                         struct trained *trained, struct record *record,
                                         bool *found, struct error *error);
/* Train on the items that `reasons` keeps, and keep what comes out: parameters, and `record` with
 * the values and curves that are added to it. */
MUST_CHECK enum status train_step(struct train_step *step, const struct trial *trial,
                                  const struct splits *splits, const struct network *network,
                                  const struct training_set *set, const uint8_t *reasons,
                                  const struct trial_options *options, struct trained *trained,
                                  struct record *record, struct error *error);
/* Safe after either, whatever it returned. */
void train_step_end(struct train_step *step, const struct trial_options *options);

#endif
