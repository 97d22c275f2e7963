#include "train/registry.h"

#include "interfaces/augmentation.h"
#include "interfaces/registry.h"
#include "interfaces/training.h"

#define ROW(name) extern const struct augmentation augmentation_##name;
#include "train/augmentations/augmentations.def"
#undef ROW

#define ROW(name) &augmentation_##name.descriptor,
const struct registry *registry_augmentations(void)
{
    static const struct descriptor *const rows[] = {
#include "train/augmentations/augmentations.def"
    };
    REGISTRY("augmentation", rows);
}
#undef ROW

#define ROW(name) extern const struct loss loss_##name;
#include "train/losses/losses.def"
#undef ROW

#define ROW(name) &loss_##name.descriptor,
const struct registry *registry_losses(void)
{
    static const struct descriptor *const rows[] = {
#include "train/losses/losses.def"
    };
    REGISTRY("loss", rows);
}
#undef ROW

#define ROW(name) extern const struct optimizer optimizer_##name;
#include "train/optimizers/optimizers.def"
#undef ROW

#define ROW(name) &optimizer_##name.descriptor,
const struct registry *registry_optimizers(void)
{
    static const struct descriptor *const rows[] = {
#include "train/optimizers/optimizers.def"
    };
    REGISTRY("optimizer", rows);
}
#undef ROW

#define ROW(name) extern const struct schedule schedule_##name;
#include "train/schedules/schedules.def"
#undef ROW

#define ROW(name) &schedule_##name.descriptor,
const struct registry *registry_schedules(void)
{
    static const struct descriptor *const rows[] = {
#include "train/schedules/schedules.def"
    };
    REGISTRY("schedule", rows);
}
#undef ROW
