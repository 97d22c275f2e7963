#include "trial/evaluation/evaluation.h"

#include "math/quality.h"
#include "trial/evaluation/difference.h"
#include "trial/label_noise.h"
#include "trial/trial_network.h"

#include <stdio.h>
#include <string.h>

enum { NAME = 256 };

/* Scores of one who, on one split, against one truth. */
struct score_place {
    const char *who, *split; /* "network", "test": with the metric, the column's name */
    bool noted;              /* what stands out is told; equal answers are no matter */
};

/* PSNR where it counts as less than it is. A row without the column has no such image. */
static enum status record_capped(struct record *record, const struct score_place *place,
                                 const struct scores *scores, struct text *notes,
                                 struct error *error)
{
    char name[NAME];

    if (!scores->capped.count)
        return STATUS_OK;
    snprintf(name, sizeof name, "%s.%s.psnr_capped", place->who, place->split);
    if (place->noted)
        text_append(notes, "%s%s.%s.psnr: %zu image%s at the cap, %d dB", notes->length ? "; " : "",
                    place->who, place->split, scores->capped.count,
                    scores->capped.count == 1 ? "" : "s", QUALITY_PSNR_MOST);
    return record_integer(record, name, (int64_t)scores->capped.count, error);
}

static enum status record_metrics(struct record *record, const struct score_place *place,
                                  const struct task_metric *metrics, size_t count,
                                  const struct scores *scores, struct text *notes,
                                  struct error *error)
{
    char name[NAME];

    for (size_t i = 0; i < count; i++) {
        enum metric metric = metrics[i].metric;
        snprintf(name, sizeof name, "%s.%s.%s", place->who, place->split, metric_names[metric]);
        PASS(record_real(record, name, metrics_value(scores, metric), error));
        if (metric == METRIC_PSNR)
            PASS(record_capped(record, place, scores, notes, error));
    }
    return STATUS_OK;
}

/* Against truth: the task's metrics; on the test split its own of each class or number, too. */
static enum status record_scores(struct record *record, const char *who, const char *split,
                                 const struct splits *splits, const struct scores *scores,
                                 struct text *notes, struct error *error)
{
    const struct task *task = splits->task;
    const struct score_place place = {who, split, strcmp(split, "train") != 0};
    char name[NAME], part[SPLITS_PART];

    PASS(record_metrics(record, &place, task->metrics, task->metric_count, scores, notes, error));
    for (int c = 0; strcmp(split, "test") == 0 && c < splits->answer.count; c++) {
        snprintf(name, sizeof name, "%s.%s.%s.%s", who, split,
                 metric_names[task->metrics[0].metric], splits_part(splits, c, part));
        PASS(record_real(record, name, scores->parts[c], error));
    }
    return STATUS_OK;
}

/* Over how many images scores are, where some have no truth. */
static enum status record_known(struct record *record, const char *split, const struct truth *truth,
                                struct text *notes, struct error *error)
{
    char name[NAME];

    if (!truth->known)
        return STATUS_OK;
    if (truth_is_absent(truth) && strcmp(split, "test") == 0)
        text_append(notes, "%sno ground truth: agreement is what is judged",
                    notes->length ? "; " : "");
    snprintf(name, sizeof name, "%s.truth_images", split);
    return record_integer(record, name, (int64_t)truth->known_count, error);
}

/* Of one split against its truth: of all that gave outputs; on the test split, what the network
 * has more or less than the pipeline. */
static enum status score_truth(struct record *record, const struct splits *splits,
                               enum split_name name, const char *text, int threads,
                               const struct image_set *outputs, struct text *notes,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct image_scores each = {{NULL}};
    struct scores scores;

    if (truth_is_absent(&splits->truth[name]))
        return STATUS_OK;
    if (name == SPLIT_TEST)
        TRY(difference_begin(splits->task, outputs->count, &each, error));
    TRY(splits_score_stored(splits, name, outputs, "the network", threads, &scores, &each, error));
    if (splits->task->judges_input)
        TRY(record_scores(record, "degraded", text, splits, &splits->degraded[name], notes, error));
    TRY(record_scores(record, "pipeline", text, splits, &splits->pipeline[name], notes, error));
    TRY(record_scores(record, "network", text, splits, &scores, notes, error));
    if (name == SPLIT_TEST)
        TRY(difference_record(record, splits, &each, threads, error));
out:
    difference_end(&each);
    return status;
}

/* … and against the pipeline's answers. */
static enum status score_agreement(struct record *record, const struct splits *splits,
                                   enum split_name name, const char *text, int threads,
                                   const struct image_set *outputs, struct error *error)
{
    const struct task *task = splits->task;
    char split[NAME / 2];
    const struct score_place place = {"network", split, false};
    struct scores scores;

    snprintf(split, sizeof split, "%s.agreement", text);
    PASS(splits_agreement_stored(splits, name, outputs, "the network", threads, &scores, error));
    return record_metrics(record, &place, task->agreement, task->agreement_count, &scores, NULL,
                          error);
}

/* The network's outputs on one split, and their scores. */
static enum status score_split(struct record *record, const struct trial *trial,
                               const struct splits *splits, const struct trained *trained,
                               enum split_name name, const char *text, int threads,
                               struct image_set *outputs, struct text *notes, struct error *error)
{
    PASS(trial_apply(trial, splits, &splits->items[name], trained->parameters, trained->statistics,
                     threads, outputs, error));
    PASS(record_known(record, text, &splits->truth[name], notes, error));
    PASS(score_truth(record, splits, name, text, threads, outputs, notes, error));
    return score_agreement(record, splits, name, text, threads, outputs, error);
}

enum status evaluation_scores(struct record *record, const struct trial *trial,
                              const struct splits *splits, const struct trained *trained,
                              int threads, struct error *error)
{
    static const struct {
        enum split_name name;
        const char *text;
    } scored[] = {
        {SPLIT_UNLABELLED, "train"}, {SPLIT_VALIDATION, "validation"}, {SPLIT_TEST, "test"}};
    enum status status = STATUS_OK;
    struct image_set outputs = {0};
    struct text notes = {0};

    text_append(&notes, "%s", splits->notes.length ? splits->notes.bytes : "");
    for (size_t i = 0; i < sizeof scored / sizeof *scored; i++) {
        image_set_release(&outputs);
        TRY(score_split(record, trial, splits, trained, scored[i].name, scored[i].text, threads,
                        &outputs, &notes, error));
    }
    TRY(text_status(&notes, error));
    if (notes.length)
        TRY(record_text(record, "notes", notes.bytes, error));
    TRY(label_noise_record(splits, trial, record, error));
    TRY(evaluation_examples(record, splits, &outputs, (size_t)trial->experiment.store.examples,
                            error)); /* outputs: of the test split, the last */
    TRY(evaluation_numbers(record, splits, &outputs, error));
    TRY(evaluation_activations(record, trial, splits, trained, threads, error));
out:
    text_release(&notes);
    image_set_release(&outputs);
    return status;
}
