#include "search/registry.h"

#include "interfaces/registry.h"
#include "interfaces/search.h"

#define ROW(name) extern const struct search_method search_##name;
#include "search/searches.def"
#undef ROW

#define ROW(name) &search_##name.descriptor,
const struct registry *registry_searches(void)
{
    static const struct descriptor *const rows[] = {
#include "search/searches.def"
    };
    REGISTRY("search method", rows);
}
#undef ROW
