/*
 * Cases: the test images on which the network is furthest behind the pipeline, and furthest ahead
 * of it, among all of the test split, with their answers, for whoever wants to see them.
 *
 *     cases/scores/image, name, network, pipeline    as of the weakest images (weakest.h)
 *     cases/worst        how many of them, from the first, are worst cases; the others are best
 * ones cases/left_out     how many there was no room for cases/degraded …   the images, as of
 * examples
 *
 * No image is both. They are taken in turns, the worst first, until the images of a trial would be
 * larger than CASES_BYTES.
 */
#ifndef UNDERSTUDY_TRIAL_CASES_H
#define UNDERSTUDY_TRIAL_CASES_H

#include "trial/evaluation/weakest.h"

enum { CASES_BYTES = 8 << 20 };

/* `most` of either kind. `outputs` are the network's, of the test split. */
MUST_CHECK enum status cases_record(struct record *record, const struct splits *splits,
                                    const struct image_set *outputs,
                                    const struct rankings *rankings, size_t most,
                                    struct error *error);

#endif
