/* The step of the labels. */
#ifndef UNDERSTUDY_TRIAL_LABEL_STEP_H
#define UNDERSTUDY_TRIAL_LABEL_STEP_H

#include "trial/splits.h"

/* Tune, build and run the pipeline, inputs and truth being there; or take from the cache what it
 * gave. */
MUST_CHECK enum status label_step(struct splits *splits, const struct trial *trial,
                                  const struct trial_options *options, struct error *error);
/* The pipeline alone, tuned and fitted: splits->chain, splits->combination. */
MUST_CHECK enum status label_step_pipeline(struct splits *splits, const struct trial *trial,
                                           const struct trial_options *options,
                                           struct error *error);

#endif
