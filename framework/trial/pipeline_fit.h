/* Private to trial/: the pipeline's tuned values, and what its stages learnt. */
#ifndef UNDERSTUDY_TRIAL_PIPELINE_FIT_H
#define UNDERSTUDY_TRIAL_PIPELINE_FIT_H

#include "cache/record.h"
#include "trial/splits.h"

/* The number of the combination of tuned values that a record holds; false where it holds none that
 * fits. */
bool pipeline_fit_choice(const struct record *record, const struct component_list *stages,
                         size_t *number);

/*
 * Make splits->chain: its values tuned, its stages fitted; or as an earlier trial or run left
 * them in the cache. `labelled`: *number is known already, and only what stands behind the replaced
 * part will run; else *number is what was chosen. Fits that are worth keeping leave checkpoints.
 */
MUST_CHECK enum status pipeline_fit(struct splits *splits, const struct trial *trial,
                                    const struct trial_options *options, bool labelled,
                                    size_t *number, struct error *error);

/* What stood out while tuning goes into a stage's entry, and comes from it. */
MUST_CHECK enum status pipeline_fit_notes_record(const struct splits *splits, struct record *record,
                                                 struct error *error);
MUST_CHECK enum status pipeline_fit_notes_recall(struct splits *splits, const struct record *record,
                                                 struct error *error);

#endif
