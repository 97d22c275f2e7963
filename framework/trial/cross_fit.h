/*
 * Networks fitted for filters: out-of-fold predictions, and measures over the course of a training
 * (interfaces/filter.h). What each training gives is kept under a key of all that it depends on, so
 * that a kill loses one training at most, and filters that ask for the same share it.
 */
#ifndef UNDERSTUDY_TRIAL_CROSS_FIT_H
#define UNDERSTUDY_TRIAL_CROSS_FIT_H

#include "interfaces/filter.h"
#include "trial/step_cache.h"
#include "trial/training_set.h"

struct cross_fit {
    const struct plan *plan;
    const struct trial *trial;
    const struct training_set *items;
    const char *dataset_sha256;
    struct step_cache *steps; /* NULL: nothing is taken from the cache or kept */
    int threads;
};

/* The functions of struct filter_input; `context` is a struct cross_fit. */
MUST_CHECK enum status cross_fit_out_of_fold(void *context, const struct filter_network *network,
                                             int folds, struct image_set *predictions,
                                             struct error *error);
MUST_CHECK enum status cross_fit_course(void *context, const struct filter_network *network,
                                        const struct training_dynamics *course, float *values,
                                        struct error *error);

/* Deal items to folds; fold[i] of [0, folds). STATUS_CONFIG where there are too few images. */
MUST_CHECK enum status cross_fit_deal(const struct training_set *items, struct random_key key,
                                      int folds, uint32_t *fold, struct error *error);

#endif
