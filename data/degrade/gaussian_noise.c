/*
 * Additive white Gaussian noise. `sigma` is its standard deviation in grey levels of 0 … 255, as
 * the denoising literature counts. With `clip` the result is cut to [0, 1], as an 8-bit camera
 * does; the literature's tables are without.
 */
#include "base/interrupt.h"
#include "interfaces/degradation.h"

#include <stddef.h>

struct gaussian_noise {
    double sigma;
    bool clip;
};

static const struct field fields[] = {
    {"sigma", FIELD_REAL, offsetof(struct gaussian_noise, sigma), .minimum = 0, .maximum = 1000,
     .unit = "grey levels", .help = "standard deviation; white is 255"},
    {"clip", FIELD_BOOLEAN, offsetof(struct gaussian_noise, clip), .default_value = "true",
     .help = "clip values at black and white, as an 8-bit camera does"},
    {0},
};

static void apply(const void *config, struct image image, struct random_stream *stream,
                  float *scratch)
{
    const struct gaussian_noise *noise = config;
    size_t count = shape_size(image.shape);
    double sigma = noise->sigma / 255;

    (void)scratch;
    for (size_t i = 0; i < count && !interrupt_at(i); i++) {
        double value = (double)image.pixels[i] + sigma * random_normal(stream);
        if (noise->clip)
            value = value < 0 ? 0 : value > 1 ? 1 : value;
        image.pixels[i] = (float)value;
    }
}

const struct degradation degradation_gaussian_noise = {
    .descriptor =
        {
            .name = "gaussian_noise",
            .summary = "additive white Gaussian noise",
            .fields = fields,
            .config_size = sizeof(struct gaussian_noise),
            .version = 1,
        },
    .apply = apply,
};
