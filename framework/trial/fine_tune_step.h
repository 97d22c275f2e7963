/*
 * The step of the fine-tuning for integers, `train.quantize`: the trained network's parameters
 * become those that lose less when they are rounded, and it gets the ranges that they were trained
 * with. Without the setting nothing is done.
 */
#ifndef UNDERSTUDY_TRIAL_FINE_TUNE_STEP_H
#define UNDERSTUDY_TRIAL_FINE_TUNE_STEP_H

#include "trial/train_step.h"

/* What an earlier fine-tuning left: parameters and ranges of `trained`, which the training has
 * filled, and the values and curves of `record`. *found is false where it has to be done. The
 * caller calls train_step_end() in any case. */
MUST_CHECK enum status fine_tune_recall(struct train_step *step, const struct trial *trial,
                                        const struct splits *splits, const struct network *network,
                                        const struct trial_options *options,
                                        struct trained *trained, struct record *record, bool *found,
                                        struct error *error);
/* On the items that the training had. */
MUST_CHECK enum status fine_tune_step(struct train_step *step, const struct trial *trial,
                                      const struct splits *splits, const struct network *network,
                                      const struct training_set *set, const uint8_t *reasons,
                                      const struct trial_options *options, struct trained *trained,
                                      struct record *record, struct error *error);

#endif
