/*
 * Stages of a pipeline. A stage turns one image into another (or into features, or class scores),
 * after it was fitted on the hand-labelled images if it learns. It knows no files, networks,
 * splits.
 *
 * Most stages have a file in pipelines/. Those that train networks stand on a higher floor, in
 * framework/train/stages/: the table of all (registry_stages()) knows them by name alone.
 */
#ifndef UNDERSTUDY_INTERFACES_STAGE_H
#define UNDERSTUDY_INTERFACES_STAGE_H

#include "base/random.h"
#include "interfaces/engine.h"
#include "interfaces/operations.h"
#include "interfaces/task.h"
#include "interfaces/training.h"
#include "io/schema/schema.h"
#include "math/image.h"

/* A long fit on its way: it tells how far it is, and leaves checkpoints, so that it need not begin
 * anew when it was stopped. Members are those of struct train_sink (train/train.h); any may be
 * NULL, but for due() with save(). */
struct fit_callbacks {
    /* `share` of it is done, 0 … 1, `items` were seen in all. */
    void (*progress)(void *context, double share, double items);
    bool (*due)(void *context);
    enum status (*save)(void *context, int64_t step, const struct train_part *parts, size_t count,
                        struct error *error);
    enum status (*load)(void *context, int64_t *step, const struct train_part *parts, size_t count,
                        struct error *error);
    void *context;
};

/* The hand-labelled images, as the stage before left them. */
struct stage_examples {
    const struct image_set *inputs;
    const uint8_t *classes;        /* [inputs->count]; NULL in denoising */
    int class_count;               /* 0 in denoising */
    struct random_key key;         /* for draws with purpose RANDOM_FIT */
    const struct image_set *truth; /* [inputs->count], the clean images; NULL in classification */
    size_t number;                 /* the stage's place in the pipeline, from 0 */
    /* For stages that train networks. */
    const struct engine *engine; /* started; NULL: there is none */
    int threads;
    const struct fit_callbacks *course; /* may be NULL */
};

/* What a stage has learnt, as numbers. */
struct stage_learnt {
    const float *values;
    size_t count;
};

struct stage {
    struct descriptor descriptor;
    enum content input, output;
    /* Shape of the output for an input of shape `in`; STATUS_CONFIG when it cannot take it. */
    enum status (*shape)(const void *config, struct shape in, int class_count, struct shape *out,
                         struct error *error);
    /* Stages that learn: make *state from examples (owned by the caller, given to `release`).
     * NULL: nothing to learn. A function of config, examples and key alone: any number of threads
     * gives the same bits. */
    enum status (*fit)(const void *config, const struct stage_examples *examples, void **state,
                       struct error *error);
    void (*release)(void *state);
    /* Stages whose fit is worth keeping: what *state holds, a view of it; and the state that fit()
     * would make, from that (copied), for inputs of shape `in`. STATUS_DATA where the numbers are
     * not its own. NULL: the stage is fitted anew wherever it has to run. */
    struct stage_learnt (*learnt)(const void *state);
    enum status (*recall)(const void *config, struct shape in, int class_count,
                          const struct engine *engine, struct stage_learnt learnt, void **state,
                          struct error *error);
    /* Stages that train networks, by the kernels of an engine. What results depend on beside the
     * settings: lines "name: value" for the stage's key. */
    enum status (*key)(const void *config, const struct task *task, const struct engine *engine,
                       struct text *text, struct error *error);
    /* Settings that do not go together, or not with task or engine: mistakes go to `found`, by the
     * setting's path from the stage's own mapping on, without a place. NULL: they all do. */
    enum status (*check)(const void *config, const struct task *task, const struct engine *engine,
                         struct diagnostics *found, struct error *error);
    /* Floats of scratch memory for one image; NULL: none. */
    size_t (*scratch)(const void *config, struct shape in);
    /* One image in, one out (already of the right shape). May run on several images at once; must
     * not allocate, except inside a library. On a large image it asks interrupt_requested() about
     * every row, and may then leave `out` unfinished. */
    void (*run)(const void *config, const void *state, struct image in, struct image out,
                float *scratch);
    /* In its place, for stages that do better with many at a time: `out` is made here. Bits do not
     * depend on `threads`. */
    enum status (*run_all)(const void *config, const void *state, const struct image_set *in,
                           int threads, struct image_set *out, struct error *error);
    /* What `run` does to one image. `state` may be NULL: then an upper bound. */
    struct operations (*count)(const void *config, struct shape in, int class_count);
};

static inline enum content stage_output(const struct stage *stage, const struct task *task)
{
    if (stage->output != CONTENT_ANSWER)
        return stage->output;
    return task->labels;
}

#endif
