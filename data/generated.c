#include "data/generated.h"

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <math.h>
#include <string.h>

struct generation {
    const struct generator *generator;
    uint64_t seed;
    uint32_t part; /* which pool */
    struct dataset_pool *pool;
    /* What is true of each image; where it is not asked for, room for one image a thread. */
    float *maps, *numbers;
    size_t map_size;
    bool keep_maps, keep_numbers;
};

/* Where image `index` has its truth, of `size` values. */
static float *truth_at(float *all, size_t size, bool keep, size_t index, int thread)
{
    float *truth = size ? all + size * (keep ? index : (size_t)thread) : NULL;

    if (truth && !keep)
        memset(truth, 0, size * sizeof *truth);
    return truth;
}

static void generate_one(void *context, size_t index, int thread)
{
    const struct generation *job = context;
    const struct generator *generator = job->generator;
    struct random_key key = {.seed = job->seed, .replicate = 0};
    struct random_stream stream =
        random_stream(key, RANDOM_GENERATE, random_index(job->part, index));
    struct generated to = {.image = image_set_at(&job->pool->images, index)};

    if (interrupt_requested())
        return;
    if (generator->class_count) {
        to.class = (int)random_below(&stream, (uint32_t)generator->class_count);
        job->pool->classes[index] = (uint8_t)to.class;
    }
    to.map.shape =
        (struct shape){generator->map_channels, generator->shape.height, generator->shape.width};
    to.map.pixels = truth_at(job->maps, job->map_size, job->keep_maps, index, thread);
    to.numbers =
        truth_at(job->numbers, (size_t)generator->number_count, job->keep_numbers, index, thread);
    generator->make(generator->config, &stream, &to);
}

/* Truth of all `count` images, as it is asked for. */
static enum status truth_new(const struct generation *job, size_t count,
                             struct dataset_answers **truth, struct error *error)
{
    struct shape shape = job->generator->shape;

    if (!job->keep_maps && !job->keep_numbers)
        return STATUS_OK;
    PASS(memory_new(truth, 1, sizeof **truth, error));
    (*truth)->count = count;
    if (job->keep_numbers) {
        (*truth)->number_count = job->generator->number_count;
        return memory_new(&(*truth)->numbers, count, (size_t)(*truth)->number_count * sizeof(float),
                          error);
    }
    shape.channels = job->generator->map_channels;
    PASS(image_set_new_uniform(&(*truth)->images.images, count, shape, error));
    PASS(memory_new(&(*truth)->of, count, sizeof *(*truth)->of, error));
    for (size_t i = 0; i < count; i++)
        (*truth)->of[i] = (uint32_t)i;
    return STATUS_OK;
}

static enum status generate_images(struct generation *job, size_t count, int threads,
                                   struct error *error)
{
    enum status status = STATUS_OK;
    float *maps = NULL, *numbers = NULL;
    size_t number_count = (size_t)job->generator->number_count;

    TRY(memory_new(&maps, (size_t)threads * job->map_size, sizeof *maps, error));
    TRY(memory_new(&numbers, (size_t)threads * number_count, sizeof *numbers, error));
    job->maps = job->keep_maps ? job->pool->truth->images.images.pixels : maps;
    job->numbers = job->keep_numbers ? job->pool->truth->numbers : numbers;
    parallel_count(threads, count, "images", generate_one, job);
    TRY(interrupt_check(error));
out:
    memory_free(maps);
    memory_free(numbers);
    return status;
}

static enum status generate_pool(struct generation job, size_t count, int threads,
                                 struct error *error)
{
    const struct generator *generator = job.generator;

    if (count == SIZE_MAX)
        return error_set(
            error, STATUS_CONFIG,
            "%s: this data set is generated and has no end; expected a number of images, not `all`",
            generator->set);
    PASS(image_set_new_uniform(&job.pool->images, count, generator->shape, error));
    if (generator->class_count)
        PASS(memory_new(&job.pool->classes, count, 1, error));
    PASS(truth_new(&job, count, &job.pool->truth, error));
    return generate_images(&job, count, threads, error);
}

static int count_of(const struct generator *generator, enum content labels)
{
    switch (labels) {
    case CONTENT_MASK: return generator->mask_classes;
    case CONTENT_MAP: return generator->map_channels;
    case CONTENT_NUMBERS: return generator->number_count;
    default: return generator->class_count;
    }
}

enum status generate(const struct generator *generator, const struct dataset_request *request,
                     struct dataset_content *content, struct error *error)
{
    enum status status = STATUS_OK;
    struct shape map = generator->shape;
    map.channels = generator->map_channels;
    struct generation train = {
        .generator = generator,
        .seed = request->seed,
        .pool = &content->train,
        .map_size = shape_size(map),
        .keep_maps = generator->map_channels &&
                     (request->labels == CONTENT_MASK || request->labels == CONTENT_MAP),
        .keep_numbers = generator->number_count && request->labels == CONTENT_NUMBERS,
    };
    struct generation test = train;

    memset(content, 0, sizeof *content);
    test.part = 1;
    test.pool = &content->test;
    TRY(generate_pool(train, request->train, request->threads, error));
    TRY(generate_pool(test, request->test, request->threads, error));
    content->count = count_of(generator, request->labels);
out:
    if (status != STATUS_OK)
        dataset_content_release(content);
    return status;
}

double draw_between(struct random_stream *stream, double low, double high)
{
    return low + (high - low) * random_uniform(stream);
}

/* A point of the square, thrown until it is in the disc. */
void draw_direction(struct random_stream *stream, double *cosine, double *sine)
{
    double x, y, square;

    do {
        x = draw_between(stream, -1, 1);
        y = draw_between(stream, -1, 1);
        square = x * x + y * y;
    } while (square > 1 || square < 1e-4);
    *cosine = x / sqrt(square);
    *sine = y / sqrt(square);
}

double draw_deviate(struct random_stream *stream)
{
    double sum = 0;

    for (int i = 0; i < 4; i++)
        sum += random_u32(stream) / 4294967296.0;
    return (sum - 2) * sqrt(3);
}
