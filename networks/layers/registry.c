#include "networks/layers/registry.h"

#include "interfaces/layer.h"

#define TABLE "networks/layers/layers.def"
#define TYPE layer
#define NOUN "layer"
#define REGISTRY registry_layers
#include "interfaces/registry.def"
