#include "train/registry.h"

#include "interfaces/augmentation.h"
#include "interfaces/training.h"

#define TABLE "train/augmentations/augmentations.def"
#define TYPE augmentation
#define NOUN "augmentation"
#define REGISTRY registry_augmentations
#include "interfaces/registry.def"

#define TABLE "train/losses/losses.def"
#define TYPE loss
#define NOUN "loss"
#define REGISTRY registry_losses
#include "interfaces/registry.def"

#define TABLE "train/optimizers/optimizers.def"
#define TYPE optimizer
#define NOUN "optimizer"
#define REGISTRY registry_optimizers
#include "interfaces/registry.def"

#define TABLE "train/schedules/schedules.def"
#define TYPE schedule
#define NOUN "schedule"
#define REGISTRY registry_schedules
#include "interfaces/registry.def"
