#include "trial/degrade.h"

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "interfaces/degradation.h"

struct job {
    const struct component_list *steps;
    struct image_set *images;
    const struct degrade_draws *draws;
    const uint8_t *only;
    float *scratch; /* [threads][scratch_size] */
    size_t scratch_size;
};

static void degrade_one(void *context, size_t index, int thread)
{
    const struct job *job = context;
    const struct degrade_draws *draws = job->draws;
    struct image image = image_set_at(job->images, index);

    if (job->only && !job->only[index])
        return;
    for (size_t k = 0; k < job->steps->count && !interrupt_requested(); k++) {
        const struct component *step = &job->steps->items[k];
        const struct degradation *kind = degradation_of(step->kind);
        struct random_stream stream = random_stream(
            draws->key, draws->purpose,
            random_index((uint32_t)k * POOLS + draws->pool, draws->pool_index[index]));
        kind->apply(step->config, image, &stream,
                    job->scratch ? job->scratch + (size_t)thread * job->scratch_size : NULL);
    }
}

enum status degrade_images(const struct component_list *steps, struct image_set *images,
                           const struct degrade_draws *draws, const uint8_t *only, int threads,
                           struct error *error)
{
    enum status status = STATUS_OK;
    struct job job = {steps, images, draws, only, NULL, 0};

    for (size_t k = 0; k < steps->count; k++) {
        const struct degradation *kind = degradation_of(steps->items[k].kind);
        for (size_t i = 0; kind->scratch && i < images->count; i++) {
            size_t size = kind->scratch(steps->items[k].config, images->shapes[i]);
            job.scratch_size = size > job.scratch_size ? size : job.scratch_size;
        }
    }
    TRY(memory_new(&job.scratch, (size_t)threads, job.scratch_size * sizeof *job.scratch, error));
    parallel_count(threads, images->count, "images", degrade_one, &job);
    TRY(interrupt_check(error));
out:
    memory_free(job.scratch);
    return status;
}
