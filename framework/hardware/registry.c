#include "hardware/registry.h"

#include "interfaces/hardware.h"
#include "interfaces/registry.h"

#define ROW(name) extern const struct cost_model cost_model_##name;
#include "hardware/cost_models.def"
#undef ROW

#define ROW(name) &cost_model_##name.descriptor,
const struct registry *registry_cost_models(void)
{
    static const struct descriptor *const rows[] = {
#include "hardware/cost_models.def"
    };
    REGISTRY("cost model", rows);
}
#undef ROW
