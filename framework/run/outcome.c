#include "run/outcome.h"

#include "math/quality.h"
#include "network/apply.h"
#include "run/label_noise.h"

#include <stdio.h>
#include <string.h>

enum { NAME = 256 };

/* PSNR where it counts as less than it is. A row without the column has no such image. */
static enum status record_capped(struct record *record, const char *who, const char *split,
                                 const struct scores *scores, struct text *notes,
                                 struct error *error)
{
    char name[NAME];

    if (!scores->capped.count)
        return STATUS_OK;
    snprintf(name, sizeof name, "%s.%s.psnr_capped", who, split);
    if (strcmp(split, "train") != 0)
        text_append(notes, "%s%s.%s.psnr: %zu image%s at the cap, %d dB", notes->length ? "; " : "",
                    who, split, scores->capped.count, scores->capped.count == 1 ? "" : "s",
                    QUALITY_PSNR_MOST);
    return record_integer(record, name, (int64_t)scores->capped.count, error);
}

static enum status record_scores(struct record *record, const char *who, const char *split,
                                 const struct prepared *prepared, const struct scores *scores,
                                 struct text *notes, struct error *error)
{
    enum status status = STATUS_OK;
    char name[NAME];

    if (prepared->task == TASK_DENOISE) {
        snprintf(name, sizeof name, "%s.%s.ssim", who, split);
        TRY(record_real(record, name, scores->ssim, error));
        snprintf(name, sizeof name, "%s.%s.psnr", who, split);
        TRY(record_real(record, name, scores->psnr, error));
        TRY(record_capped(record, who, split, scores, notes, error));
        goto out;
    }
    snprintf(name, sizeof name, "%s.%s.accuracy", who, split);
    TRY(record_real(record, name, scores->accuracy, error));
    for (int c = 0; strcmp(split, "test") == 0 && c < prepared->class_count; c++) {
        snprintf(name, sizeof name, "%s.%s.accuracy.class_%d", who, split, c);
        TRY(record_real(record, name, scores->class_accuracy[c], error));
    }
out:
    return status;
}

/* The first images of the test split that share the first one's shape: arrays must be regular. */
static enum status alike(const struct image_set *set, size_t most, struct arena *arena,
                         uint32_t **indices, size_t *count, struct error *error)
{
    enum status status = arena_new(arena, indices, most, sizeof **indices, error);
    *count = 0;
    for (size_t i = 0; status == STATUS_OK && i < set->count && *count < most; i++)
        if (shape_equal(set->shapes[i], set->shapes[0]))
            (*indices)[(*count)++] = (uint32_t)i;
    return status;
}

static enum status record_images(struct record *record, const char *path,
                                 const struct image_set *set, const uint32_t *indices, size_t count,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set chosen = {0};

    TRY(image_set_select(&chosen, set, indices, count, error));
    struct shape shape = chosen.shapes[0];
    struct hdf5_array array = {
        .type = HDF5_FLOAT32,
        .rank = 4,
        .dims = {count, (size_t)shape.channels, (size_t)shape.height, (size_t)shape.width},
        .values = chosen.pixels};
    TRY(record_array(record, path, &array, error));
out:
    image_set_release(&chosen);
    return status;
}

static enum status record_classes(struct record *record, const char *path, const uint8_t *classes,
                                  const struct image_set *scores, const uint32_t *indices,
                                  size_t count, struct error *error)
{
    enum status status = STATUS_OK;
    uint8_t *values = NULL;

    TRY(memory_new(&values, count, 1, error));
    for (size_t i = 0; i < count; i++)
        values[i] = classes ? classes[indices[i]]
                            : (uint8_t)metrics_argmax(image_set_at(scores, indices[i]).pixels,
                                                      scores->shapes[0].channels);
    struct hdf5_array array = {.type = HDF5_UINT8, .rank = 1, .dims = {count}, .values = values};
    TRY(record_array(record, path, &array, error));
out:
    memory_free(values);
    return status;
}

static enum status record_examples(struct record *record, const struct prepared *prepared,
                                   const struct image_set *outputs, size_t most,
                                   struct error *error)
{
    enum status status = STATUS_OK;
    const struct split *test = &prepared->splits[SPLIT_TEST];
    const struct truth *truth = &prepared->truth[SPLIT_TEST];
    uint32_t *indices;
    size_t count;

    TRY(alike(&test->input, most, &record->arena, &indices, &count, error));
    if (count == 0)
        goto out;
    TRY(record_images(record, "examples/degraded", &test->input, indices, count, error));
    if (prepared->task == TASK_DENOISE) {
        TRY(record_images(record, "examples/clean", &truth->images, indices, count, error));
        TRY(record_images(record, "examples/pipeline", &test->pipeline_out, indices, count, error));
        TRY(record_images(record, "examples/network", outputs, indices, count, error));
    } else {
        TRY(record_classes(record, "examples/class", truth->classes, NULL, indices, count, error));
        TRY(record_classes(record, "examples/pipeline_class", NULL, &test->pipeline_out, indices,
                           count, error));
        TRY(record_classes(record, "examples/network_class", NULL, outputs, indices, count, error));
    }
out:
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

static enum status record_gathered(struct record *record, const struct network *network,
                                   const struct gatherer *gatherer, struct error *error)
{
    enum status status = STATUS_OK;
    char path[NAME];

    for (size_t i = 0; i < network->count; i++) {
        struct shape shape = network->nodes[i].out;
        struct hdf5_array array = {.type = HDF5_FLOAT32,
                                   .rank = 4,
                                   .dims = {gatherer->images, (size_t)shape.channels,
                                            (size_t)shape.height, (size_t)shape.width},
                                   .values = gatherer->values[i]};
        if (!array.values)
            continue;
        snprintf(path, sizeof path, "activations/%s", network->nodes[i].name);
        TRY(record_array(record, path, &array, error));
    }
out:
    return status;
}

static enum status record_activations(struct record *record, const struct trial *trial,
                                      const struct prepared *prepared,
                                      const struct trained *trained, int threads,
                                      struct error *error)
{
    enum status status = STATUS_OK;
    const struct experiment *experiment = &trial->experiment;
    const struct split *test = &prepared->splits[SPLIT_TEST];
    struct gatherer gatherer = {.layers = &experiment->store.activations.layers};
    struct image_set inputs = {0}, outputs = {0};
    struct network network = {0};
    uint32_t *indices;

