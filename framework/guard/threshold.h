/*
 * Where a guard's threshold lies, and what comes of it. An image whose doubt is above the threshold
 * is handed on from the small network to the other, larger one (or to the pipeline):
 *
 *     score = mean over images of (handed on ? other : small)
 *     cost  = cost of the small one, which answers every image, + mean of (handed on ? other's : 0)
 *
 * Knows numbers alone.
 */
#ifndef UNDERSTUDY_GUARD_THRESHOLD_H
#define UNDERSTUDY_GUARD_THRESHOLD_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { GUARD_STEPS = 51 }; /* thresholds of a curve: 0 %, 2 % … 100 % are handed on */

/* A cascade over some images. */
struct guard_images {
    size_t count;
    double *doubt;         /* [count]; NaN: always handed on */
    double *small, *other; /* [count] scores */
    double *small_cost;    /* [count] with all that the guard asks of the small one */
    double *other_cost;    /* [count] */
};

struct guard_point {
    double threshold; /* INFINITY: none is handed on; -INFINITY: all are */
    double score, cost, share;
};

bool guard_hands_on(double doubt, double threshold);
struct guard_point guard_at(const struct guard_images *images, double threshold);
/*
 * The threshold that hands on the fewest images, and so costs least, of those at which the mean
 * score is no more than `within` worse than the better of the two. `sense` is 1 where larger scores
 * are better, else -1. There is always one for `within` >= 0. Needs an image.
 */
MUST_CHECK enum status guard_choose(const struct guard_images *images, double sense, double within,
                                    double *threshold, struct error *error);
/* Thresholds at which k / (GUARD_STEPS - 1) of the images are handed on: INFINITY … -INFINITY. */
MUST_CHECK enum status guard_thresholds(const struct guard_images *images,
                                        double thresholds[GUARD_STEPS], struct error *error);
/*
 * What a guard stands between: the same shares are handed on by the truth, those images first that
 * gain the most. Nobody can do better, and nobody knows it beforehand. No doubt is measured, so the
 * small network answers once, not `runs` times. `threshold` is the least gain of those handed on.
 */
MUST_CHECK enum status guard_best(const struct guard_images *images, double sense, int runs,
                                  struct guard_point best[GUARD_STEPS], struct error *error);

#endif
