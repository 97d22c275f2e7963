/* The section `search:` as it stands in the file. */
#ifndef UNDERSTUDY_PLAN_EXPERIMENT_SEARCH_SECTION_H
#define UNDERSTUDY_PLAN_EXPERIMENT_SEARCH_SECTION_H

#include "io/schema/schema.h"

struct search_section {
    struct component method;
    struct yaml_node *objectives, *space;
};

/* The keys of the section but for the method's own. */
extern const struct field search_fields[];

#endif
