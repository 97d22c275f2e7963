/*
 * How fast the part of the pipeline that the network replaces answers here, on the image that the
 * network is timed with: one image, one thread, warm. A program of the user's is asked anew, though
 * its answers are kept; one that is started for each call is timed with its start.
 */
#ifndef UNDERSTUDY_TRIAL_PIPELINE_LATENCY_H
#define UNDERSTUDY_TRIAL_PIPELINE_LATENCY_H

#include "trial/splits.h"

/* The image: of the size that most test images have, the smallest of equals, the first. */
MUST_CHECK enum status latency_image(const struct splits *splits, struct image *image,
                                     struct error *error);

/* Seconds; NaN where it cannot run here, or is a recording. Where it learns and was not fitted,
 * since the labels come from the cache, the time is that of when they were made,
 * splits->pipeline_seconds. Fails only where memory runs out, or where it is interrupted. */
MUST_CHECK enum status pipeline_latency(const struct splits *splits, double *seconds,
                                        struct error *error);

#endif
