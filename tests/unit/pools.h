/* Have all images of both pools in memory. */
#ifndef UNDERSTUDY_TESTS_UNIT_POOLS_H
#define UNDERSTUDY_TESTS_UNIT_POOLS_H

#include "base/memory.h"
#include "interfaces/dataset.h"

#include <string.h>

MUST_CHECK static inline enum status pools_hold(struct dataset_content *content, int threads,
                                                struct error *error)
{
    enum status status = STATUS_OK;
    struct dataset_pool *pools[] = {&content->train, &content->test};
    bool *wanted = NULL;
    size_t faulty;

    for (int i = 0; i < 2; i++) {
        size_t count = dataset_pool_count(pools[i]);
        memory_free(wanted);
        TRY(memory_new(&wanted, count, sizeof *wanted, error));
        if (count)
            memset(wanted, true, count);
        TRY(dataset_pool_hold(pools[i], wanted, threads, &content->notes, &faulty, error));
    }
out:
    memory_free(wanted);
    if (status != STATUS_OK)
        dataset_content_release(content);
    return status;
}

#endif
