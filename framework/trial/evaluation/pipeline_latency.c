#include "trial/evaluation/pipeline_latency.h"

#include "trial/evaluation/repeats.h"

#include <math.h>
#include <string.h>

struct asked {
    const struct chain *chain;
    size_t first, last;
    const struct image_set *image;
};

static enum status once(void *context, struct error *error)
{
    const struct asked *asked = context;
    struct image_set out = {0};
    enum status status =
        chain_run(asked->chain, asked->first, asked->last, asked->image, NULL, 1, &out, error);

    image_set_release(&out);
    return status;
}

enum status latency_image(const struct splits *splits, struct image *image, struct error *error)
{
    enum status status = STATUS_OK;
    const struct image_set *set = &splits->items[SPLIT_TEST].network_in;
    struct shape_share *sizes = NULL;
    size_t count, best = 0;

    TRY(image_set_shapes(set, &sizes, &count, error));
    for (size_t k = 1; k < count; k++)
        best = sizes[k].count > sizes[best].count ? k : best;
    *image = image_set_at(set, sizes[best].first);
out:
    memory_free(sizes);
    return status;
}

/* Where labels come from the cache, stages that learn are not fitted. */
static bool can_run(const struct splits *splits)
{
    const struct chain *chain = &splits->chain;

    for (size_t s = splits->first; s < splits->last; s++)
        if (stage_learns(chain->stages[s], chain->configs[s]) && !chain->states[s])
            return false;
    return !splits->recorded || splits->first > 0;
}

enum status pipeline_latency(const struct splits *splits, double *seconds, struct error *error)
{
    enum status status = STATUS_OK;
    struct chain chain = splits->chain;
    struct image image;
    struct image_set set = {0};
    struct error refused = {0};
    struct asked asked = {&chain, splits->first, splits->last, &set};

    *seconds = splits->pipeline_seconds;
    if (!can_run(splits))
        return STATUS_OK;
    *seconds = NAN;
    TRY(latency_image(splits, &image, error));
    chain.answers = NULL; /* kept answers would be timed in place of the program */
    TRY(image_set_new_uniform(&set, 1, image.shape, error));
    memcpy(image_set_at(&set, 0).pixels, image.pixels, shape_size(image.shape) * sizeof(float));
    status = repeats_median(once, &asked, seconds, &refused);
    if (status == STATUS_INTERRUPTED) {
        *error = refused;
        goto out;
    }
    if (status != STATUS_OK)
        *seconds = NAN;
    status = STATUS_OK;
out:
    chain_rest(&chain);
    image_set_release(&set);
    return status;
}
