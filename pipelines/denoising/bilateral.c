/*
 * Bilateral filter: a blur that stops at edges.
 *
 * C. Tomasi, R. Manduchi, "Bilateral filtering for gray and color images", ICCV 1998. Each pixel p
 * becomes the mean of its neighbours q, weighted by nearness in place and in colour:
 *
 *     w(p, q) = exp(-|p - q|^2 / (2 sigma_space^2) - |I(p) - I(q)|^2 / (2 sigma_range^2))
 *
 * where |I(p) - I(q)| is the Euclidean distance over the channels, in grey levels. The window is a
 * square of side 2 radius + 1. Cost: (2 radius + 1)^2 exponentials a pixel.
 *
 * The exponential is computed here, with arithmetic alone: loops over a row then run several pixels
 * at once, and the bits do not depend on the C library.
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

static int window_radius(const struct bilateral *bilateral)
{
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

/* The padded planes, then rows: exponents (later weights), their sum, each channel's sum. */
static size_t bilateral_scratch(const void *config, struct shape in)
{
    size_t channels = (size_t)in.channels;
    return channels * border_size(in.height, in.width, window_radius(config)) +
           (2 + channels) * (size_t)in.width;
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

/* exponents[x] -= factor * (centre[x] - neighbour[x])^2 */
WIDE_VECTORS static void row_distance(const float *centre, const float *neighbour, float factor,
                                      int width, float *exponents)
{
#pragma omp simd
    for (int x = 0; x < width; x++) {
        float difference = centre[x] - neighbour[x];
        exponents[x] -= factor * (difference * difference);
    }
}

/* Exponents become weights and are summed. (Two loops: compilers then run both on vectors.) */
WIDE_VECTORS static void row_weights(float *exponents, float *weight_sums, int width)
{
#pragma omp simd
    for (int x = 0; x < width; x++)
        exponents[x] = exponents[x] < LEAST ? LEAST : exponents[x];
#pragma omp simd
    for (int x = 0; x < width; x++) {
        float weight = falling_exponential(exponents[x]);
        exponents[x] = weight;
        weight_sums[x] += weight;
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
};

/* One row of the output, all channels. `padded` points at the row's first pixel. */
static void filter_row(const struct bilateral_geometry *g, const float *padded, float *rows)
{
    size_t width = (size_t)g->width;
    float *exponents = rows, *weight_sums = rows + width, *sums = rows + 2 * width;

    memset(weight_sums, 0, (1 + (size_t)g->channels) * width * sizeof *rows);
    for (int dy = -g->radius; dy <= g->radius; dy++)
        for (int dx = -g->radius; dx <= g->radius; dx++) {
            const float *shifted = padded + (ptrdiff_t)g->stride * dy + dx;
            float nearness = -g->space * (float)(dx * dx + dy * dy);
            for (size_t x = 0; x < width; x++)
                exponents[x] = nearness;
            for (size_t c = 0; c < (size_t)g->channels; c++)
                row_distance(padded + c * g->plane, shifted + c * g->plane, g->range, g->width,
                             exponents);
            row_weights(exponents, weight_sums, g->width);
            for (size_t c = 0; c < (size_t)g->channels; c++)
                row_accumulate(exponents, shifted + c * g->plane, g->width, sums + c * width);
        }
}

static void bilateral_run(const void *config, const void *state, struct image in, struct image out,
                          float *scratch)
{
    const struct bilateral *bilateral = config;
    int radius = window_radius(bilateral), height = in.shape.height, width = in.shape.width;
    double range = bilateral->sigma_range / 255;
    size_t wide = (size_t)width, plane = (size_t)height * wide;
    struct bilateral_geometry g = {width,
                                   in.shape.channels,
                                   radius,
                                   wide + 2 * (size_t)radius,
                                   border_size(height, width, radius),
                                   (float)(0.5 / (bilateral->sigma_space * bilateral->sigma_space)),
                                   (float)(0.5 / (range * range))};
    float *rows = scratch + (size_t)g.channels * g.plane;

    (void)state;
    for (size_t c = 0; c < (size_t)g.channels; c++)
        border_pad(in.pixels + c * plane, height, width, radius, scratch + c * g.plane);
    for (size_t y = 0; y < (size_t)height && !interrupt_requested(); y++) {
        filter_row(&g, scratch + (y + (size_t)radius) * g.stride + radius, rows);
        for (size_t c = 0; c < (size_t)g.channels; c++)
            for (size_t x = 0; x < wide; x++)
                out.pixels[c * plane + y * wide + x] = rows[(2 + c) * wide + x] / rows[wide + x];
    }
}

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
    .shape = bilateral_shape,
    .scratch = bilateral_scratch,
    .run = bilateral_run,
    .count = bilateral_count,
};
