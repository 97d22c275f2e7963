#include "guard/registry.h"

#include "interfaces/guard.h"

#define TABLE "guard/guards.def"
#define TYPE guard
#define NOUN "guard"
#define REGISTRY registry_guards
#include "interfaces/registry.def"
