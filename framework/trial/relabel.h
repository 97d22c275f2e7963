/* What the pipeline would have answered, had its inputs been a little different. */
#ifndef UNDERSTUDY_TRIAL_RELABEL_H
#define UNDERSTUDY_TRIAL_RELABEL_H

#include "interfaces/filter.h"
#include "trial/training_set.h"

struct relabel {
    const struct trial *trial;
    const struct splits *splits;
    int threads;
};

/* Can it be asked again? Not where its answers were recorded. */
bool relabel_possible(const struct splits *splits);
/* A function of struct filter_input; `context` is a struct relabel. */
MUST_CHECK enum status relabel_items(const struct relabel *relabel,
                                     const struct filter_change *change, struct image_set *labels,
                                     struct error *error);

#endif
