/*
 * One trial, from labelled images to its record: filter, train, evaluate, price.
 */
#ifndef UNDERSTUDY_TRIAL_TRIAL_H
#define UNDERSTUDY_TRIAL_TRIAL_H

#include "cache/checkpoint.h"
#include "cache/record.h"
#include "trial/training_set.h"

struct latencies; /* trial/latency.h */

struct trial_options {
    int threads;
    int workers;              /* of this run, which measured speeds are told with */
    struct latencies *speeds; /* NULL: how fast the network answers is not measured */
    trial_progress *progress; /* may be NULL */
    trial_resumed *resumed;   /* may be NULL */
    void (*note)(void *context, const char *note); /* about the data; may be NULL */
    trial_begins *begins;                          /* may be NULL */
    struct checkpoint *checkpoint;                 /* NULL: none is read or written */
    struct step_cache *stages; /* trial/step_cache.h; NULL: nothing is taken from the cache or kept.
                              Else the checkpoint lies there, too, whatever its path says */
    void *context;
};

/* A network with its training done. */
struct trained {
    float *parameters, *statistics; /* owned */
};

void trained_release(struct trained *trained);

/*
 * Which items to leave out. Only the pipeline's labels are filtered; truth and manual labels are
 * right by definition, and every item is kept. Ground truth is for a filter that `sees_truth`.
 */
MUST_CHECK enum status trial_filter(const struct trial *trial, const struct plan *plan,
                                    const struct splits *prepared, const struct training_set *items,
                                    const struct trial_options *options, uint8_t *reasons,
                                    float *scores, struct error *error);

/* The network for images as the prepared split has them. Release with network_release(). */
MUST_CHECK enum status trial_network(const struct trial *trial, const struct splits *prepared,
                                     struct shape input, struct network *network,
                                     struct error *error);

/* That of whole images, which may be larger than they are: as network_apply() shows them. */
MUST_CHECK enum status trial_whole_network(const struct trial *trial, const struct splits *prepared,
                                           struct shape image, struct network *network,
                                           struct error *error);

/* Outputs of the trained network on one split, carried on through the pipeline's last stages. */
MUST_CHECK enum status trial_apply(const struct trial *trial, const struct splits *prepared,
                                   const struct split *split, const float *parameters,
                                   const float *statistics, int threads, struct image_set *out,
                                   struct error *error);

/* Train, or take from the cache what an earlier training gave: parameters, and values and curves
 * for `record`. */
MUST_CHECK enum status trial_train(const struct trial *trial, const struct plan *plan,
                                   const struct splits *prepared, const struct network *network,
                                   const struct trial_options *options, struct trained *trained,
                                   struct record *record, struct error *error);

/* All of it; `record` receives what is stored. */
MUST_CHECK enum status trial_run(const struct trial *trial, const struct plan *plan,
                                 const struct splits *prepared, const struct trial_options *options,
                                 struct record *record, struct error *error);

#endif
