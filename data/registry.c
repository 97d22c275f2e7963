#include "data/registry.h"

#include "interfaces/dataset.h"
#include "interfaces/degradation.h"
#include "interfaces/registry.h"

#define ROW(name) extern const struct dataset dataset_##name;
#include "data/datasets.def"
#undef ROW

#define ROW(name) &dataset_##name.descriptor,
const struct registry *registry_datasets(void)
{
    static const struct descriptor *const rows[] = {
#include "data/datasets.def"
    };
    REGISTRY("data set", rows);
}
#undef ROW

#define ROW(name) extern const struct degradation degradation_##name;
#include "data/degrade/degradations.def"
#undef ROW

#define ROW(name) &degradation_##name.descriptor,
const struct registry *registry_degradations(void)
{
    static const struct descriptor *const rows[] = {
#include "data/degrade/degradations.def"
    };
    REGISTRY("degradation", rows);
}
#undef ROW
