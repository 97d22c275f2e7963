/*
 * Images of the test split that a trial leaves behind: examples, and what layers make of some.
 * Where the images have one size, an array holds them all; else each has an array of its own,
 * PATH/00000 and so on, by its place among those that are stored.
 */
#include "graph/apply.h"
#include "trial/evaluation/evaluation.h"
#include "trial/evaluation/record_image_set.h"
#include "trial/trial_network.h"

#include <stdio.h>
#include <string.h>

enum { NAME = 256 };

static enum status record_one(struct record *record, const char *path, size_t place,
                              struct shape shape, void *values, struct error *error)
{
    char own[PATH_ROOM];
    struct hdf5_array array = {
        .type = HDF5_FLOAT32,
        .rank = 3,
        .dims = {(size_t)shape.channels, (size_t)shape.height, (size_t)shape.width},
        .values = values};

    path_print(own, "%s/%05zu", path, place);
    return record_array(record, own, &array, error);
}

static enum status record_alike(struct record *record, const char *path, size_t count,
                                struct shape shape, void *values, struct error *error)
{
    struct hdf5_array array = {
        .type = HDF5_FLOAT32,
        .rank = 4,
        .dims = {count, (size_t)shape.channels, (size_t)shape.height, (size_t)shape.width},
        .values = values};

    return record_array(record, path, &array, error);
}

enum status record_image_set(struct record *record, const char *path, const struct image_set *set,
                             size_t count, struct error *error)
{
    struct image_set first = *set; /* a view */

    first.count = count;
    if (image_set_uniform(&first))
        return record_alike(record, path, count, set->shapes[0], set->pixels, error);
    for (size_t i = 0; i < count; i++)
        PASS(record_one(record, path, i, set->shapes[i], image_set_at(set, i).pixels, error));
    return STATUS_OK;
}

/* Of the first `count` images: `classes`, or where that is NULL what the largest score says. */
static enum status record_classes(struct record *record, const char *path, const uint8_t *classes,
                                  const struct image_set *scores, size_t count, struct error *error)
{
    enum status status = STATUS_OK;
    uint8_t *values = NULL;

    TRY(memory_new(&values, count, 1, error));
    for (size_t i = 0; i < count; i++)
        values[i] = classes ? classes[i]
                            : (uint8_t)metrics_argmax(image_set_at(scores, i).pixels,
                                                      scores->shapes[i].channels);
    struct hdf5_array array = {.type = HDF5_UINT8, .rank = 1, .dims = {count}, .values = values};
    TRY(record_array(record, path, &array, error));
out:
    memory_free(values);
    return status;
}

static bool all_known(const struct truth *truth, const uint32_t *places, size_t count)
{
    for (size_t i = 0; truth->known && i < count; i++)
        if (!truth->known[places[i]])
            return false;
    return true;
}

/* Of the first `count` images, a row of numbers each. */
static enum status record_numbers(struct record *record, const char *path,
                                  const struct image_set *numbers, size_t count,
                                  struct error *error)
{
    struct hdf5_array array = {.type = HDF5_FLOAT32,
                               .rank = 2,
                               .dims = {count, (size_t)numbers->shapes[0].channels},
                               .values = numbers->pixels};

    return record_array(record, path, &array, error);
}

/* Images that are kept, by their places in the test split, and the group that gets them. */
struct kept_images {
    struct record *record;
    const char *group;
    enum drawn_as drawn;
    const uint32_t *places;
    size_t count;
};

/* `classes`: of all images of the split, or NULL. */
static enum status keep_answers(const struct kept_images *kept, const char *name,
                                const struct image_set *answers, const uint8_t *classes,
                                struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = kept->count;
    struct image_set chosen = {0};
    uint8_t *own = NULL;
    char path[NAME];

    snprintf(path, sizeof path, "%s/%s", kept->group, name);
    TRY(memory_new(&own, count, 1, error));
    for (size_t i = 0; classes && i < count; i++)
        own[i] = classes[kept->places[i]];
    if (!classes)
        TRY(image_set_select(&chosen, answers, kept->places, count, error));
    if (kept->drawn == DRAWN_AS_CLASS)
        TRY(record_classes(kept->record, path, classes ? own : NULL, &chosen, count, error));
    else if (kept->drawn == DRAWN_AS_NUMBERS)
        TRY(record_numbers(kept->record, path, &chosen, count, error));
    else
        TRY(record_image_set(kept->record, path, &chosen, count, error));
out:
    image_set_release(&chosen);
    memory_free(own);
    return status;
}

enum status evaluation_keep(struct record *record, const char *group, const struct splits *splits,
                            const struct image_set *outputs, const uint32_t *places, size_t count,
                            struct error *error)
{
    const struct split *test = &splits->items[SPLIT_TEST];
    const struct truth *truth = &splits->truth[SPLIT_TEST];
    const char *const *names = drawn_names[splits->task->drawn];
    struct kept_images kept = {record, group, DRAWN_AS_IMAGE, places, count};

    PASS(keep_answers(&kept, "degraded", &test->input, NULL, error));
    kept.drawn = splits->task->drawn;
    if (all_known(truth, places, count))
        PASS(keep_answers(&kept, names[0], &truth->images, truth->classes, error));
    PASS(keep_answers(&kept, names[2], &test->pipeline_out, NULL, error));
    return keep_answers(&kept, names[3], outputs, NULL, error);
}

