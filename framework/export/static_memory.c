#include "export/static_memory.h"

#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>

static int compare_sizes(const void *a, const void *b)
{
    const struct static_block *x = *(struct static_block *const *)a;
    const struct static_block *y = *(struct static_block *const *)b;

    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return x < y ? -1 : x > y;
}

static int compare_moments(const void *a, const void *b)
{
    const struct static_block *x = *(struct static_block *const *)a;
    const struct static_block *y = *(struct static_block *const *)b;

    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* The end of a block among the `count` placed ones that is in the way of `block` where it lies; 0:
 * there is none. */
static size_t end_of_obstacle(const struct static_block *const *placed, size_t count,
                              const struct static_block *block)
{
    for (size_t i = 0; i < count; i++) {
        const struct static_block *other = placed[i];
        if (other->first <= block->last && block->first <= other->last &&
            other->offset < block->offset + block->bytes &&
            block->offset < other->offset + other->bytes)
            return other->offset + other->bytes;
    }
    return 0;
}

/* Give every block the lowest free place, in this order; returns the bytes of all. */
static size_t place_all(struct static_block **order, size_t count, size_t alignment)
{
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++) {
        struct static_block *block = order[i];
        size_t end;
        block->offset = 0;
        while ((end = end_of_obstacle((const struct static_block *const *)order, i, block)) > 0)
            block->offset = (end + alignment - 1) / alignment * alignment;
        bytes = block->offset + block->bytes > bytes ? block->offset + block->bytes : bytes;
    }
    return (bytes + alignment - 1) / alignment * alignment;
}

/* Side by side, all of them can be represented: so can every other way. */
static enum status check_sum(const struct static_block *blocks, size_t count, size_t alignment,
                             struct error *error)
{
    size_t left = SIZE_MAX;

    for (size_t i = 0; i < count; i++) {
        if (blocks[i].bytes > SIZE_MAX - alignment || blocks[i].bytes + alignment > left)
            return error_set(error, STATUS_MEMORY, "the network's values do not fit in memory");
        left -= blocks[i].bytes + alignment;
    }
    return STATUS_OK;
}

enum status static_memory_place(struct static_block *blocks, size_t count, size_t alignment,
                                size_t *bytes, struct error *error)
{
    enum status status = STATUS_OK;
    struct static_block **order = NULL;

    *bytes = 0;
    TRY(check_sum(blocks, count, alignment, error));
    TRY(memory_new(&order, count, sizeof *order, error));
    for (size_t i = 0; i < count; i++)
        order[i] = &blocks[i];
    if (count > 0) {
        qsort(order, count, sizeof *order, compare_moments);
        size_t by_moment = place_all(order, count, alignment);
        qsort(order, count, sizeof *order, compare_sizes);
        *bytes = place_all(order, count, alignment);
        if (by_moment < *bytes) {
            qsort(order, count, sizeof *order, compare_moments);
            *bytes = place_all(order, count, alignment);
        }
    }
out:
    memory_free(order);
    return status;
}
