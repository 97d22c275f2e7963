#include "noise/registry.h"

#include "interfaces/label_noise.h"

#define TABLE "noise/label_noises.def"
#define TYPE label_noise
#define NOUN "source of label noise"
#define REGISTRY registry_label_noises
#include "interfaces/registry.def"
