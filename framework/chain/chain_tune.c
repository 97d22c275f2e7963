/*
 * Tuning on the hand-labelled images.
 *
 * A chain without stages that learn is scored on the examples themselves: it has a handful of
 * values to choose, and the examples are all that there is. A chain with stages that learn is
 * scored by cross-validation (M. Stone, "Cross-validatory choice and assessment of statistical
 * predictions", Journal of the Royal Statistical Society B 36(2), 1974). The stages before the
 * first that learns do not depend on the fold: they run once for each combination of their own
 * values.
 */
#include "base/interrupt.h"
#include "base/memory.h"
#include "base/work.h"
#include "chain/chain_private.h"
#include "chain/combination.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { FOLDS = 3 };

struct tune_search {
    struct chain *chain;
    const struct component_list *stages;
    const struct chain_examples *examples;
    struct random_key key;
    enum metric metric;
    int threads;
    size_t learner;            /* the first stage that learns; count where none does */
    size_t later_combinations; /* of the stages from `learner` on */
    struct image_set prefix;   /* examples after the stages before `learner` … */
    size_t prefix_number;      /* … in this combination of them; SIZE_MAX: not made yet */
    uint32_t *order;           /* examples at random; place modulo FOLDS is the fold */
};

/* The metric of outputs of all examples, in their order. */
static enum status score_outputs(const struct tune_search *search, const struct image_set *outputs,
                                 struct scores *scores, struct error *error)
{
    const struct chain_examples *examples = search->examples;
    struct truth truth = {.classes = (uint8_t *)(uintptr_t)examples->classes}; /* a view */

    if (examples->truth)
        truth.images = *examples->truth;
    return examples->task->score(outputs, &truth, examples->answer, search->threads, scores, NULL,
                                 error);
}

/* Split the examples' indices into those of fold `fold` and the rest, both ascending. */
static void split_fold(const struct tune_search *search, uint32_t fold, uint32_t *in,
                       size_t *in_count, uint32_t *rest, size_t *rest_count)
{
    size_t count = search->prefix.count;

    *in_count = *rest_count = 0;
    for (size_t place = 0; place < count; place++)
        rest[search->order[place]] = (uint32_t)(place % FOLDS);
    for (uint32_t i = 0; i < count; i++) {
        if (rest[i] == fold)
            in[(*in_count)++] = i;
        else
            rest[(*rest_count)++] = i;
    }
}

/* Train on the other folds, and put the outputs of fold `fold` into place. */
static enum status run_fold(struct tune_search *search, uint32_t fold, uint32_t *indices,
                            uint8_t *classes, struct image_set *outputs, struct error *error)
{
    enum status status = STATUS_OK;
    struct chain *chain = search->chain;
    const struct chain_examples *examples = search->examples;
    struct chain_means means = {.engine = examples->means.engine, .loss = examples->means.loss};
    struct image_set train = {0}, test = {0}, truth = {0}, out = {0};
    struct lesson lesson = {.inputs = &train,
                            .names = {.numbers = indices + search->prefix.count},
                            .truth = examples->truth ? &truth : NULL,
                            .classes = examples->classes ? classes : NULL,
                            .means = &means,
                            .key = search->key,
                            .threads = search->threads};
    size_t count = search->prefix.count, test_count, train_count;
    uint32_t *test_of = indices, *train_of = indices + count;

    split_fold(search, fold, test_of, &test_count, train_of, &train_count);
    TRY(image_set_select(&train, &search->prefix, train_of, train_count, error));
    TRY(image_set_select(&test, &search->prefix, test_of, test_count, error));
    if (examples->truth)
        TRY(image_set_select(&truth, examples->truth, train_of, train_count, error));
    for (size_t i = 0; examples->classes && i < train_count; i++)
        classes[i] = examples->classes[train_of[i]];
    TRY(chain_fit_stages(chain, search->learner, &lesson, error));
    TRY(chain_run(chain, search->learner, chain->count, &test, NULL, search->threads, &out, error));
    for (size_t i = 0; i < test_count; i++)
        memcpy(image_set_at(outputs, test_of[i]).pixels, image_set_at(&out, i).pixels,
               shape_size(out.shapes[i]) * sizeof(float));
out:
    chain_forget(chain);
    image_set_release(&out);
    image_set_release(&test);
    image_set_release(&truth);
    image_set_release(&train);
    return status;
}

static enum status score_folds(struct tune_search *search, struct scores *scores,
                               struct error *error)
{
    enum status status = STATUS_OK;
    const struct chain *chain = search->chain;
    size_t count = search->prefix.count;
    struct image_set outputs = {0};
    struct shape *shapes = NULL;
    uint32_t *indices = NULL;
    uint8_t *classes = NULL;
    int work = 0;

    TRY(memory_new(&indices, 2 * count, sizeof *indices, error));
    TRY(memory_new(&classes, count, sizeof *classes, error));
    TRY(memory_new(&shapes, count, sizeof *shapes, error));
    for (size_t i = 0; i < count; i++)
        TRY(chain_shape(chain, search->learner, chain->count, search->prefix.shapes[i], &shapes[i],
                        error));
    TRY(image_set_new(&outputs, count, shapes, error));
    work = work_begin(FOLDS, "folds");
    for (uint32_t fold = 0; fold < FOLDS; fold++) {
        TRY(run_fold(search, fold, indices, classes, &outputs, error));
        work_did(work, 1);
    }
    TRY(score_outputs(search, &outputs, scores, error));
out:
    work_end(work);
    image_set_release(&outputs);
    memory_free(shapes);
    memory_free(classes);
    memory_free(indices);
    return status;
}

