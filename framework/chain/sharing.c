/*
 * Parts of an image are rows of full width, or columns of full height: what lies within a stage's
 * reach on both sides of a part is run along, and cut off. There are as many parts as threads, or a
 * multiple: parts are small, so that what is copied stays in cache and little memory is touched for
 * the first time, yet large beside the reach, so that little is run twice. Rows of one channel are
 * read where they lie.
 */
#include "chain/sharing.h"

#include "base/interrupt.h"
#include "base/parallel.h"

#include <string.h>

enum {
    SMALL_PART = 1 << 18, /* pixels */
    LARGE_PART = 1 << 21,
    TIMES_REACH = 32, /* 3 % on each side are run twice */
    LEAST_SIDE = 16,  /* of a part; and twice the reach */
    CACHE_LINE = 16,  /* floats */
};

struct partition {
    const struct shared_stage *shared;
    const void *config; /* the stage's, or what it chose */
    struct image in, out;
    int reach, size, parts; /* size: of the side that is cut */
    float *memory;          /* [threads][share] */
    size_t room, share;     /* floats: of a part as it is seen; of a thread */
};

static size_t rounded(size_t floats)
{
    return (floats + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

static bool by_columns(const struct shared_stage *shared)
{
    return shared->stage->sharing.columns;
}

bool sharing_possible(const struct shared_stage *shared)
{
    const struct stage_sharing *sharing = &shared->stage->sharing;
    return sharing->run || (sharing->reach && sharing->reach(shared->config) >= 0);
}

/* The shape of a part of `side` rows or columns. */
static struct shape shape_of_part(const struct partition *p, int side)
{
    struct shape shape = p->in.shape;

    *(by_columns(p->shared) ? &shape.width : &shape.height) = side;
    return shape;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* The most rows or columns of a part, of so many pixels each. */
static int largest_side(int reach, int across)
{
    int most = larger(4 * reach, LARGE_PART / across);
    int wanted = larger(TIMES_REACH * reach, SMALL_PART / across);

    return wanted < most ? wanted : larger(most, 1);
}

/* Less than two parts: it is not to be cut. */
static struct partition partition_of(const struct shared_stage *shared, struct shape in,
                                     int threads)
{
    const struct stage *stage = shared->stage;
    struct partition p = {.shared = shared, .config = shared->config, .in.shape = in, .parts = 1};
    bool columns = by_columns(shared);
    int across = columns ? in.height : in.width;

    if (threads < 2 || stage->sharing.run || !sharing_possible(shared))
        return p;
    p.size = columns ? in.width : in.height;
    p.reach = stage->sharing.reach(shared->config);
    int least = larger(2 * p.reach, LEAST_SIDE), most = largest_side(p.reach, across);
    p.parts = ((p.size + most - 1) / most + threads - 1) / threads * threads;
    p.parts = p.parts < p.size / least ? p.parts : p.size / least;
    if (p.parts < 2)
        return p;
    struct shape seen = shape_of_part(&p, p.size / p.parts + 1 + 2 * p.reach);
    p.room = rounded(shape_size(seen));
    p.share = 2 * p.room + (stage->scratch ? rounded(stage->scratch(shared->config, seen)) : 0);
    return p;
}

/* The settings that are chosen lie before the rest. */
static size_t chosen_size(const struct stage *stage)
{
    return rounded(stage->descriptor.config_size / sizeof(float) + 1);
}

size_t sharing_scratch(const struct shared_stage *shared, struct shape in, int threads)
{
    const struct stage *stage = shared->stage;
    const struct stage_sharing *sharing = &stage->sharing;
    struct partition p = partition_of(shared, in, threads);
    size_t parts = (size_t)threads * p.share;

    if (p.parts < 2 && !sharing->run)
        return stage->scratch ? rounded(stage->scratch(shared->config, in)) : 0;
    size_t own = sharing->scratch ? rounded(sharing->scratch(shared->config, in, threads)) : 0;
    return sharing->run ? own : chosen_size(stage) + (own > parts ? own : parts);
}

/* Rows of `count` values, from one image to another, whose rows have other lengths. */
static void copy_rows(const float *from, size_t from_stride, size_t rows, size_t count,
                      size_t to_stride, float *to)
{
    for (size_t y = 0; y < rows; y++)
        memcpy(to + y * to_stride, from + y * from_stride, count * sizeof *to);
}

/* Rows or columns [from, from + side) of one image to those from `at` on of another. */
static void copy_part(const struct partition *p, struct image in, int from, int side,
                      struct image out, int at)
{
    bool columns = by_columns(p->shared);
    size_t in_stride = (size_t)in.shape.width, out_stride = (size_t)out.shape.width;
    size_t begin = (size_t)from * (columns ? 1 : in_stride);
    size_t to = (size_t)at * (columns ? 1 : out_stride);

    for (size_t c = 0; c < (size_t)in.shape.channels; c++)
        copy_rows(in.pixels + c * shape_plane(in.shape) + begin, in_stride,
                  (size_t)(columns ? in.shape.height : side), columns ? (size_t)side : in_stride,
                  out_stride, out.pixels + c * shape_plane(out.shape) + to);
}

static void run_part(void *context, size_t index, int thread)
{
    const struct partition *p = context;
    int from = (int)((int64_t)p->size * (int64_t)index / p->parts);
    int to = (int)((int64_t)p->size * (int64_t)(index + 1) / p->parts);
    int first = larger(from - p->reach, 0),
        last = to + p->reach < p->size ? to + p->reach : p->size;
    float *memory = p->memory + (size_t)thread * p->share;
    struct shape seen = shape_of_part(p, last - first);
    struct image in = {seen, memory}, out = {seen, memory + p->room};

    if (interrupt_requested())
        return;
    if (by_columns(p->shared) || seen.channels > 1)
        copy_part(p, p->in, first, last - first, in, 0);
    else
        in.pixels = p->in.pixels + (size_t)first * (size_t)seen.width;
    p->shared->stage->run(p->config, p->shared->state, in, out, memory + 2 * p->room);
    copy_part(p, out, from - first, to - from, p->out, from);
}

void sharing_run(const struct shared_stage *shared, struct image in, struct image out,
                 float *scratch, int threads)
{
    const struct stage *stage = shared->stage;
    struct partition p = partition_of(shared, in.shape, threads);

    if (p.parts < 2 && stage->sharing.run)
        stage->sharing.run(shared->config, in, out, scratch, threads);
    else if (p.parts < 2)
        stage->run(shared->config, shared->state, in, out, scratch);
    if (p.parts < 2)
        return;
    p.in = in;
    p.out = out;
    p.memory = scratch + chosen_size(stage);
    if (stage->sharing.choose) {
        stage->sharing.choose(shared->config, in, p.memory, scratch);
        p.config = scratch;
    }
    parallel_count(threads, (size_t)p.parts, "parts", run_part, &p);
}
