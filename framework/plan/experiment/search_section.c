#include "plan/experiment/search_section.h"

#include "search/registry.h"

#include <stddef.h>

const struct field search_fields[] = {
    {"method", FIELD_SELECT, offsetof(struct search_section, method), .registry = registry_searches,
     .help = "how points are proposed; its settings are keys beside this one"},
    {"objectives", FIELD_NODE, offsetof(struct search_section, objectives),
     .help = "columns of the results, as 'network.validation.ssim: maximise'; never of the test "
             "split"},
    {"space", FIELD_NODE, offsetof(struct search_section, space),
     .help = "paths with {uniform: [a, b]}, {log_uniform: [a, b]}, {integer: [a, b]} or {choice: "
             "[x, y, z]}"},
    {0},
};
