#include "networks/engines/registry.h"

#include "interfaces/engine.h"

#define TABLE "networks/engines/engines.def"
#define TYPE engine
#define NOUN "engine"
#define REGISTRY registry_engines
#include "interfaces/registry.def"
