#include "hardware/registry.h"

#include "interfaces/hardware.h"

#define TABLE "hardware/cost_models.def"
#define TYPE cost_model
#define NOUN "cost model"
#define REGISTRY registry_cost_models
#include "interfaces/registry.def"
