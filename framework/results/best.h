/* The trial whose network goes out where none is asked for by number. */
#ifndef UNDERSTUDY_RESULTS_BEST_H
#define UNDERSTUDY_RESULTS_BEST_H

#include "plan/experiment/experiment.h"
#include "results/results.h"

/*
 * Of the selected point's trials (results/select.h), or of all where nothing is selected, the one
 * with the best score on the validation images: by the metric of `select`, else the task's own;
 * against truth, or by agreement with the pipeline where no truth is known; the first of equals.
 * Test scores are not looked at. Trials that learnt from the truth of all images count only where
 * all did. *found is false where no trial is done.
 */
MUST_CHECK enum status best_trial(struct hdf5 *file, const struct experiment *experiment,
                                  size_t *trial, bool *found, struct error *error);

#endif
