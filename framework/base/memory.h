/*
 * Memory: every allocation of the program passes memory_allocate().
 *
 * Blocks are zeroed and aligned to 64 bytes (a cache line and an AVX-512 register). Sizes are
 * given as count x size and multiplied with an overflow check. Tests can make the n-th allocation
 * fail. An arena owns many small blocks that live and die together (configurations, YAML trees).
 */
#ifndef UNDERSTUDY_BASE_MEMORY_H
#define UNDERSTUDY_BASE_MEMORY_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { MEMORY_ALIGNMENT = 64 };

/*
 * Set *(T **)pointer_to_pointer to a zeroed block of count objects; NULL when count is 0.
 * Fails with STATUS_MEMORY, or with STATUS_INTERRUPTED where a stop was asked for and the block has
 * more than 32 MiB, leaving the pointer NULL. Release with memory_free().
 */
MUST_CHECK enum status memory_new(void *pointer_to_pointer, size_t count, size_t size,
                                  struct error *error);

/* Grow a block from old_count to new_count objects, keeping content; the new part is zeroed. */
MUST_CHECK enum status memory_grow(void *pointer_to_pointer, size_t old_count, size_t new_count,
                                   size_t size, struct error *error);

/* Append room for one object to an array that doubles; *capacity is kept by this function. */
MUST_CHECK enum status memory_reserve(void *pointer_to_pointer, size_t *capacity, size_t needed,
                                      size_t size, struct error *error);

void memory_free(void *block);

/* From now on blocks that are freed stay with the process, up to 1 GiB each, for those to come: for
 * loops that need large ones of the same sizes again and again, which the kernel would clear each
 * time. The process grows hardly larger by it. Without glibc, nothing changes. */
void memory_keep_freed(void);

/* *product = a * b; false when it does not fit. */
bool memory_multiply(size_t a, size_t b, size_t *product);
/* *sum += bytes, rounded up to MEMORY_ALIGNMENT; false when it does not fit. */
bool memory_add_aligned(size_t *sum, size_t bytes);

/* For tests: the n-th allocation from now (from 1) fails; 0 turns the fault off. */
void memory_fail_at(size_t n);
/* For tests: the number of allocations so far. */
size_t memory_count(void);

struct arena_block;

/* Initialise with {0}; release gives everything back at once. */
struct arena {
    struct arena_block *last;
};

MUST_CHECK enum status arena_new(struct arena *arena, void *pointer_to_pointer, size_t count,
                                 size_t size, struct error *error);
/* A copy of `length` bytes of `text` with a terminating 0. */
MUST_CHECK enum status arena_copy(struct arena *arena, const char *text, size_t length,
                                  const char **copy, struct error *error);
void arena_release(struct arena *arena);

#endif
