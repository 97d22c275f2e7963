/*
 * Gamma: brightens dark values (gamma < 1) or darkens them (gamma > 1).
 *
 *     out = gain max(in, 0)^gamma
 *
 * It equals skimage.exposure.adjust_gamma, which refuses values below 0. C. Poynton, "Digital
 * video and HD", 2012. Cost: a power a value.
 */
#include "base/interrupt.h"
#include "pipelines/stage_shapes.h"

#include <math.h>

struct gamma_settings {
    double gamma, gain;
};

static const struct field fields[] = {
    {"gamma", FIELD_REAL, offsetof(struct gamma_settings, gamma), .minimum = 0.01, .maximum = 100,
     .default_value = "0.5", .help = "the exponent"},
    {"gain", FIELD_REAL, offsetof(struct gamma_settings, gain), .minimum = 0, .maximum = 100,
     .default_value = "1", .help = "the factor"},
    {0},
};

static void gamma_run(const void *config, const void *state, struct image in, struct image out,
                      float *scratch)
{
    const struct gamma_settings *settings = config;
    size_t width = (size_t)in.shape.width;
    float gamma = (float)settings->gamma, gain = (float)settings->gain;

    (void)state, (void)scratch;
    for (size_t start = 0; start < shape_size(in.shape) && !interrupt_requested(); start += width)
        for (size_t i = start; i < start + width; i++)
            out.pixels[i] = gain * powf(in.pixels[i] > 0 ? in.pixels[i] : 0, gamma);
}

static struct operations gamma_count(const void *config, struct shape in, struct answer answer)
{
    double values = (double)shape_size(in);

    (void)config, (void)answer;
    return (struct operations){.comparisons = values,
                               .exponentials = 2 * values, /* e^(gamma log x) */
                               .multiplications = values};
}

static enum status gamma_graph(const void *config, struct shape in, struct stage_graph *graph,
                               struct error *error)
{
    const struct gamma_settings *settings = config;
    struct stage_step step = {.kind = STEP_POWER,
                              .in = in,
                              .out = in,
                              .factor = (float)settings->gain,
                              .exponent = (float)settings->gamma};

    return stage_graph_add(graph, step, error);
}

const struct stage stage_gamma = {
    .descriptor = {"gamma", "each value to the power of gamma",
                   "Poynton, Digital video and HD, 2012", fields, sizeof(struct gamma_settings), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .gives = content_unless_mask,
    .shape = shape_as_input,
    .run = gamma_run,
    .scalar = true,
    .count = gamma_count,
    .graph = gamma_graph,
};
