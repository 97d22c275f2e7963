/*
 * Threshold: what is not above a level becomes black, the rest stays as it is.
 *
 * With sigma, a blurred copy of the image decides (its Gaussian is that of gaussian.c), and the
 * pixel itself is what stays:
 *
 *     out = in where (G_sigma * in) > level, else 0
 *
 * A bright pixel that stands alone in the dark then goes, and a dark one inside of a stroke stays.
 * The estimate "keep or kill" is the hard threshold of D. L. Donoho, I. M. Johnstone, "Ideal
 * spatial adaptation by wavelet shrinkage", Biometrika 81, 1994, on pixels in place of
 * coefficients. Cost: a comparison a pixel, and the blur.
 */
#include "interfaces/stage.h"
#include "pipelines/gaussian.h"

struct threshold {
    double level, sigma;
};

static const struct field fields[] = {
    {"level", FIELD_REAL, offsetof(struct threshold, level), .minimum = 0, .maximum = 255,
     .default_value = "128", .unit = "grey levels (0..255)",
     .help = "values up to the level become 0; others stay"},
    {"sigma", FIELD_REAL, offsetof(struct threshold, sigma), .minimum = 0, .maximum = 50,
     .default_value = "0", .unit = "pixels",
     .help = "standard deviation of a Gaussian blur that is compared with the level instead; 0: no "
             "blur"},
    {0},
};

static enum status threshold_shape(const void *config, struct shape in, struct answer answer,
                                   struct shape *out, struct error *error)
{
    (void)config, (void)answer, (void)error;
    *out = in;
    return STATUS_OK;
}

static size_t threshold_scratch(const void *config, struct shape in)
{
    const struct threshold *threshold = config;
    return threshold->sigma > 0 ? gaussian_blur_scratch(threshold->sigma, in) : 0;
}

static void threshold_run(const void *config, const void *state, struct image in, struct image out,
                          float *scratch)
{
    const struct threshold *threshold = config;
    const float *decides = in.pixels;
    float level = (float)(threshold->level / 255);

    (void)state;
    if (threshold->sigma > 0) {
        gaussian_blur(threshold->sigma, in, out, scratch);
        decides = out.pixels;
    }
    for (size_t i = 0; i < shape_size(in.shape); i++)
        out.pixels[i] = decides[i] > level ? in.pixels[i] : 0;
}

static struct operations threshold_count(const void *config, struct shape in, struct answer answer)
{
    const struct threshold *threshold = config;
    struct operations operations = {.comparisons = (double)shape_size(in)};

    (void)answer;
    if (threshold->sigma > 0)
        operations = operations_add(operations, gaussian_blur_operations(threshold->sigma, in));
    return operations;
}

const struct stage stage_threshold = {
    .descriptor = {"threshold",
                   "pixels that are not above a level, optionally after a blur, become black",
                   "Donoho, Johnstone, Ideal spatial adaptation by wavelet shrinkage, 1994", fields,
                   sizeof(struct threshold), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .shape = threshold_shape,
    .scratch = threshold_scratch,
    .run = threshold_run,
    .count = threshold_count,
};
