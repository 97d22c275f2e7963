/* The table of this folder: a row an implementation. */
#ifndef UNDERSTUDY_GUARD_REGISTRY_H
#define UNDERSTUDY_GUARD_REGISTRY_H

#include "io/schema/schema.h"

const struct registry *registry_guards(void); /* of struct guard */

#endif
