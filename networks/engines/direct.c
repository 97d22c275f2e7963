/*
 * Direct convolution at stride 1, for few channels.
 *
 * An image is laid out once, within its padding. What tap (c, i, j) of the kernel sees of an output
 * pixel then lies at a distance that does not depend on the pixel, and a convolution is a sum over
 * taps of a weight times a shifted image. It is computed in spans: 16 output pixels of a row, or
 * what is left of it. Sums of several filters and spans stay in registers over all taps, so that
 * each value that is read serves several multiply-adds, and nothing else is ever written
 * (direct_kernels.h). The gradient of the input is a convolution, too.
 *
 * An output value is bias + taps, in their order: the same bits from every instruction set. The
 * order is channel by channel, or, as oneDNN sums up, pixel by pixel with the bias at the end.
 *
 * Georganas et al., Anatomy of high-performance deep learning convolutions on SIMD architectures,
 * SC 2018; Zhang, Franchetti, Low, High performance zero-memory overhead direct convolutions, ICML
 * 2018.
 */
#include "networks/engines/direct.h"

#include "networks/engines/im2col.h"

#include <string.h>

#if defined __x86_64__
#include <immintrin.h>
#endif

enum {
    SPAN = 16,        /* pixels, whatever the length of the vectors */
    MOST_SPANS = 4,   /* of a kernel */
    MOST_BLOCK = 8,   /* filters of a kernel, with any instruction set */
    MOST_TAPS = 2048, /* of one filter: their offsets are kept on the stack */
    FEW = 16,         /* channels */
};

/* In which order taps are summed up. */
enum direct_order {
    DIRECT_CHANNEL_BY_CHANNEL,
    DIRECT_PIXEL_BY_PIXEL, /* of the kernel; all channels of a pixel */
};

/* Where the taps of a filter lie, from a pixel of the first channel. */
struct direct_taps {
    size_t count;
    size_t offsets[MOST_TAPS];
};

/* The spans that a kernel works on: their places in a channel of x and of y, and their pixels. */
struct direct_spans {
    size_t x[MOST_SPANS], y[MOST_SPANS], counts[MOST_SPANS];
};

/* What is done to sums in the end. */
struct direct_ends {
    const float *bias; /* of the block's filters; NULL: none */
    bool relu;
};

/* One instruction set's kernels, by their number of filters. */
struct direct_kernels {
    int filters; /* at most */
    struct {
        void (*run)(const struct direct_taps *taps, const struct direct_spans *at, const float *x,
                    const float *w, const float *bias, const struct direct_ends *ends, float *y,
                    size_t plane);
        int spans;
    } values[MOST_BLOCK + 1];
};

#if defined __x86_64__

#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif
#define INLINE static inline __attribute__((always_inline))

#define NAME(x) avx512_##x
#define TARGET __attribute__((target("avx512f")))
#define VECTOR __m512
#define SUMS 24
#define MOST_FILTERS 8

INLINE TARGET VECTOR NAME(load)(const float *from)
{
    return _mm512_loadu_ps(from);
}

INLINE TARGET VECTOR NAME(load_some)(const float *from, size_t count)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1U << count) - 1), from);
}

INLINE TARGET void NAME(store_some)(float *to, size_t count, VECTOR x)
{
    _mm512_mask_storeu_ps(to, (__mmask16)((1U << count) - 1), x);
}

INLINE TARGET VECTOR NAME(broadcast)(float x)
{
    return _mm512_set1_ps(x);
}

INLINE TARGET VECTOR NAME(multiply_add)(VECTOR a, VECTOR b, VECTOR c)
{
    return _mm512_fmadd_ps(a, b, c);
}

INLINE TARGET VECTOR NAME(add)(VECTOR a, VECTOR b)
{
    return _mm512_add_ps(a, b);
}

INLINE TARGET VECTOR NAME(larger)(VECTOR a, VECTOR b)
{
    return _mm512_max_ps(a, b);
}

#include "networks/engines/direct_kernels.h"

struct span256 {
    __m256 low, high;
};

#define NAME(x) avx2_##x
#define TARGET __attribute__((target("avx2,fma")))
#define VECTOR struct span256
#define SUMS 6
#define MOST_FILTERS 6

INLINE TARGET VECTOR NAME(load)(const float *from)
{
    return (VECTOR){_mm256_loadu_ps(from), _mm256_loadu_ps(from + SPAN / 2)};
}

