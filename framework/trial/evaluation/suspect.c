#include "trial/evaluation/suspect.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>

static const double growth = 2, below_input = 0.10;

/* On the validation images; where there are none, on the test images. */
static double score(const struct record *record, const char *who, enum metric metric)
{
    static const char *const splits[] = {"validation", "test"};
    char name[128];

    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "%s.%s.%s", who, splits[i], metric_names[metric]);
        const struct record_value *value = record_value(record, name);
        if (value && isfinite(value->real))
            return value->real;
    }
    return NAN;
}

static void suspect_loss(const struct record *record, struct text *text)
{
    const struct hdf5_array *curve = record_find(record, "curves/train.loss");

    if (!curve || curve->type != HDF5_FLOAT64 || curve->rank != 1 || curve->dims[0] < 2)
        return;
    const double *losses = curve->values;
    double first = losses[0], last = losses[curve->dims[0] - 1];
    if (first > 0 && last > growth * first)
        text_append(text, "the training loss grew from %.4g to %.4g", first, last);
}

/* Two standard errors below: what few images may come to is not suspect. */
static double below_chance(const struct splits *splits)
{
    size_t validation = splits->items[SPLIT_VALIDATION].input.count,
           images = validation ? validation : splits->items[SPLIT_TEST].input.count;
    double chance = 1 / (double)splits->answer.count;

    return chance - 2 * sqrt(chance * (1 - chance) / (double)images);
}

static void suspect_scores(const struct record *record, const struct splits *splits,
                           struct text *text)
{
    const struct task *task = splits->task;
    double network = score(record, "network", task->metrics[0].metric),
           input = score(record, "degraded", task->metrics[0].metric);
    const char *before = text->length ? "; " : "";

    if (task->judges_input && task->metrics[0].metric == METRIC_SSIM &&
        network < input - below_input)
        text_append(text, "%sthe network's ssim %.2f is far below the input's %.2f", before,
                    100 * network, 100 * input);
    if (task->labels == CONTENT_SCORES && network < below_chance(splits))
        text_append(text, "%sthe network's accuracy %.2f is below chance, %.2f", before,
                    100 * network, 100 / (double)splits->answer.count);
}

enum status suspect_record(struct record *record, const struct splits *splits, struct error *error)
{
    enum status status = STATUS_OK;
    struct text reason = {0}, state = {0};

    suspect_loss(record, &reason);
    suspect_scores(record, splits, &reason);
    TRY(text_status(&reason, error));
    if (!reason.length)
        goto out;
    TRY(text_print(&state, error, "suspect: %s", reason.bytes));
    TRY(record_text(record, "status", state.bytes, error));
out:
    text_release(&state);
    text_release(&reason);
    return status;
}
