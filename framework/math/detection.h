/* How well suspicion scores find wrong labels. */
#ifndef UNDERSTUDY_MATH_DETECTION_H
#define UNDERSTUDY_MATH_DETECTION_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct detection {
    size_t wrong;     /* items that are */
    double precision; /* share of the flagged that is wrong; NaN where nothing is flagged */
    double recall;    /* share of the wrong that is flagged; NaN where nothing is wrong */
    /* Chance that a wrong item has a larger score than a right one, ties counting half: the area
     * under the receiver operating characteristic (Hanley, McNeil 1982). NaN where all are wrong or
     * none is, or where all scores are the same. */
    double auroc;
};

/* `flags` and `wrong` are nonzero where they say so; [count] each. A score that is not a number is
 * larger than any. */
MUST_CHECK enum status detection_measure(const uint8_t *flags, const float *scores,
                                         const uint8_t *wrong, size_t count,
                                         struct detection *detection, struct error *error);

#endif
