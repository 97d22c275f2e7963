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
 * An output value is bias + taps, in their order: the same bits from every instruction set.
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

/* Where the taps of a filter lie, from a pixel of the first channel. */
struct direct_taps {
    size_t count;
    size_t offsets[MOST_TAPS];
};

/* The spans that a kernel works on: their places in a channel of x and of y, and their pixels. */
struct direct_spans {
    size_t x[MOST_SPANS], y[MOST_SPANS], counts[MOST_SPANS];
};

/* One instruction set's kernels, by their number of filters. */
struct direct_kernels {
    int filters; /* at most */
    struct {
        void (*run)(const struct direct_taps *taps, const struct direct_spans *at, const float *x,
                    const float *w, const float *bias, float *y, size_t plane);
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

static void find_taps(const struct conv_geometry *g, const struct measures *m,
                      struct direct_taps *taps)
{
    taps->count = 0;
    for (size_t c = 0; c < m->channels; c++)
        for (size_t i = 0; i < (size_t)g->kernel_height; i++)
            for (size_t j = 0; j < (size_t)g->kernel_width; j++)
                taps->offsets[taps->count++] =
                    c * m->plane + (i * m->width + j) * (size_t)g->dilation;
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
                 bool mirrored, float *packed)
{
    for (size_t b = 0; b < blocks; b++)
        for (size_t t = 0; t < m->taps; t++)
            for (size_t f = first(m, blocks, b); f < first(m, blocks, b + 1); f++) {
                size_t turned = (t / kernel * m->filters + f) * kernel + kernel - 1 - t % kernel;
                *packed++ = mirrored ? w[turned] : w[f * m->taps + t];
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
                      const float *bias, float *y)
{
    size_t rows = (size_t)g->out.height, width = (size_t)g->out.width;
    struct direct_spans spans;

    for (size_t v = 0, u = 0; v < rows;) {
        next_spans(m, rows, width, kernels->values[filters].spans, &v, &u, &spans);
        kernels->values[filters].run(taps, &spans, image, w, bias, y, m->out_plane);
    }
}

/* Floats of scratch memory: a padded image, packed weights of all groups. */
static size_t convolve_scratch(const struct conv_geometry *g)
{
    struct measures m = measure(g);
    return m.image + (size_t)g->out.channels * m.taps;
}

/* y = bias + x * w, or y += x * w with the weights of the convolution whose mirror `g` is. */
static void convolve(const struct conv_geometry *g, const float *x, const float *w, bool mirrored,
                     const float *bias, float *y, float *scratch)
{
    static const float none[MOST_BLOCK];
    struct measures m = measure(g);
    struct direct_taps taps;
    size_t groups = (size_t)g->groups, most = (size_t)kernels->filters;
    size_t blocks = (m.filters + most - 1) / most;
    size_t kernel = (size_t)g->kernel_height * (size_t)g->kernel_width;
    float *image = scratch, *packed = image + m.image;

    find_taps(g, &m, &taps);
    for (size_t k = 0; k < groups; k++)
        pack(&m, blocks, kernel, w + k * m.filters * m.taps, mirrored,
             packed + k * m.filters * m.taps);
    for (size_t n = 0; n < (size_t)g->batch * groups; n++, y += m.filters * m.out_plane) {
        pad(g, &m, x + n * m.channels * shape_plane(g->in), image);
        for (size_t b = 0; b < blocks; b++) {
            size_t from = first(&m, blocks, b), filter = n % groups * m.filters + from;
            const float *start = bias ? bias + filter : none;
            correlate(g, &m, first(&m, blocks, b + 1) - from, &taps, image,
                      packed + filter * m.taps, mirrored ? NULL : start, y + from * m.out_plane);
        }
    }
}

void direct_forward(const struct conv_geometry *g, const float *x, const float *w,
                    const float *bias, float *y, float *scratch)
{
    convolve(g, x, w, false, bias, y, scratch);
}

void direct_backward_data(const struct conv_geometry *g, const float *dy, const float *w, float *dx,
                          float *scratch)
{
    struct conv_geometry mirror;

    if (im2col_mirror(g, &mirror)) /* direct_can() has seen to it */
        convolve(&mirror, dy, w, true, NULL, dx, scratch);
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
