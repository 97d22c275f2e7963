/*
 * Direct convolution at stride 1, for few channels.
 *
 * The image is taken in tiles of output pixels. What a tile sees of the image is laid out within
 * its padding, row by row and in a row channel by channel, small enough to stay in the second-level
 * cache for all filters. What tap (c, i, j) of the kernel sees of an output pixel then lies at a
 * distance that does not depend on the pixel, and a convolution is a sum over taps of a weight
 * times a shifted image. It is computed in spans: a vector of output pixels of a row, or what is
 * left of it. Sums of several filters and spans stay in registers over all taps, so that each value
 * that is read serves several multiply-adds, and nothing else is ever written (direct_kernels.h).
 * The gradient of the input is a convolution, too.
 *
 * An output value is bias + taps, in their order: the same bits from every instruction set. The
 * order is channel by channel, or what struct direct_sums says, as oneDNN sums up.
 *
 * Georganas et al., Anatomy of high-performance deep learning convolutions on SIMD architectures,
 * SC 2018; Zhang, Franchetti, Low, High performance zero-memory overhead direct convolutions, ICML
 * 2018.
 */
#include "networks/engines/direct.h"

#include "networks/engines/im2col.h"

#include <string.h>

enum {
    LINE = 16,        /* floats of a cache line, and of the longest vector */
    MOST_SPANS = 8,   /* of a kernel, with any instruction set */
    MOST_BLOCK = 8,   /* filters of a kernel */
    MOST_TAPS = 2048, /* of one filter: their offsets are kept on the stack */
    FEW = 16,         /* channels */
    FEW_FILTERS = 3,
    LONGEST_PRODUCT = 320, /* taps of a row of the kernel */
    TILE_WIDTH = 512,      /* at most; pixels of the output */
    TILE_ROWS = 4,         /* at least */
    TILE_BYTES = 160 << 10,
};

/* Where taps of a filter lie, from a pixel of the first channel. */
struct direct_taps {
    size_t count;
    const size_t *offsets;
};

/* The spans that a kernel works on: their places in a channel of x and of y, and their pixels. */
struct direct_spans {
    size_t x[MOST_SPANS], y[MOST_SPANS], counts[MOST_SPANS];
};

/* What is done to sums in the end. */
struct direct_ends {
    const float *bias; /* of the block's filters; NULL: none */
    bool adds;         /* to what is in y */
    bool relu;
};

/* One instruction set's kernels, by their number of filters. */
struct direct_kernels {
    int filters; /* at most */
    size_t span; /* pixels of one vector */
    struct {
        void (*run)(const struct direct_taps *taps, const struct direct_spans *at, const float *x,
                    const float *w, const float *bias, const struct direct_ends *ends, float *y,
                    size_t plane);
        int spans;
    } values[MOST_BLOCK + 1];
};

#include "networks/engines/direct_x86.h"

static const struct direct_kernels *kernels;

void direct_start(const char *isa)
{
    kernels = NULL;
#if defined __x86_64__
    if (isa && strcmp(isa, "avx512") == 0)
        kernels = &avx512_kernels;
    else if (isa && strcmp(isa, "avx2") == 0)
        kernels = &avx2_kernels;
#else
    (void)isa;
#endif
}

bool direct_is_wide(void)
{
#if defined __x86_64__
    return kernels == &avx512_kernels;
#else
    return false;
#endif
}

/* The measures of one group of a convolution. */
struct measures {
    size_t channels, filters, taps;
    size_t pixels;                  /* of the kernel */
    size_t reach_down, reach_right; /* of the kernel, from its first pixel */
    size_t rows, columns;           /* of a tile of the output */
    size_t stride;                  /* of a laid out row of one channel */
    size_t tile;                    /* what a tile sees, and what spans read beyond it */
    size_t out_plane;
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Rows of a channel are an odd number of cache lines apart: any 64 of them in sequence begin in
 * different sets of a first-level cache. */
static struct measures measure(const struct conv_geometry *g)
{
    struct measures m = {.channels = (size_t)(g->in.channels / g->groups),
                         .filters = (size_t)(g->out.channels / g->groups),
                         .pixels = (size_t)g->kernel_height * (size_t)g->kernel_width,
                         .reach_down = (size_t)((g->kernel_height - 1) * g->dilation),
                         .reach_right = (size_t)((g->kernel_width - 1) * g->dilation),
                         .columns = least((size_t)g->out.width, TILE_WIDTH),
                         .out_plane = shape_plane(g->out)};

