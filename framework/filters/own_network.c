#include "filters/own_network.h"

#include "graph/family.h"

const struct component *filter_own_network(const struct component *filter)
{
    for (const struct field *field = filter->kind->fields; field && field->name; field++) {
        if (field->type != FIELD_COMPONENT || field->registry != families_registry)
            continue;
        const struct component *network =
            (const void *)((const char *)filter->config + field->offset);
        return network->kind ? network : NULL;
    }
    return NULL;
}
