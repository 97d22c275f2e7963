/*
 * What goes wrong while the unlabelled images are recorded and labelled: the section `label_noise`.
 *
 * Source k hits image i where its draw, by (seed, replicate, RANDOM_LABEL_NOISE, k, number in the
 * pool), lies below the rate: so what a lower rate hits a higher one hits as well.
 */
#ifndef UNDERSTUDY_TRIAL_LABEL_NOISE_H
#define UNDERSTUDY_TRIAL_LABEL_NOISE_H

#include "cache/record.h"
#include "trial/splits.h"

/* Which images are hit by which sources: fills splits->hit; nothing where there is no source. */
MUST_CHECK enum status label_noise_draw(struct splits *splits, const struct trial *trial,
                                        struct error *error);
/* Those that are recorded under other settings: the inputs of the unlabelled split, made anew from
 * the clean images. */
MUST_CHECK enum status label_noise_inputs(struct splits *splits, const struct trial *trial,
                                          const struct dataset_pool *pool, int threads,
                                          struct error *error);
/* Change the labels that were given to the unlabelled split. STATUS_CONFIG where a source does not
 * fit the classes. */
MUST_CHECK enum status label_noise_labels(struct splits *splits, const struct trial *trial,
                                          struct error *error);
/* How many images each source hit, and which: `label_noise.SOURCE` and label_noise/hit, one bit a
 * source. */
MUST_CHECK enum status label_noise_record(const struct splits *splits, const struct trial *trial,
                                          struct record *record, struct error *error);

#endif
