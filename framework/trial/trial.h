/* One trial, from the data set to its record. */
#ifndef UNDERSTUDY_TRIAL_TRIAL_H
#define UNDERSTUDY_TRIAL_TRIAL_H

#include "cache/record.h"
#include "trial/splits.h"
#include "trial/trial_network.h"

/* Splits, degradation, labels: `splits` gets them, unless it has them from a trial before. `data`
 * keeps the data set for the next trial. */
MUST_CHECK enum status trial_prepare(struct splits *splits, const struct trial *trial,
                                     struct dataset_cache *data,
                                     const struct trial_options *options, struct error *error);
/* The pipeline alone, tuned and fitted, for other images: splits->chain. No image is labelled. */
MUST_CHECK enum status trial_pipeline(struct splits *splits, const struct trial *trial,
                                      struct dataset_cache *data,
                                      const struct trial_options *options, struct error *error);
/* Filter, train and evaluate; `record` gets the stored values. */
MUST_CHECK enum status trial_learn(const struct trial *trial, const struct plan *plan,
                                   const struct splits *splits, const struct trial_options *options,
                                   struct record *record, struct error *error);
/* The trained network of splits that are prepared: from the cache, where it was trained before.
 * Release both, also after a failure. */
MUST_CHECK enum status trial_trained(const struct trial *trial, const struct plan *plan,
                                     const struct splits *splits,
                                     const struct trial_options *options, struct network *network,
                                     struct trained *trained, struct error *error);
/* The trained network alone, as parameters/… and network/graph: from the cache, where it was
 * trained before. */
MUST_CHECK enum status trial_keep_network(const struct trial *trial, const struct plan *plan,
                                          struct dataset_cache *data, struct splits *splits,
                                          const struct trial_options *options,
                                          struct record *record, struct error *error);
/* All steps of a trial; the record also holds the tuned values and the digest of the data. */
MUST_CHECK enum status trial_run(const struct trial *trial, const struct plan *plan,
                                 struct dataset_cache *data, struct splits *splits,
                                 const struct trial_options *options, struct record *record,
                                 struct error *error);

#endif
