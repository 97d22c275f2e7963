#include "trial/evaluation/weakest.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

struct tested_image { /* a test image */
    size_t place;     /* in its split */
    double network, pipeline;
};

struct weakest { /* the furthest behind first */
    size_t count;
    struct tested_image images[WEAKEST_MOST];
    double behind[WEAKEST_MOST];
};

enum metric weakest_metric(const struct task *task, bool agreement)
{
    const struct task_metric *metrics = agreement ? task->agreement : task->metrics;
    size_t first = 0;

    while (metrics[first].of_set)
        first++;
    return metrics[first].metric;
}

/* An image that is that far behind: is it one of the weakest so far? */
static void insert(struct weakest *weakest, struct tested_image image, double behind)
{
    size_t place = weakest->count;

    if (!(behind > 0))
        return;
    while (place > 0 && weakest->behind[place - 1] < behind)
        place--;
    if (place == WEAKEST_MOST)
        return;
    weakest->count += weakest->count < WEAKEST_MOST;
    for (size_t k = weakest->count - 1; k > place; k--) {
        weakest->images[k] = weakest->images[k - 1];
        weakest->behind[k] = weakest->behind[k - 1];
    }
    weakest->images[place] = image;
    weakest->behind[place] = behind;
}

/* Without its folder: the same images elsewhere have the same names. */
static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static enum status record_names(struct record *record, const struct weakest *weakest,
                                const char *const *names, struct error *error)
{
    enum status status = STATUS_OK;
    size_t size = 1;
    char *texts = NULL;

    for (size_t k = 0; k < weakest->count; k++) {
        size_t length = strlen(file_name(names[weakest->images[k].place]));
        size = length > size ? length : size;
    }
    TRY(memory_new(&texts, weakest->count * size, 1, error));
    for (size_t k = 0; k < weakest->count; k++) {
        const char *name = file_name(names[weakest->images[k].place]);
        memcpy(texts + k * size, name, strlen(name));
    }
    struct hdf5_array array = {
        .type = HDF5_TEXT, .rank = 1, .dims = {weakest->count}, .text_size = size, .values = texts};
    TRY(record_array(record, "weakest/name", &array, error));
out:
    memory_free(texts);
    return status;
}

static enum status record_images(struct record *record, const struct weakest *weakest,
                                 const struct split *split, struct error *error)
{
    int64_t numbers[WEAKEST_MOST];

    for (size_t k = 0; k < weakest->count; k++)
        numbers[k] = split->pool_index[weakest->images[k].place];
    PASS(record_put_row(record, "weakest/image", HDF5_INT64, numbers, weakest->count, error));
    return split->names ? record_names(record, weakest, split->names, error) : STATUS_OK;
}

/* The next place of a split, from `place` on, whose truth is known. */
static size_t next_known(const bool *known, size_t place)
{
    while (known && !known[place])
        place++;
    return place;
}

static enum status record_weakest(struct record *record, const struct splits *splits,
                                  const struct weakest *weakest, bool pipeline, struct error *error)
{
    double own[WEAKEST_MOST], others[WEAKEST_MOST];

    if (!weakest->count)
        return STATUS_OK;
    for (size_t k = 0; k < weakest->count; k++) {
        own[k] = weakest->images[k].network;
        others[k] = weakest->images[k].pipeline;
    }
    PASS(record_images(record, weakest, &splits->items[SPLIT_TEST], error));
    PASS(record_put_row(record, "weakest/network", HDF5_FLOAT64, own, weakest->count, error));
    return pipeline ? record_put_row(record, "weakest/pipeline", HDF5_FLOAT64, others,
                                     weakest->count, error)
                    : STATUS_OK;
}

enum status weakest_record(struct record *record, const struct splits *splits,
                           const struct image_scores *network, const struct image_scores *pipeline,
                           struct error *error)
{
    const struct truth *truth = &splits->truth[SPLIT_TEST];
    size_t count = truth->known ? truth->known_count : splits->items[SPLIT_TEST].pipeline_out.count;
    enum metric metric = weakest_metric(splits->task, false);
    const double *own = network->values[metric], *others = pipeline->values[metric];
    struct weakest weakest = {0};

    for (size_t k = 0, place = 0; k < count; k++, place++) {
        place = next_known(truth->known, place);
        insert(&weakest, (struct tested_image){place, own[k], others[k]},
               metric_goodness(metric, others[k] - own[k]));
    }
    return record_weakest(record, splits, &weakest, true, error);
}

enum status weakest_agreement(struct record *record, const struct splits *splits,
                              const struct image_set *outputs, int threads, struct error *error)
{
    enum status status = STATUS_OK;
    enum metric metric = weakest_metric(splits->task, true);
    double perfect = metric_goodness(metric, 1) > 0 ? metric_most[metric] : metric_least[metric];
    struct weakest weakest = {0};
    double *own = NULL;

    TRY(memory_new(&own, outputs->count, sizeof *own, error));
    TRY(splits_score_each(splits, SPLIT_TEST, outputs, metric, true, threads, own, error));
    for (size_t i = 0; i < outputs->count; i++)
        insert(&weakest, (struct tested_image){i, own[i], perfect},
               metric_goodness(metric, perfect - own[i]));
    TRY(record_weakest(record, splits, &weakest, false, error));
out:
    memory_free(own);
    return status;
}
