#include "search/registry.h"

#include "interfaces/search.h"

#define TABLE "search/searches.def"
#define TYPE search_method
#define NOUN "search method"
#define REGISTRY registry_searches
#include "interfaces/registry.def"
