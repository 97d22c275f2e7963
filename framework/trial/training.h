/* Private to trial/: the training of one trial. */
#ifndef UNDERSTUDY_TRIAL_TRAINING_H
#define UNDERSTUDY_TRIAL_TRAINING_H

#include "cache/record.h"
#include "trial/training_set.h"
#include "trial/trial_network.h"

/* Train `network` on the items that `reasons` keeps; `trained` gets new arrays, `record` values and
 * curves. */
MUST_CHECK enum status training_run(const struct trial *trial, const struct splits *splits,
                                    const struct network *network, const struct training_set *items,
                                    const uint8_t *reasons, const struct trial_options *options,
                                    struct trained *trained, struct record *record,
                                    struct error *error);

/* Train `trained` on for integers, with its ranges; `record` gets values and curves. */
MUST_CHECK enum status training_fine_tune(const struct trial *trial, const struct splits *splits,
                                          const struct network *network,
                                          const struct training_set *items, const uint8_t *reasons,
                                          const struct trial_options *options,
                                          struct trained *trained, struct record *record,
                                          struct error *error);

#endif
