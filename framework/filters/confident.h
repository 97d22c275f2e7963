/* Confident learning's counting and pruning, apart from where the probabilities come from. */
#ifndef UNDERSTUDY_FILTERS_CONFIDENT_H
#define UNDERSTUDY_FILTERS_CONFIDENT_H

#include "interfaces/filter.h"

enum confident_prune {
    CONFIDENT_BY_CLASS,
    CONFIDENT_BY_NOISE_RATE,
    CONFIDENT_BOTH,
    CONFIDENT_OFF_DIAGONAL,
};

struct confident {
    size_t items;
    int classes;
    const float *probabilities; /* [items][classes], borrowed */
    const uint8_t *labels;      /* [items], borrowed */
    size_t *counts;             /* [classes]: items of each label */
    double *thresholds;         /* [classes] */
    int64_t *joint; /* [label][true class]: the confident joint, each row calibrated to its count */
    int16_t *guesses; /* [items]: the class that it is confidently of; -1: of none */
};

/* Count; probabilities and labels stay the caller's. Release also after a failure. */
MUST_CHECK enum status confident_count(struct confident *confident, const float *probabilities,
                                       const uint8_t *labels, size_t items, int classes,
                                       struct error *error);
/* Set flags[i] to 1 where item i is to be pruned, to 0 elsewhere. */
MUST_CHECK enum status confident_flag(const struct confident *confident, enum confident_prune prune,
                                      uint8_t *flags, struct error *error);
void confident_release(struct confident *confident);

#endif
