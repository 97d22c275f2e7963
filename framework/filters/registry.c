#include "filters/registry.h"

#include "interfaces/filter.h"

#define TABLE "filters/filters.def"
#define TYPE filter
#define NOUN "filter"
#define REGISTRY registry_filters
#include "interfaces/registry.def"