/* The mask of lanes [at, at + 8) when the first `count` are wanted. */
INLINE TARGET __m256i NAME(mask)(size_t count, size_t at)
{
    static const int ones_then_zeros[2 * SPAN + SPAN / 2] = {-1, -1, -1, -1, -1, -1, -1, -1,
                                                             -1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_loadu_si256((const __m256i *)(const void *)(ones_then_zeros + SPAN - count + at));
}

INLINE TARGET VECTOR NAME(load_some)(const float *from, size_t count)
{
    return (VECTOR){_mm256_maskload_ps(from, NAME(mask)(count, 0)),
                    _mm256_maskload_ps(from + SPAN / 2, NAME(mask)(count, SPAN / 2))};
}

INLINE TARGET void NAME(store_some)(float *to, size_t count, VECTOR x)
{
    _mm256_maskstore_ps(to, NAME(mask)(count, 0), x.low);
    _mm256_maskstore_ps(to + SPAN / 2, NAME(mask)(count, SPAN / 2), x.high);
}

INLINE TARGET VECTOR NAME(broadcast)(float x)
{
    return (VECTOR){_mm256_set1_ps(x), _mm256_set1_ps(x)};
}

INLINE TARGET VECTOR NAME(multiply_add)(VECTOR a, VECTOR b, VECTOR c)
{
    return (VECTOR){_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}

INLINE TARGET VECTOR NAME(add)(VECTOR a, VECTOR b)
{
    return (VECTOR){_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)};
}

INLINE TARGET VECTOR NAME(larger)(VECTOR a, VECTOR b)
{
    return (VECTOR){_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)};
}

#include "networks/engines/direct_kernels.h"

#endif

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
    size_t width, plane; /* of a padded channel */
    size_t image;        /* all of them, and what spans read beyond the last row */
    size_t out_plane;
};

static struct measures measure(const struct conv_geometry *g)
{
    struct measures m = {.channels = (size_t)(g->in.channels / g->groups),
                         .filters = (size_t)(g->out.channels / g->groups),
                         .width = (size_t)(g->in.width + 2 * g->padding),
                         .out_plane = shape_plane(g->out)};

    m.plane = m.width * (size_t)(g->in.height + 2 * g->padding);
    m.taps = m.channels * (size_t)g->kernel_height * (size_t)g->kernel_width;
    m.image = m.channels * m.plane + SPAN;
    return m;
}

/* The number, channel by channel, of the tap that is the t-th in a sum. */
static size_t tap_at(const struct measures *m, size_t kernel, enum direct_order order, size_t t)
{
    return order == DIRECT_PIXEL_BY_PIXEL ? t % m->channels * kernel + t / m->channels : t;
}

static void find_taps(const struct conv_geometry *g, const struct measures *m,
                      enum direct_order order, struct direct_taps *taps)
{
    size_t columns = (size_t)g->kernel_width, kernel = (size_t)g->kernel_height * columns;

    for (taps->count = 0; taps->count < m->taps; taps->count++) {
        size_t tap = tap_at(m, kernel, order, taps->count), place = tap % kernel;
        taps->offsets[taps->count] =
            tap / kernel * m->plane +
            (place / columns * m->width + place % columns) * (size_t)g->dilation;
    }
}

/* A group's channels of an image, each within its padding. */
static void pad(const struct conv_geometry *g, const struct measures *m, const float *x, float *out)
{
    size_t padding = (size_t)g->padding, width = (size_t)g->in.width;

    memset(out, 0, m->image * sizeof *out);
    for (size_t c = 0; c < m->channels; c++)
        for (size_t v = 0; v < (size_t)g->in.height; v++, x += width) {
            float *row = out + c * m->plane + (v + padding) * m->width + padding;
#pragma omp simd
            for (size_t u = 0; u < width; u++)
                row[u] = x[u];
        }
}

/* Filters go in blocks of nearly equal size; block b starts at filter first(b). */
static size_t first(const struct measures *m, size_t blocks, size_t b)
{
    return m->filters * b / blocks;
}

/* packed[block][tap][filter of the block] of a group's weights; `mirrored`: those of the gradient's
 * convolution, whose filters are our channels and whose taps come in the opposite order. */
static void pack(const struct measures *m, size_t blocks, size_t kernel, const float *w,
                 bool mirrored, enum direct_order order, float *packed)
{
    for (size_t b = 0; b < blocks; b++)
        for (size_t n = 0; n < m->taps; n++) {
            size_t t = tap_at(m, kernel, order, n);
            for (size_t f = first(m, blocks, b); f < first(m, blocks, b + 1); f++) {
                size_t turned = (t / kernel * m->filters + f) * kernel + kernel - 1 - t % kernel;
                *packed++ = mirrored ? w[turned] : w[f * m->taps + t];
            }
        }
}

/* The next spans of an output of `rows` x `width` pixels, from (*v, *u) on; where there are no
 * more, spans without pixels. */
