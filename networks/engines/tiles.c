/*
 * Gradients of weights by products of tiles.
 *
 * All images lie behind each other on one grid, each row followed by the zeros of the padding, each
 * image by rows of them, so that what tap (i, j) sees of a pixel lies at a distance that does not
 * depend on the pixel: one row's padding is the next one's, too. The gradient of a tap is then one
 * matrix product, of dy (channels by pixels) with the shifted x (pixels by channels), whose sum
 * runs over the pixels of all images; dy is zero where there is only padding.
 *
 * Tiles want dy by channels, and x in pairs of pixels; as a shift may be odd, x is laid out twice,
 * in pairs that begin at even and at odd pixels. Both are laid out for a part of the grid that fits
 * the second cache, and read from there for each tap: first for the taps whose shift is even, then
 * for the others. Two by two tiles of sums stay in registers meanwhile.
 *
 * Georganas et al., Anatomy of high-performance deep learning convolutions on SIMD architectures,
 * SC 2018; Intel 64 and IA-32 Architectures Optimization Reference Manual, chapter on AMX.
 */
#include "networks/engines/tiles.h"

#include <string.h>

#if defined __x86_64__
#include <immintrin.h>
#endif

enum {
    SIDE = 16,          /* rows of a tile; channels of a block */
    DEPTH = 32,         /* pixels of a tile */
    TILE_BYTES = 1024,  /* whatever is in it */
    L1_PIXELS = 1024,   /* pixels to multiply at a time, at most */
    L2_BYTES = 1 << 20, /* bytes for the second cache, about */
    ALIGNMENT = 64,
};

/* How the work is laid out. */
struct tile_plan {
    const struct conv_geometry *g;
    int taps, in, out;  /* of blocks, the last two */
    size_t width, area; /* of an image on the grid */
    size_t pixels;      /* of the whole grid */
    size_t lead;        /* zeros before the first pixel of x */
    size_t part;        /* pixels that are laid out at a time */
    size_t pairs;       /* of x for a part, in either version */
    /* In scratch memory: */
    float *sums;              /* [out][in][taps][SIDE][SIDE] */
    unsigned char *dy;        /* [out][part / DEPTH] tiles of [SIDE channels][DEPTH pixels] */
    unsigned char *x[2];      /* [in][pairs][SIDE channels][2 pixels] */
    const uint16_t **sources; /* [part + …] where the pixels to lay out are */
    uint16_t *zeros;          /* a pixel's */
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static struct tile_plan make_plan(const struct conv_geometry *g, int images)
{
    size_t padding = (size_t)g->padding, most;
    struct tile_plan p = {.g = g,
                          .taps = g->kernel_height * g->kernel_width,
                          .in = g->in.channels / SIDE,
                          .out = g->out.channels / SIDE};

    p.width = (size_t)g->in.width + padding;
    p.area = ((size_t)g->in.height + padding) * p.width;
    p.pixels = (size_t)images * p.area;
    p.lead = padding * p.width + padding;
    most = L2_BYTES / (sizeof *p.zeros * (size_t)(g->out.channels + 2 * g->in.channels));
    most = larger(most / L1_PIXELS * L1_PIXELS, L1_PIXELS);
    p.part = (p.pixels + DEPTH - 1) / DEPTH * DEPTH;
    p.part = p.part < most ? p.part : most;
    p.pairs = (p.part + (size_t)(g->kernel_height - 1) * p.width + (size_t)g->kernel_width) / 2 + 1;
    return p;
}

/* Room for `bytes` from *used on; NULL as long as there is none. */
static void *room(void *scratch, size_t *used, size_t bytes)
{
    void *found = scratch ? (unsigned char *)scratch + *used : NULL;

    *used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return found;
}

static size_t lay_scratch(struct tile_plan *p, void *scratch)
{
    size_t used = 0, blocks = (size_t)p->in * (size_t)p->out;
    size_t most = (size_t)larger((size_t)p->g->in.channels, (size_t)p->g->out.channels);

    p->sums = room(scratch, &used, blocks * (size_t)p->taps * TILE_BYTES);
    p->dy = room(scratch, &used, (size_t)p->out * p->part * SIDE * sizeof *p->zeros);
    for (int odd = 0; odd < 2; odd++)
        p->x[odd] = room(scratch, &used, (size_t)p->in * p->pairs * ALIGNMENT);
    p->sources = room(scratch, &used, (2 * p->pairs + 1) * sizeof *p->sources);
    p->zeros = room(scratch, &used, most * sizeof *p->zeros);
    return used;
}

bool tiles_suit(const struct conv_geometry *g)
{
    return g->groups == 1 && g->stride == 1 && g->dilation == 1 && g->in.channels % SIDE == 0 &&
           g->out.channels % SIDE == 0 && g->padding < g->kernel_height &&
           g->padding < g->kernel_width;
}

size_t tiles_scratch(const struct conv_geometry *g, int images)
{
    struct tile_plan p = make_plan(g, images);
    return lay_scratch(&p, NULL);
}

/* Where pixels [from, from + count) of the grid are in images of `shape`, which begin `lead` behind
 * its beginning. */
static void find(const struct tile_plan *p, struct shape shape, const uint16_t *images, size_t lead,
                 size_t from, size_t count)
{
    size_t height = (size_t)shape.height, width = (size_t)shape.width, k = 0;

    for (; k < count && from + k < lead; k++)
        p->sources[k] = p->zeros;
    size_t at = from + k - lead, image = at / p->area;
    size_t row = at % p->area / p->width, column = at % p->width, rows = p->area / p->width;
    size_t last = p->pixels / p->area;
    for (; k < count; k++) {
        bool inside = image < last && row < height && column < width;
        size_t pixel = (image * height + row) * width + column;
        p->sources[k] = inside ? images + pixel * (size_t)shape.channels : p->zeros;
        if (++column == p->width) {
            column = 0;
            if (++row == rows) {
                row = 0;
                image++;
            }
        }
    }
}

#if defined __x86_64__

#define TARGET __attribute__((target("avx512f,avx512bw,amx-tile,amx-bf16")))
#define INLINE static inline __attribute__((always_inline))

/* Channels [0, SIDE) of two pixels, side by side. */
INLINE TARGET __m512i pair(const uint16_t *a, const uint16_t *b)
{
    static const uint16_t order[2 * SIDE] = {0,  16, 1,  17, 2,  18, 3,  19, 4,  20, 5,
                                             21, 6,  22, 7,  23, 8,  24, 9,  25, 10, 26,
                                             11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
    __m512i first = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(const void *)a));
    __m256i second = _mm256_loadu_si256((const __m256i *)(const void *)b);

