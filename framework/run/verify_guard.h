/* The guard of a finished experiment, computed again. Private to verify. */
#ifndef UNDERSTUDY_RUN_VERIFY_GUARD_H
#define UNDERSTUDY_RUN_VERIFY_GUARD_H

#include "run/verify.h"

/*
 * One replicate of /guard: both networks are trained again, the threshold is chosen again, and
 * every threshold, score, cost and share is compared. Differences are told as those of the small
 * network's trial, *trial; *differences counts them. The plan has a guard.
 */
MUST_CHECK enum status verifier_guard(struct verifier *verifier, size_t replicate,
                                      const struct verify_options *options, size_t *trial,
                                      size_t *differences, struct error *error);
/* Can it be? Both trials ended well. */
bool verifier_has_guard(const struct verifier *verifier, size_t replicate, const size_t *done,
                        size_t count);
/* Is the trial one of the guard's two? */
bool verifier_guards(const struct verifier *verifier, size_t trial);
/* The replicate whose networks the file keeps for the guard; SIZE_MAX: none. */
MUST_CHECK enum status verifier_guard_kept(struct verifier *verifier, size_t *replicate,
                                           struct error *error);

#endif
