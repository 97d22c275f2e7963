/* The table of this folder: a row an implementation. */
#ifndef UNDERSTUDY_NETWORKS_LAYERS_REGISTRY_H
#define UNDERSTUDY_NETWORKS_LAYERS_REGISTRY_H

#include "io/schema/schema.h"

const struct registry *registry_layers(void); /* of struct layer */

#endif
