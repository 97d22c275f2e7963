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
#include "interfaces/content.h"
#include "interfaces/engine.h"
#include "interfaces/operations.h"
#include "interfaces/stage_graph.h"
#include "interfaces/task.h"
#include "interfaces/training.h"
#include "io/schema/schema.h"
#include "math/image.h"

/* A long fit on its way: it tells how far it is, and leaves checkpoints, so that it need not begin
 * anew when it was stopped. Members are those of struct train_sink (train/train.h); any may be
 * NULL, but for due() with save(). */
struct fit_callbacks {
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
    struct image_names names;      /* of the inputs */
    const uint8_t *classes;        /* [inputs->count]; NULL in denoising */
    struct answer answer;          /* what the task asks for */
    struct random_key key;         /* for draws with purpose RANDOM_FIT */
    const struct image_set *truth; /* [inputs->count], the clean images; NULL in classification */
    size_t number;                 /* the stage's place in the pipeline, from 0 */
    /* For stages that train networks. */
    const struct engine *engine; /* started; NULL: there is none */
    const char *loss;            /* the task's own, where none is chosen */
    int threads;
    const struct fit_callbacks *course; /* may be NULL */
};

/* What a stage has learnt, as numbers. */
struct stage_learnt {
    const float *values;
    size_t count;
};

/* Answers that are kept, for stages whose answers come from outside: a program of the user's. Each
 * has a key: 64 hexadecimal digits that stand for all that it depends on. Never called at once by
 * two threads. */
struct stage_answers {
    /* Fill `answer`, which has its shape, if it is known. */
    enum status (*recall)(void *context, const char *key, struct image answer, bool *known,
                          struct error *error);
    enum status (*keep)(void *context, const char *key, struct image answer, struct error *error);
    /* Does the same image always get the same answer? That, and `note` for people where it does
     * not, are stored with the trial. */
    enum status (*repeats)(void *context, bool always, const char *note, struct error *error);
    void *context;
};

/* What a stage that takes all images together is given. */
struct stage_call {
    const struct image_set *in;
    struct answer answer; /* what the task asks for */
    int threads;
    struct image_names names;            /* of `in` */
    const struct stage_answers *answers; /* NULL: none are kept */
};

/*
 * How threads share one image, where there are fewer images than threads. The bits are those of
 * `run`, whatever the number of threads. Of stages whose output has the shape of the input; {0}:
 * one thread runs the whole.
 */
struct stage_sharing {
    /* A pixel of the output depends on those that are at most so many rows and columns away: parts
     * of the image are run by themselves, with so much around them, which is cut off again. -1:
     * with these settings it depends on all. */
    int (*reach)(const void *config);
    /* Parts are columns of full height, since sums come down them; else rows of full width. */
    bool columns;
    /* Make `chosen`, a copy of the settings, independent of the image: what it decides, as the
     * level of its noise, is found here. NULL: it decides nothing. */
    void (*choose)(const void *config, struct image in, float *scratch, void *chosen);
    /* In place of all this: `run` by so many threads. */
    void (*run)(const void *config, struct image in, struct image out, float *scratch, int threads);
    /* Floats of scratch memory for `choose`, or for this `run`. */
    size_t (*scratch)(const void *config, struct shape in, int threads);
};

struct stage {
    struct descriptor descriptor;
    enum content input, output;
    /* What it gives, where that depends on its settings, or on what it takes: an image of a mask
     * is a mask again. NULL: `output`. */
    enum content (*gives)(const void *config, enum content in);
    /* Relative paths in its settings start at this folder, the experiment file's, which outlives
     * them. NULL: there are none. */
    void (*settle)(void *config, const char *folder);
    /* It computes nothing: what it gives is recorded in the data set, and is handed to it in the
     * images' place. */
    bool recorded;
    /* Shape of the output for an input of shape `in`; STATUS_CONFIG when it cannot take it. */
    enum status (*shape)(const void *config, struct shape in, struct answer answer,
                         struct shape *out, struct error *error);
    /* Stages that take noise away: the setting to be raised where they take too little. NULL: no
     * such stage, or no such setting. */
    const char *strength;
    /* Whether it learns with these settings, of which none can be tuned. NULL: always, where there
     * is `fit`. Where it does not, it has no state. */
    bool (*learns)(const void *config);
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
    enum status (*recall)(const void *config, struct shape in, struct answer answer,
                          const struct engine *engine, struct stage_learnt learnt, void **state,
                          struct error *error);
    /* Stages that hold something while they run, as a program that waits for images: *state,
     * made before their first run, given back by `release` when the pipeline rests. Not with
     * `fit`. */
    enum status (*start)(const void *config, void **state, struct error *error);
    /* What results depend on beside the settings, as the kernels of an engine, or files: lines
     * "name: value" for the stage's key. */
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
    struct stage_sharing sharing;
    /* In the place of `run`, for stages that do better with many at a time: `out` is made here.
     * Bits do not depend on the number of threads. */
    enum status (*run_all)(const void *config, void *state, const struct stage_call *call,
                           struct image_set *out, struct error *error);
    /* Its loops take one value after another, as histograms, sorting and trees do, or call
     * functions for each: vectors are not filled. For cost models. */
    bool scalar;
    /* What `run` does to one image; NaN where nobody knows. `state` may be NULL: then an upper
     * bound. */
    struct operations (*count)(const void *config, struct shape in, struct answer answer);
    /* Append what `run` does to an image of shape `in`, which shape() takes, to the graph: for
     * exporters. STATUS_UNAVAILABLE, with the reason, where the settings ask for what no steps can
     * say. NULL: no steps say what the stage does. Not with `fit`. */
    enum status (*graph)(const void *config, struct shape in, struct stage_graph *graph,
                         struct error *error);
};
DESCRIPTOR_OF(stage);

/* Has the stage to be fitted? */
static inline bool stage_learns(const struct stage *stage, const void *config)
{
    return stage->fit && (!stage->learns || stage->learns(config));
}

/* The same of a stage of a pipeline; and whether the cache keeps what it learns. */
static inline bool component_learns(const struct component *component)
{
    return stage_learns((const struct stage *)(const void *)component->kind, component->config);
}

static inline bool component_keeps(const struct component *component)
{
    return component_learns(component) &&
           ((const struct stage *)(const void *)component->kind)->learnt;
}

/* What the stage of a pipeline gives for `in`. */
static inline enum content stage_output(const struct component *component, enum content in,
                                        const struct task *task)
{
    const struct stage *stage = (const struct stage *)(const void *)component->kind;
    enum content output = stage->gives ? stage->gives(component->config, in) : stage->output;

    return output == CONTENT_ANSWER ? task->labels : output;
}

/* What the first `count` stages of a pipeline give for the images of a data set. */
static inline enum content stages_output(const struct component_list *stages, size_t count,
                                         const struct task *task)
{
    enum content content = CONTENT_IMAGE;

    for (size_t i = 0; i < count; i++)
        content = stage_output(&stages->items[i], content, task);
    return content;
}

#endif
