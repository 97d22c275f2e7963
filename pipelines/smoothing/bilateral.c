/*
 * Bilateral filter: a blur that stops at edges.
 *
 * C. Tomasi, R. Manduchi, "Bilateral filtering for gray and color images", ICCV 1998. Each pixel p
 * becomes the mean of its neighbours q, weighted by nearness in place and in colour:
 *
 *     w(p, q) = exp(-|p - q|^2 / (2 sigma_space^2) - |I(p) - I(q)|^2 / (2 sigma_range^2))
 *
 * where |I(p) - I(q)| is the Euclidean distance over the channels, in grey levels. The window is a
 * square of side 2 radius + 1. As w(p, q) = w(q, p), a weight is computed once for both, and kept
 * for the rows in between. Cost: (2 radius + 1)^2 / 2 exponentials a pixel, and as many again where
 * the window is too large for that.
 *
 * The exponential is computed here, with arithmetic alone: loops over a row then run several pixels
 * at once, and the bits do not depend on the C library.
 *
 * OpenCV's window is a disc, and its colours differ by the sum of their channels' differences; with
 * both it gives the same to 1e-6, without them up to 0.2 less on images from 0 to 1.
 * scikit-image 0.19 divides differences by the number of channels, and its table of weights of
 * places is skewed by a row and a column too many: with these it gives the same to 1e-7
 * (tests/golden/quality.py compare).
 */
#include "base/interrupt.h"
#include "base/vectors.h"
#include "interfaces/stage.h"
#include "math/border.h"

#include <string.h>

struct bilateral {
    double sigma_space, sigma_range;
    int64_t radius;
};

static const struct field fields[] = {
    {"sigma_space", FIELD_REAL, offsetof(struct bilateral, sigma_space), .minimum = 0.1,
     .maximum = 20, .default_value = "1.5", .unit = "pixels",
     .help = "standard deviation of the weight over distance"},
    {"sigma_range", FIELD_REAL, offsetof(struct bilateral, sigma_range), .minimum = 0.1,
     .maximum = 1000, .default_value = "50", .unit = "grey levels (0..255)",
     .help = "standard deviation of the weight over the difference of colours"},
    {"radius", FIELD_INTEGER, offsetof(struct bilateral, radius), .minimum = 0, .maximum = 40,
     .default_value = "0", .unit = "pixels",
     .help = "half the window's side, excluding the centre; 0: twice sigma_space, rounded"},
    {0},
};

/* Exponents are kept above this: exp(-87) is as good as nothing, and not denormal. */
static const float LEAST = -87;

enum {
    STRIP = 512,     /* columns that are filtered together */
    KEPT_RADIUS = 7, /* up to here the weights of pairs are kept: 2 MiB at most */
};

static int window_radius(const void *config)
{
    const struct bilateral *bilateral = config;

    if (bilateral->radius > 0)
        return (int)bilateral->radius;
    int radius = (int)(2 * bilateral->sigma_space + 0.5);
    return radius > 1 ? radius : 1;
}

static enum status bilateral_shape(const void *config, struct shape in, struct answer answer,
                                   struct shape *out, struct error *error)
{
    (void)config, (void)answer, (void)error;
    *out = in;
    return STATUS_OK;
}

/* Displacements whose other half are their negatives: dy > 0, or dy = 0 and dx > 0. */
static int half_window(int radius)
{
    return 2 * radius * (radius + 1);
}

/* The padded planes, then rows of a strip: exponents (later weights), their sum, each channel's
 * sum; then the pairs' weights. */
static size_t bilateral_scratch(const void *config, struct shape in)
{
    int radius = window_radius(config);
    size_t channels = (size_t)in.channels, rows = (2 + channels) * STRIP;

    if (radius <= KEPT_RADIUS)
        rows += (size_t)(radius + 1) * (size_t)half_window(radius) * (size_t)(STRIP + radius);
    return channels * border_size(in.height, in.width, radius) + rows;
}

/*
 * exp(x) for LEAST <= x <= 0, relative error below 3e-7: x = n ln 2 + f with |f| <= ln 2 / 2, then
 * the Taylor polynomial of degree 6 in f, times 2^n put together from bits.
 */
static inline float falling_exponential(float x)
{
    int32_t n = (int32_t)(x * 1.44269504F - 0.5F);
    float f = x - (float)n * 0.693359375F + (float)n * 2.12194440e-4F;
    float polynomial =
        1 + f * (1 + f * (0.5F + f * (1.0F / 6 + f * (1.0F / 24 + f * (1.0F / 120 + f / 720)))));
    int32_t bits = (n + 127) * (1 << 23);
    float power;

    memcpy(&power, &bits, sizeof power);
    return polynomial * power;
}

