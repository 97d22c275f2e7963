/* What a worker tells its runner, through a pipe of its own. Both are the same program. */
#ifndef UNDERSTUDY_RUN_MESSAGE_H
#define UNDERSTUDY_RUN_MESSAGE_H

#include "base/work.h"
#include "plan/plan.h"
#include "trial/splits.h"

#include <stddef.h>
#include <stdint.h>

enum message_kind {
    MESSAGE_BEGUN,    /* trial */
    MESSAGE_STEP,     /* trial, phase: it begins */
    MESSAGE_SHARE,    /* trial, share, work */
    MESSAGE_RESUMED,  /* trial, step */
    MESSAGE_LOST,     /* trial, error: its checkpoint is unusable */
    MESSAGE_COMPUTED, /* trial, seconds */
    MESSAGE_FOUND,    /* trial: another process has done it */
    MESSAGE_FAILED,   /* trial, error */
    MESSAGE_DAMAGED,  /* error: an entry of the cache is unusable */
    MESSAGE_NOTE,     /* error's message: what people should know about the data */
    MESSAGE_SAVING,   /* asked to stop, it does, and writes down what there is to go on from */
    MESSAGE_ENDED,    /* error: why; STATUS_OK where there is nothing left to do */
};

struct message {
    enum message_kind kind;
    size_t trial;
    double share, seconds; /* share: of the trial, as far as that is known */
    struct work work;
    int64_t step;
    enum trial_phase phase;
    size_t computed[TRIAL_STEPS], recalled[TRIAL_STEPS]; /* since the last message of its kind */
    struct error error;
};

#endif
