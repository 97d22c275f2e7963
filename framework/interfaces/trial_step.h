/* The steps of a trial, one after the other: what each gives is kept under a key of its own. */
#ifndef UNDERSTUDY_INTERFACES_TRIAL_STEP_H
#define UNDERSTUDY_INTERFACES_TRIAL_STEP_H

enum trial_step {
    TRIAL_DATA,      /* images, ground truth, splits */
    TRIAL_DEGRADE,   /* what the camera gives */
    TRIAL_TUNE,      /* the pipeline's tuned values, and what it learnt */
    TRIAL_LABEL,     /* what it gives */
    TRIAL_FILTER,    /* the training items, and which are left out */
    TRIAL_TRAIN,     /* parameters and curves */
    TRIAL_FINE_TUNE, /* the same after fine-tuning for integers, where `train.quantize` wants it */
    TRIAL_EVALUATE,  /* scores, costs and all else that is stored */
    TRIAL_STEPS
};

extern const char *const trial_step_names[]; /* "data" … , ended by NULL */

#endif
