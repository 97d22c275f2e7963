#include "filters/registry.h"

#include "interfaces/filter.h"
#include "interfaces/registry.h"

#define ROW(name) extern const struct filter filter_##name;
#include "filters/filters.def"
#undef ROW

#define ROW(name) &filter_##name.descriptor,
const struct registry *registry_filters(void)
{
    static const struct descriptor *const rows[] = {
#include "filters/filters.def"
    };
    REGISTRY("filter", rows);
}
#undef ROW
