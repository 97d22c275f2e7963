/*
 * A network over a set of images. Images are put in order of shape (an observer wants them as they
 * come) and the network is made ready for each run of one shape; its shards are shared out among
 * threads. A shard has fewer than 16 images where those would take too much memory or there are not
 * as many; how many depends on the images alone, so the bits do not depend on anything else. The
 * last shard of a run is filled up with what was there before: images do not look at one another.
 *
 * An image whose sides the family cannot take is continued by its mirror image, below and to the
 * right, and what the network gives there is cut off: photographs come in any size. One of which a
 * layer would have too many values is seen in tiles (graph/image_tiles.h).
 */
#include "graph/apply.h"

#include "base/interrupt.h"
#include "base/parallel.h"
#include "base/work.h"
#include "graph/family.h"
#include "graph/image_tiles.h"
#include "graph/program.h"
#include "math/border.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHARD = 16,
    SHARD_FLOATS = 1 << 24, /* activations of a shard, where more than one image is in it */
};

/* An image, or a part of one. */
struct apply_entry {
    struct image_tile tile;
    size_t image;
};

struct apply_run { /* entries of one shape */
    const struct apply_entry *entries;
    size_t count, batch, shard_count;
    int threads; /* no more than shards */
    struct network network;
    void *made; /* by the method */
};

/* A network made ready for an engine. */
struct engine_run {
    struct program program;
    struct executor *executors;
    size_t count;
    const float *parameters, *statistics;
};

struct application {
    const struct component *family;
    const struct apply_method *method;
    void *method_context;
    const struct engine *engine;
    enum precision precision;
    const float *parameters, *statistics;
    const struct image_set *in;
    struct answer answer;
    int threads;
    bool scores; /* of masks: of each class at each pixel, in place of the largest one's number */
    bool whole;  /* the answer belongs to the whole image, and is no image */
    activation_observer *observer;
    void *context;
    struct image_set *out;
    size_t expected;           /* parameters of the first network */
    struct apply_entry *order; /* [count], all images, runs side by side */
    size_t count, capacity;
    int work; /* that is told (base/work.h) */
    struct apply_run run;
};

static void engine_close(void *made)
{
    struct engine_run *run = made;

    for (size_t t = 0; run->executors && t < run->count; t++)
        executor_release(&run->executors[t]);
    memory_free(run->executors);
    program_release(&run->program);
    memory_free(run);
}

/* `context` is the application. */
static enum status engine_open(void *context, const struct network *network, int batch, int threads,
                               void **made, struct error *error)
{
    const struct application *a = context;
    struct engine_run *run;

    PASS(memory_new(&run, 1, sizeof *run, error));
    *made = run;
    run->parameters = a->parameters;
    run->statistics = a->statistics;
    PASS(program_new(&run->program, network, a->engine, a->precision, batch,
                     a->observer ? PROGRAM_OBSERVE : PROGRAM_INFER, error));
    program_pack(&run->program, a->parameters, a->statistics);
    PASS(memory_new(&run->executors, (size_t)threads, sizeof *run->executors, error));
    for (; run->count < (size_t)threads; run->count++)
        PASS(executor_new(&run->executors[run->count], &run->program, NULL, error));
    return STATUS_OK;
}

static float *engine_input(void *made, int thread)
{
    return ((struct engine_run *)made)->executors[thread].input;
}

static const float *engine_answers(void *made, int thread, int count)
{
    const struct engine_run *run = made;
    struct executor *executor = &run->executors[thread];

    (void)count;
    executor_forward(executor, run->parameters, run->statistics, (struct random_key){0}, 0);
    return executor->output;
}

static const struct apply_method by_engine = {engine_open, engine_input, engine_answers,
                                              engine_close};

static size_t batch_of(const struct apply_run *run)
{
    size_t floats = shape_size(run->network.input);

    for (size_t i = 0; i < run->network.count; i++)
        floats += shape_size(run->network.nodes[i].out);
    size_t batch = floats ? SHARD_FLOATS / floats : SHARD;
    batch = batch < SHARD ? batch : SHARD;
    batch = batch < run->count ? batch : run->count;
    return batch ? batch : 1;
}

static int compare_entries(const void *a, const void *b)
{
    const struct apply_entry *x = a, *y = b;
    const struct image_tile *s = &x->tile, *t = &y->tile;
    const int differences[] = {s->shape.height - t->shape.height,
                               s->shape.width - t->shape.width,
                               s->shape.channels - t->shape.channels,
                               (x->image > y->image) - (x->image < y->image),
                               s->top - t->top,
                               s->left - t->left};

    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
        if (differences[i])
            return differences[i];
    return 0;
}

/* An image as a whole, or its tiles. */
static enum status add_entries(struct application *a, size_t image, struct error *error)
{
    enum status status = STATUS_OK;
    struct shape in = a->in->shapes[image];
    struct image_tile whole = {.shape = in, .core_height = in.height, .core_width = in.width};
    struct image_tile *tiles = NULL;
    size_t count = 0;

