/* The table of this folder: a row an implementation. */
#ifndef UNDERSTUDY_NETWORKS_ENGINES_REGISTRY_H
#define UNDERSTUDY_NETWORKS_ENGINES_REGISTRY_H

#include "io/schema/schema.h"

const struct registry *registry_engines(void); /* of struct engine */

#endif
