/*
 * Cosine denoising: of each window, what is small among its cosine coefficients is noise.
 *
 * G. Yu, G. Sapiro, "DCT image denoising: a simple and effective image denoising algorithm", Image
 * Processing On Line 1, 2011. Of every square window in the image the coefficients below 3 sigma
 * become 0; a pixel is the mean of what the windows around it make of it. Three channels are first
 * made independent by a cosine transform along them; others are filtered one by one. An image
 * smaller than a window is continued by its mirror image.
 *
 * The transform is a product of one along columns and one along rows. That along columns is shared
 * by all windows of a row of windows, there and back: what they give is added up between the two.
 * Eight windows side by side are transformed at once. Equal to OpenCV's xphoto::dctDenoising.
 * Cost for each pixel: side^2 times about side + 5 operations.
 */
#include "base/interrupt.h"
#include "interfaces/stage.h"
#include "math/border.h"
#include "pipelines/denoising/cosine.h"
#include "pipelines/denoising/noise_level.h"
#include "pipelines/denoising/windows.h"
#include "pipelines/stage_shapes.h"

#include <float.h>
#include <math.h>
#include <string.h>

struct dct {
    int64_t side;
    double sigma;
    double noise; /* no setting: what dct_choose() found, from 0 to 1 */
};

static const struct field fields[] = {
    {"side", FIELD_INTEGER, offsetof(struct dct, side), .minimum = 2, .maximum = COSINE_SIDE,
     .default_value = "16", .unit = "pixels", .help = "of the square window"},
    {"sigma", FIELD_REAL, offsetof(struct dct, sigma), .minimum = 0, .maximum = 1000,
     .default_value = "0", .unit = "grey levels (0..255)",
     .help = "standard deviation of the noise; 0: estimated for each image, from the finest "
             "wavelet details"},
    {0},
};

enum { CHANNELS = 3, TILE = 64, TILE_ROW = TILE + 3 * COSINE_SIDE };

/* One plane on its way. */
struct dct_work {
    struct cosines cosines;
    int height, width;
    size_t stride; /* of what follows `plane`: the width, and room for the last lanes */
    float threshold;
    const float *plane; /* [height][width] */
    float *columns;     /* [side][stride] coefficients along the columns of a row of windows */
    float *given;       /* [side][stride] what its windows give */
    float *sums;        /* [height][stride] */
    /* What each column of the windows of a tile is given, with zeros on both sides. */
    float tile[COSINE_SIDE][TILE_ROW];
};

static size_t stride_of(struct shape fit)
{
    return (size_t)fit.width + 2 * LANES;
}

/* All channels, their sums, the coefficients of a row of windows; or what the noise's level needs.
 */
static size_t dct_scratch(const void *config, struct shape in)
{
    const struct dct *dct = config;
    struct shape fit = windows_fit(in, (int)dct->side);
    size_t rows = (size_t)fit.height + 2 * (size_t)dct->side;
    size_t size = shape_size(fit) + rows * stride_of(fit);
    size_t noise = noise_level_scratch(in.height, in.width);

    return size > noise ? size : noise;
}

/* Of a row of windows, the coefficients along columns. */
LANES_INLINE void transform_columns(const struct dct_work *w, int y, int side)
{
    for (size_t first = 0; first < (size_t)w->width; first += LANES) {
        lanes x[COSINE_SIDE];
        for (int i = 0; i < side; i++)
            x[i] = *(const lanes_memory *)(w->plane + (size_t)(y + i) * (size_t)w->width + first);
        cosine_forward(&w->cosines, x, side, 1);
        for (int i = 0; i < side; i++)
            *(lanes_memory *)(w->columns + (size_t)i * w->stride + first) = x[i];
    }
}

/* One function of the columns, of `count` windows beside each other: transform along the rows,
 * shrink, and back. */