    return _mm512_permutexvar_epi16(_mm512_loadu_si512(order),
                                    _mm512_inserti64x4(first, second, 1));
}

TARGET static void lay_x(const struct tile_plan *p, const uint16_t *x, size_t from)
{
    find(p, p->g->in, x, p->lead, from, 2 * p->pairs + 1);
    for (int block = 0; block < p->in; block++) {
        unsigned char *even = p->x[0] + (size_t)block * p->pairs * ALIGNMENT;
        unsigned char *odd = p->x[1] + (size_t)block * p->pairs * ALIGNMENT;
        for (size_t j = 0; j < p->pairs; j++) {
            const uint16_t *const *at = p->sources + 2 * j;
            _mm512_store_si512(even + j * ALIGNMENT,
                               pair(at[0] + block * SIDE, at[1] + block * SIDE));
            _mm512_store_si512(odd + j * ALIGNMENT,
                               pair(at[1] + block * SIDE, at[2] + block * SIDE));
        }
    }
}

/* Of 16 x 16 words, in place. */
INLINE TARGET void transpose(__m512i rows[SIDE])
{
    __m512i a[SIDE];

    for (int i = 0; i < SIDE; i += 2) {
        a[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        a[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    for (int i = 0; i < SIDE; i += 4)
        for (int k = 0; k < 2; k++) {
            rows[i + 2 * k] = _mm512_unpacklo_epi64(a[i + k], a[i + k + 2]);
            rows[i + 2 * k + 1] = _mm512_unpackhi_epi64(a[i + k], a[i + k + 2]);
        }
    for (int i = 0; i < 4; i++) /* now rows[4 q + i]: rows 4 q … of column 4 lane + i */
        for (int half = 0; half < 2; half++) {
            a[8 * half + i] =
                _mm512_shuffle_i32x4(rows[8 * half + i], rows[8 * half + 4 + i], 0x88);
            a[8 * half + 4 + i] =
                _mm512_shuffle_i32x4(rows[8 * half + i], rows[8 * half + 4 + i], 0xdd);
        }
    for (int i = 0; i < 4; i++) {
        rows[i] = _mm512_shuffle_i32x4(a[i], a[8 + i], 0x88);
        rows[8 + i] = _mm512_shuffle_i32x4(a[i], a[8 + i], 0xdd);
        rows[4 + i] = _mm512_shuffle_i32x4(a[4 + i], a[12 + i], 0x88);
        rows[12 + i] = _mm512_shuffle_i32x4(a[4 + i], a[12 + i], 0xdd);
    }
}

TARGET static void lay_dy(const struct tile_plan *p, const uint16_t *dy, size_t from, size_t count)
{
    __m512i rows[SIDE];

    find(p, p->g->out, dy, 0, from, count);
    for (size_t k = 0; k < count; k += DEPTH)
        for (int block = 0; block < p->out; block++) {
            unsigned char *tile = p->dy + ((size_t)block * p->part + k) * SIDE * sizeof *dy;
            for (int i = 0; i < SIDE; i++)
                rows[i] = pair(p->sources[k + 2 * (size_t)i] + block * SIDE,
                               p->sources[k + 2 * (size_t)i + 1] + block * SIDE);
            transpose(rows);
            for (int i = 0; i < SIDE; i++)
                _mm512_store_si512(tile + i * ALIGNMENT, rows[i]);
        }
}

/* sums[m][n] += dy[m] * x[n] over `depth` pixels: m and n of blocks, one or two of each. */
INLINE TARGET void multiply(int m, int n, bool first, float *sums[2][2],
                            const unsigned char *const dy[2], const unsigned char *const x[2],
                            size_t depth)
{
#define START(tile, i, j)                                                                          \
    if (m > i && n > j) {                                                                          \
        if (first)                                                                                 \
            _tile_zero(tile);                                                                      \
        else                                                                                       \
            _tile_loadd(tile, sums[i][j], ALIGNMENT);                                              \
    }
#define END(tile, i, j)                                                                            \
    if (m > i && n > j)                                                                            \
        _tile_stored(tile, sums[i][j], ALIGNMENT);
    START(0, 0, 0)
    START(1, 0, 1)
    START(2, 1, 0)
    START(3, 1, 1)
    for (size_t k = 0; k < depth / DEPTH * TILE_BYTES; k += TILE_BYTES) {
        _tile_loadd(6, x[0] + k, ALIGNMENT);
        _tile_loadd(4, dy[0] + k, ALIGNMENT);
        _tile_dpbf16ps(0, 4, 6);
        if (n > 1) {
            _tile_loadd(7, x[1] + k, ALIGNMENT);
            _tile_dpbf16ps(1, 4, 7);
        }
        if (m > 1) {
            _tile_loadd(5, dy[1] + k, ALIGNMENT);
            _tile_dpbf16ps(2, 5, 6);
        }
        if (m > 1 && n > 1)
            _tile_dpbf16ps(3, 5, 7);
    }
    END(0, 0, 0)
    END(1, 0, 1)
    END(2, 1, 0)
    END(3, 1, 1)
#undef START
#undef END
}

/* What a call to multiply() works on. */
struct tile_place {
    int out, in; /* the first blocks */
    size_t from; /* pixel of the part */
    size_t depth;
    bool first;
};

TARGET static void multiply_tap(const struct tile_plan *p, const struct tile_place *at, int tap)
{
    size_t shift =
        (size_t)(tap / p->g->kernel_width) * p->width + (size_t)(tap % p->g->kernel_width);
    int m = p->out - at->out > 1 ? 2 : 1, n = p->in - at->in > 1 ? 2 : 1;
    const unsigned char *dy[2], *x[2];
    float *sums[2][2];

    for (int i = 0; i < 2; i++) {
        dy[i] = p->dy + ((size_t)(at->out + i) * p->part + at->from) * SIDE * sizeof(uint16_t);
        x[i] = p->x[shift % 2] +
               ((size_t)(at->in + i) * p->pairs + (at->from + shift) / 2) * ALIGNMENT;
        for (int j = 0; j < 2; j++)
            sums[i][j] = p->sums + (size_t)(((at->out + i) * p->in + at->in + j) * p->taps + tap) *
                                       SIDE * SIDE;
    }
    if (m == 2 && n == 2)
        multiply(2, 2, at->first, sums, dy, x, at->depth);
    else if (m == 2)
        multiply(2, 1, at->first, sums, dy, x, at->depth);
    else if (n == 2)
        multiply(1, 2, at->first, sums, dy, x, at->depth);
    else
        multiply(1, 1, at->first, sums, dy, x, at->depth);
}

/* By the taps whose shift is even, or odd. */
static void multiply_taps(const struct tile_plan *p, const struct tile_place *at, size_t odd)
{
    for (int tap = 0; tap < p->taps; tap++) {
        size_t row = (size_t)(tap / p->g->kernel_width),
               column = (size_t)(tap % p->g->kernel_width);
        if ((row * p->width + column) % 2 == odd)
            multiply_tap(p, at, tap);
    }
}

/* Of `count` pixels that are laid out. */
static void multiply_part(const struct tile_plan *p, size_t count, bool first)
{
    struct tile_place at;

    for (at.out = 0; at.out < p->out; at.out += 2)
        for (at.in = 0; at.in < p->in; at.in += 2)
            for (at.from = 0; at.from < count; at.from += L1_PIXELS) {
                at.depth = count - at.from < L1_PIXELS ? count - at.from : L1_PIXELS;
                at.first = first && at.from == 0;
                multiply_taps(p, &at, 0);
                multiply_taps(p, &at, 1);
            }
}

/* From blocks to dw[out][in][taps]. */
TARGET static void write_weights(const struct tile_plan *p, float *dw)
{
    size_t taps = (size_t)p->taps, channels = (size_t)p->in * SIDE;
    __m512i steps =
        _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                           _mm512_set1_epi32(p->taps));

    for (size_t out = 0; out < (size_t)p->out * SIDE; out++)
        for (size_t in = 0; in < (size_t)p->in; in++) {
            const float *from =
                p->sums + ((out / SIDE * (size_t)p->in + in) * taps * SIDE + out % SIDE) * SIDE;
            float *to = dw + (out * channels + in * SIDE) * taps;
            for (size_t tap = 0; tap < taps; tap++)
                _mm512_i32scatter_ps(to + tap, steps, _mm512_load_ps(from + tap * SIDE * SIDE), 4);
        }
}

TARGET static void sum_bias(const struct tile_plan *p, int images, const uint16_t *dy, float *db)
{
    size_t channels = (size_t)p->g->out.channels;
    size_t pixels = (size_t)images * (size_t)p->g->out.height * (size_t)p->g->out.width;

    for (size_t c = 0; c < channels; c += SIDE) {
        __m512 sum = _mm512_setzero_ps();
        for (size_t k = 0; k < pixels; k++) {
            __m256i values =
                _mm256_loadu_si256((const __m256i *)(const void *)(dy + k * channels + c));
            sum = _mm512_add_ps(
                sum, _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(values), 16)));
        }
        _mm512_storeu_ps(db + c, sum);
    }
}

