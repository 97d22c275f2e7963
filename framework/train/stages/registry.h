/* The table of this folder: a row an implementation. */
#ifndef UNDERSTUDY_TRAIN_STAGES_REGISTRY_H
#define UNDERSTUDY_TRAIN_STAGES_REGISTRY_H

#include "io/schema/schema.h"

const struct registry *registry_stages(void); /* of struct stage */

#endif