/* Score combination `number`, whose values are in chain->configs. */
static enum status score_combination(struct tune_search *search, size_t number,
                                     struct scores *scores, struct error *error)
{
    size_t prefix_number = number / search->later_combinations;

    if (prefix_number != search->prefix_number) {
        image_set_release(&search->prefix);
        search->prefix_number = SIZE_MAX;
        PASS(chain_run(search->chain, 0, search->learner, search->examples->inputs,
                       &search->examples->names, search->threads, &search->prefix, error));
        search->prefix_number = prefix_number;
    }
    if (search->learner == search->chain->count)
        PASS(score_outputs(search, &search->prefix, scores, error));
    else
        PASS(score_folds(search, scores, error));
    return STATUS_OK;
}

static enum status search_begin(struct tune_search *search, struct error *error)
{
    const struct chain_examples *examples = search->examples;
    size_t count = examples->inputs->count, needed = 1;

    while (search->learner < search->chain->count &&
           !component_learns(&search->stages->items[search->learner]))
        search->learner++;
    search->later_combinations = combination_count(search->stages, search->learner);
    if (search->learner < search->chain->count)
        needed = FOLDS;
    if (count < needed)
        return error_set(error, STATUS_CONFIG,
                         "tuning this pipeline needs at least %zu hand-labelled images, found %zu",
                         needed, count);
    if (!examples->task || !task_has_metric(examples->task, search->metric) ||
        (!examples->classes && !examples->truth))
        return error_set(error, STATUS_CONFIG, "a pipeline for this task cannot be tuned by '%s'",
                         metric_names[search->metric]);
    assert(count <= UINT32_MAX);
    PASS(memory_new(&search->order, count, sizeof *search->order, error));
    struct random_stream stream = random_stream(search->key, RANDOM_FIT, random_index(0, 0));
    random_permutation(&stream, search->order, (uint32_t)count);
    return STATUS_OK;
}

/* Every combination left an image without a score. */
static enum status no_score(const struct tune_search *search, const struct chain_tuning *tuning,
                            struct error *error)
{
    enum status status = STATUS_OK;
    struct text images = {0};

    exceptions_print(&tuning->undefined, search->examples->names.files,
                     search->examples->names.numbers, &images);
    TRY(text_status(&images, error));
    TRY(error_set(
        error, STATUS_DIVERGED,
        "tuning: with each of the %zu combinations of values, %s is not a number for some "
        "hand-labelled images (the first combination: %s)",
        tuning->count, metric_names[search->metric], images.bytes));
out:
    text_release(&images);
    return status;
}

/* Take the combination in; *best_score is of the best so far, NaN as long as there is none. */
static void judge(const struct tune_search *search, const struct scores *scores, size_t number,
                  struct chain_tuning *tuning, double *best_score)
{
    double score = metric_goodness(search->metric, metrics_value(scores, search->metric));

    if (scores->capped.count > tuning->capped.count && search->metric == METRIC_PSNR)
        tuning->capped = scores->capped;
    if (!isfinite(score)) {
        if (!tuning->left_out++)
            tuning->undefined = scores->undefined;
    } else if (isnan(*best_score) || score > *best_score) {
        *best_score = score;
        tuning->best = number;
    }
}

/* The best of `tuning->count` combinations, the first of equals. */
static enum status search_best(struct tune_search *search, struct chain_tuning *tuning,
                               struct error *error)
{
    enum status status = STATUS_OK;
    double best_score = (double)NAN;
    int work = 0;

    TRY(search_begin(search, error));
    work = work_begin(tuning->count, "combinations");
    for (size_t number = 0; number < tuning->count; number++) {
        struct scores scores;
        TRY(interrupt_check(error));
        combination_apply(search->stages, number, search->chain->configs);
        TRY(score_combination(search, number, &scores, error));
        judge(search, &scores, number, tuning, &best_score);
        work_did(work, 1);
    }
    if (tuning->left_out == tuning->count)
        TRY(no_score(search, tuning, error));
out:
    work_end(work);
    memory_free(search->order);
    image_set_release(&search->prefix);
    return status;
}

enum status chain_tune(const struct component_list *stages, enum metric metric,
                       const struct chain_examples *examples, struct random_key key, int threads,
                       struct chain_tuning *tuning, struct error *error)
{
    enum status status = STATUS_OK;
    struct chain chain = {0};
    struct tune_search search = {.chain = &chain,
                                 .stages = stages,
                                 .examples = examples,
                                 .key = key,
                                 .metric = metric,
                                 .threads = threads,
                                 .prefix_number = SIZE_MAX};

    *tuning = (struct chain_tuning){.count = chain_combinations(stages)};
    if (tuning->count <= 1)
        return STATUS_OK;
    TRY(chain_begin(&chain, stages, examples->answer, error));
    chain.answers = examples->means.answers;
    TRY(search_best(&search, tuning, error));
out:
    chain_release(&chain);
    return status;
}
