/*
 * Unsharp masking: what a blur takes away is added once more.
 *
 *     out = in + amount (in - G_sigma * in)
 *
 * The Gaussian is that of gaussian.c. Values may leave [0, 1]. It equals
 * skimage.filters.unsharp_mask(image, sigma, amount, preserve_range=True), channel by channel.
 * R. C. Gonzalez, R. E. Woods, "Digital image processing", 3.6.3. Cost: the blur, an addition and a
 * product a value.
 */
#include "base/interrupt.h"
#include "base/vectors.h"
#include "pipelines/smoothing/gaussian.h"
#include "pipelines/stage_shapes.h"

struct unsharp {
    double sigma, amount;
};

static const struct field fields[] = {
    {"sigma", FIELD_REAL, offsetof(struct unsharp, sigma), .minimum = 0.01, .maximum = 50,
     .default_value = "1", .unit = "pixels", .help = "standard deviation of the blur"},
    {"amount", FIELD_REAL, offsetof(struct unsharp, amount), .minimum = 0, .maximum = 100,
     .default_value = "1", .help = "how much of the difference is added"},
    {0},
};

static size_t unsharp_scratch(const void *config, struct shape in)
{
    return gaussian_blur_scratch(((const struct unsharp *)config)->sigma, in);
}

static int unsharp_reach(const void *config)
{
    return gaussian_blur_radius(((const struct unsharp *)config)->sigma);
}

WIDE_VECTORS static void row_sharpen(const float *in, float amount, size_t width, float *row)
{
#pragma omp simd
    for (size_t x = 0; x < width; x++)
        row[x] = in[x] + amount * (in[x] - row[x]);
}

static void unsharp_run(const void *config, const void *state, struct image in, struct image out,
                        float *scratch)
{
    const struct unsharp *unsharp = config;
    size_t width = (size_t)in.shape.width;
    float amount = (float)unsharp->amount;

    (void)state;
    gaussian_blur(unsharp->sigma, in, out, scratch);
    for (size_t start = 0; start < shape_size(in.shape) && !interrupt_requested(); start += width)
        row_sharpen(in.pixels + start, amount, width, out.pixels + start);
}

static struct operations unsharp_count(const void *config, struct shape in, struct answer answer)
{
    double values = (double)shape_size(in);

    (void)answer;
    return operations_add(gaussian_blur_operations(((const struct unsharp *)config)->sigma, in),
                          (struct operations){.additions = values, .multiply_adds = values});
}

const struct stage stage_unsharp = {
    .descriptor = {"unsharp", "unsharp masking: the difference to a blurred copy is added",
                   "Gonzalez, Woods, Digital image processing", fields, sizeof(struct unsharp), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .gives = content_unless_mask,
    .shape = shape_as_input,
    .scratch = unsharp_scratch,
    .run = unsharp_run,
    .sharing = {.reach = unsharp_reach},
    .count = unsharp_count,
};
