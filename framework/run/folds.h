/* Out-of-fold predictions: what filters ask of the network (kinds/filter.h). */
#ifndef UNDERSTUDY_RUN_FOLDS_H
#define UNDERSTUDY_RUN_FOLDS_H

#include "run/trial.h"

struct folds {
    const struct trial *trial;
    const struct items *items;
    int threads;
};

/* The `out_of_fold` function of struct filter_input; `context` is a struct folds. */
MUST_CHECK enum status folds_predict(void *context, int folds, int epochs,
                                     struct image_set *predictions, struct error *error);

#endif
