/*
 * How long something takes: the median of some repeats, after some that only warm up. Takes some
 * tenths of a second, a few repeats of what is slow, and one of what takes over four seconds.
 */
#ifndef UNDERSTUDY_TRIAL_REPEATS_H
#define UNDERSTUDY_TRIAL_REPEATS_H

#include "base/error.h"

typedef enum status repeated(void *context, struct error *error);

/* Seconds of one repeat. Ends early with what the repeat fails with, or at an interrupt. */
MUST_CHECK enum status repeats_median(repeated *once, void *context, double *seconds,
                                      struct error *error);

#endif
