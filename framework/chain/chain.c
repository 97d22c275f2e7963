/* A chain's life, and running it: each image goes through all stages on one thread, so that what
 * lies between two stages stays in that core's cache; except that stages which take all images
 * together cut the chain, and that threads share an image where there are too few images. */
#include "chain/chain.h"

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "chain/chain_private.h"
#include "chain/combination.h"
#include "chain/sharing.h"

#include <assert.h>
#include <string.h>

struct chain_pass {
    const struct chain *chain;
    size_t first, last;
    const struct image_set *in;
    struct image_set *out;
    int inside;                     /* threads that share an image */
    float *memory;                  /* [threads][up to 2 between + scratch] */
    size_t between, scratch, share; /* in floats; share is a thread's */
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* A multiple of the cache line. */
static size_t rounded(size_t floats)
{
    return (floats + 15) / 16 * 16;
}

/* Shape after one stage; refuses features of another length than those learnt from. */
static enum status stage_shape(const struct chain *chain, size_t s, struct shape in,
                               struct shape *out, struct error *error)
{
    const struct stage *stage = chain->stages[s];
    int learnt = chain->learnt[s].channels;
    enum status status;

    if (chain->states[s] && stage->input == CONTENT_FEATURES && learnt != in.channels)
        status = error_set(error, STATUS_CONFIG,
                           "learnt from %d features but finds %d; expected images of one size",
                           learnt, in.channels);
    else
        status = stage->shape(chain->configs[s], in, chain->answer, out, error);
    if (status != STATUS_OK)
        error_context(error, "stage %zu '%s'", s + 1, stage->descriptor.name);
    return status;
}

enum status chain_shape(const struct chain *chain, size_t first, size_t last, struct shape in,
                        struct shape *out, struct error *error)
{
    *out = in;
    for (size_t s = first; s < last; s++)
        PASS(stage_shape(chain, s, *out, out, error));
    return STATUS_OK;
}

static struct shared_stage stage_at(const struct chain *chain, size_t s)
{
    return (struct shared_stage){chain->stages[s], chain->configs[s], chain->states[s]};
}

/* What an image of shape `in` needs. */
static enum status run_measure(struct chain_pass *run, struct shape in, struct shape *out,
                               struct error *error)
{
    struct shape next;

    for (size_t s = run->first; s < run->last; s++) {
        struct shared_stage stage = stage_at(run->chain, s);
        PASS(stage_shape(run->chain, s, in, &next, error));
        run->scratch = larger(run->scratch, rounded(sharing_scratch(&stage, in, run->inside)));
        if (s + 1 < run->last)
            run->between = larger(run->between, rounded(shape_size(next)));
        in = next;
    }
    *out = in;
    return STATUS_OK;
}

/* Images between two stages at once: one is read while the next is made. */
static size_t halfway(const struct chain_pass *run)
{
    size_t gaps = run->last - run->first - 1;
    return gaps < 2 ? gaps : 2;
}

static void run_image(void *context, size_t index, int thread)
{
    const struct chain_pass *run = context;
    const struct chain *chain = run->chain;
    float *memory = run->memory + (size_t)thread * run->share;
    float *scratch = memory + halfway(run) * run->between;
    struct image from = image_set_at(run->in, index), final = image_set_at(run->out, index);

    for (size_t s = run->first; s < run->last && !interrupt_requested(); s++) {
        struct image to = {{0, 0, 0}, memory + ((s - run->first) % 2) * run->between};
        if (s + 1 == run->last)
            to = final;
        else if (chain->stages[s]->shape(chain->configs[s], from.shape, chain->answer, &to.shape,
                                         NULL) != STATUS_OK)
            return; /* was checked by run_measure() */
        struct shared_stage stage = stage_at(chain, s);
        sharing_run(&stage, from, to, scratch, run->inside);
        from = to;
    }
}

/* Few images are shared by all threads, one after the other: a single one in any case, several
 * where each stage can be shared. */
static bool shares_images(const struct chain *chain, size_t first, size_t last, size_t count,
                          int threads)
{
    bool all = true;

    for (size_t s = first; s < last; s++) {
        struct shared_stage stage = stage_at(chain, s);
        all = all && sharing_possible(&stage);
    }
    return count == 1 || (all && count < (size_t)threads);
}

/* Stages [first, last), of which each takes one image at a time. */
static enum status run_images(const struct chain *chain, size_t first, size_t last,
                              const struct image_set *in, int threads, struct image_set *out,
                              struct error *error)
{
    enum status status = STATUS_OK;
    struct chain_pass run = {.chain = chain, .first = first, .last = last, .in = in, .out = out};
    struct shape *shapes = NULL;
    bool shared = shares_images(chain, first, last, in->count, threads);

    run.inside = shared ? threads : 1;
    TRY(memory_new(&shapes, in->count, sizeof *shapes, error));
    for (size_t i = 0; i < in->count; i++) {
        if (i > 0 && shape_equal(in->shapes[i], in->shapes[i - 1]))
            shapes[i] = shapes[i - 1];
        else
            TRY(run_measure(&run, in->shapes[i], &shapes[i], error));
    }
    TRY(image_set_new(out, in->count, shapes, error));
    run.share = larger(halfway(&run) * run.between + run.scratch, 1); /* pointers stay valid */
    if (shared || (size_t)threads > in->count)
        threads = shared || !in->count ? 1 : (int)in->count;
    TRY(memory_new(&run.memory, (size_t)threads, run.share * sizeof(float), error));
    parallel_count(threads, in->count, "images", run_image, &run);
    TRY(interrupt_check(error)); /* then some images are unfinished */
out:
    memory_free(run.memory);
    memory_free(shapes);
    if (status != STATUS_OK)
        image_set_release(out);
    return status;
}

/* Stage `s`, which takes all images together. */
static enum status run_together(const struct chain *chain, size_t s, const struct stage_call *call,
                                struct image_set *out, struct error *error)
{
    enum status status = STATUS_OK;
    const struct stage *stage = chain->stages[s];
    const struct image_set *in = call->in;
    struct shape shape;

