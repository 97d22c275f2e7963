/* Labels that the filter dropped, as images, for people to look at. */
#include "interfaces/filter.h"
#include "trial/evaluation/evaluation.h"
#include "trial/evaluation/record_image_set.h"

/* Is item a to be shown before b? The more suspect, then the earlier one. */
static bool before(const float *scores, uint32_t a, uint32_t b)
{
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
}

/* The most suspect ones that were dropped, in order: chosen [most]. */
static size_t choose(const uint8_t *reasons, const float *scores, size_t items, uint32_t *chosen,
                     size_t most)
{
    size_t count = 0;

    for (uint32_t i = 0; i < items; i++) {
        size_t at = count;
        if (reasons[i] == FILTER_KEPT || (count == most && !before(scores, i, chosen[most - 1])))
            continue;
        if (count < most)
            count++;
        else
            at--;
        for (; at > 0 && before(scores, i, chosen[at - 1]); at--)
            chosen[at] = chosen[at - 1];
        chosen[at] = i;
    }
    return count;
}

/* What the filter judged of the chosen items: classes, else images or numbers. */
static enum status record_labels(struct record *record, const struct training_set *items,
                                 const uint32_t *chosen, size_t count, struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set labels = {0};
    uint8_t *classes = NULL;

    if (items->classes) {
        TRY(memory_new(&classes, count, sizeof *classes, error));
        for (size_t k = 0; k < count; k++)
            classes[k] = items->classes[chosen[k]];
        TRY(record_put_row(record, "flagged/label", HDF5_UINT8, classes, count, error));
    } else {
        TRY(image_set_select(&labels, &items->targets, chosen, count, error));
        TRY(record_image_set(record, "flagged/label", &labels, count, error));
    }
out:
    memory_free(classes);
    image_set_release(&labels);
    return status;
}

enum status evaluation_flagged(struct record *record, const struct record *filtered,
                               const struct training_set *items, size_t most, struct error *error)
{
    enum status status = STATUS_OK;
    size_t all = items->inputs.count;
    const uint8_t *reasons = record_row(filtered, "filter/reason", HDF5_UINT8, all);
    const float *scores = record_row(filtered, "filter/score", HDF5_FLOAT32, all);
    struct image_set inputs = {0};
    uint32_t *chosen = NULL;
    int64_t *rows = NULL;

    if (!reasons || !scores || items->answer.content == CONTENT_MASK)
        return STATUS_OK;
    TRY(memory_new(&chosen, most, sizeof *chosen, error));
    size_t count = choose(reasons, scores, all, chosen, most);
    if (count == 0)
        goto out;
    TRY(memory_new(&rows, count, sizeof *rows, error));
    for (size_t k = 0; k < count; k++)
        rows[k] = chosen[k];
    TRY(record_put_row(record, "flagged/item", HDF5_INT64, rows, count, error));
    TRY(image_set_select(&inputs, &items->inputs, chosen, count, error));
    TRY(record_image_set(record, "flagged/input", &inputs, count, error));
    TRY(record_labels(record, items, chosen, count, error));
out:
    image_set_release(&inputs);
    memory_free(rows);
    memory_free(chosen);
    return status;
}
