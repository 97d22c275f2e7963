/* The guard of a small network, when all trials are done. Private to run/. */
#ifndef UNDERSTUDY_RUN_RUN_GUARD_H
#define UNDERSTUDY_RUN_RUN_GUARD_H

#include "results/guard_results.h"
#include "run/runner.h"

/*
 * Where the plan has a `guard:`, /guard (results/guard_results.h) and the two networks of the
 * replicate that goes out. Trained networks come from the cache; what was removed from there is
 * trained anew, to the same bits.
 */
MUST_CHECK enum status run_store_guard(struct runner *runner, struct store *store,
                                       struct error *error);

/* A replicate's threshold and what comes of it, from what its two networks do on the images. */
MUST_CHECK enum status run_guard_choose(const struct plan_guard *guard, enum metric metric,
                                        const struct guard_images *validation,
                                        const struct guard_images *test,
                                        struct guard_replicate *replicate, struct error *error);

#endif