/* exponents[x] = start - factor * (centre[x] - neighbour[x])^2 */
WIDE_VECTORS static void row_exponents(const float *centre, const float *neighbour, float start,
                                       float factor, int width, float *exponents)
{
#pragma omp simd
    for (int x = 0; x < width; x++) {
        float difference = centre[x] - neighbour[x];
        exponents[x] = start - factor * (difference * difference);
    }
}

/* … of a further channel: exponents[x] -= factor * (centre[x] - neighbour[x])^2 */
WIDE_VECTORS static void row_further(const float *centre, const float *neighbour, float factor,
                                     int width, float *exponents)
{
#pragma omp simd
    for (int x = 0; x < width; x++) {
        float difference = centre[x] - neighbour[x];
        exponents[x] -= factor * (difference * difference);
    }
}

/* Exponents become weights. (Two loops: compilers then run both on vectors.) */
WIDEST_VECTORS static void row_weights(float *exponents, int width)
{
#pragma omp simd
    for (int x = 0; x < width; x++)
        exponents[x] = exponents[x] < LEAST ? LEAST : exponents[x];
#pragma omp simd
    for (int x = 0; x < width; x++)
        exponents[x] = falling_exponential(exponents[x]);
}

/* Sums of the weights, and of the first channel's weighted values. */
WIDE_VECTORS static void row_sum(const float *weights, const float *neighbour, int width,
                                 float *weight_sums, float *sums)
{
#pragma omp simd
    for (int x = 0; x < width; x++) {
        weight_sums[x] += weights[x];
        sums[x] += weights[x] * neighbour[x];
    }
}

WIDE_VECTORS static void row_accumulate(const float *weights, const float *neighbour, int width,
                                        float *sums)
{
#pragma omp simd
    for (int x = 0; x < width; x++)
        sums[x] += weights[x] * neighbour[x];
}

struct bilateral_geometry {
    int width, channels, radius;
    size_t stride, plane; /* of the padded planes */
    float space, range;   /* 1 / (2 sigma^2), in pixels and in units of the image */
    float *pairs;         /* [radius + 1 rows][displacements][width + radius]; NULL: not kept */
};

/* The weights of `count` pixels, from `padded` on, and of those that lie (dy, dx) apart. */
static void pair_weights(const struct bilateral_geometry *g, const float *padded, int dy, int dx,
                         int count, float *weights)
{
    const float *shifted = padded + (ptrdiff_t)g->stride * dy + dx;
    float nearness = -g->space * (float)(dx * dx + dy * dy);

    row_exponents(padded, shifted, nearness, g->range, count, weights);
    for (size_t c = 1; c < (size_t)g->channels; c++)
        row_further(padded + c * g->plane, shifted + c * g->plane, g->range, count, weights);
    row_weights(weights, count);
}

/* Where the weights of row y and displacement (dy, dx), of that half, are kept. */
static float *kept_pairs(const struct bilateral_geometry *g, int y, int dy, int dx)
{
    int side = 2 * g->radius + 1, slot = (y + g->radius) % (g->radius + 1);
    int number = dy * side + dx - 1; /* (0, 1) is the first one */

    return g->pairs +
           (size_t)(slot * half_window(g->radius) + number) * (size_t)(g->width + g->radius);
}

/* The weights of all pairs whose first pixel is in row y, and whose second one is in the image's
 * rows. They begin at the column -dx where dx > 0. */
static void keep_pairs(const struct bilateral_geometry *g, const float *padded, int y)
{
    for (int dy = y < 0 ? -y : 0; dy <= g->radius; dy++)
        for (int dx = dy ? -g->radius : 1; dx <= g->radius; dx++)
            pair_weights(g, padded - (dx > 0 ? dx : 0), dy, dx, g->width + (dx > 0 ? dx : -dx),
                         kept_pairs(g, y, dy, dx));
}

/* The weights of row y's pixels and of those that lie (dy, dx) apart; `row` may get them. */
static const float *window_weights(const struct bilateral_geometry *g, const float *padded, int y,
                                   int dy, int dx, float *row)
{
    if (!g->pairs || (dy == 0 && dx == 0)) {
        pair_weights(g, padded, dy, dx, g->width, row);
        return row;
    }
    if (dy > 0 || (dy == 0 && dx > 0))
        return kept_pairs(g, y, dy, dx) + (dx > 0 ? dx : 0);
    return kept_pairs(g, y + dy, -dy, -dx) + (dx < 0 ? 0 : dx);
}

