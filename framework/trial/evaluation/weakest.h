/*
 * The weakest images: the few test images on which the network falls behind the pipeline most.
 *
 *     weakest/image       [images] their numbers in the pool that the test images are from
 *     weakest/name        their files' names, where they have some
 *     weakest/network     the network's score on each
 *     weakest/pipeline    the pipeline's
 *
 * By the task's first metric of which an image has a score of its own, against ground truth; the
 * furthest behind first, of equals the first. Where no truth is known the network's agreement with
 * the pipeline is the score, and the pipeline has none. Absent where the network is nowhere behind.
 */
#ifndef UNDERSTUDY_TRIAL_WEAKEST_H
#define UNDERSTUDY_TRIAL_WEAKEST_H

#include "cache/record.h"
#include "trial/splits.h"

enum { WEAKEST_MOST = 5, RANKING_MOST = 20 };

struct tested_image { /* a test image */
    size_t place;     /* in its split */
    double network, pipeline;
};

/* The furthest behind the pipeline, or ahead of it; the furthest first. */
struct ranking {
    size_t count;
    struct tested_image images[RANKING_MOST];
    double far[RANKING_MOST];
};

struct rankings { /* both start as {0} */
    struct ranking behind, ahead;
};

/* The metric that the weakest images go by. */
enum metric weakest_metric(const struct task *task, bool agreement);
/* The arrays above, of any ranking, below `group`. */
MUST_CHECK enum status ranking_record(struct record *record, const char *group,
                                      const struct splits *splits, const struct ranking *ranking,
                                      bool pipeline, struct error *error);
/* Scores against truth, of those images whose truth is known, in their order. */
MUST_CHECK enum status weakest_record(struct record *record, const struct splits *splits,
                                      const struct image_scores *network,
                                      const struct image_scores *pipeline,
                                      struct rankings *rankings, struct error *error);
/* The same without truth. `outputs` are the network's, of the test split. */
MUST_CHECK enum status weakest_agreement(struct record *record, const struct splits *splits,
                                         const struct image_set *outputs, int threads,
                                         struct rankings *rankings, struct error *error);

#endif
