/* The table of this folder: a row an implementation. */
#ifndef UNDERSTUDY_LAUNCH_REGISTRY_H
#define UNDERSTUDY_LAUNCH_REGISTRY_H

#include "io/schema/schema.h"

const struct registry *registry_launchers(void); /* of struct launcher */

#endif
