#include "plan/experiment/guard_section.h"

#include "guard/registry.h"

#include <stddef.h>

const struct field guard_fields[] = {
    {"by", FIELD_SELECT, offsetof(struct guard_section, by), .registry = registry_guards,
     .help = "how much an answer of the small network is to be doubted"},
    {"small", FIELD_NODE, offsetof(struct guard_section, small),
     .help = "the grid point whose network answers every image: a mapping from axes to a value"},
    {"to", FIELD_NODE, offsetof(struct guard_section, to),
     .help = "what gets the images whose answers are doubted: pipeline, or the grid point of a "
             "larger network; axes that are not named are as in 'small'"},
    {"within", FIELD_REAL, offsetof(struct guard_section, within), .minimum = 0, .maximum = 100,
     .default_value = "0.5", .unit = "points",
     .help = "how far the score on the validation images may be below the better of the two, in "
             "points of 100 (psnr: dB), by the metric of 'select'"},
    {0},
};
