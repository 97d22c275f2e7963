#include "networks/layers/registry.h"

#include "interfaces/layer.h"
#include "interfaces/registry.h"

#define ROW(name) extern const struct layer layer_##name;
#include "networks/layers/layers.def"
#undef ROW

#define ROW(name) &layer_##name.descriptor,
const struct registry *registry_layers(void)
{
    static const struct descriptor *const rows[] = {
#include "networks/layers/layers.def"
    };
    REGISTRY("layer", rows);
}
#undef ROW
