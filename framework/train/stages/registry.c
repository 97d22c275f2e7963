#include "train/stages/registry.h"

#include "interfaces/stage.h"

#define TABLE "pipelines/stages.def"
#define TYPE stage
#define NOUN "stage"
#define REGISTRY registry_stages
#include "interfaces/registry.def"
