#include "report/figures/registry.h"

#include "interfaces/figure.h"

#define TABLE "report/figures/figures.def"
#define TYPE figure
#define NOUN "figure"
#define REGISTRY registry_figures
#include "interfaces/registry.def"
