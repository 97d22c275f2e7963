/*
 * The images of a trial, split by split: as the data set has them, degraded, labelled.
 *
 * What they are depends on the trial's key of TRIAL_LABEL alone, so trials that differ only in
 * filter, network or training share it. Ground truth stands apart, in `truth`: training is handed a
 * view without it, and evaluation alone opens it.
 */
#ifndef UNDERSTUDY_TRIAL_SPLITS_H
#define UNDERSTUDY_TRIAL_SPLITS_H

#include "chain/chain.h"
#include "interfaces/dataset.h"
#include "plan/plan.h"
#include "trial/answers.h"
#include "trial/options.h"

enum split_name { SPLIT_MANUAL, SPLIT_UNLABELLED, SPLIT_VALIDATION, SPLIT_TEST, SPLITS };
extern const char *const split_names[]; /* "manual", "unlabelled", "validation", "test" */

enum { SPLITS_IMAGE = 400, SPLITS_PART = 64 };

struct split {
    uint32_t *pool_index;   /* [count], which image of the pool each is */
    const char **names;     /* [count], of their files, to be printed; NULL: they have none */
    struct image_set input; /* degraded: what the camera gives */
    /* The labels of the data set, where the pipeline begins with these; else empty. */
    struct image_set recorded;
    struct image_set network_in;   /* after the stages before the replaced part */
    struct image_set label;        /* after the replaced part: what the network is to give */
    struct image_set pipeline_out; /* after the whole pipeline */
};

struct splits {
    char key[HASH_TEXT]; /* of TRIAL_LABEL; "" while empty */
    const struct task *task;
    struct answer answer;       /* what the task asks for */
    bool recorded;              /* the pipeline's first stage is what was recorded */
    size_t first, last, stages; /* the replaced part is stages [first, last) */
    enum content label_content; /* what the replaced part ends in */
    struct split items[SPLITS];
    struct truth truth[SPLITS];
    uint8_t *hit; /* [unlabelled]: bit k: hit by source k of `label_noise`; NULL: there is none */
    struct chain chain;
    struct scores degraded[SPLITS], pipeline[SPLITS]; /* of input and pipeline_out, against truth */
    struct text chosen;      /* the stages with the values that tuning chose */
    size_t combination;      /* its number, for chain_make() */
    double pipeline_seconds; /* an image, as it was when the labels were made; NaN: not measured */
    struct text notes;       /* what stood out in tuning and labelling; empty: nothing */
    struct answers answers;  /* of stages of the user's own */
    char dataset_sha256[HASH_TEXT];
    /* Of classes or numbers, with ", " between; empty: the set's descriptor has them. */
    struct text label_names, label_units, label_colours;
    const char **part_names; /* [answer.count] of numbers, in the arena; NULL: they have none */
    struct arena arena;      /* of names */
};

/* The data set last loaded, kept for the next trial that asks for the same. Starts as {0}. */
struct dataset_cache {
    char key[HASH_TEXT];
    struct dataset_content content;
};

/* Load the data set that the trial reads, unless the cache holds it. Its digest, "" for a generated
 * set, is in cache->content.sha256. */
MUST_CHECK enum status splits_data(const struct trial *trial, struct dataset_cache *cache,
                                   const struct trial_options *options, struct error *error);

/* The same; of images in files, those that the trial takes are decoded. */
MUST_CHECK enum status splits_decoded(const struct trial *trial, struct dataset_cache *cache,
                                      const struct trial_options *options, struct error *error);

/* Do they serve this trial as they are, having been made for another? */
bool splits_serve(const struct splits *splits, const struct trial *trial);
/* Read the data set, draw which of its images each split takes, and have these in memory. */
MUST_CHECK enum status splits_draw(struct splits *splits, const struct trial *trial,
                                   struct dataset_cache *cache, const struct trial_options *options,
                                   size_t counts[SPLITS], struct error *error);
/* Images of a data set's pools, and those that have truth; `test` SIZE_MAX: the test images are
 * drawn from the training images. */
struct pool_sizes {
    size_t train, test, train_truth, test_truth;
};

struct pool_sizes pool_sizes(const struct dataset_content *content);
/* The images that a split is drawn from. */
const struct dataset_pool *split_pool(const struct dataset_content *content, enum split_name name);
/* How many images each split gets of those that there are; STATUS_CONFIG where they do not suffice.
 */
