/*
 * Gaussian blur: an optic out of focus. Rows, then columns are convolved with
 * exp(-x^2 / (2 sigma^2)), cut at 4 sigma and normalised; beyond its edges the image is mirrored,
 * the edge pixel included (d c b a | a b c d), as scipy.ndimage.gaussian_filter does by default.
 * The cost is 2 (8 sigma + 1) multiply-adds a value.
 */
#include "base/interrupt.h"
#include "interfaces/degradation.h"

#include <math.h>
#include <stddef.h>

struct blur {
    double sigma;
};

static const struct field fields[] = {
    {"sigma", FIELD_REAL, offsetof(struct blur, sigma), .minimum = 0, .maximum = 50,
     .unit = "pixels", .help = "standard deviation of the Gaussian"},
    {0},
};

static int kernel_radius(double sigma)
{
    return (int)(4 * sigma + 0.5);
}

/* Half a kernel, and one line of the image. */
static size_t scratch_size(const void *config, struct shape shape)
{
    const struct blur *blur = config;
    int line = shape.height > shape.width ? shape.height : shape.width;
    return (size_t)kernel_radius(blur->sigma) + 1 + (size_t)line;
}

static void fill_kernel(float *kernel, int radius, double sigma)
{
    double sum = 1;
    for (int i = 1; i <= radius; i++)
        sum += 2 * exp(-i * i / (2 * sigma * sigma));
    kernel[0] = (float)(1 / sum);
    for (int i = 1; i <= radius; i++)
        kernel[i] = (float)(exp(-i * i / (2 * sigma * sigma)) / sum);
}

/* Where position `at` lies after mirroring it into [0, length). */
static int mirror(int at, int length)
{
    int period = 2 * length;
    at %= period;
    if (at < 0)
        at += period;
    return at < length ? at : period - 1 - at;
}

static double value_at(const float *line, int length, int at)
{
    return (double)line[at >= 0 && at < length ? at : mirror(at, length)];
}

/* Convolve `length` values that stand `stride` apart, in place; `line` holds their copy. */
static void convolve(float *values, int length, size_t stride, const float *kernel, int radius,
                     float *line)
{
    for (int i = 0; i < length; i++)
        line[i] = values[(size_t)i * stride];
    for (int i = 0; i < length; i++) {
        double sum = (double)kernel[0] * (double)line[i];
        for (int k = 1; k <= radius; k++)
            sum +=
                (double)kernel[k] * (value_at(line, length, i - k) + value_at(line, length, i + k));
        values[(size_t)i * stride] = (float)sum;
    }
}

static void apply(const void *config, struct image image, struct random_stream *stream,
                  float *scratch)
{
    const struct blur *blur = config;
    int radius = kernel_radius(blur->sigma), height = image.shape.height;
    size_t width = (size_t)image.shape.width;
    float *line = scratch + radius + 1;

    (void)stream;
    if (radius == 0)
        return;
    fill_kernel(scratch, radius, blur->sigma);
    for (int c = 0; c < image.shape.channels; c++) {
        float *plane = image.pixels + (size_t)c * (size_t)height * width;
        for (int y = 0; y < height && !interrupt_requested(); y++)
            convolve(plane + (size_t)y * width, image.shape.width, 1, scratch, radius, line);
        for (size_t x = 0; x < width && !interrupt_requested(); x++)
            convolve(plane + x, height, width, scratch, radius, line);
    }
}

const struct degradation degradation_blur = {
    .descriptor =
        {
            .name = "blur",
            .summary = "Gaussian blur, as from a lens out of focus",
            .fields = fields,
            .config_size = sizeof(struct blur),
            .version = 1,
        },
    .scratch = scratch_size,
    .apply = apply,
};