LANES_INLINE void shrink_windows(struct dct_work *w, const float *columns, int count, int side)
{
    for (int first = 0; first < count; first += LANES) {
        lanes x[COSINE_SIDE];
        lanes_int inside;
        for (int k = 0; k < LANES; k++)
            inside[k] = first + k < count ? -1 : 0;
        for (int i = 0; i < side; i++)
            x[i] = *(const lanes_memory *)(columns + first + i);
        cosine_forward(&w->cosines, x, side, 1);
        for (int i = 0; i < side; i++) {
            lanes_int bits = (lanes_int)x[i];
            lanes_int stays = ~((lanes)(bits & 0x7fffffff) < w->threshold);
            x[i] = (lanes)(bits & stays & inside);
        }
        cosine_inverse(&w->cosines, x, side, 1);
        for (int i = 0; i < side; i++)
            *(lanes_memory *)(w->tile[i] + COSINE_SIDE + first) = x[i];
    }
}

/* Add what the windows of a tile give to each column. */
LANES_INLINE void add_tile(const struct dct_work *w, float *given, int count, int side)
{
    for (int first = 0; first < count + side - 1; first += LANES) {
        lanes sum = *(const lanes_memory *)(given + first);
        for (int i = 0; i < side; i++)
            sum += *(const lanes_memory *)(w->tile[i] + COSINE_SIDE + first - i);
        *(lanes_memory *)(given + first) = sum;
    }
}

LANES_INLINE void filter_windows(struct dct_work *w, int y, int side)
{
    int windows = w->width - side + 1;

    transform_columns(w, y, side);
    memset(w->given, 0, (size_t)side * w->stride * sizeof *w->given);
    for (int first = 0; first < windows; first += TILE) {
        int count = windows - first < TILE ? windows - first : TILE;
        memset(w->tile, 0, sizeof w->tile);
        for (int k = 0; k < side; k++) {
            size_t at = (size_t)k * w->stride + (size_t)first;
            shrink_windows(w, w->columns + at, count, side);
            add_tile(w, w->given + at, count, side);
        }
    }
    for (size_t first = 0; first < (size_t)w->width; first += LANES) {
        lanes x[COSINE_SIDE];
        for (int i = 0; i < side; i++)
            x[i] = *(const lanes_memory *)(w->given + (size_t)i * w->stride + first);
        cosine_inverse(&w->cosines, x, side, 1);
        for (int i = 0; i < side; i++)
            *(lanes_memory *)(w->sums + (size_t)(y + i) * w->stride + first) += x[i];
    }
}

LANES_INLINE void shrink_rows(struct dct_work *w, int side)
{
    for (int y = 0; y + side <= w->height && !interrupt_requested(); y++)
        filter_windows(w, y, side);
}

LANES_AVX2 static void shrink_rows_avx2(struct dct_work *w, int side)
{
    if (side == 16)
        shrink_rows(w, 16);
    else if (side == 8)
        shrink_rows(w, 8);
    else
        shrink_rows(w, side);
}

static void shrink_rows_plain(struct dct_work *w, int side)
{
    if (side == 16)
        shrink_rows(w, 16);
    else
        shrink_rows(w, side);
}

static void filter_plane(struct dct_work *w, const float *plane, int side, struct shape in,
                         float *out)
{
    w->plane = plane;
    memset(w->sums, 0, (size_t)w->height * w->stride * sizeof *w->sums);
    if (lanes_avx2())
        shrink_rows_avx2(w, side);
    else
        shrink_rows_plain(w, side);
    for (int y = 0; y < in.height; y++)
        for (int x = 0; x < in.width; x++)
            *out++ = w->sums[(size_t)y * w->stride + (size_t)x] /
                     (float)(windows_over(y, w->height, side) * windows_over(x, w->width, side));
}

/* A cosine transform along three channels, there or back. */
static void transform_channels(float *pixels, size_t plane, bool back)
{
    const float third = 0.57735027F, half = 0.70710678F, sixth = 0.40824829F; /* roots of those */
    float *a = pixels, *b = pixels + plane, *c = pixels + 2 * plane;

    if (back)
#pragma omp simd
        for (size_t i = 0; i < plane; i++) {
            float mean = third * a[i], across = half * b[i], rest = sixth * c[i];
            a[i] = mean + across + rest;
            b[i] = mean - 2 * rest;
            c[i] = mean - across + rest;
        }
    else
#pragma omp simd
        for (size_t i = 0; i < plane; i++) {
            float red = a[i], green = b[i], blue = c[i];
            a[i] = third * (red + green + blue);
            b[i] = half * (red - blue);
            c[i] = sixth * (red + blue - 2 * green);
        }
}

