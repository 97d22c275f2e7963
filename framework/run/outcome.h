/* What a trial leaves behind: scores, costs, activations, examples, as values of its record. */
#ifndef UNDERSTUDY_RUN_OUTCOME_H
#define UNDERSTUDY_RUN_OUTCOME_H

#include "run/trial.h"

/*
 * filter.items, filter.dropped; of a filter that looked at labels, filter/keep, reason and score of
 * every item, and filter/image, the image of the data set's training pool that it comes from.
 * Where it is known what the labels should be: filter.errors (labels that are wrong), how well the
 * filter named them, as filter.precision, filter.recall and filter.auroc, and filter.sees_truth, 1
 * for a control that was shown them. What counts as wrong: filters/errors.h.
 */
MUST_CHECK enum status outcome_filter(struct record *record, const struct trial *trial,
                                      const struct prepared *prepared, const struct items *items,
                                      const uint8_t *reasons, const float *scores,
                                      struct error *error);

/*
 * {degraded,pipeline,network}.{train,validation,test}.{ssim,psnr} or .accuracy, against ground
 * truth, and .psnr_capped, the images whose PSNR is at its cap, where there are some; `notes`, what
 * stood out; STATUS_DIVERGED where an image has no score (docs/scores.md). Examples and chosen
 * activations of the test split.
 */
MUST_CHECK enum status outcome_scores(struct record *record, const struct trial *trial,
                                      const struct prepared *prepared,
                                      const struct trained *trained, int threads,
                                      struct error *error);

/* network.parameters, network.multiply_adds, pipeline.OPERATIONS (of the replaced part), and
 * hardware.MACHINE.* for every machine of the plan, for one image of the test split's first shape;
 * parameters, multiply-adds, latency and energy of each layer as arrays layers/….
 */
MUST_CHECK enum status outcome_costs(struct record *record, const struct trial *trial,
                                     const struct plan *plan, const struct prepared *prepared,
                                     struct error *error);

/* Where another precision than float32 was asked for: in which each layer computes in training, as
 * the array layers/precision. Those with parameters are in the one that was asked for, or nothing
 * runs (network/program.h). */
MUST_CHECK enum status outcome_precision(struct record *record, const struct trial *trial,
                                         const struct network *network, struct error *error);

/* Every parameter as parameters/NODE/NAME. */
MUST_CHECK enum status outcome_parameters(struct record *record, const struct network *network,
                                          const struct trained *trained, struct error *error);

#endif
