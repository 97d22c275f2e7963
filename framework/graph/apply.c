/*
 * A network over a set of images. Images are put in order of shape (an observer wants them as they
 * come) and a program is made for each run of one shape; its shards are shared out among threads. A
 * shard has fewer than 16 images where those would take too much memory or there are not as many;
 * how many depends on the images alone, so the bits do not depend on anything else. The last shard
 * of a run is filled up with what was there before: images do not look at one another.
 *
 * An image whose sides the family cannot take is continued by its mirror image, below and to the
 * right, and what the network gives there is cut off: photographs come in any size. One of which a
 * layer would have too many values is seen in tiles (graph/image_tiles.h).
 */
#include "graph/apply.h"

#include "base/interrupt.h"
#include "base/parallel.h"
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
    size_t count, shard_count;
    struct network network;
    struct program program;
    struct executor *executors;
    size_t executor_count;
};

struct application {
    const struct component *family;
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
    struct apply_run run;
};

static int batch_of(const struct apply_run *run)
{
    size_t floats = shape_size(run->network.input);

    for (size_t i = 0; i < run->network.count; i++)
        floats += shape_size(run->network.nodes[i].out);
    size_t batch = floats ? SHARD_FLOATS / floats : SHARD;
    batch = batch < SHARD ? batch : SHARD;
    batch = batch < run->count ? batch : run->count;
    return batch ? (int)batch : 1;
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

static void run_release(struct apply_run *run)
{
    for (size_t t = 0; run->executors && t < run->executor_count; t++)
        executor_release(&run->executors[t]);
    memory_free(run->executors);
    program_release(&run->program);
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

/* A run's network, program and executors. */
static enum status run_new(struct application *a, struct apply_run *run, struct error *error)
{
    struct shape shape = run->entries[0].tile.shape;
    size_t threads = a->threads > 1 ? (size_t)a->threads : 1;

    PASS(network_new(&run->network, a->family, shape, a->answer, error));
    PASS(check_parameters(a, run, error));
    PASS(program_new(&run->program, &run->network, a->engine, a->precision, batch_of(run),
                     a->observer ? PROGRAM_OBSERVE : PROGRAM_INFER, error));
    program_pack(&run->program, a->parameters, a->statistics);
    size_t batch = (size_t)run->program.batch;
    run->shard_count = (run->count + batch - 1) / batch;
    run->executor_count = threads < run->shard_count ? threads : run->shard_count;
    PASS(memory_new(&run->executors, run->executor_count, sizeof *run->executors, error));
    for (size_t t = 0; t < run->executor_count; t++)
        PASS(executor_new(&run->executors[t], &run->program, NULL, error));
    return STATUS_OK;
}

/* Images of shard `index`; *first: its first entry. */
static size_t shard_images(const struct apply_run *run, size_t index,
                           const struct apply_entry **first)
{
    size_t batch = (size_t)run->program.batch, begin = index * batch;

    *first = run->entries + begin;
    return run->count - begin < batch ? run->count - begin : batch;
}

/* The number of the class with the largest score at a pixel, the first of equals; NaN where a score
 * is. `scores` are `plane` apart. */
static float class_at(const float *scores, int classes, size_t plane)
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
            to[x] = class_at(output + from + x, shape.channels, plane);
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
    struct executor *executor = &run->executors[thread];
    size_t in = shape_size(run->network.input), out = shape_size(run->network.output);
    const struct apply_entry *first;
    size_t count = shard_images(run, index, &first);

    if (interrupt_requested())
        return;
    for (size_t k = 0; k < count; k++) {
        const struct image_tile *tile = &first[k].tile;
        border_window(image_set_at(a->in, first[k].image).pixels, a->in->shapes[first[k].image],
                      tile->top, tile->left,
                      (struct image){run->network.input, executor->input + k * in});
    }
    executor_forward(executor, a->parameters, a->statistics, (struct random_key){0}, 0);
    for (size_t k = 0; k < count; k++)
        take_output(a, &first[k], executor->output + k * out, run->network.output);
}

static enum status observe(const struct application *a, size_t index, struct error *error)
{
    const struct network *network = &a->run.network;
    const struct apply_entry *first;
    size_t count = shard_images(&a->run, index, &first);

    for (size_t node = 0; node < network->count; node++)
        PASS(a->observer(a->context, network, node, first->image, (int)count,
                         a->run.executors[0].nodes[node].copy, error));
    return STATUS_OK;
}

static enum status run_shards(struct application *a, struct error *error)
{
    if (!a->observer)
        parallel_for((int)a->run.executor_count, a->run.shard_count, run_shard, a);
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
        run_release(&a->run);
    }
out:
    run_release(&a->run);
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
    TRY(find_order(a, error));
    TRY(make_outputs(a, error));
    TRY(run_all(a, error));
out:
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
