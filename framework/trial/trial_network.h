/* A trial's network: made for its images, trained, applied. */
#ifndef UNDERSTUDY_TRIAL_TRIAL_NETWORK_H
#define UNDERSTUDY_TRIAL_TRIAL_NETWORK_H

#include "graph/network.h"
#include "quantize/calibrate.h"
#include "trial/splits.h"

/* A network with its training done. */
struct trained {
    float *parameters, *statistics; /* owned */
    /* Of its values, which fine-tuning went by; no nodes: it was not fine-tuned. */
    struct activation_ranges ranges;
};

void trained_release(struct trained *trained);

/* The network for images as the splits split has them. Release with network_release(). */
MUST_CHECK enum status trial_network(const struct trial *trial, const struct splits *splits,
                                     struct shape input, struct network *network,
                                     struct error *error);

/* That of whole images, which may be larger than they are: as network_apply() shows them. */
MUST_CHECK enum status trial_whole_network(const struct trial *trial, const struct splits *splits,
                                           struct shape image, struct network *network,
                                           struct error *error);

/* Outputs of the trained network on one split, carried on through the pipeline's last stages. */
MUST_CHECK enum status trial_apply(const struct trial *trial, const struct splits *splits,
                                   const struct split *split, const float *parameters,
                                   const float *statistics, int threads, struct image_set *out,
                                   struct error *error);
/* The second half of it: what a network gave for the split, through the pipeline's last stages. */
MUST_CHECK enum status trial_carry_on(const struct splits *splits, const struct split *split,
                                      const struct image_set *raw, int threads,
                                      struct image_set *out, struct error *error);

#endif
