/*
 * Parallel for, over OpenMP. The body is told the index and which thread runs it (for scratch
 * memory). A body's result must depend on the index alone: then the thread count changes nothing.
 * Never nested. Initialise once what the body needs; it must not allocate.
 */
#ifndef UNDERSTUDY_BASE_PARALLEL_H
#define UNDERSTUDY_BASE_PARALLEL_H

#include <stddef.h>

typedef void parallel_body(void *context, size_t index, int thread);

/* Run body(context, i, t) for i in [0, count), on at most `threads` threads (t below it). */
void parallel_for(int threads, size_t count, parallel_body *body, void *context);

/* The same, each index being a unit of work that is told (base/work.h): "images". */
void parallel_count(int threads, size_t count, const char *unit, parallel_body *body,
                    void *context);

/* Let go of the threads of earlier loops, so that this process may fork: in the child they would be
 * waited for, and are not there. Children's threads are not bound to processors (OMP_PROC_BIND in
 * the environment, unless the user set it). */
void parallel_rest(void);

/* The processors that this process may use, at least 1. */
int parallel_processors(void);

#endif
