/* Scores of outputs: against ground truth, for evaluation; against the pipeline's labels, for early
 * stopping. */
#include "base/memory.h"
#include "trial/splits.h"

const char *const split_names[] = {"manual", "unlabelled", "validation", "test"};

enum status splits_score(const struct splits *prepared, enum split_name name,
                         const struct image_set *outputs, int threads, struct scores *scores,
                         struct error *error)
{
    return prepared->task->score(outputs, &prepared->truth[name], prepared->class_count, threads,
                                 scores, error);
}

enum status splits_score_stored(const struct splits *prepared, enum split_name name,
                                const struct image_set *outputs, const char *who, int threads,
                                struct scores *scores, struct error *error)
{
    enum status status = STATUS_OK;
    struct text images = {0};

    TRY(splits_score(prepared, name, outputs, threads, scores, error));
    if (!scores->undefined.count)
        goto out;
    exceptions_print(&scores->undefined, prepared->splits[name].names,
                     prepared->splits[name].pool_index, &images);
    TRY(text_status(&images, error));
    TRY(error_set(
        error, STATUS_DIVERGED,
        "what %s gives is not a number for %zu of %zu %s images (%s of the %s pool): they "
        "have no score",
        who, scores->undefined.count, outputs->count, split_names[name], images.bytes,
        name == SPLIT_TEST ? "test" : "training"));
out:
    text_release(&images);
    return status;
}

enum status splits_agreement(const struct splits *prepared, enum split_name name,
                             const struct image_set *outputs, int threads, struct scores *scores,
                             struct error *error)
{
    return prepared->task->agree(outputs, &prepared->splits[name].pipeline_out,
                                 prepared->class_count, threads, scores, error);
}
