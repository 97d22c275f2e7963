/*
 * How fast the part of the pipeline that the network replaces answers here, on the image that the
 * network is timed with: one image, one thread, warm. A program of the user's is asked anew, though
 * its answers are kept; one that is started for each call is timed with its start.
 */
#ifndef UNDERSTUDY_TRIAL_PIPELINE_LATENCY_H
#define UNDERSTUDY_TRIAL_PIPELINE_LATENCY_H

#include "trial/splits.h"

/* Seconds; NaN where it cannot run here, is a recording, or learns and was not fitted, since the
 * labels come from the cache. Fails only where it is interrupted. */
MUST_CHECK enum status pipeline_latency(const struct splits *splits, struct image image,
                                        double *seconds, struct error *error);

#endif
