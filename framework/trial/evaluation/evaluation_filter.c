/* What a filter leaves behind: what it said, and how right it was. */
#include "filters/errors.h"
#include "filters/regions.h"
#include "math/detection.h"
#include "trial/evaluation/evaluation.h"

#include <string.h>

/* Against ground truth: this is evaluation. */
static enum status record_quality(struct record *record, const struct trial *trial,
                                  const struct splits *splits, const struct training_set *items,
                                  const struct regions *regions, const uint8_t *reasons,
                                  const float *scores, struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = regions ? regions->count : items->inputs.count;
    struct random_key key = trial_random_key(trial);
    struct truth truth = {0};
    struct detection detection;
    uint8_t *wrong = NULL;
    float *off = NULL;

    TRY(memory_new(&wrong, count, 1, error));
    TRY(memory_new(&off, count, sizeof *off, error));
    TRY(training_set_truth(items, &trial->experiment, splits, key, &truth, error));
    struct filter_input input = {.labels = &items->targets,
                                 .content = items->answer.content,
                                 .regions = regions,
                                 .classes = items->classes,
                                 .true_labels = &truth.images,
                                 .true_classes = truth.classes};
    TRY(label_errors(&input, wrong, off, error));
    TRY(detection_measure(reasons, scores, wrong, count, &detection, error));
    TRY(record_integer(record, "filter.errors", (int64_t)detection.wrong, error));
    TRY(record_real(record, "filter.precision", detection.precision, error));
    TRY(record_real(record, "filter.recall", detection.recall, error));
    TRY(record_real(record, "filter.auroc", detection.auroc, error));
out:
    truth_release(&truth);
    memory_free(wrong);
    memory_free(off);
    return status;
}

/* Unit by unit, as rows of filter/. */
static enum status record_units(struct record *record, const struct splits *splits,
                                const struct training_set *items, const struct regions *regions,
                                const uint8_t *reasons, const float *scores, struct error *error)
{
    enum status status = STATUS_OK;
    size_t count = regions ? regions->count : items->inputs.count;
    const uint32_t *pool = splits->items[SPLIT_UNLABELLED].pool_index;
    uint8_t *keep = NULL;
    int64_t *image = NULL, *pixels = NULL;

    TRY(memory_new(&keep, count, 1, error));
    TRY(memory_new(&pixels, count, sizeof *pixels, error));
    TRY(memory_new(&image, count, sizeof *image, error));
    for (size_t i = 0; i < count; i++) {
        keep[i] = reasons[i] == FILTER_KEPT;
        pixels[i] = regions ? regions->pixels[i] : 0;
        image[i] = pool[items->source[regions ? regions->item[i] : i]];
    }
    const struct record_array rows[] = {
        {"filter/keep", {.type = HDF5_UINT8, .values = keep}},
        {"filter/reason", {.type = HDF5_UINT8, .values = (void *)(uintptr_t)reasons}},
        {"filter/score", {.type = HDF5_FLOAT32, .values = (void *)(uintptr_t)scores}},
        {"filter/image", {.type = HDF5_INT64, .values = image}},
        {"filter/pixels", {.type = HDF5_INT64, .values = pixels}}};
    for (size_t r = 0; r < sizeof rows / sizeof *rows - (regions ? 0 : 1); r++) {
        struct hdf5_array array = rows[r].array;
        array.rank = 1;
        array.dims[0] = count;
        TRY(record_array(record, rows[r].path, &array, error));
    }
out:
    memory_free(keep);
    memory_free(image);
    memory_free(pixels);
    return status;
}

enum status evaluation_filter(struct record *record, const struct trial *trial,
                              const struct splits *splits, const struct training_set *items,
                              const struct regions *regions, const uint8_t *reasons,
                              const float *scores, struct error *error)
{
    const struct filter *filter = filter_of(trial->experiment.filter.kind);
    bool looked = trial->experiment.train.labels == LABELS_PIPELINE &&
                  strcmp(filter->descriptor.name, "none") != 0;
    int64_t dropped = 0, pixels = 0;
    size_t count = regions ? regions->count : items->inputs.count;

    for (size_t i = 0; i < count; i++) {
        dropped += reasons[i] != FILTER_KEPT;
        pixels += regions && reasons[i] != FILTER_KEPT ? regions->pixels[i] : 0;
    }
    PASS(record_integer(record, "filter.items", (int64_t)count, error));
    if (regions)
        PASS(record_integer(record, "filter.pixels_dropped", pixels, error));
    PASS(record_integer(record, "filter.dropped", dropped, error));
    if (training_set_have_truth(&trial->experiment, splits)) {
        PASS(record_quality(record, trial, splits, items, regions, reasons, scores, error));
        PASS(record_integer(record, "filter.sees_truth", filter->sees_truth, error));
    }
    if (looked)
        PASS(record_units(record, splits, items, regions, reasons, scores, error));
    return STATUS_OK;
}
