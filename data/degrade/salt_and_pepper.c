/*
 * Salt and pepper: dead and saturated sensor sites. Each value, channels apart, turns black with
 * probability density / 2 and white with the same (Gonzalez, Woods: Digital image processing;
 * MATLAB's imnoise counts alike).
 */
#include "base/interrupt.h"
#include "interfaces/degradation.h"

#include <stddef.h>

struct salt_and_pepper {
    double density;
};

static const struct field fields[] = {
    {"density", FIELD_REAL, offsetof(struct salt_and_pepper, density), .minimum = 0, .maximum = 1,
     .help = "share of values that are replaced, half by black, half by white"},
    {0},
};

static void apply(const void *config, struct image image, struct random_stream *stream,
                  float *scratch)
{
    const struct salt_and_pepper *noise = config;
    size_t count = shape_size(image.shape);

    (void)scratch;
    for (size_t i = 0; i < count && !interrupt_at(i); i++) {
        double chance = random_uniform(stream);
        if (chance < noise->density)
            image.pixels[i] = chance < noise->density / 2 ? 0.0f : 1.0f;
    }
}

const struct degradation degradation_salt_and_pepper = {
    .descriptor =
        {
            .name = "salt_and_pepper",
            .summary = "single values replaced by black or white",
            .source = "Gonzalez, Woods: Digital image processing",
            .fields = fields,
            .config_size = sizeof(struct salt_and_pepper),
            .version = 1,
        },
    .apply = apply,
};
