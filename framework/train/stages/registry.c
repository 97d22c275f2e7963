#include "train/stages/registry.h"

#include "interfaces/registry.h"
#include "interfaces/stage.h"

#define ROW(name) extern const struct stage stage_##name;
#include "pipelines/stages.def"
#undef ROW

#define ROW(name) &stage_##name.descriptor,
const struct registry *registry_stages(void)
{
    static const struct descriptor *const rows[] = {
#include "pipelines/stages.def"
    };
    REGISTRY("stage", rows);
}
#undef ROW
