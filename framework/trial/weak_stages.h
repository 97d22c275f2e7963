/*
 * Stages that filter next to nothing: a denoising stage set for less noise than there is gives its
 * input back, and a network would learn that.
 */
#ifndef UNDERSTUDY_TRIAL_WEAK_STAGES_H
#define UNDERSTUDY_TRIAL_WEAK_STAGES_H

#include "trial/splits.h"

/* Append a line to `notes` for each denoising stage (struct stage, `strength`) that changes the
 * first unlabelled images by less than a tenth of their noise, which the finest wavelet details
 * tell. Nothing is said of images with a noise below a grey level, nor of tasks other than
 * denoising. */
MUST_CHECK enum status weak_stages_note(const struct splits *splits, int threads,
                                        struct text *notes, struct error *error);

#endif
