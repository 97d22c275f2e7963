#include "networks/engines/registry.h"

#include "interfaces/engine.h"
#include "interfaces/registry.h"

#define ROW(name) extern const struct engine engine_##name;
#include "networks/engines/engines.def"
#undef ROW

#define ROW(name) &engine_##name.descriptor,
const struct registry *registry_engines(void)
{
    static const struct descriptor *const rows[] = {
#include "networks/engines/engines.def"
    };
    REGISTRY("engine", rows);
}
#undef ROW
