/*
 * Hash maps by uthash, with memory from base/memory.h. After each HASH_ADD, hash_map_status() tells
 * whether there was memory for it; where there was none, the map is as it was before.
 */
#ifndef UNDERSTUDY_BASE_HASH_MAP_H
#define UNDERSTUDY_BASE_HASH_MAP_H

#include "base/interrupt.h"
#include "base/memory.h"

#define HASH_NONFATAL_OOM 1
#define uthash_malloc(size) hash_map_room(size)
#define uthash_free(block, size) memory_free(block)
#include <uthash.h>

static inline void *hash_map_room(size_t size)
{
    void *block;
    return memory_new(&block, size, 1, NULL) == STATUS_OK ? block : NULL;
}

static inline enum status hash_map_status(const UT_hash_handle *added, struct error *error)
{
    enum status status = added->tbl ? STATUS_OK : interrupt_check(error);

    if (!added->tbl && status == STATUS_OK)
        status = error_set(error, STATUS_MEMORY, "out of memory");
    return status;
}

#endif
