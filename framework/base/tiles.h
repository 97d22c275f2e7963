/*
 * Tile registers (AMX): products of tiles of bfloat16 values, summed in float32.
 */
#ifndef UNDERSTUDY_BASE_TILES_H
#define UNDERSTUDY_BASE_TILES_H

#include <stdbool.h>

/* Whether this processor has them and the system lets this process use them, which it is asked for
 * (Linux, Documentation/x86/xstate.rst). */
bool tiles_there(void);

#endif