    for (size_t i = 0; i < in->count; i++)
        if (i == 0 || !shape_equal(in->shapes[i], in->shapes[i - 1]))
            TRY(stage_shape(chain, s, in->shapes[i], &shape, error));
    if (stage->start && !chain->states[s])
        status = stage->start(chain->configs[s], &chain->states[s], error);
    if (status == STATUS_OK)
        status = stage->run_all(chain->configs[s], chain->states[s], call, out, error);
    if (status != STATUS_OK)
        error_context(error, "stage %zu '%s'", s + 1, stage->descriptor.name);
out:
    return status;
}

enum status chain_run(const struct chain *chain, size_t first, size_t last,
                      const struct image_set *in, const struct image_names *names, int threads,
                      struct image_set *out, struct error *error)
{
    enum status status = STATUS_OK;
    struct image_set held = {0}, next = {0};
    struct stage_call call = {
        .answer = chain->answer, .threads = threads < 1 ? 1 : threads, .answers = chain->answers};

    if (names)
        call.names = *names;
    assert(first <= last && last <= chain->count);
    threads = threads < 1 ? 1 : threads;
    memset(out, 0, sizeof *out);
    if (first == last)
        return image_set_copy(out, in, error);
    for (size_t at = first, end; at < last; at = end) {
        call.in = in;
        for (end = at; end < last && !chain->stages[end]->run_all;)
            end++;
        if (end > at)
            TRY(run_images(chain, at, end, in, threads, &next, error));
        else
            TRY(run_together(chain, end++, &call, &next, error));
        image_set_release(&held);
        held = next;
        memset(&next, 0, sizeof next);
        in = &held;
    }
    *out = held;
    memset(&held, 0, sizeof held);
out:
    image_set_release(&held);
    return status;
}

/* A stage's work on an image of shape *in, which becomes its output's. False where it cannot be
 * said what that is: the caller asked chain_shape() before. */
static bool stage_work(const struct chain *chain, size_t s, struct shape *in,
                       struct layer_work *work)
{
    const struct stage *stage = chain->stages[s];
    struct shape out = {0};

    *work = (struct layer_work){.name = stage->descriptor.name,
                                .operations = stage->count(chain->configs[s], *in, chain->answer),
                                .inputs = (double)shape_size(*in),
                                .scalar = stage->scalar};
    if (stage->shape(chain->configs[s], *in, chain->answer, &out, NULL) != STATUS_OK)
        return false;
    work->outputs = (double)shape_size(out);
    *in = out;
    return true;
}

void chain_work(const struct chain *chain, size_t first, size_t last, struct shape in,
                struct layer_work *work)
{
    for (size_t s = first; s < last; s++)
        (void)stage_work(chain, s, &in, &work[s - first]);
}

struct operations chain_count(const struct chain *chain, size_t first, size_t last, struct shape in)
{
    struct operations sum = {0};
    struct layer_work work;
    bool known = true;

    for (size_t s = first; s < last && known; s++) {
        known = stage_work(chain, s, &in, &work);
        sum = operations_add(sum, work.operations);
    }
    return sum;
}

enum status chain_begin(struct chain *chain, const struct component_list *stages,
                        struct answer answer, struct error *error)
{
    enum status status = STATUS_OK;

    memset(chain, 0, sizeof *chain);
    chain->count = stages->count;
    chain->answer = answer;
    TRY(memory_new(&chain->stages, chain->count, sizeof *chain->stages, error));
    TRY(memory_new(&chain->learnt, chain->count, sizeof *chain->learnt, error));
    TRY(memory_new(&chain->states, chain->count, sizeof *chain->states, error));
    TRY(combination_new(stages, &chain->configs, error));
    for (size_t s = 0; s < chain->count; s++) /* a descriptor is its stage's first member */
        chain->stages[s] = stage_of(stages->items[s].kind);
out:
    if (status != STATUS_OK)
        chain_release(chain);
    return status;
}

void chain_forget(struct chain *chain)
{
    for (size_t s = 0; chain->states && s < chain->count; s++) {
        if (chain->states[s] && !chain->stages[s]->start)
            chain->stages[s]->release(chain->states[s]);
        else if (chain->states[s])
            continue; /* it learns nothing */
        chain->states[s] = NULL;
        chain->learnt[s] = (struct shape){0, 0, 0};
    }
}

void chain_rest(const struct chain *chain)
{
    for (size_t s = 0; chain->states && s < chain->count; s++)
        if (chain->states[s] && chain->stages[s]->start) {
            chain->stages[s]->release(chain->states[s]);
            chain->states[s] = NULL;
        }
}

void chain_release(struct chain *chain)
{
    chain_rest(chain);
    chain_forget(chain);
    combination_free(chain->configs, chain->count);
    memory_free(chain->states);
    memory_free(chain->learnt);
    memory_free(chain->stages);
    memset(chain, 0, sizeof *chain);
}
