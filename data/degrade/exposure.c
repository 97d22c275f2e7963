/*
 * Exposure: every value times `gain`, as by a longer or shorter shutter time or another aperture.
 * With `clip` the result is cut to [0, 1], as a sensor saturates.
 */
#include "base/interrupt.h"
#include "interfaces/degradation.h"

#include <stddef.h>

struct exposure {
    double gain;
    bool clip;
};

static const struct field fields[] = {
    {"gain", FIELD_REAL, offsetof(struct exposure, gain), .minimum = 0, .maximum = 64,
     .help = "factor; 1: unchanged, 0.5: half the light"},
    {"clip", FIELD_BOOLEAN, offsetof(struct exposure, clip), .default_value = "true",
     .help = "clip values at black and white, as a sensor saturates"},
    {0},
};

static void apply(const void *config, struct image image, struct random_stream *stream,
                  float *scratch)
{
    const struct exposure *exposure = config;
    size_t count = shape_size(image.shape);

    (void)stream;
    (void)scratch;
    for (size_t i = 0; i < count && !interrupt_at(i); i++) {
        double value = exposure->gain * (double)image.pixels[i];
        if (exposure->clip)
            value = value < 0 ? 0 : value > 1 ? 1 : value;
        image.pixels[i] = (float)value;
    }
}

const struct degradation degradation_exposure = {
    .descriptor =
        {
            .name = "exposure",
            .summary = "more or less light",
            .fields = fields,
            .config_size = sizeof(struct exposure),
            .version = 1,
        },
    .apply = apply,
};
