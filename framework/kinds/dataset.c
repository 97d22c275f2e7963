#include "kinds/dataset.h"

#include "base/memory.h"

#include <string.h>

static void pool_release(struct dataset_pool *pool)
{
    image_set_release(&pool->images);
    memory_free(pool->classes);
}

void dataset_content_release(struct dataset_content *content)
{
    pool_release(&content->train);
    pool_release(&content->test);
    memset(content, 0, sizeof *content);
}
