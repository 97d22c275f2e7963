/*
 * The right-sized network: of the grid points whose network is good enough on the validation
 * images, the cheapest. Settings: `select:` of the experiment file.
 *
 * Means over replicates decide; the test split is never looked at. Scores are against the ground
 * truth of the validation images, which thereby count as labelled by hand; or, by a metric
 * `agreement.…`, against the pipeline's answers, where its own score is the best there is. Of equal
 * costs the better score wins, then the earlier point. A point with a failed trial is no candidate,
 * nor is one with `train.labels: truth` beside others.
 *
 *     /selection/about      why, in a sentence
 *     /selection/trials     trials of the selected point; empty: no network is good enough
 *     /selection/score, …   by grid point: mean scores of network and pipeline, the cost, and
 *                           whether the network is good enough (1, 0)
 *
 * Where the cost is measured, the selection differs from run to run: it lies in /timing/selection
 * instead, and says so. All that is stored because of it is below /timing, too, so that
 * content_sha256 does not depend on times: the network that goes out (/timing/network,
 * /timing/parameters), and figures that mark the selected network (/timing/figures).
 */
#ifndef UNDERSTUDY_RESULTS_SELECT_H
#define UNDERSTUDY_RESULTS_SELECT_H

#include "results/grid_means.h"

struct selection {
    bool timed;            /* by a cost that was measured */
    const char *about;     /* NULL: the experiment selects nothing */
    const int64_t *trials; /* [count], ascending; not NULL where there is an `about` */
    size_t count;
};

/* Select, and write it into the file, which is still being written. Nothing where the experiment
 * does not ask for it. */
MUST_CHECK enum status report_select(struct hdf5 *file, const struct experiment *experiment,
                                     struct error *error);
/* What a results file says; all of it lives in `arena`. */
MUST_CHECK enum status selection_read(struct selection *selection, struct hdf5 *file,
                                      struct arena *arena, struct error *error);

#endif
