/* Scores as columns WHO.SPLIT.METRIC: "network", "test" … */
#ifndef UNDERSTUDY_TRIAL_SCORE_COLUMNS_H
#define UNDERSTUDY_TRIAL_SCORE_COLUMNS_H

#include "cache/record.h"
#include "trial/splits.h"

/* Scores against truth: the task's metrics; on the test split its own of each class or number, too.
 * WHO.SPLIT.psnr_capped where images have their PSNR at its cap; of validation and test images that
 * goes to `notes`, too. */
MUST_CHECK enum status score_columns_truth(struct record *record, const char *who,
                                           const char *split, const struct splits *splits,
                                           const struct scores *scores, struct text *notes,
                                           struct error *error);
/* Score a network's `outputs` for split `name` against the pipeline's answers, as
 * WHO.SPLIT.agreement.METRIC. */
MUST_CHECK enum status score_columns_agreement(struct record *record, const char *who,
                                               const char *split, const struct splits *splits,
                                               enum split_name name, int threads,
                                               const struct image_set *outputs,
                                               struct error *error);

#endif