struct tile_shapes { /* what _tile_loadconfig() reads */
    uint8_t palette, start, reserved[14];
    uint16_t bytes[16]; /* of a row */
    uint8_t rows[16];
};

#define EACH_TILE(value) value, value, value, value, value, value, value, value

TARGET void tiles_weights(const struct conv_geometry *g, int images, const uint16_t *x,
                          const uint16_t *dy, float *dw, float *db, void *scratch)
{
    /* static: gcc 12 takes the instruction to read 8 of its 64 bytes, and drops the other stores */
    static const struct tile_shapes shapes = {
        .palette = 1, .bytes = {EACH_TILE(ALIGNMENT)}, .rows = {EACH_TILE(SIDE)}};
    struct tile_plan p = make_plan(g, images);

    lay_scratch(&p, scratch);
    memset(p.zeros, 0, larger((size_t)g->in.channels, (size_t)g->out.channels) * sizeof *p.zeros);
    _tile_loadconfig(&shapes);
    for (size_t from = 0; from < p.pixels; from += p.part) {
        size_t left = (p.pixels - from + DEPTH - 1) / DEPTH * DEPTH;
        size_t count = left < p.part ? left : p.part;
        lay_x(&p, x, from);
        lay_dy(&p, dy, from, count);
        multiply_part(&p, count, from == 0);
    }
    _tile_release();
    write_weights(&p, dw);
    if (db)
        sum_bias(&p, images, dy, db);
}

#else

void tiles_weights(const struct conv_geometry *g, int images, const uint16_t *x, const uint16_t *dy,
                   float *dw, float *db, void *scratch)
{
    (void)g, (void)images, (void)x, (void)dy, (void)dw, (void)db, (void)scratch;
}

#endif