    if (!a->whole)
        TRY(family_fit(a->family, &whole.shape, error));
    if (!a->whole && !a->observer)
        TRY(image_tiles_find(a->family, whole.shape, a->answer, &tiles, &count, error));
    TRY(memory_reserve(&a->order, &a->capacity, a->count + (count ? count : 1), sizeof *a->order,
                       error));
    for (size_t t = 0; t < count; t++)
        a->order[a->count++] = (struct apply_entry){tiles[t], image};
    if (!count)
        a->order[a->count++] = (struct apply_entry){whole, image};
out:
    memory_free(tiles);
    return status;
}

/* Shape by shape, each shape's images as they come; with an observer, all as they come. */
static enum status find_order(struct application *a, struct error *error)
{
    for (size_t i = 0; i < a->in->count; i++)
        PASS(add_entries(a, i, error));
    if (!a->observer && a->count)
        qsort(a->order, a->count, sizeof *a->order, compare_entries);
    return STATUS_OK;
}

static void run_release(const struct application *a, struct apply_run *run)
{
    if (run->made)
        a->method->close(run->made);
    network_release(&run->network);
    memset(run, 0, sizeof *run);
}

static enum status check_parameters(struct application *a, const struct apply_run *run,
                                    struct error *error)
{
    if (run->entries == a->order)
        a->expected = run->network.parameters;
    if (run->network.parameters == a->expected)
        return STATUS_OK;
    return error_set(error, STATUS_CONFIG,
                     "%s: images of %d x %d and of %d x %d pixels need different parameters; only "
                     "networks of convolutions alone take images of several sizes",
                     a->family->kind->name, a->order[0].tile.shape.height,
                     a->order[0].tile.shape.width, run->network.input.height,
                     run->network.input.width);
}

/* A run's network, made ready. */
static enum status run_new(struct application *a, struct apply_run *run, struct error *error)
{
    struct shape shape = run->entries[0].tile.shape;
    size_t threads = a->threads > 1 ? (size_t)a->threads : 1;

    PASS(network_new(&run->network, a->family, shape, a->answer, error));
    PASS(check_parameters(a, run, error));
    run->batch = batch_of(run);
    run->shard_count = (run->count + run->batch - 1) / run->batch;
    run->threads = (int)(threads < run->shard_count ? threads : run->shard_count);
    return a->method->open(a->method_context, &run->network, (int)run->batch, run->threads,
                           &run->made, error);
}

/* Images of shard `index`; *first: its first entry. */
static size_t shard_images(const struct apply_run *run, size_t index,
                           const struct apply_entry **first)
{
    size_t begin = index * run->batch;

    *first = run->entries + begin;
    return run->count - begin < run->batch ? run->count - begin : run->batch;
}

float network_class_at(const float *scores, int classes, size_t plane)
{
    int best = 0;

    for (int c = 0; c < classes; c++) {
        float score = scores[(size_t)c * plane];
        if (isnan(score))
            return score;
        if (score > scores[(size_t)best * plane])
            best = c;
    }
    return (float)best;
}

/* `count` values of a row, from channel `channel` of the output; of masks the pixels' classes. */
static void take_row(const struct application *a, const float *output, struct shape shape,
                     size_t from, int channel, size_t count, float *to)
{
    size_t plane = shape_plane(shape);

    if (a->answer.content != CONTENT_MASK || a->scores)
        memcpy(to, output + (size_t)channel * plane + from, count * sizeof *to);
    else
        for (size_t x = 0; x < count; x++)
            to[x] = network_class_at(output + from + x, shape.channels, plane);
}

/* The core of what the network gave, as far as the image goes, into its place. */
static void take_output(const struct application *a, const struct apply_entry *entry,
                        const float *output, struct shape shape)
{
    struct image to = image_set_at(a->out, entry->image);
    const struct image_tile *tile = &entry->tile;
    int bottom = tile->core_top + tile->core_height, right = tile->core_left + tile->core_width;

    if (a->whole) {
        memcpy(to.pixels, output, shape_size(shape) * sizeof *output);
        return;
    }
    bottom = bottom < to.shape.height ? bottom : to.shape.height;
    right = right < to.shape.width ? right : to.shape.width;
    for (int c = 0; c < to.shape.channels; c++)
        for (int y = tile->core_top; y < bottom && tile->core_left < right; y++) {
            size_t from = (size_t)(y - tile->top) * (size_t)shape.width +
                          (size_t)(tile->core_left - tile->left);
            float *at = to.pixels +
                        ((size_t)c * (size_t)to.shape.height + (size_t)y) * (size_t)to.shape.width;
            take_row(a, output, shape, from, c, (size_t)(right - tile->core_left),
                     at + tile->core_left);
        }
}

