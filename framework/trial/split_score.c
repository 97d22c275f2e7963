/* Scores of outputs: against ground truth, for evaluation; against the pipeline's labels, for early
 * stopping. */
#include "trial/splits.h"

#include <math.h>

const char *const split_names[] = {"manual", "unlabelled", "validation", "test"};

/* By their places in the split, and no longer among those with truth. */
static void renumber(struct exceptions *exceptions, const uint32_t *places)
{
    for (size_t i = 0; i < exceptions->count && i < METRICS_NAMED; i++)
        exceptions->images[i] = places[exceptions->images[i]];
}

/* Over those images whose truth is known. */
static enum status score_known(const struct splits *splits, const struct truth *truth,
                               const struct image_set *outputs, int threads, struct scores *scores,
                               const struct image_scores *each, struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set some = {0};
    struct truth known = {0};
    uint32_t *places = NULL;
    size_t count = 0;

    TRY(memory_new(&places, outputs->count, sizeof *places, error));
    for (size_t i = 0; i < outputs->count; i++)
        if (truth->known[i])
            places[count++] = (uint32_t)i;
    TRY(image_set_select(&some, outputs, places, count, error));
    if (truth->classes) {
        TRY(memory_new(&known.classes, count, sizeof *known.classes, error));
        for (size_t i = 0; i < count; i++)
            known.classes[i] = truth->classes[places[i]];
    } else {
        TRY(image_set_select(&known.images, &truth->images, places, count, error));
    }
    TRY(splits->task->score(&some, &known, splits->answer, threads, scores, each, error));
    renumber(&scores->capped, places);
    renumber(&scores->undefined, places);
out:
    image_set_release(&some);
    truth_release(&known);
    memory_free(places);
    return status;
}

enum status splits_score(const struct splits *splits, enum split_name name,
                         const struct image_set *outputs, int threads, struct scores *scores,
                         const struct image_scores *each, struct error *error)
{
    const struct truth *truth = &splits->truth[name];

    if (truth_is_whole(truth, outputs->count))
        return splits->task->score(outputs, truth, splits->answer, threads, scores, each, error);
    scores_clear(scores);
    return truth->known_count ? score_known(splits, truth, outputs, threads, scores, each, error)
                              : STATUS_OK;
}

const struct image_set *splits_pipeline_in(const struct splits *splits, enum split_name name)
{
    const struct split *split = &splits->items[name];

    return splits->recorded ? &split->recorded : &split->input;
}

/* Has every image a score? */
static enum status check_defined(const struct splits *splits, enum split_name name,
                                 const struct image_set *outputs, const char *who,
                                 const struct scores *scores, struct error *error)
{
    enum status status = STATUS_OK;
    struct text images = {0};

    if (!scores->undefined.count)
        goto out;
    exceptions_print(&scores->undefined, splits->items[name].names, splits->items[name].pool_index,
                     &images);
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

enum status splits_score_stored(const struct splits *splits, enum split_name name,
                                const struct image_set *outputs, const char *who, int threads,
                                struct scores *scores, const struct image_scores *each,
                                struct error *error)
{
    PASS(splits_score(splits, name, outputs, threads, scores, each, error));
    return check_defined(splits, name, outputs, who, scores, error);
}

/* The pipeline's answers as if they were true. `images` are borrowed. */
static enum status take_as_truth(const struct splits *splits, enum split_name name,
                                 struct truth *truth, struct error *error)
{
    const struct image_set *answers = &splits->items[name].pipeline_out;

    if (splits->task->labels != CONTENT_SCORES) {
        truth->images = *answers;
        return STATUS_OK;
    }
    PASS(memory_new(&truth->classes, answers->count, sizeof *truth->classes, error));
    for (size_t i = 0; i < answers->count; i++)
        truth->classes[i] =
            (uint8_t)metrics_argmax(image_set_at(answers, i).pixels, splits->answer.count);
    return STATUS_OK;
}

enum status splits_score_each(const struct splits *splits, enum split_name name,
                              const struct image_set *outputs, enum metric metric, bool agreement,
                              int threads, double *values, struct error *error)
{
    enum status status = STATUS_OK;
    const bool *known = agreement ? NULL : splits->truth[name].known;
    struct image_scores each = {{NULL}};
    struct truth answers = {0};
    struct scores scores;
    double *own = NULL;

    TRY(memory_new(&own, outputs->count, sizeof *own, error));
    each.values[metric] = own;
    if (agreement) {
        TRY(take_as_truth(splits, name, &answers, error));
        TRY(splits->task->score(outputs, &answers, splits->answer, threads, &scores, &each, error));
    } else {
        TRY(splits_score(splits, name, outputs, threads, &scores, &each, error));
    }
    for (size_t i = 0, k = 0; i < outputs->count; i++)
        values[i] = !known || known[i] ? own[k++] : (double)NAN;
out:
    memory_free(answers.classes);
    memory_free(own);
    return status;
}

enum status splits_agreement(const struct splits *splits, enum split_name name,
                             const struct image_set *outputs, int threads, struct scores *scores,
                             struct error *error)
{
    return splits->task->agree(outputs, &splits->items[name].pipeline_out, splits->answer, threads,
                               scores, error);
}

enum status splits_agreement_stored(const struct splits *splits, enum split_name name,
                                    const struct image_set *outputs, const char *who, int threads,
                                    struct scores *scores, struct error *error)
{
    PASS(splits_agreement(splits, name, outputs, threads, scores, error));
    return check_defined(splits, name, outputs, who, scores, error);
}
