/* The table of this folder: a row an implementation. */
#ifndef UNDERSTUDY_FILTERS_REGISTRY_H
#define UNDERSTUDY_FILTERS_REGISTRY_H

#include "io/schema/schema.h"

const struct registry *registry_filters(void); /* of struct filter */

#endif