    if (gatherer.layers->count == 0 || experiment->store.activations.images == 0)
        return STATUS_OK;
    TRY(alike(&test->network_in, (size_t)experiment->store.activations.images, &record->arena,
              &indices, &gatherer.images, error));
    TRY(image_set_select(&inputs, &test->network_in, indices, gatherer.images, error));
    TRY(trial_whole_network(trial, prepared, inputs.shapes[0], &network, error));
    TRY(memory_new(&gatherer.values, network.count, sizeof *gatherer.values, error));
    TRY(network_apply(&experiment->network, (const struct engine *)experiment->train.engine.kind,
                      (enum precision)experiment->train.precision, trained->parameters,
                      trained->statistics, &inputs, network.output.channels,
                      prepared->label_content != CONTENT_IMAGE, threads, gather, &gatherer,
                      &outputs, error));
    TRY(record_gathered(record, &network, &gatherer, error));
out:
    for (size_t i = 0; gatherer.values && i < network.count; i++)
        memory_free(gatherer.values[i]);
    memory_free(gatherer.values);
    image_set_release(&inputs);
    image_set_release(&outputs);
    network_release(&network);
    return status;
}

/* The network's outputs on one split, and the scores of all that gave some. */
static enum status score_split(struct record *record, const struct trial *trial,
                               const struct prepared *prepared, const struct trained *trained,
                               enum split_name name, const char *text, int threads,
                               struct image_set *outputs, struct text *notes, struct error *error)
{
    enum status status = STATUS_OK;
    struct scores scores;

    TRY(trial_apply(trial, prepared, &prepared->splits[name], trained->parameters,
                    trained->statistics, threads, outputs, error));
    TRY(prepared_score_stored(prepared, name, outputs, "the network", threads, &scores, error));
    if (prepared->task == TASK_DENOISE)
        TRY(record_scores(record, "degraded", text, prepared, &prepared->degraded[name], notes,
                          error));
    TRY(record_scores(record, "pipeline", text, prepared, &prepared->pipeline[name], notes, error));
    TRY(record_scores(record, "network", text, prepared, &scores, notes, error));
out:
    return status;
}

enum status outcome_scores(struct record *record, const struct trial *trial,
                           const struct prepared *prepared, const struct trained *trained,
                           int threads, struct error *error)
{
    static const struct {
        enum split_name name;
        const char *text;
    } splits[] = {
        {SPLIT_UNLABELLED, "train"}, {SPLIT_VALIDATION, "validation"}, {SPLIT_TEST, "test"}};
    enum status status = STATUS_OK;
    struct image_set outputs = {0};
    struct text notes = {0};

    text_append(&notes, "%s", prepared->notes.length ? prepared->notes.bytes : "");
    for (size_t i = 0; i < sizeof splits / sizeof *splits; i++) {
        image_set_release(&outputs);
        TRY(score_split(record, trial, prepared, trained, splits[i].name, splits[i].text, threads,
                        &outputs, &notes, error));
    }
    TRY(text_status(&notes, error));
    if (notes.length)
        TRY(record_text(record, "notes", notes.bytes, error));
    TRY(label_noise_record(prepared, trial, record, error));
    TRY(record_examples(record, prepared, &outputs, (size_t)trial->experiment.store.examples,
                        error)); /* outputs: of the test split, the last */
    TRY(record_activations(record, trial, prepared, trained, threads, error));
out:
    text_release(&notes);
    image_set_release(&outputs);
    return status;
}

enum status outcome_parameters(struct record *record, const struct network *network,
                               const struct trained *trained, struct error *error)
{
    enum status status = STATUS_OK;
    char path[NAME];

    for (size_t i = 0; i < network->count; i++) {
        const struct network_node *node = &network->nodes[i];
        for (int p = 0; p < node->parameter_count; p++) {
            const struct layer_parameter *parameter = &node->parameters[p];
            struct hdf5_array array = {.type = HDF5_FLOAT32,
                                       .rank = 4,
                                       .values = trained->parameters + node->parameter_offset[p]};
            for (int d = 0; d < 4; d++)
                array.dims[d] = (size_t)parameter->dims[d];
            snprintf(path, sizeof path, "parameters/%s/%s", node->name, parameter->name);
            TRY(record_array(record, path, &array, error));
        }
        if (node->statistics) {
            struct hdf5_array array = {.type = HDF5_FLOAT32,
                                       .rank = 1,
                                       .dims = {node->statistics},
                                       .values = trained->statistics + node->statistics_offset};
            snprintf(path, sizeof path, "parameters/%s/statistics", node->name);
            TRY(record_array(record, path, &array, error));
        }
    }
out:
    return status;
}
