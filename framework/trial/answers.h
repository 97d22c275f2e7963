/* What stages of the user's own answered, kept in the cache: one answer, one entry. */
#ifndef UNDERSTUDY_TRIAL_ANSWERS_H
#define UNDERSTUDY_TRIAL_ANSWERS_H

#include "base/text.h"
#include "interfaces/stage.h"

struct step_cache;

/* Starts as {0}. Stays where it is as long as a chain knows it. */
struct answers {
    struct stage_answers kept;
    struct step_cache *steps; /* NULL: nothing is kept */
    bool told;                /* whether answers repeat: */
    bool repeat;              /* all stages' do */
    struct text notes;        /* where they do not, in one line */
};

/* For the stages of another pipeline. */
void answers_begin(struct answers *answers, struct step_cache *steps);
void answers_release(struct answers *answers);

#endif
