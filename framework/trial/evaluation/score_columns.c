#include "trial/evaluation/score_columns.h"

#include "math/quality.h"

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

enum status score_columns_truth(struct record *record, const char *who, const char *split,
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

enum status score_columns_agreement(struct record *record, const char *who, const char *split,
                                    const struct splits *splits, enum split_name name, int threads,
                                    const struct image_set *outputs, struct error *error)
{
    const struct task *task = splits->task;
    char full[NAME / 2];
    const struct score_place place = {who, full, false};
    struct scores scores;

    snprintf(full, sizeof full, "%s.agreement", split);
    PASS(splits_agreement_stored(splits, name, outputs, "the network", threads, &scores, error));
    return record_metrics(record, &place, task->agreement, task->agreement_count, &scores, NULL,
                          error);
}
