/*
 * Stages that filter next to nothing: a denoising stage set for less noise than there is gives its
 * input back, and a network would learn that.
 */
#ifndef UNDERSTUDY_TRIAL_WEAK_STAGES_H
#define UNDERSTUDY_TRIAL_WEAK_STAGES_H

#include "trial/splits.h"

/* Append a line to `notes` for each denoising stage (struct stage, `strength`) that changes the
 * first unlabelled images by less than a tenth of their noise, which the finest wavelet details
 * tell: then PSNR gains less than 0.6 dB. Nothing is said where noise is below five grey levels,
 * as fine texture is, of stages that were tuned, nor of tasks other than denoising. */
MUST_CHECK enum status weak_stages_note(const struct splits *splits,
                                        const struct component_list *stages, int threads,
                                        struct text *notes, struct error *error);

#endif
