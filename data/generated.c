#include "data/generated.h"

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <string.h>

struct generation {
    const void *config;
    image_maker *make;
    uint64_t seed;
    uint32_t pool;
    const struct image_set *images;
    int class_count;
    uint8_t *classes; /* NULL: none */
};

static void generate_one(void *context, size_t index, int thread)
{
    const struct generation *job = context;
    struct random_key key = {.seed = job->seed, .replicate = 0};
    struct random_stream stream =
        random_stream(key, RANDOM_GENERATE, random_index(job->pool, index));

    (void)thread;
    if (interrupt_requested())
        return;
    int class = job->classes ? (int)random_below(&stream, (uint32_t)job->class_count) : 0;
    if (job->classes)
        job->classes[index] = (uint8_t) class;
    job->make(job->config, class, &stream, image_set_at(job->images, index));
}

static enum status generate_pool(const char *set, struct generation job, size_t count,
                                 struct shape shape, int class_count, int threads,
                                 struct dataset_pool *pool, struct error *error)
{
    if (count == SIZE_MAX)
        return error_set(
            error, STATUS_CONFIG,
            "%s: this data set is generated and has no end; expected a number of images, not `all`",
            set);
    PASS(image_set_new_uniform(&pool->images, count, shape, error));
    if (class_count)
        PASS(memory_new(&pool->classes, count, 1, error));
    job.images = &pool->images;
    job.class_count = class_count;
    job.classes = pool->classes;
    parallel_for(threads, count, generate_one, &job);
    return interrupt_check(error);
}

enum status generate(const char *set, const void *config, const struct dataset_request *request,
                     struct shape shape, int class_count, image_maker *make,
                     struct dataset_content *content, struct error *error)
{
    enum status status = STATUS_OK;
    struct generation train = {.config = config, .make = make, .seed = request->seed};
    struct generation test = train;

    memset(content, 0, sizeof *content);
    test.pool = 1;
    TRY(generate_pool(set, train, request->train, shape, class_count, request->threads,
                      &content->train, error));
    TRY(generate_pool(set, test, request->test, shape, class_count, request->threads,
                      &content->test, error));
    content->count = class_count;
out:
    if (status != STATUS_OK)
        dataset_content_release(content);
    return status;
}