static void next_spans(const struct measures *m, size_t rows, size_t width, int count, size_t *v,
                       size_t *u, struct direct_spans *spans)
{
    for (int s = 0; s < count; s++) {
        bool over = *v == rows;
        spans->x[s] = over ? 0 : *v * m->width + *u;
        spans->y[s] = over ? 0 : *v * width + *u;
        spans->counts[s] = over ? 0 : width - *u < SPAN ? width - *u : SPAN;
        *u += SPAN;
        if (!over && *u >= width) {
            *u = 0;
            ++*v;
        }
    }
}

/* One block of filters at all pixels of one group of one image, which lies padded in `image`. */
static void correlate(const struct conv_geometry *g, const struct measures *m, size_t filters,
                      const struct direct_taps *taps, const float *image, const float *w,
                      const float *bias, const struct direct_ends *ends, float *y)
{
    size_t rows = (size_t)g->out.height, width = (size_t)g->out.width;
    struct direct_spans spans;

    for (size_t v = 0, u = 0; v < rows;) {
        next_spans(m, rows, width, kernels->values[filters].spans, &v, &u, &spans);
        kernels->values[filters].run(taps, &spans, image, w, bias, ends, y, m->out_plane);
    }
}

/* Floats of scratch memory: a padded image, packed weights of all groups. */
static size_t convolve_scratch(const struct conv_geometry *g)
{
    struct measures m = measure(g);
    return m.image + (size_t)g->out.channels * m.taps;
}

/* How a sum is made. */
struct convolve_how {
    bool mirrored;  /* y += x * w with the weights of the convolution whose mirror it is */
    bool bias_last; /* not first */
    bool relu;
    enum direct_order order;
};

/* y = bias + x * w, or what `how` says. */
static void convolve(const struct conv_geometry *g, const float *x, const float *w,
                     struct convolve_how how, const float *bias, float *y, float *scratch)
{
    static const float none[MOST_BLOCK];
    struct measures m = measure(g);
    struct direct_taps taps;
    size_t groups = (size_t)g->groups, most = (size_t)kernels->filters;
    size_t blocks = (m.filters + most - 1) / most;
    size_t kernel = (size_t)g->kernel_height * (size_t)g->kernel_width;
    float *image = scratch, *packed = image + m.image;

    find_taps(g, &m, how.order, &taps);
    for (size_t k = 0; k < groups; k++)
        pack(&m, blocks, kernel, w + k * m.filters * m.taps, how.mirrored, how.order,
             packed + k * m.filters * m.taps);
    for (size_t n = 0; n < (size_t)g->batch * groups; n++, y += m.filters * m.out_plane) {
        pad(g, &m, x + n * m.channels * shape_plane(g->in), image);
        for (size_t b = 0; b < blocks; b++) {
            size_t from = first(&m, blocks, b), filter = n % groups * m.filters + from;
            const float *own = bias ? bias + filter : NULL;
            const float *start = own && !how.bias_last ? own : none;
            struct direct_ends ends = {how.bias_last ? own : NULL, how.relu};
            correlate(g, &m, first(&m, blocks, b + 1) - from, &taps, image,
                      packed + filter * m.taps, how.mirrored ? NULL : start, &ends,
                      y + from * m.out_plane);
        }
    }
}

void direct_forward(const struct conv_geometry *g, const float *x, const float *w,
                    const float *bias, float *y, float *scratch)
{
    convolve(g, x, w, (struct convolve_how){0}, bias, y, scratch);
}

void direct_forward_by_pixel(const struct conv_geometry *g, const float *x, const float *w,
                             const float *bias, bool relu, float *y, float *scratch)
{
    struct convolve_how how = {.bias_last = true, .relu = relu, .order = DIRECT_PIXEL_BY_PIXEL};

    convolve(g, x, w, how, bias, y, scratch);
}

void direct_backward_data(const struct conv_geometry *g, const float *dy, const float *w, float *dx,
                          float *scratch)
{
    struct conv_geometry mirror;

    if (im2col_mirror(g, &mirror)) /* direct_can() has seen to it */
        convolve(&mirror, dy, w, (struct convolve_how){.mirrored = true}, NULL, dx, scratch);
}

size_t direct_scratch(const struct conv_geometry *g)
{
    struct conv_geometry mirror;
    size_t size = convolve_scratch(g),
           back = im2col_mirror(g, &mirror) ? convolve_scratch(&mirror) : 0;

    return size > back ? size : back;
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
bool direct_takes(const struct conv_geometry *g)
{
    return g->kernel_height > 1 && g->in.channels / g->groups <= FEW &&
           g->out.channels / g->groups <= FEW && direct_can(g);
}
