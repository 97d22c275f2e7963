/*
 * Lifetimes of buffers: those that are never alive together share memory.
 */
#ifndef UNDERSTUDY_GRAPH_BUFFERS_H
#define UNDERSTUDY_GRAPH_BUFFERS_H

#include "base/memory.h"

struct buffer {
    size_t bytes;
    size_t first, last; /* moments between which it is alive, both included */
    size_t offset;      /* in the common block; a multiple of MEMORY_ALIGNMENT */
};

struct buffer_plan {
    struct buffer *buffers;
    size_t count, capacity;
    size_t bytes; /* of the common block */
};

/* *index: of the new buffer. `first` never falls from one call to the next. */
MUST_CHECK enum status buffers_add(struct buffer_plan *plan, size_t bytes, size_t first,
                                   size_t last, size_t *index, struct error *error);
/* Give every buffer its place. STATUS_MEMORY where the sum cannot be represented. */
MUST_CHECK enum status buffers_place(struct buffer_plan *plan, struct error *error);
void buffers_release(struct buffer_plan *plan);

#endif
