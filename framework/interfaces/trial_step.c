#include "interfaces/trial_step.h"

#include <stddef.h>

const char *const trial_step_names[] = {"data",  "degrade",   "tune",     "label", "filter",
                                        "train", "fine_tune", "evaluate", NULL};
