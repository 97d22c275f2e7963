#include "trial/label_noise.h"

#include "interfaces/label_noise.h"
#include "trial/degrade.h"

#include <stdio.h>
#include <string.h>

/* Whether a source hits an image, and what it then does, are draws of different streams. */
static struct random_stream stream_of(const struct trial *trial, size_t source, bool doing,
                                      uint32_t pool_index)
{
    return random_stream(trial_random_key(trial), RANDOM_LABEL_NOISE,
                         random_index((uint32_t)source * 2 + doing, pool_index));
}

enum status label_noise_draw(struct splits *splits, const struct trial *trial, struct error *error)
{
    const struct component_list *sources = &trial->experiment.label_noise;
    const struct split *split = &splits->items[SPLIT_UNLABELLED];
    size_t count = split->input.count;

    if (sources->count == 0)
        return STATUS_OK;
    PASS(memory_new(&splits->hit, count, sizeof *splits->hit, error));
    for (size_t k = 0; k < sources->count; k++) {
        double rate = label_noise_of(sources->items[k].kind)->rate(sources->items[k].config);
        for (size_t i = 0; i < count; i++) {
            struct random_stream stream = stream_of(trial, k, false, split->pool_index[i]);
            if (random_uniform(&stream) < rate)
                splits->hit[i] = (uint8_t)(splits->hit[i] | 1U << k);
        }
    }
    return STATUS_OK;
}

enum status label_noise_inputs(struct splits *splits, const struct trial *trial,
                               const struct dataset_pool *pool, int threads, struct error *error)
{
    enum status status = STATUS_OK;
    const struct component_list *sources = &trial->experiment.label_noise;
    struct split *split = &splits->items[SPLIT_UNLABELLED];
    struct degrade_draws draws = {trial_random_key(trial), RANDOM_DEGRADE, POOL_TRAIN,
                                  split->pool_index};
    uint8_t *only = NULL;

    for (size_t k = 0; k < sources->count; k++) {
        const struct label_noise *kind = label_noise_of(sources->items[k].kind);
        if (!kind->degrade)
            continue;
        memory_free(only);
        TRY(memory_new(&only, split->input.count, 1, error));
        for (size_t i = 0; i < split->input.count; i++) {
            struct image from = dataset_pool_image(pool, split->pool_index[i]);
            only[i] = (splits->hit[i] >> k) & 1;
            if (only[i])
                memcpy(image_set_at(&split->input, i).pixels, from.pixels,
                       shape_size(from.shape) * sizeof(float));
        }
        TRY(degrade_images(kind->degrade(sources->items[k].config), &split->input, &draws, only,
                           threads, error));
    }
out:
    memory_free(only);
    return status;
}

/* Ground truth in the form of a label: the clean image, or the score 1 for its class. */
static void tell_truth(struct image label, const struct truth *truth, size_t i)
{
    size_t size = shape_size(label.shape);

    if (truth->classes) {
        memset(label.pixels, 0, size * sizeof(float));
        label.pixels[truth->classes[i]] = 1;
    } else {
        memcpy(label.pixels, image_set_at(&truth->images, i).pixels, size * sizeof(float));
    }
}

/* `room` is for the largest label. */
static void change(struct splits *splits, const struct trial *trial, size_t k, uint32_t *room)
{
    const struct component *source = &trial->experiment.label_noise.items[k];
    const struct label_noise *kind = label_noise_of(source->kind);
    struct split *split = &splits->items[SPLIT_UNLABELLED];
    bool scores = splits->label_content == CONTENT_SCORES;

    for (size_t i = 0; i < split->label.count; i++) {
        struct random_stream stream = stream_of(trial, k, true, split->pool_index[i]);
        struct image label = image_set_at(&split->label, i);
        if (!((splits->hit[i] >> k) & 1))
            continue;
        if (kind->truth)
            tell_truth(label, &splits->truth[SPLIT_UNLABELLED], i);
        if (kind->change_mask && splits->label_content == CONTENT_MASK)
            kind->change_mask(source->config, label, room, &stream);
        else if (kind->change)
            kind->change(source->config, label, scores, &stream);
    }
}

enum status label_noise_labels(struct splits *splits, const struct trial *trial,
                               struct error *error)
{
    enum status status = STATUS_OK;
    const struct component_list *sources = &trial->experiment.label_noise;
    const struct image_set *labels = &splits->items[SPLIT_UNLABELLED].label;
    int classes = splits->label_content == CONTENT_SCORES ? splits->answer.count : 0;
    uint32_t *room = NULL;
    size_t largest = 0;

    for (size_t i = 0; i < labels->count; i++)
        largest =
            shape_plane(labels->shapes[i]) > largest ? shape_plane(labels->shapes[i]) : largest;
    TRY(memory_new(&room, largest, sizeof *room, error));
    for (size_t k = 0; k < sources->count; k++) {
        const struct label_noise *kind = label_noise_of(sources->items[k].kind);
        if (kind->check)
            status = kind->check(sources->items[k].config, classes, error);
        if (status != STATUS_OK) {
            error_context(error, "label_noise[%zu].%s", k, kind->descriptor.name);
            goto out;
        }
        change(splits, trial, k, room);
    }
out:
    memory_free(room);
    return status;
}

enum status label_noise_record(const struct splits *splits, const struct trial *trial,
                               struct record *record, struct error *error)
{
    const struct component_list *sources = &trial->experiment.label_noise;
    size_t count = splits->items[SPLIT_UNLABELLED].input.count;
    struct hdf5_array array = {
        .type = HDF5_UINT8, .rank = 1, .dims = {count}, .values = splits->hit};
    char name[128];
    int64_t any = 0;

    if (sources->count == 0)
        return STATUS_OK;
    for (size_t k = 0; k < sources->count; k++) {
        int64_t hits = 0;
        for (size_t i = 0; i < count; i++)
            hits += (splits->hit[i] >> k) & 1;
        snprintf(name, sizeof name, "label_noise[%zu].%s.hits", k, sources->items[k].kind->name);
        PASS(record_integer(record, name, hits, error));
    }
    for (size_t i = 0; i < count; i++)
        any += splits->hit[i] != 0;
    PASS(record_integer(record, "label_noise.hits", any, error));
    return record_array(record, "label_noise/hit", &array, error);
}
