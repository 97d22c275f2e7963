/* The stage `network`, shared by its files alone. */
#ifndef UNDERSTUDY_TRAIN_STAGES_NETWORK_H
#define UNDERSTUDY_TRAIN_STAGES_NETWORK_H

#include "graph/family.h"
#include "interfaces/stage.h"
#include "train/patches.h"
#include "train/train.h"

struct network_stage {
    struct component family;
    struct patch_settings patch;
    struct train_settings train;
};

/* Its `check`. */
MUST_CHECK enum status network_stage_check(const void *config, const struct task *task,
                                           const struct engine *engine, struct diagnostics *found,
                                           struct error *error);

#endif
