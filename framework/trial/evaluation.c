#include "trial/evaluation.h"

#include "math/quality.h"
#include "trial/label_noise.h"
#include "trial/trial_network.h"

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
                                 const struct splits *prepared, const struct scores *scores,
                                 struct text *notes, struct error *error)
{
    enum status status = STATUS_OK;
    char name[NAME];

    if (prepared->task->labels == CONTENT_IMAGE) {
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

/* Over how many images scores are, where some have no truth. */
static enum status record_known(struct record *record, const char *split, const struct truth *truth,
                                struct text *notes, struct error *error)
{
    char name[NAME];

    if (!truth->known)
        return STATUS_OK;
    if (!truth->known_count && strcmp(split, "test") == 0)
        text_append(notes, "%sno ground truth: agreement is what is judged",
                    notes->length ? "; " : "");
    snprintf(name, sizeof name, "%s.truth_images", split);
    return record_integer(record, name, (int64_t)truth->known_count, error);
}

/* The network's outputs on one split, and the scores of all that gave some. */
static enum status score_split(struct record *record, const struct trial *trial,
                               const struct splits *prepared, const struct trained *trained,
                               enum split_name name, const char *text, int threads,
                               struct image_set *outputs, struct text *notes, struct error *error)
{
    enum status status = STATUS_OK;
    struct scores scores;

    TRY(trial_apply(trial, prepared, &prepared->splits[name], trained->parameters,
                    trained->statistics, threads, outputs, error));
    TRY(record_known(record, text, &prepared->truth[name], notes, error));
    if (prepared->truth[name].known && !prepared->truth[name].known_count)
        goto out;
    TRY(splits_score_stored(prepared, name, outputs, "the network", threads, &scores, error));
    if (prepared->task->judges_input)
        TRY(record_scores(record, "degraded", text, prepared, &prepared->degraded[name], notes,
                          error));
    TRY(record_scores(record, "pipeline", text, prepared, &prepared->pipeline[name], notes, error));
    TRY(record_scores(record, "network", text, prepared, &scores, notes, error));
out:
    return status;
}

enum status evaluation_scores(struct record *record, const struct trial *trial,
                              const struct splits *prepared, const struct trained *trained,
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
    TRY(evaluation_examples(record, prepared, &outputs, (size_t)trial->experiment.store.examples,
                            error)); /* outputs: of the test split, the last */
    TRY(evaluation_activations(record, trial, prepared, trained, threads, error));
out:
    text_release(&notes);
    image_set_release(&outputs);
    return status;
}

enum status evaluation_parameters(struct record *record, const struct network *network,
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
