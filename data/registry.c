#include "data/registry.h"

#include "interfaces/dataset.h"
#include "interfaces/degradation.h"

#define TABLE "data/datasets.def"
#define TYPE dataset
#define NOUN "data set"
#define REGISTRY registry_datasets
#include "interfaces/registry.def"

#define TABLE "data/degrade/degradations.def"
#define TYPE degradation
#define NOUN "degradation"
#define REGISTRY registry_degradations
#include "interfaces/registry.def"
