/* What follows from an experiment for the network: its task, its shapes, its loss. */
#ifndef UNDERSTUDY_PLAN_EXPERIMENT_SHAPES_H
#define UNDERSTUDY_PLAN_EXPERIMENT_SHAPES_H

#include "interfaces/stage.h"
#include "plan/experiment/experiment.h"

/* The content that the network is to give: what the replaced part ends in. */
enum content experiment_target(const struct experiment *experiment, size_t last);
/* The images' shape, and what the task asks for. STATUS_CONFIG where it cannot be told before the
 * data are read. */
MUST_CHECK enum status experiment_images(const struct experiment *experiment, struct shape *shape,
                                         struct answer *answer, struct error *error);
/* What the network takes and gives, and what it is: the images' shape through the pipeline.
 * STATUS_CONFIG where this cannot be told before the data are read. */
MUST_CHECK enum status experiment_shapes(const struct experiment *experiment, struct shape *input,
                                         struct shape *target, struct answer *answer,
                                         struct error *error);
/* Relative paths in the pipeline's settings start at `folder`, which outlives the experiment. */
void experiment_settle(struct experiment *experiment, const char *folder);
/* Fill in what defaults leave open: the loss. */
MUST_CHECK enum status experiment_complete(struct experiment *experiment, struct arena *arena,
                                           struct error *error);

#endif
