/*
 * A pipeline and the network that learnt from it, ready for new images: from a results file, or the
 * pipeline alone from an experiment file.
 */
#ifndef UNDERSTUDY_DEPLOY_MODEL_H
#define UNDERSTUDY_DEPLOY_MODEL_H

#include "cache/cache.h"
#include "interfaces/guard.h"
#include "trial/step_cache.h"
#include "trial/trial.h"

/* Who answers. */
enum model_part {
    MODEL_HYBRID,   /* the pipeline, with the network in the place of the stages that it replaces */
    MODEL_NETWORK,  /* the network alone: of what the replaced stages begin with */
    MODEL_PIPELINE, /* the pipeline alone */
    MODEL_GUARDED,  /* a small network that hands doubted images on: deploy/guarded.h */
};
extern const char *const model_parts[]; /* by enum model_part; NULL at the end */

struct model_options {
    enum model_part part;
    const char *trial;   /* its number; NULL: the one that the results file kept */
    const char *data;    /* directory of the data sets, where stages have to be fitted anew */
    const char *results; /* folder of the cache, from which they come else */
    int threads;
    const struct plan_options *plan;
};

struct model {
    enum model_part part;
    struct plan plan;
    struct arena arena;
    struct trial trial;
    const struct task *task;
    struct answer answer, network_answer; /* of `part`; what the network was trained to give */
    struct chain chain;
    size_t first, last;           /* the replaced stages */
    int channels;                 /* of the images that it takes; 0: not known */
    struct imagefile_scale scale; /* which stored values are 0 and 1; {0, 0}: the files' own */
    bool automatic_scale;         /* it was found from the training images, and is not known */
    const char **names, **units;  /* [answer.count], of classes or numbers; NULL: none */
    /* The network; NULL where there is none. */
    float *parameters, *statistics;
    size_t parameter_count;
    struct shape input; /* of the network, as it was trained */
    /* Where it hands doubted images on: to whom, by which measure, above which doubt. Else NULL. */
    struct model *other; /* owned */
    const struct guard *guard;
    double threshold;
    /* Where stages learn: what they learnt. */
    struct cache cache;
    struct step_cache steps;
    struct dataset_cache data;
    struct splits splits;
};

/*
 * Open what `path` holds. STATUS_DATA where the file holds no network of the trial, or one whose
 * family has changed since; mistakes in a plan go to `found`. families_load() must have been
 * called, for `path`'s families. On failure release it, too.
 */
MUST_CHECK enum status model_open(struct model *model, const char *path,
                                  const struct model_options *options, struct diagnostics *found,
                                  struct error *error);
/* The pipeline of the first trial of a plan, which the model then owns. */
MUST_CHECK enum status model_of_plan(struct model *model, struct plan *plan,
                                     const struct model_options *options, struct error *error);
void model_release(struct model *model);

/* What it answers for images in [0, 1] of `model->channels` channels; `out` is made here. `names`
 * may be NULL. */
MUST_CHECK enum status model_run(const struct model *model, const struct image_set *in,
                                 const struct image_names *names, int threads,
                                 struct image_set *out, struct error *error);
/* The same of a model with a guard, whose network runs; doubts[in->count] are by the guard. */
MUST_CHECK enum status model_run_doubted(const struct model *model, const struct image_set *in,
                                         int threads, double *doubts, struct image_set *out,
                                         struct error *error);
/* The engine that computes networks. */
const struct engine *model_engine(const struct model *model);

#endif