static void run_shard(void *context, size_t index, int thread)
{
    const struct application *a = context;
    const struct apply_run *run = &a->run;
    size_t in = shape_size(run->network.input), out = shape_size(run->network.output);
    float *input = a->method->input(run->made, thread);
    const struct apply_entry *first;
    size_t count = shard_images(run, index, &first);

    if (interrupt_requested())
        return;
    for (size_t k = 0; k < count; k++) {
        const struct image_tile *tile = &first[k].tile;
        border_window(image_set_at(a->in, first[k].image).pixels, a->in->shapes[first[k].image],
                      tile->top, tile->left, (struct image){run->network.input, input + k * in});
    }
    const float *output = a->method->run(run->made, thread, (int)count);
    for (size_t k = 0; k < count; k++)
        take_output(a, &first[k], output + k * out, run->network.output);
    work_did(a->work, count);
}

static enum status observe(const struct application *a, size_t index, struct error *error)
{
    const struct network *network = &a->run.network;
    const struct engine_run *run = a->run.made;
    const struct apply_entry *first;
    size_t count = shard_images(&a->run, index, &first);

    for (size_t node = 0; node < network->count; node++)
        PASS(a->observer(a->context, network, node, first->image, (int)count,
                         run->executors[0].nodes[node].copy, error));
    return STATUS_OK;
}

static enum status run_shards(struct application *a, struct error *error)
{
    if (!a->observer)
        parallel_for(a->run.threads, a->run.shard_count, run_shard, a);
    for (size_t s = 0; a->observer && s < a->run.shard_count; s++) {
        run_shard(a, s, 0);
        PASS(interrupt_check(error));
        PASS(observe(a, s, error));
    }
    return interrupt_check(error);
}

static enum status run_all(struct application *a, struct error *error)
{
    enum status status = STATUS_OK;
    size_t begin = 0, end;

    for (; begin < a->count; begin = end) {
        for (end = begin + 1; end < a->count; end++)
            if (!shape_equal(a->order[end].tile.shape, a->order[begin].tile.shape))
                break;
        a->run.entries = a->order + begin;
        a->run.count = end - begin;
        TRY(run_new(a, &a->run, error));
        TRY(run_shards(a, error));
        run_release(a, &a->run);
    }
out:
    run_release(a, &a->run);
    return status;
}

static enum status make_outputs(const struct application *a, struct error *error)
{
    enum status status = STATUS_OK;
    struct shape *shapes = NULL;

    TRY(memory_new(&shapes, a->in->count, sizeof *shapes, error));
    for (size_t i = 0; i < a->in->count; i++)
        shapes[i] = answer_outputs(a->answer, a->in->shapes[i]);
    for (size_t i = 0; !a->scores && i < a->in->count; i++)
        shapes[i] = answer_shape(a->answer, shapes[i]);
    TRY(image_set_new(a->out, a->in->count, shapes, error));
out:
    memory_free(shapes);
    return status;
}

static enum status apply(struct application *a, struct error *error)
{
    enum status status = STATUS_OK;

    memset(a->out, 0, sizeof *a->out);
    if (!a->method) {
        a->method = &by_engine;
        a->method_context = a;
    }
    TRY(find_order(a, error));
    TRY(make_outputs(a, error));
    a->work = work_begin(a->count, a->count == a->in->count ? "images" : "tiles");
    TRY(run_all(a, error));
out:
    work_end(a->work);
    memory_free(a->order);
    if (status != STATUS_OK)
        image_set_release(a->out);
    return status;
}

enum status network_apply(const struct component *family, const struct engine *engine,
                          enum precision precision, const float *parameters,
                          const float *statistics, const struct image_set *in, struct answer answer,
                          int threads, activation_observer *observer, void *context,
                          struct image_set *out, struct error *error)
{
    struct application a = {.family = family,
                            .engine = engine,
                            .precision = precision,
                            .parameters = parameters,
                            .statistics = statistics,
                            .in = in,
                            .answer = answer,
                            .threads = observer ? 1 : threads,
                            .whole = !content_is_spatial(answer.content),
                            .observer = observer,
                            .context = context,
                            .out = out};

    return apply(&a, error);
}

enum status network_scores(const struct component *family, const struct engine *engine,
                           enum precision precision, const float *parameters,
                           const float *statistics, const struct image_set *in,
                           struct answer answer, int threads, struct image_set *out,
                           struct error *error)
{
    struct application a = {.family = family,
                            .engine = engine,
                            .precision = precision,
                            .parameters = parameters,
                            .statistics = statistics,
                            .in = in,
                            .answer = answer,
                            .threads = threads,
                            .scores = true,
                            .whole = !content_is_spatial(answer.content),
                            .out = out};

    return apply(&a, error);
}

enum status network_apply_by(const struct component *family, const struct apply_method *method,
                             void *context, const struct image_set *in, struct answer answer,
                             int threads, bool scores, struct image_set *out, struct error *error)
{
    struct application a = {.family = family,
                            .method = method,
                            .method_context = context,
                            .in = in,
                            .answer = answer,
                            .threads = threads,
                            .scores = scores,
                            .whole = !content_is_spatial(answer.content),
                            .out = out};

    return apply(&a, error);
}
