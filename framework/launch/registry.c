#include "launch/registry.h"

#include "interfaces/launcher.h"
#include "interfaces/registry.h"

#define ROW(name) extern const struct launcher launcher_##name;
#include "launch/launchers.def"
#undef ROW

#define ROW(name) &launcher_##name.descriptor,
const struct registry *registry_launchers(void)
{
    static const struct descriptor *const rows[] = {
#include "launch/launchers.def"
    };
    REGISTRY("launcher", rows);
}
#undef ROW
