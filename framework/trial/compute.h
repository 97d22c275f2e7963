/* Computing trials, one after the other: what one leaves that the next may use is kept. */
#ifndef UNDERSTUDY_TRIAL_COMPUTE_H
#define UNDERSTUDY_TRIAL_COMPUTE_H

#include "trial/evaluation/latency.h"
#include "trial/guard_trial.h"
#include "trial/trial.h"

struct compute_options {
    const char *data;     /* directory of the data sets */
    int threads, workers; /* of this process; processes beside it, this one too */
    bool speeds;          /* measure how fast the trained networks answer, for /timing */
};

struct compute {
    struct plan *plan;
    struct compute_options options;
    struct dataset_cache *data;
    struct step_cache *steps;
    struct splits splits;
    struct arena lent;  /* of the trial that `splits` was made for: its stages are borrowed */
    size_t splits_of;   /* that trial */
    const void *engine; /* that there was room for; NULL: it was not asked yet */
    struct latencies latencies; /* of the networks so far */
};

/* Compute the trial; `record` gets what is stored. Progress goes to `hooks`, of which threads,
 * speeds and so on are filled in here. */
MUST_CHECK enum status compute_trial(struct compute *compute, const struct trial *trial,
                                     const struct trial_options *hooks, struct record *record,
                                     struct error *error);
/* The trial's trained network alone: trial_keep_network(). The trial's arena must outlive
 * `compute`. */
MUST_CHECK enum status compute_network(struct compute *compute, const struct trial *trial,
                                       struct record *record, struct error *error);
/* trial_guard(). The trials' arenas must outlive `compute`. */
MUST_CHECK enum status compute_guard(struct compute *compute, const struct guard_request *request,
                                     struct guard_images *validation, struct guard_images *test,
                                     bool *agreement, struct error *error);
/* Afterwards: the trial's arena goes, or is kept as long as what was made from it. */
void compute_done(struct compute *compute, size_t trial, struct arena *arena);
void compute_release(struct compute *compute);

#endif
