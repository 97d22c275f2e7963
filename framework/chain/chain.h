/*
 * A pipeline as a chain of stages: checked, tuned and fitted on the hand-labelled images, run.
 */
#ifndef UNDERSTUDY_CHAIN_CHAIN_H
#define UNDERSTUDY_CHAIN_CHAIN_H

#include "base/random.h"
#include "interfaces/hardware.h"
#include "interfaces/stage.h"
#include "math/metrics.h"

enum { CHAIN_MOST_COMBINATIONS = 10000 };

/* The stages with the values that tuning chose and what fitting learnt. */
struct chain {
    size_t count;
    const struct stage **stages; /* [count] */
    void **configs;              /* [count], owned copies */
    void **states;               /* [count], owned through stage->release; NULL: nothing learnt */
    struct shape *learnt; /* [count], owned: what a stage that learnt was fitted on; else 0 */
    struct answer answer;
    const struct stage_answers *answers; /* that stages keep; NULL: none. Outlives the chain */
};

/* What stages are given beside the examples. Starts as {0}: none of it. */
struct chain_means {
    const struct stage_answers *answers;
    const struct engine *engine;
    const char *loss; /* the task's own */
    /* Of a fit on all examples; may be NULL. `stage` counts from 0. */
    enum status (*course)(void *context, size_t stage, const struct fit_callbacks **course,
                          struct error *error);
    /* What the stage learnt in an earlier fit; {NULL, 0} where nothing is known. May be NULL. */
    struct stage_learnt (*recall)(void *context, size_t stage);
    void *context;
};

/* The hand-labelled split: the only ground truth that a pipeline may see. */
struct chain_examples {
    const struct task *task;        /* by whose metrics values are tuned; NULL: none are */
    const struct image_set *inputs; /* degraded */
    const struct image_set *truth;  /* denoising: the clean images; else NULL */
    const uint8_t *classes;         /* classification: the true classes; else NULL */
    struct answer answer;
    struct image_names names; /* of the inputs */
    struct chain_means means;
};

/* What tuning chose, and what it noticed. */
struct chain_tuning {
    size_t best;                 /* number of the combination */
    size_t count, left_out;      /* combinations; those that left an image without a score */
    struct exceptions undefined; /* examples without a score, of the first that was left out */
    struct exceptions capped;    /* examples at the cap of PSNR, of the combination with the most */
};

/*
 * Mistakes in the chain as configured go to `found`, at the stage's node: a stage that cannot take
 * what the one before gives, a chain whose end does not serve the task (images of the input's shape
 * for denoising, scores for classification), more than CHAIN_MOST_COMBINATIONS combinations of
 * tuned values. Shapes are checked for images of shape `in`, for every combination; an `in` of
 * zeros checks the contents only. `path` is the list's, as "pipeline.stages".
 */
MUST_CHECK enum status chain_check(const struct component_list *stages, const struct task *task,
                                   struct shape in, struct answer answer, const char *path,
                                   struct diagnostics *found, struct error *error);

/*
 * Choose tuned values: every combination of them (cartesian, first stage slowest) is fitted and
 * scored by the mean of `metric` over all examples; the best is chosen, the first of equals, number
 * 0 where nothing is tuned. A combination that gives an example no score, because a value of the
 * output is NaN, is left out: all others are compared on the same images. STATUS_DIVERGED, with the
 * images, where that leaves none. Where a stage learns (classification), it would be scored on what
 * it learnt from: combinations are then scored by 3-fold cross-validation over the examples (folds
 * by RANDOM_FIT). STATUS_CONFIG where there are too few examples.
 */
MUST_CHECK enum status chain_tune(const struct component_list *stages, enum metric metric,
                                  const struct chain_examples *examples, struct random_key key,
                                  int threads, struct chain_tuning *tuning, struct error *error);
/* Does a stage in [first, count) have a fit that is worth caching? */
bool chain_keeps(const struct component_list *stages, size_t first);
/* How many combinations there are. */
size_t chain_combinations(const struct component_list *stages);
/*
 * The chain with the values of combination `number`, fitted on all examples where `fit` says so:
 * one that is not can be counted, and run where no stage learns. Configurations are copied, the
 * texts and lists in them are not: `stages` must outlive the chain. *chain is empty after a
 * failure. `chosen` (may be NULL) gets "median: {radius: 1}\n…", one line a stage, with the values
 * in use. What a stage's means recall is not fitted anew; STATUS_DATA where it is not the stage's.
 */
MUST_CHECK enum status chain_make(struct chain *chain, const struct component_list *stages,
                                  size_t number, bool fit, const struct chain_examples *examples,
                                  struct random_key key, int threads, struct text *chosen,
                                  struct error *error);
void chain_release(struct chain *chain);

/* Run stages [first, last) on every image; `out` is made here. first == last copies. `names` may be
 * NULL: then errors call images by their places. STATUS_CONFIG where a stage cannot take an image,
 * with the stage's number (from 1) and name. */
MUST_CHECK enum status chain_run(const struct chain *chain, size_t first, size_t last,
                                 const struct image_set *in, const struct image_names *names,
                                 int threads, struct image_set *out, struct error *error);
/* Give back what stages hold for the next run, as a program that waits for images; it may come. */
void chain_rest(const struct chain *chain);

/* Shape after stages [first, last). */
MUST_CHECK enum status chain_shape(const struct chain *chain, size_t first, size_t last,
                                   struct shape in, struct shape *out, struct error *error);

/* Work of each of stages [first, last) on one image of shape `in`, to work[last - first]:
 * operations, inputs and outputs. */
void chain_work(const struct chain *chain, size_t first, size_t last, struct shape in,
                struct layer_work *work);
/* Operations of stages [first, last) on one image of shape `in`. */
struct operations chain_count(const struct chain *chain, size_t first, size_t last,
                              struct shape in);

#endif