enum status evaluation_examples(struct record *record, const struct splits *splits,
                                const struct image_set *outputs, size_t most, struct error *error)
{
    enum status status = STATUS_OK;
    size_t tested = splits->items[SPLIT_TEST].input.count, count = tested < most ? tested : most;
    uint32_t *places = NULL;

    if (count == 0)
        return STATUS_OK;
    TRY(memory_new(&places, count, sizeof *places, error));
    for (size_t i = 0; i < count; i++)
        places[i] = (uint32_t)i;
    TRY(evaluation_keep(record, "examples", splits, outputs, places, count, error));
out:
    memory_free(places);
    return status;
}

struct gatherer {
    const struct text_list *layers;
    size_t images;
    float **values; /* [nodes], each [images][out], while the network runs */
};

static bool wanted(const struct text_list *layers, const char *name)
{
    for (size_t i = 0; i < layers->count; i++)
        if (strcmp(layers->items[i], "all") == 0 || strcmp(layers->items[i], name) == 0)
            return true;
    return false;
}

static enum status gather(void *context, const struct network *network, size_t node, size_t first,
                          int count, const float *values, struct error *error)
{
    struct gatherer *gatherer = context;
    size_t size = shape_size(network->nodes[node].out);

    if (!wanted(gatherer->layers, network->nodes[node].name))
        return STATUS_OK;
    if (!gatherer->values[node]) {
        enum status status =
            memory_new(&gatherer->values[node], gatherer->images, size * sizeof(float), error);
        if (status != STATUS_OK)
            return status;
    }
    memcpy(gatherer->values[node] + first * size, values, (size_t)count * size * sizeof(float));
    return STATUS_OK;
}

/* `places`: of the gathered images among those that are stored; NULL: they are all of these. */
static enum status record_gathered(struct record *record, const struct network *network,
                                   const struct gatherer *gatherer, const uint32_t *places,
                                   struct error *error)
{
    char path[NAME];

    for (size_t i = 0; i < network->count; i++) {
        struct shape shape = network->nodes[i].out;
        float *values = gatherer->values[i];
        if (!values)
            continue;
        snprintf(path, sizeof path, "activations/%.200s", network->nodes[i].name);
        if (!places)
            PASS(record_alike(record, path, gatherer->images, shape, values, error));
        for (size_t k = 0; places && k < gatherer->images; k++)
            PASS(record_one(record, path, places[k], shape, values + k * shape_size(shape), error));
    }
    return STATUS_OK;
}

/* Of images of one size. */
static enum status activate(struct record *record, const struct trial *trial,
                            const struct splits *splits, const struct trained *trained,
                            const uint32_t *indices, size_t count, bool all, int threads,
                            struct error *error)
{
    enum status status = STATUS_OK;
    const struct experiment *experiment = &trial->experiment;
    struct gatherer gatherer = {.layers = &experiment->store.activations.layers, .images = count};
    struct image_set inputs = {0}, outputs = {0};
    struct network network = {0};

    TRY(image_set_select(&inputs, &splits->items[SPLIT_TEST].network_in, indices, count, error));
    TRY(trial_whole_network(trial, splits, inputs.shapes[0], &network, error));
    TRY(memory_new(&gatherer.values, network.count, sizeof *gatherer.values, error));
    TRY(network_apply(&experiment->network, engine_of(experiment->train.engine.kind),
                      (enum precision)experiment->train.precision, trained->parameters,
                      trained->statistics, &inputs, splits_label(splits), threads, gather,
                      &gatherer, &outputs, error));
    TRY(record_gathered(record, &network, &gatherer, all ? NULL : indices, error));
out:
    for (size_t i = 0; gatherer.values && i < network.count; i++)
        memory_free(gatherer.values[i]);
    memory_free(gatherer.values);
    image_set_release(&inputs);
    image_set_release(&outputs);
    network_release(&network);
    return status;
}

enum status evaluation_activations(struct record *record, const struct trial *trial,
                                   const struct splits *splits, const struct trained *trained,
                                   int threads, struct error *error)
{
    enum status status = STATUS_OK;
    const struct store_section *store = &trial->experiment.store;
    struct image_set first = splits->items[SPLIT_TEST].network_in; /* a view */
    struct shape_share *sizes = NULL;
    uint32_t *indices = NULL;
    size_t size_count = 0, most = (size_t)store->activations.images;

    first.count = first.count < most ? first.count : most;
    if (store->activations.layers.count == 0 || first.count == 0)
        return STATUS_OK;
    TRY(image_set_shapes(&first, &sizes, &size_count, error));
    TRY(memory_new(&indices, first.count, sizeof *indices, error));
    for (size_t k = 0; k < size_count; k++) {
        size_t count = 0;
        for (size_t i = 0; i < first.count; i++)
            if (shape_equal(first.shapes[i], sizes[k].shape))
                indices[count++] = (uint32_t)i;
        TRY(activate(record, trial, splits, trained, indices, count, size_count == 1, threads,
                     error));
    }
out:
    memory_free(indices);
    memory_free(sizes);
    return status;
}
