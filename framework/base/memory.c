#define _DEFAULT_SOURCE /* madvise */
#include "base/memory.h"

#include "base/interrupt.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static atomic_size_t allocations;
static atomic_size_t failing; /* the allocation's number that fails; 0: none */

bool memory_multiply(size_t a, size_t b, size_t *product)
{
    return !__builtin_mul_overflow(a, b, product);
}

bool memory_add_aligned(size_t *sum, size_t bytes)
{
    size_t rounded;

    if (__builtin_add_overflow(bytes, MEMORY_ALIGNMENT - 1, &rounded))
        return false;
    return !__builtin_add_overflow(*sum, rounded / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT, sum);
}

void memory_fail_at(size_t n)
{
    atomic_store(&failing, n ? atomic_load(&allocations) + n : 0);
}

size_t memory_count(void)
{
    return atomic_load(&allocations);
}

/* Zero a block, in pieces: to touch gigabytes for the first time takes seconds, in which a stop may
 * be asked for. False: it was, and the rest is as it came. */
static bool clear(char *block, size_t bytes)
{
    static const size_t piece = (size_t)32 << 20;

    for (size_t at = 0; at < bytes; at += piece) {
        if (at > 0 && interrupt_requested())
            return false;
        memset(block + at, 0, bytes - at < piece ? bytes - at : piece);
    }
    return true;
}

/* Ask for huge pages: to touch a large block for the first time then takes a fifth of the time
 * (`make bench BENCH=exec`). Where the system has none, all stays as it is. */
static void prefer_huge_pages(char *block, size_t bytes)
{
    enum { PAGE = 4096, LARGE = 4 << 20 };
    size_t skipped = (PAGE - (uintptr_t)block % PAGE) % PAGE;

    if (bytes >= LARGE)
        (void)madvise(block + skipped, (bytes - skipped) / PAGE * PAGE, MADV_HUGEPAGE);
}

/* All allocations go through here. */
static void *memory_allocate(size_t bytes, bool *stopped)
{
    size_t number = atomic_fetch_add(&allocations, 1) + 1;
    if (number == atomic_load(&failing) || bytes > PTRDIFF_MAX - MEMORY_ALIGNMENT)
        return NULL;
    size_t rounded = (bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
    void *block = aligned_alloc(MEMORY_ALIGNMENT, rounded);
    if (block)
        prefer_huge_pages(block, rounded);
    *stopped = block && !clear(block, rounded);
    return block;
}

/* The caller's pointer may be of any object type: copied bytewise, so that no rule is bent. */
static void store_pointer(void *pointer_to_pointer, void *value)
{
    memcpy(pointer_to_pointer, &value, sizeof value);
}

static void *load_pointer(const void *pointer_to_pointer)
{
    void *value;
    memcpy(&value, pointer_to_pointer, sizeof value);
    return value;
}

enum status memory_new(void *pointer_to_pointer, size_t count, size_t size, struct error *error)
{
    size_t bytes;
    void *block = NULL;
    bool stopped = false;

    store_pointer(pointer_to_pointer, NULL);
    if (count == 0 || size == 0)
        return STATUS_OK;
    if (!memory_multiply(count, size, &bytes))
        return error_set(error, STATUS_MEMORY, "%zu objects of %zu bytes do not fit in memory",
                         count, size);
    block = memory_allocate(bytes, &stopped);
    if (stopped) {
        free(block);
        return interrupt_check(error);
    }
    if (!block)
        return error_set(error, STATUS_MEMORY, "out of memory: %zu bytes asked for", bytes);
    store_pointer(pointer_to_pointer, block);
    return STATUS_OK;
}

enum status memory_grow(void *pointer_to_pointer, size_t old_count, size_t new_count, size_t size,
                        struct error *error)
{
    void *fresh, *old = load_pointer(pointer_to_pointer);
    enum status status = memory_new(&fresh, new_count, size, error);
    if (status != STATUS_OK)
        return status;
    if (old && fresh)
        memcpy(fresh, old, (old_count < new_count ? old_count : new_count) * size);
    memory_free(old);
    store_pointer(pointer_to_pointer, fresh);
    return STATUS_OK;
}

enum status memory_reserve(void *pointer_to_pointer, size_t *capacity, size_t needed, size_t size,
                           struct error *error)
{
    if (needed <= *capacity)
        return STATUS_OK;
    size_t target = *capacity < 8 ? 8 : *capacity;
    while (target < needed)
        target = target > SIZE_MAX / 2 ? needed : target * 2;
    enum status status = memory_grow(pointer_to_pointer, *capacity, target, size, error);
    if (status == STATUS_OK)
        *capacity = target;
    return status;
}

void memory_free(void *block)
{
    free(block);
}

void memory_keep_freed(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
#endif
}

enum { ARENA_BLOCK = 16384 };

struct arena_block {
    struct arena_block *previous;
    size_t used, size;
    _Alignas(max_align_t) unsigned char bytes[];
};

enum status arena_new(struct arena *arena, void *pointer_to_pointer, size_t count, size_t size,
                      struct error *error)
{
    size_t bytes;
    store_pointer(pointer_to_pointer, NULL);
    if (!memory_multiply(count, size, &bytes) || bytes > PTRDIFF_MAX / 2)
        return error_set(error, STATUS_MEMORY, "%zu objects of %zu bytes do not fit in memory",
                         count, size);
    bytes = (bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    struct arena_block *block = arena->last;
    if (!block || block->size - block->used < bytes) {
        size_t room = bytes > ARENA_BLOCK ? bytes : ARENA_BLOCK;
        enum status status = memory_new(&block, 1, sizeof *block + room, error);
        if (status != STATUS_OK)
            return status;
        block->size = room;
        block->previous = arena->last;
        arena->last = block;
    }
    store_pointer(pointer_to_pointer, block->bytes + block->used);
    block->used += bytes;
    return STATUS_OK;
}

enum status arena_copy(struct arena *arena, const char *text, size_t length, const char **copy,
                       struct error *error)
{
    char *bytes;
    enum status status = arena_new(arena, &bytes, length + 1, 1, error);
    *copy = bytes;
    if (status == STATUS_OK && length)
        memcpy(bytes, text, length);
    return status;
}

void arena_release(struct arena *arena)
{
    while (arena->last) {
        struct arena_block *previous = arena->last->previous;
        memory_free(arena->last);
        arena->last = previous;
    }
}
