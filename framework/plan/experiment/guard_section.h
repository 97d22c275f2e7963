/* The section `guard:` as it stands in the file. */
#ifndef UNDERSTUDY_PLAN_EXPERIMENT_GUARD_SECTION_H
#define UNDERSTUDY_PLAN_EXPERIMENT_GUARD_SECTION_H

#include "io/schema/schema.h"

struct guard_section {
    struct component by;
    struct yaml_node *small, *to;
    double within;
};

extern const struct field guard_fields[]; /* of struct guard_section */

#endif
