/* The table of this folder: a row an implementation. */
#ifndef UNDERSTUDY_SEARCH_REGISTRY_H
#define UNDERSTUDY_SEARCH_REGISTRY_H

#include "io/schema/schema.h"

const struct registry *registry_searches(void); /* of struct search_method */

#endif
