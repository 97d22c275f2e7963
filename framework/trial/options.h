/* What a trial is computed with, and who hears how far it is. None of it changes a result. */
#ifndef UNDERSTUDY_TRIAL_OPTIONS_H
#define UNDERSTUDY_TRIAL_OPTIONS_H

#include "cache/checkpoint.h"

#include <stdbool.h>

struct latencies;  /* trial/evaluation/latency.h */
struct step_cache; /* trial/step_cache.h */

/* What is done for a trial, in this order; what is there already is not done. */
enum trial_phase {
    PHASE_READ,
    PHASE_DEGRADE,
    PHASE_TUNE,
    PHASE_FIT,
    PHASE_LABEL,
    PHASE_FILTER,
    PHASE_TRAIN,
    PHASE_FINE_TUNE,
    PHASE_EVALUATE,
    PHASES,
};

extern const char *const trial_phase_names[PHASES]; /* "labelling" */

/* Hears that a step begins. */
typedef void trial_begins(void *context, enum trial_phase step);
/* Hears that training goes on from step `step`; or that it starts anew, because the checkpoint is
 * unusable as `damage` says (else NULL). */
typedef void trial_resumed(void *context, int64_t step, const struct error *damage);

struct trial_options {
    const char *data; /* directory of the data sets */
    int threads;
    int workers;                   /* of this run, which measured latencies are told with */
    struct latencies *latencies;   /* NULL: how fast the network answers is not measured */
    struct step_cache *steps;      /* NULL: nothing is taken from the cache or kept. Else the
                                    * checkpoint lies there, too, whatever its path says */
    struct checkpoint *checkpoint; /* NULL: none is read or written */
    trial_resumed *resumed;        /* may be NULL */
    trial_begins *begins;          /* may be NULL */
    /* Hears what people should know about the data, each once; NULL: it is kept for who asks. */
    void (*note)(void *context, const char *note);
    void *context;
};

/* Report that a phase begins; what is counted from now on belongs to it (base/work.h). */
void trial_tell(const struct trial_options *options, enum trial_phase phase);

#endif
