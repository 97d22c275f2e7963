/* The table of this folder: a row an implementation. */
#ifndef UNDERSTUDY_HARDWARE_REGISTRY_H
#define UNDERSTUDY_HARDWARE_REGISTRY_H

#include "io/schema/schema.h"

const struct registry *registry_cost_models(void); /* of struct cost_model */

#endif