    m.taps = m.channels * m.pixels;
    m.stride = ((m.columns + m.reach_right + LINE - 1) / LINE | 1) * LINE;
    size_t fit = TILE_BYTES / (m.channels * m.stride * sizeof(float));
    m.rows = fit > m.reach_down + TILE_ROWS ? fit - m.reach_down : TILE_ROWS;
    m.rows = least(m.rows, (size_t)g->out.height);
    m.tile = (m.rows + m.reach_down) * m.channels * m.stride + LINE;
    return m;
}

/* The taps of a filter in the order in which they are summed up: where they lie in what is laid
 * out, and their numbers, channel by channel. */
struct tap_order {
    size_t count;
    size_t offsets[MOST_TAPS], numbers[MOST_TAPS];
};

static void append_tap(const struct conv_geometry *g, const struct measures *m, size_t channel,
                       size_t pixel, struct tap_order *order)
{
    size_t columns = (size_t)g->kernel_width, dilation = (size_t)g->dilation;

    order->offsets[order->count] =
        (pixel / columns * dilation * m->channels + channel) * m->stride +
        pixel % columns * dilation;
    order->numbers[order->count++] = channel * m->pixels + pixel;
}

static void order_taps(const struct conv_geometry *g, const struct measures *m,
                       const struct direct_sums *sums, struct tap_order *order)
{
    size_t columns = (size_t)g->kernel_width;

    order->count = 0;
    for (size_t row = 0; sums->rows && row < m->pixels; row += columns)
        for (size_t c = 0; c < m->channels; c++)
            for (size_t pixel = row; pixel < row + columns; pixel++)
                append_tap(g, m, c, pixel, order);
    for (size_t from = 0; !sums->rows && from < m->channels; from += sums->block)
        for (size_t p = 0; p < m->pixels; p++)
            for (size_t c = from; c < least(from + sums->block, m->channels); c++)
                append_tap(g, m, c, sums->backwards ? m->pixels - 1 - p : p, order);
}

/* Part of an output: its first pixel and its size. */
struct direct_tile {
    size_t v, u, rows, columns;
};

static long clamp(long x, long least, long most)
{
    return x < least ? least : x > most ? most : x;
}

/* Columns [from, from + count) of a row of a channel (NULL: zeros), some of which may be padding.
 */
static void lay_row(const float *row, long width, long from, long count, float *out)
{
    long begin = row ? clamp(-from, 0, count) : count, end = clamp(width - from, begin, count);

    memset(out, 0, (size_t)begin * sizeof *out);
    if (end > begin)
        memcpy(out + begin, row + from + begin, (size_t)(end - begin) * sizeof *out);
    memset(out + end, 0, (size_t)(count - end) * sizeof *out);
}

/* What a tile sees of a group's channels. */
static void lay_out(const struct conv_geometry *g, const struct measures *m, const float *x,
                    const struct direct_tile *tile, float *out)
{
    long width = g->in.width, height = g->in.height, from = (long)tile->u - g->padding;
    long count = (long)(tile->columns + m->reach_right);

    for (size_t r = 0; r < tile->rows + m->reach_down; r++) {
        long v = (long)(tile->v + r) - g->padding;
        for (size_t c = 0; c < m->channels; c++, out += m->stride)
            lay_row(v < 0 || v >= height ? NULL : x + ((long)c * height + v) * width, width, from,
                    count, out);
    }
}

/* Filters go in blocks of nearly equal size; block b starts at filter first(b). */
static size_t blocks_of(const struct measures *m)
{
    size_t most = (size_t)kernels->filters;
    return (m->filters + most - 1) / most;
}

static size_t first(const struct measures *m, size_t blocks, size_t b)
{
    return m->filters * b / blocks;
}

/* packed[block][tap][filter of the block] of a group's weights; mirrored, those of the gradient's
 * convolution, whose filters are our channels and whose taps come in the opposite order. */
static void pack(const struct measures *m, const struct tap_order *order, const float *w,
                 bool mirrored, float *packed)
{
    size_t blocks = blocks_of(m), step = mirrored ? m->pixels : m->taps;

    for (size_t b = 0; b < blocks; b++)
        for (size_t t = 0; t < m->taps; t++) {
            size_t number = order->numbers[t], channel = number / m->pixels;
            const float *from =
                w + (mirrored ? (channel * m->filters + 1) * m->pixels - 1 - number % m->pixels
                              : number);
            for (size_t f = first(m, blocks, b); f < first(m, blocks, b + 1); f++)
                *packed++ = from[f * step];
        }
}

/* A convolution on its way. */
struct direct_work {
    const struct conv_geometry *g;
    const struct direct_sums *sums;
    struct measures m;
    struct tap_order order;
    float *image, *packed; /* what a tile sees; weights of all groups */
};

/* The next spans of a tile, from its pixel (*v, *u) on; where there are no more, spans without
 * pixels. */
static void next_spans(const struct direct_work *c, const struct direct_tile *tile, int count,
                       size_t *v, size_t *u, struct direct_spans *spans)
{
    size_t width = (size_t)c->g->out.width, span = kernels->span;

    for (int s = 0; s < count; s++) {
        if (*v == tile->rows) {
            spans->x[s] = spans->y[s] = spans->counts[s] = 0;
            continue;
        }
        spans->x[s] = *v * c->m.channels * c->m.stride + *u;
        spans->y[s] = (tile->v + *v) * width + tile->u + *u;
        spans->counts[s] = least(tile->columns - *u, span);
        *u += span;
        if (*u >= tile->columns) {
            *u = 0;
            ++*v;
        }
    }
}

/* What is done to the sums of taps [t, t + count). */
static struct direct_ends ends_of(const struct direct_work *c, size_t t, size_t count,
                                  const float *bias)
{
    const struct direct_sums *sums = c->sums;
    bool begins = t == 0, ends = t + count == c->m.taps;
    bool biased = sums->bias_last ? ends : begins && sums->apart;

    return (struct direct_ends){.bias = biased ? bias : NULL,
                                .adds = sums->apart && (!begins || sums->adds),
                                .relu = sums->relu && ends};
}

/* One block of filters at all pixels of a tile, whose image is laid out. */
static void correlate(const struct direct_work *c, const struct direct_tile *tile, size_t filters,
                      const float *packed, const float *bias, float *y)
{
    static const float zeros[MOST_BLOCK];
    const struct direct_sums *sums = c->sums;
    size_t block = sums->rows ? c->m.taps / (size_t)c->g->kernel_height : sums->block * c->m.pixels;
    size_t step = sums->apart ? sums->apart * block : c->m.taps;
    const float *start = bias && !sums->bias_last && !sums->apart ? bias : zeros;
    struct direct_spans spans;

    for (size_t t = 0; t < c->m.taps; t += step) {
        struct direct_taps taps = {least(step, c->m.taps - t), c->order.offsets + t};
        struct direct_ends ends = ends_of(c, t, taps.count, bias);
        for (size_t v = 0, u = 0; v < tile->rows;) {
            next_spans(c, tile, kernels->values[filters].spans, &v, &u, &spans);
            kernels->values[filters].run(&taps, &spans, c->image, packed + t * filters,
                                         sums->adds && !sums->apart ? NULL : start, &ends, y,
                                         c->m.out_plane);
        }
    }
}

/* Group k of an image at all pixels of a tile. */
static void convolve_tile(const struct direct_work *c, const struct direct_tile *tile, size_t k,
                          const float *x, const float *bias, float *y)
{
    const struct measures *m = &c->m;
    size_t blocks = blocks_of(m);

    lay_out(c->g, m, x, tile, c->image);
    for (size_t b = 0; b < blocks; b++) {
        size_t from = first(m, blocks, b), filter = k * m->filters + from;
        correlate(c, tile, first(m, blocks, b + 1) - from, c->packed + filter * m->taps,
                  bias ? bias + filter : NULL, y + from * m->out_plane);
    }
}

/* Floats of scratch memory: what a tile sees, packed weights of all groups. */
static size_t convolve_scratch(const struct conv_geometry *g)
{
    struct measures m = measure(g);
    return m.tile + (size_t)g->out.channels * m.taps;
}

void direct_convolve(const struct conv_geometry *g, const struct direct_sums *sums, const float *x,
                     const float *w, const float *bias, float *y, float *scratch)
{
    struct direct_work c;
    const struct measures *m = &c.m;
    size_t groups = (size_t)g->groups, rows = (size_t)g->out.height, columns = (size_t)g->out.width;

    c.g = g;
    c.sums = sums;
    c.m = measure(g);
    c.image = scratch;
    c.packed = scratch + m->tile;
    order_taps(g, m, sums, &c.order);
    size_t weights = m->filters * m->taps;
    for (size_t k = 0; k < groups; k++)
        pack(m, &c.order, w + k * weights, sums->mirrored, c.packed + k * weights);
    memset(c.image, 0, m->tile * sizeof *c.image); /* spans read beyond what is laid out */
    for (size_t n = 0; n < (size_t)g->batch * groups; n++)
        for (size_t v = 0; v < rows; v += m->rows)
            for (size_t u = 0; u < columns; u += m->columns) {
                struct direct_tile tile = {v, u, least(m->rows, rows - v),
                                           least(m->columns, columns - u)};
                convolve_tile(&c, &tile, n % groups, x + n * m->channels * shape_plane(g->in), bias,
                              y + n * m->filters * m->out_plane);
            }
}

bool direct_can(const struct conv_geometry *g)
{
    struct conv_geometry mirror;
    int kernel = g->kernel_height * g->kernel_width;

    return kernels && im2col_mirror(g, &mirror) &&
           g->in.channels / g->groups * kernel <= MOST_TAPS &&
           g->out.channels / g->groups * kernel <= MOST_TAPS;
}

/* Measured, with kernels of 3x3 and 5x5: up to 16 channels it was 1.1 to 2 times as fast as
 * products by OpenBLAS, more with fewer channels; beyond, and with 1x1 kernels, not. */
static bool has_few_channels(const struct conv_geometry *g)
{
    return g->in.channels / g->groups <= FEW && g->out.channels / g->groups <= FEW;
}

/* Many channels and next to no filters, the last layer of a network that gives images: a product
 * spends its time on laying values out. Measured with AVX2, 17 channels and one filter: a fifth of
 * the time, with the same bits, which the products' own order gives (rows, apart). Longer sums,
 * OpenBLAS cuts. */
static bool has_few_filters(const struct conv_geometry *g)
{
    int channels = g->in.channels / g->groups;

    return !direct_is_wide() && channels > FEW && g->out.channels / g->groups <= FEW_FILTERS &&
           channels * g->kernel_width <= LONGEST_PRODUCT;
}

bool direct_takes(const struct conv_geometry *g)
{
    return g->kernel_height > 1 && (has_few_channels(g) || has_few_filters(g)) && direct_can(g);
}

void direct_forward(const struct conv_geometry *g, const float *x, const float *w,
                    const float *bias, float *y, float *scratch)
{
    bool products = has_few_filters(g);

    direct_convolve(g, &(struct direct_sums){.block = 1, .rows = products, .apart = products}, x, w,
                    bias, y, scratch);
}

bool direct_takes_backward(const struct conv_geometry *g)
{
    struct conv_geometry mirror;

    return im2col_mirror(g, &mirror) && direct_takes(&mirror);
}

void direct_backward_data(const struct conv_geometry *g, const float *dy, const float *w, float *dx,
                          float *scratch)
{
    struct conv_geometry mirror;
    struct direct_sums sums = {.block = 1, .mirrored = true, .adds = true};

    if (!im2col_mirror(g, &mirror)) /* direct_can() has seen to it */
        return;
    sums.rows = has_few_filters(&mirror);
    sums.apart = sums.rows;
    direct_convolve(&mirror, &sums, dy, w, NULL, dx, scratch);
}

size_t direct_scratch(const struct conv_geometry *g)
{
    struct conv_geometry mirror;
    size_t size = convolve_scratch(g),
           back = im2col_mirror(g, &mirror) ? convolve_scratch(&mirror) : 0;

    return size > back ? size : back;
}
