/*
 * How often each class was named for each: `store: {confusion: {}}` leaves behind, of one split, a
 * matrix for the pipeline and one for the network, [true class][named class], counts of images, or
 * of masks' pixels. What is not known, or has no answer, is not counted.
 */
#include "base/memory.h"
#include "trial/evaluation/evaluation.h"

#include <math.h>

static const enum split_name counted_splits[] = {
    [CONFUSION_TEST] = SPLIT_TEST, [CONFUSION_VALIDATION] = SPLIT_VALIDATION};

/* The class that the answer names, or that is true, at pixel i; -1: none. */
static int class_at(struct image answer, struct answer kind, size_t i)
{
    if (kind.content == CONTENT_SCORES) {
        for (int c = 0; c < kind.count; c++)
            if (isnan(answer.pixels[c]))
                return -1;
        return metrics_argmax(answer.pixels, kind.count);
    }
    return answer.pixels[i] >= 0 && answer.pixels[i] < (float)kind.count ? (int)answer.pixels[i]
                                                                         : -1;
}

static int truth_at(const struct truth *truth, struct answer kind, size_t image, size_t i)
{
    if (kind.content == CONTENT_SCORES)
        return truth->classes[image] < kind.count ? truth->classes[image] : -1;
    return class_at(image_set_at(&truth->images, image), kind, i);
}

static void count_answers(const struct image_set *answers, const struct truth *truth,
                          struct answer kind, double *counts)
{
    for (size_t k = 0; k < answers->count; k++) {
        struct image answer = image_set_at(answers, k);
        size_t places = kind.content == CONTENT_SCORES ? 1 : shape_plane(answer.shape);
        for (size_t i = 0; i < places; i++) {
            int named = class_at(answer, kind, i), right = truth_at(truth, kind, k, i);
            if (named >= 0 && right >= 0)
                counts[right * kind.count + named]++;
        }
    }
}

enum status evaluation_confusion(struct record *record, const struct trial *trial,
                                 const struct splits *splits, enum split_name name,
                                 const struct image_set *outputs, struct error *error)
{
    enum status status = STATUS_OK;
    const struct confusion_section *wanted = &trial->experiment.store.confusion;
    const struct answer kind = splits->answer;
    const struct {
        const char *path;
        const struct image_set *answers;
    } kept[] = {{"confusion/pipeline", &splits->items[name].pipeline_out},
                {"confusion/network", outputs}};
    size_t side = kind.count > 0 ? (size_t)kind.count : 0;
    double *counts = NULL;

    if (!wanted->given || counted_splits[wanted->split] != name ||
        (kind.content != CONTENT_SCORES && kind.content != CONTENT_MASK) || side == 0 ||
        truth_is_absent(&splits->truth[name]))
        return STATUS_OK;
    for (size_t k = 0; k < sizeof kept / sizeof *kept; k++) {
        memory_free(counts);
        counts = NULL;
        TRY(memory_new(&counts, side * side, sizeof *counts, error));
        struct hdf5_array array = {
            .type = HDF5_FLOAT64, .rank = 2, .dims = {side, side}, .values = counts};
        count_answers(kept[k].answers, &splits->truth[name], kind, counts);
        TRY(record_array(record, kept[k].path, &array, error));
    }
out:
    memory_free(counts);
    return status;
}