MUST_CHECK enum status split_counts(const struct dataset_section *section,
                                    const struct pool_sizes *pools, size_t counts[SPLITS],
                                    struct error *error);
/* What an experiment asks of truth that the data set does not have goes to `faults`. */
MUST_CHECK enum status split_truth_check(const struct experiment *experiment,
                                         const struct pool_sizes *pools, struct diagnostics *faults,
                                         struct error *error);
/* The same for labels and truth that were recorded: are they what the task is about? */
MUST_CHECK enum status splits_answers_check(const struct splits *splits,
                                            const struct dataset_content *content,
                                            struct diagnostics *faults, struct error *error);
/* What the network is to give: what the replaced part ends in. */
struct answer splits_label(const struct splits *splits);
/* What columns call a class or a number: "class_3", "count". Returns `text`. */
const char *splits_part(const struct splits *splits, int part, char text[SPLITS_PART]);
/* What the splits' images are called. */
MUST_CHECK enum status splits_names(struct splits *splits, const size_t counts[SPLITS],
                                    const struct dataset_content *content, struct error *error);
/* Images whose size does not do for scores or for training: all of them go to `faults`. */
MUST_CHECK enum status splits_shapes(const struct splits *splits,
                                     const struct experiment *experiment,
                                     const struct dataset_content *content,
                                     const size_t counts[SPLITS], struct diagnostics *faults,
                                     struct error *error);
/* The same for the images that the trial takes of a data set that was read. */
MUST_CHECK enum status splits_check(const struct trial *trial,
                                    const struct dataset_content *content,
                                    struct diagnostics *faults, struct error *error);
/* Have in memory what the splits take, as `pool_index` say; notes of what these images had are
 * added to the content's. */
MUST_CHECK enum status splits_hold(const struct splits *splits, const size_t counts[SPLITS],
                                   struct dataset_content *content, int threads,
                                   struct error *error);
/* Inputs and truth of all splits, their images being in memory. */
MUST_CHECK enum status splits_images(struct splits *splits, const struct experiment *experiment,
                                     const size_t counts[SPLITS],
                                     const struct dataset_content *content, struct random_key key,
                                     int threads, struct error *error);
/* What stages call the images of a split. */
struct image_names splits_image_names(const struct splits *splits, enum split_name name);
/* What messages call an image of a split: "mine/test/a.png (test)". Returns `text`. */
const char *splits_image(const struct splits *splits, enum split_name name, size_t i,
                         char text[SPLITS_IMAGE]);

/* What the pipeline's first stage gets: the split's inputs, or what was recorded for them. */
const struct image_set *splits_pipeline_in(const struct splits *splits, enum split_name name);

/* Mean score of `outputs` for split `name`, over those images whose ground truth is known, NaN
 * where there are none: evaluation's only door to truth. `each`, which may be NULL, gets the own
 * scores of those whose truth is known, in their order. */
MUST_CHECK enum status splits_score(const struct splits *splits, enum split_name name,
                                    const struct image_set *outputs, int threads,
                                    struct scores *scores, const struct image_scores *each,
                                    struct error *error);
/* The same, as what is stored: STATUS_DIVERGED, with the images, where some have no score. `who`
 * gave the outputs, as "the network". */
MUST_CHECK enum status splits_score_stored(const struct splits *splits, enum split_name name,
                                           const struct image_set *outputs, const char *who,
                                           int threads, struct scores *scores,
                                           const struct image_scores *each, struct error *error);
/* Each image's own score by one metric that is not of a set, NaN where it has none: against ground
 * truth, or as if the pipeline's answers were true. values[outputs->count] */
MUST_CHECK enum status splits_score_each(const struct splits *splits, enum split_name name,
                                         const struct image_set *outputs, enum metric metric,
                                         bool agreement, int threads, double *values,
                                         struct error *error);
/* The same as splits_score() against the pipeline's own output: what early stopping may know. */
MUST_CHECK enum status splits_agreement(const struct splits *splits, enum split_name name,
                                        const struct image_set *outputs, int threads,
                                        struct scores *scores, struct error *error);
/* … and as splits_score_stored(). */
MUST_CHECK enum status splits_agreement_stored(const struct splits *splits, enum split_name name,
                                               const struct image_set *outputs, const char *who,
                                               int threads, struct scores *scores,
                                               struct error *error);
void splits_release(struct splits *splits);
void dataset_cache_release(struct dataset_cache *cache);

#endif
