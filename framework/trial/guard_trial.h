/* A small network beside what it hands doubted images on to, on the images of one replicate. */
#ifndef UNDERSTUDY_TRIAL_GUARD_TRIAL_H
#define UNDERSTUDY_TRIAL_GUARD_TRIAL_H

#include "guard/threshold.h"
#include "interfaces/guard.h"
#include "trial/trial.h"

struct guard_request {
    const struct guard *by;
    const struct trial *small;
    const struct trial *other; /* it sees the same images; NULL: the pipeline */
};

/*
 * Doubts, scores and costs of the validation and the test images that have a score by both; release
 * either. Scores are by the metric of `select`, against ground truth, or by agreement with the
 * pipeline where the experiment says so or truth is not known. Costs are multiply-adds: of the
 * network as often as the guard runs it; of the other network, or of the stages that they replace.
 */
MUST_CHECK enum status trial_guard(const struct guard_request *request, const struct plan *plan,
                                   struct dataset_cache *data, struct splits *splits,
                                   const struct trial_options *options,
                                   struct guard_images *validation, struct guard_images *test,
                                   bool *agreement, struct error *error);
void guard_images_release(struct guard_images *images);

#endif
