/*
 * Places of blocks in static memory: blocks that are never alive at the same moment may share
 * bytes.
 *
 * Larger blocks come first, and each takes the lowest free place ("greedy by size": Pisarchyk, Lee,
 * Efficient memory management for deep neural net inference, 2020). Where it needs less, the order
 * is that of the blocks' first moments.
 */
#ifndef UNDERSTUDY_EXPORT_STATIC_MEMORY_H
#define UNDERSTUDY_EXPORT_STATIC_MEMORY_H

#include "base/error.h"

#include <stddef.h>

struct static_block {
    size_t bytes;
    size_t first, last; /* moments between which it is alive, both included */
    size_t offset;      /* given here: a multiple of `alignment` */
};

/* *bytes: of the whole memory. STATUS_MEMORY where that cannot be represented. */
MUST_CHECK enum status static_memory_place(struct static_block *blocks, size_t count,
                                           size_t alignment, size_t *bytes, struct error *error);

#endif
