#include "interfaces/trial_step.h"

#include <stddef.h>

const char *const trial_stage_names[] = {"data",   "degrade", "tune",     "label",
                                         "filter", "train",   "evaluate", NULL};