static double noise_of(const struct dct *dct, struct image in, float *scratch)
{
    if (dct->sigma > 0)
        return dct->sigma / 255;
    return dct->noise > 0 ? dct->noise : noise_level_mean(in, scratch);
}

/* As good as none is another thing than not known. */
static void dct_choose(const void *config, struct image in, float *scratch, void *chosen)
{
    struct dct *dct = chosen;

    *dct = *(const struct dct *)config;
    dct->noise = fmax(noise_of(config, in, scratch), DBL_MIN);
}

static size_t dct_choose_scratch(const void *config, struct shape in, int threads)
{
    (void)config, (void)threads;
    return noise_level_scratch(in.height, in.width);
}

/* To the far end of the windows around a pixel. */
static int dct_reach(const void *config)
{
    return (int)((const struct dct *)config)->side - 1;
}

static void dct_run(const void *config, const void *state, struct image in, struct image out,
                    float *scratch)
{
    const struct dct *dct = config;
    struct shape fit = windows_fit(in.shape, (int)dct->side);
    size_t channels = (size_t)in.shape.channels, size = channels * shape_plane(fit);
    struct dct_work work = {
        .height = fit.height,
        .width = fit.width,
        .stride = stride_of(fit),
        .threshold = (float)(3 * noise_of(dct, in, scratch)),
        .sums = scratch + size,
    };

    (void)state;
    cosines_init(&work.cosines, (int)dct->side);
    work.columns = work.sums + (size_t)fit.height * work.stride;
    work.given = work.columns + (size_t)dct->side * work.stride;
    border_fit(in.pixels, in.shape, (struct image){fit, scratch});
    if (channels == CHANNELS)
        transform_channels(scratch, shape_plane(fit), false);
    for (size_t c = 0; c < channels; c++)
        filter_plane(&work, scratch + c * shape_plane(fit), (int)dct->side, in.shape,
                     out.pixels + c * shape_plane(in.shape));
    if (channels == CHANNELS)
        transform_channels(out.pixels, shape_plane(in.shape), true);
}

/* One transform of `side` numbers. */
static struct operations line_count(double side)
{
    double half = floor(side / 2), more = side - half;

    return (struct operations){
        .additions = 2 * half,
        .multiplications = side,
        .multiply_adds = more * (more - 1) + half * (half - 1),
    };
}

static struct operations dct_count(const void *config, struct shape in, struct answer answer)
{
    const struct dct *dct = config;
    struct shape fit = windows_fit(in, (int)dct->side);
    double side = (double)dct->side, rows = fit.height - side + 1, windows = fit.width - side + 1;
    double pixels = (double)shape_plane(in);
    double lines = 2 * rows * fit.width + 2 * rows * side * windows; /* columns; rows */
    struct operations sum = operations_repeat(line_count(side), lines);

    (void)answer;
    sum.comparisons += rows * windows * side * side;
    sum.additions += rows * windows * side * side + rows * fit.width * side;
    sum.multiplications += pixels; /* how many windows there are around a pixel */
    sum.divisions += pixels;
    if (dct->sigma == 0)
        sum = operations_add(sum, noise_level_count(in.height, in.width));
    sum = operations_repeat(sum, in.channels);
    if (in.channels == CHANNELS) {
        sum.additions += 9 * pixels;
        sum.multiplications += 8 * pixels;
    }
    return sum;
}

const struct stage stage_dct = {
    .descriptor = {"dct", "small cosine coefficients of each window are taken for noise",
                   "Yu, Sapiro, DCT image denoising: a simple and effective image denoising "
                   "algorithm, IPOL 1, 2011",
                   fields, sizeof(struct dct), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .strength = "sigma",
    .gives = content_unless_mask,
    .shape = shape_as_input,
    .scratch = dct_scratch,
    .run = dct_run,
    .sharing = {.reach = dct_reach, .choose = dct_choose, .scratch = dct_choose_scratch},
    .count = dct_count,
};
