#include "launch/registry.h"

#include "interfaces/launcher.h"

#define TABLE "launch/launchers.def"
#define TYPE launcher
#define NOUN "launcher"
#define REGISTRY registry_launchers
#include "interfaces/registry.def"