/* Row y of the output, all channels. `padded` points at the row's first pixel. */
static void filter_row(const struct bilateral_geometry *g, const float *padded, int y, float *rows)
{
    size_t width = (size_t)g->width;
    float *weight_sums = rows + width, *sums = rows + 2 * width;

    memset(weight_sums, 0, (1 + (size_t)g->channels) * width * sizeof *rows);
    for (int dy = -g->radius; dy <= g->radius; dy++)
        for (int dx = -g->radius; dx <= g->radius; dx++) {
            const float *shifted = padded + (ptrdiff_t)g->stride * dy + dx;
            const float *weights = window_weights(g, padded, y, dy, dx, rows);
            row_sum(weights, shifted, g->width, weight_sums, sums);
            for (size_t c = 1; c < (size_t)g->channels; c++)
                row_accumulate(weights, shifted + c * g->plane, g->width, sums + c * width);
        }
}

/* `width` columns of the image, from `left` on. */
static void filter_strip(struct bilateral_geometry *g, const float *padded, struct image out,
                         int left, float *rows)
{
    size_t plane = shape_plane(out.shape), stride = (size_t)out.shape.width;
    size_t width = (size_t)g->width, radius = (size_t)g->radius;
    const float *first = padded + radius * g->stride + radius + left;

    for (int y = g->pairs ? -g->radius : 0; y < out.shape.height && !interrupt_requested(); y++) {
        const float *from = first + (ptrdiff_t)g->stride * y;
        float *row = out.pixels + (ptrdiff_t)stride * y + left;
        if (g->pairs)
            keep_pairs(g, from, y);
        if (y < 0)
            continue;
        filter_row(g, from, y, rows);
        for (size_t c = 0; c < (size_t)g->channels; c++)
            for (size_t x = 0; x < width; x++)
                row[c * plane + x] = rows[(2 + c) * width + x] / rows[width + x];
    }
}

static void bilateral_run(const void *config, const void *state, struct image in, struct image out,
                          float *scratch)
{
    const struct bilateral *bilateral = config;
    int radius = window_radius(bilateral), height = in.shape.height, width = in.shape.width;
    double range = bilateral->sigma_range / 255;
    struct bilateral_geometry g = {
        .channels = in.shape.channels,
        .radius = radius,
        .stride = (size_t)width + 2 * (size_t)radius,
        .plane = border_size(height, width, radius),
        .space = (float)(0.5 / (bilateral->sigma_space * bilateral->sigma_space)),
        .range = (float)(0.5 / (range * range))};
    float *rows = scratch + (size_t)g.channels * g.plane;

    (void)state;
    for (size_t c = 0; c < (size_t)g.channels; c++)
        border_pad(in.pixels + c * shape_plane(in.shape), height, width, radius,
                   scratch + c * g.plane);
    for (int left = 0; left < width; left += STRIP) {
        g.width = width - left < STRIP ? width - left : STRIP;
        g.pairs = radius <= KEPT_RADIUS ? rows + (2 + (size_t)g.channels) * STRIP : NULL;
        filter_strip(&g, scratch, out, left, rows);
    }
}

/* As defined, an exponential for each neighbour, whether or not pairs share it: stored costs do not
 * depend on how the stage is computed. */
static struct operations bilateral_count(const void *config, struct shape in, struct answer answer)
{
    double side = 2.0 * window_radius(config) + 1, channels = in.channels;
    double pixels = (double)in.height * in.width, neighbours = pixels * side * side;
    struct operations operations = {
        .multiply_adds = 2 * channels * neighbours,
        .additions = (channels + 1) * neighbours,
        .multiplications = channels * neighbours,
        .divisions = channels * pixels,
        .exponentials = neighbours,
    };

    (void)answer;
    return operations;
}

const struct stage stage_bilateral = {
    .descriptor = {"bilateral", "blur that stops at edges",
                   "Tomasi, Manduchi, Bilateral filtering for gray and color images, ICCV 1998",
                   fields, sizeof(struct bilateral), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .strength = "sigma_range",
    .shape = bilateral_shape,
    .scratch = bilateral_scratch,
    .run = bilateral_run,
    .sharing = {.reach = window_radius},
    .count = bilateral_count,
};
