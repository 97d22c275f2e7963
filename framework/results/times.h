/*
 * Times as a cost: columns timing.WHO.seconds_per_image, measured on the computer that ran a trial,
 * on one image of the size that most test images have. Trials may lack them: they were computed by
 * a run with --no-timing or by an older program, or what was to be timed took too long or could not
 * run there.
 */
#ifndef UNDERSTUDY_RESULTS_TIMES_H
#define UNDERSTUDY_RESULTS_TIMES_H

#include "results/grid_means.h"

struct times {
    const char *how;     /* " on an image of 28 x 28"; "" where no trial says */
    const char *lacking; /* "trial 3", "trials 0, 1, 2 and 9 more"; NULL: no trial lacks times */
};

/* Seconds of "network" or "pipeline" in each trial [trials]; NaN: not measured. In `arena`. */
MUST_CHECK enum status times_read(const struct results *results, const struct points *points,
                                  const char *who, struct arena *arena, struct times *times,
                                  double **seconds, struct error *error);
/* "; no time of trials 0, 1: why", nothing where no trial lacks times. */
void times_remark(const struct times *times, struct text *text);

#endif
