/* Networks that go out: into the results file, when all trials are done. Private to run/. */
#ifndef UNDERSTUDY_RUN_RUN_NETWORK_H
#define UNDERSTUDY_RUN_RUN_NETWORK_H

#include "run/runner.h"
#include "trial/compute.h"
#include "trial/step_cache.h"

/*
 * /network/TRIAL/graph and /parameters/TRIAL of the best trial (results/best.h); attribute `trial`
 * of /network is its name there. Where it was selected by times, all of this lies below /timing,
 * but for what the trial's own holds already. What was trained before comes from the cache; what
 * was removed from there is trained anew, to the same bits.
 */
MUST_CHECK enum status run_store_network(struct runner *runner, struct store *store,
                                         struct error *error);
/* The same of any trial that is done, without the attribute. */
MUST_CHECK enum status run_keep_network(struct runner *runner, struct store *store, size_t trial,
                                        struct error *error);
/* What computes in this process, not in a worker; `steps` outlives it. */
struct compute run_compute(struct runner *runner, struct step_cache *steps);

#endif
