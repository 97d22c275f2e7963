#include "noise/registry.h"

#include "interfaces/label_noise.h"
#include "interfaces/registry.h"

#define ROW(name) extern const struct label_noise label_noise_##name;
#include "noise/label_noises.def"
#undef ROW

#define ROW(name) &label_noise_##name.descriptor,
const struct registry *registry_label_noises(void)
{
    static const struct descriptor *const rows[] = {
#include "noise/label_noises.def"
    };
    REGISTRY("source of label noise", rows);
}
#undef ROW
