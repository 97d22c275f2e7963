#include "trial/evaluation/weakest.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum metric weakest_metric(const struct task *task, bool agreement)
{
    const struct task_metric *metrics = agreement ? task->agreement : task->metrics;
    size_t first = 0;

    while (metrics[first].of_set)
        first++;
    return metrics[first].metric;
}

/* An image that is that far behind, or ahead: is it one of the furthest so far? */
static void insert(struct ranking *ranking, struct tested_image image, double far)
{
    size_t place = ranking->count;

    if (isnan(far))
        return;
    while (place > 0 && ranking->far[place - 1] < far)
        place--;
    if (place == RANKING_MOST)
        return;
    ranking->count += ranking->count < RANKING_MOST;
    for (size_t k = ranking->count - 1; k > place; k--) {
        ranking->images[k] = ranking->images[k - 1];
        ranking->far[k] = ranking->far[k - 1];
    }
    ranking->images[place] = image;
    ranking->far[place] = far;
}

static void rank(struct rankings *rankings, struct tested_image image, double behind)
{
    insert(&rankings->behind, image, behind);
    insert(&rankings->ahead, image, -behind);
}

/* Without its folder: the same images elsewhere have the same names. */
static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static enum status record_names(struct record *record, const char *path,
                                const struct ranking *ranking, const char *const *names,
                                struct error *error)
{
    enum status status = STATUS_OK;
    size_t size = 1;
    char *texts = NULL;

    for (size_t k = 0; k < ranking->count; k++) {
        size_t length = strlen(file_name(names[ranking->images[k].place]));
        size = length > size ? length : size;
    }
    TRY(memory_new(&texts, ranking->count * size, 1, error));
    for (size_t k = 0; k < ranking->count; k++) {
        const char *name = file_name(names[ranking->images[k].place]);
        memcpy(texts + k * size, name, strlen(name));
    }
    struct hdf5_array array = {
        .type = HDF5_TEXT, .rank = 1, .dims = {ranking->count}, .text_size = size, .values = texts};
    TRY(record_array(record, path, &array, error));
out:
    memory_free(texts);
    return status;
}

/* The next place of a split, from `place` on, whose truth is known. */
static size_t next_known(const bool *known, size_t place)
{
    while (known && !known[place])
        place++;
    return place;
}

enum status ranking_record(struct record *record, const char *group, const struct splits *splits,
                           const struct ranking *ranking, bool pipeline, struct error *error)
{
    const struct split *split = &splits->items[SPLIT_TEST];
    int64_t numbers[RANKING_MOST];
    double own[RANKING_MOST], others[RANKING_MOST];
    char path[80];

    for (size_t k = 0; k < ranking->count; k++) {
        numbers[k] = split->pool_index[ranking->images[k].place];
        own[k] = ranking->images[k].network;
        others[k] = ranking->images[k].pipeline;
    }
    snprintf(path, sizeof path, "%s/image", group);
    PASS(record_put_row(record, path, HDF5_INT64, numbers, ranking->count, error));
    snprintf(path, sizeof path, "%s/name", group);
    if (split->names)
        PASS(record_names(record, path, ranking, split->names, error));
    snprintf(path, sizeof path, "%s/network", group);
    PASS(record_put_row(record, path, HDF5_FLOAT64, own, ranking->count, error));
    snprintf(path, sizeof path, "%s/pipeline", group);
    return pipeline ? record_put_row(record, path, HDF5_FLOAT64, others, ranking->count, error)
                    : STATUS_OK;
}

/* Those that are behind at all, and few of them. */
static enum status record_weakest(struct record *record, const struct splits *splits,
                                  const struct rankings *rankings, bool pipeline,
                                  struct error *error)
{
    struct ranking weakest = rankings->behind;

    if (weakest.count > WEAKEST_MOST)
        weakest.count = WEAKEST_MOST;
    while (weakest.count && !(weakest.far[weakest.count - 1] > 0))
        weakest.count--;
    return weakest.count ? ranking_record(record, "weakest", splits, &weakest, pipeline, error)
                         : STATUS_OK;
}

enum status weakest_record(struct record *record, const struct splits *splits,
                           const struct image_scores *network, const struct image_scores *pipeline,
                           struct rankings *rankings, struct error *error)
{
    const struct truth *truth = &splits->truth[SPLIT_TEST];
    size_t count = truth->known ? truth->known_count : splits->items[SPLIT_TEST].pipeline_out.count;
    enum metric metric = weakest_metric(splits->task, false);
    const double *own = network->values[metric], *others = pipeline->values[metric];

    for (size_t k = 0, place = 0; k < count; k++, place++) {
        place = next_known(truth->known, place);
        rank(rankings, (struct tested_image){place, own[k], others[k]},
             metric_goodness(metric, others[k] - own[k]));
    }
    return record_weakest(record, splits, rankings, true, error);
}

enum status weakest_agreement(struct record *record, const struct splits *splits,
                              const struct image_set *outputs, int threads,
                              struct rankings *rankings, struct error *error)
{
    enum status status = STATUS_OK;
    enum metric metric = weakest_metric(splits->task, true);
    double perfect = metric_goodness(metric, 1) > 0 ? metric_most[metric] : metric_least[metric];
    double *own = NULL;

    TRY(memory_new(&own, outputs->count, sizeof *own, error));
    TRY(splits_score_each(splits, SPLIT_TEST, outputs, metric, true, threads, own, error));
    for (size_t i = 0; i < outputs->count; i++)
        rank(rankings, (struct tested_image){i, own[i], perfect},
             metric_goodness(metric, perfect - own[i]));
    TRY(record_weakest(record, splits, rankings, false, error));
out:
    memory_free(own);
    return status;
}
