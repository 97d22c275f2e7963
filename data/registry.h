/* The tables of this folder: a row an implementation. */
#ifndef UNDERSTUDY_DATA_REGISTRY_H
#define UNDERSTUDY_DATA_REGISTRY_H

#include "io/schema/schema.h"

const struct registry *registry_datasets(void);     /* of struct dataset */
const struct registry *registry_degradations(void); /* of struct degradation */

#endif
