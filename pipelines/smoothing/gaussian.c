/*
 * Gaussian blur: each pixel becomes the mean of its neighbourhood, weighted by
 * exp(-(dx^2 + dy^2) / (2 sigma^2)).
 *
 * The weights are a product of one factor in x and one in y, so two passes of a one-dimensional
 * filter do (first along y, then along x). They are cut at 4 sigma and scaled to sum 1, as
 * scipy.ndimage.gaussian_filter does. Cost: 2 (4 sigma + 1) products a pixel instead of
 * (8 sigma + 1)^2.
 */
#include "pipelines/smoothing/gaussian.h"

#include "base/interrupt.h"
#include "base/vectors.h"
#include "interfaces/stage.h"
#include "math/border.h"

#include <math.h>

struct gaussian {
    double sigma;
};

static const struct field fields[] = {
    {"sigma", FIELD_REAL, offsetof(struct gaussian, sigma), .minimum = 0.01, .maximum = 50,
     .default_value = "1", .unit = "pixels", .help = "standard deviation of the window"},
    {0},
};

int gaussian_blur_radius(double sigma)
{
    return (int)(4 * sigma + 0.5);
}

/* Weights from the centre outwards; both sides together sum to 1. */
static void window_weights(double sigma, int radius, float *weights)
{
    double sum = 0;

    for (int k = -radius; k <= radius; k++)
        sum += exp(-0.5 * k * k / (sigma * sigma));
    for (int k = 0; k <= radius; k++)
        weights[k] = (float)(exp(-0.5 * k * k / (sigma * sigma)) / sum);
}

static enum status gaussian_shape(const void *config, struct shape in, struct answer answer,
                                  struct shape *out, struct error *error)
{
    (void)config, (void)answer, (void)error;
    *out = in;
    return STATUS_OK;
}

/* The weights, and one row with its border. */
size_t gaussian_blur_scratch(double sigma, struct shape in)
{
    size_t radius = (size_t)gaussian_blur_radius(sigma);
    return radius + 1 + (size_t)in.width + 2 * radius;
}

static size_t gaussian_scratch(const void *config, struct shape in)
{
    return gaussian_blur_scratch(((const struct gaussian *)config)->sigma, in);
}

/* out[x] += weight * (a[x] + b[x]) */
WIDE_VECTORS static void row_add(float *out, const float *a, const float *b, float weight,
                                 int width)
{
#pragma omp simd
    for (int x = 0; x < width; x++)
        out[x] += weight * (a[x] + b[x]);
}

/* out[x] = weight * a[x] */
WIDE_VECTORS static void row_scale(float *out, const float *a, float weight, int width)
{
#pragma omp simd
    for (int x = 0; x < width; x++)
        out[x] = weight * a[x];
}

static void blur_plane(const float *in, int height, int width, const float *weights, int radius,
                       float *line, float *out)
{
    size_t stride = (size_t)width;
    float *centre = line + radius;

    for (int y = 0; y < height && !interrupt_requested(); y++) {
        float *row = out + (size_t)y * stride;
        row_scale(centre, in + (size_t)y * stride, weights[0], width);
        for (int k = 1; k <= radius; k++)
            row_add(centre, in + (size_t)border_reflect(y - k, height) * stride,
                    in + (size_t)border_reflect(y + k, height) * stride, weights[k], width);
        border_row(line, width, radius);
        row_scale(row, centre, weights[0], width);
        for (int k = 1; k <= radius; k++)
            row_add(row, centre - k, centre + k, weights[k], width);
    }
}

void gaussian_blur(double sigma, struct image in, struct image out, float *scratch)
{
    int radius = gaussian_blur_radius(sigma);
    size_t plane = (size_t)in.shape.height * (size_t)in.shape.width;

    window_weights(sigma, radius, scratch);
    for (size_t c = 0; c < (size_t)in.shape.channels; c++)
        blur_plane(in.pixels + c * plane, in.shape.height, in.shape.width, scratch, radius,
                   scratch + radius + 1, out.pixels + c * plane);
}

static int gaussian_reach(const void *config)
{
    return gaussian_blur_radius(((const struct gaussian *)config)->sigma);
}

static void gaussian_run(const void *config, const void *state, struct image in, struct image out,
                         float *scratch)
{
    (void)state;
    gaussian_blur(((const struct gaussian *)config)->sigma, in, out, scratch);
}

struct operations gaussian_blur_operations(double sigma, struct shape in)
{
    double values = (double)shape_size(in), radius = gaussian_blur_radius(sigma);
    struct operations operations = {
        .multiply_adds = 2 * radius * values,
        .additions = 2 * radius * values,
        .multiplications = 2 * values,
    };

    return operations;
}

static struct operations gaussian_count(const void *config, struct shape in, struct answer answer)
{
    (void)answer;
    return gaussian_blur_operations(((const struct gaussian *)config)->sigma, in);
}

static enum status gaussian_graph(const void *config, struct shape in, struct stage_graph *graph,
                                  struct error *error)
{
    double sigma = ((const struct gaussian *)config)->sigma;
    struct stage_step step = {
        .kind = STEP_BLUR, .in = in, .out = in, .radius = gaussian_blur_radius(sigma)};
    float *weights;

    PASS(arena_new(graph->arena, &weights, (size_t)step.radius + 1, sizeof *weights, error));
    window_weights(sigma, step.radius, weights);
    step.weights = weights;
    return stage_graph_add(graph, step, error);
}

const struct stage stage_gaussian = {
    .descriptor = {"gaussian", "Gaussian blur of each channel", NULL, fields,
                   sizeof(struct gaussian), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .strength = "sigma",
    .shape = gaussian_shape,
    .scratch = gaussian_scratch,
    .run = gaussian_run,
    .sharing = {.reach = gaussian_reach},
    .count = gaussian_count,
    .graph = gaussian_graph,
};
