/*
 * Trials that ended, but whose network can hardly be meant: its status is "suspect: REASON" in
 * place of "done".
 *
 *     the training loss of the last epoch is more than twice that of the first (which is above 0)
 *     where the input is an answer, too, and scores are SSIM: the network's score on the validation
 *         images lies more than 10 points below the input's
 *     classes: the network's accuracy on the validation images is below chance, 1 / classes,
 *         by two standard errors
 *
 * Without validation images test images count; without ground truth the loss alone. A suspect trial
 * goes on counting in means, figures and choices, as any other: to leave it out would flatter
 * settings with which training fails now and then.
 */
#ifndef UNDERSTUDY_TRIAL_SUSPECT_H
#define UNDERSTUDY_TRIAL_SUSPECT_H

#include "cache/record.h"
#include "trial/splits.h"

/* The trial's `status`, where it is suspect; its scores and curves are recorded. */
MUST_CHECK enum status suspect_record(struct record *record, const struct splits *splits,
                                      struct error *error);

#endif
