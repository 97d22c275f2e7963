/*
 * Histogram equalisation: each value becomes the share of values that are not larger, so that all
 * are about equally frequent.
 *
 * That share is known at the centres of 256 bins from the smallest value to the largest (bins.c),
 * and linear in between. R. C. Gonzalez, R. E. Woods, "Digital image processing", 3.3.1. It equals
 * skimage.exposure.equalize_hist(image, 256) of each channel by itself; a channel whose values are
 * all the same stays as it is, where skimage gives 0.5. Cost: a histogram, and an interpolation a
 * value.
 */
#include "base/interrupt.h"
#include "pipelines/bins.h"
#include "pipelines/stage_shapes.h"

#include <string.h>

static void shares_of(const struct bins *bins, double values, double *shares)
{
    double count = 0;

    for (int k = 0; k < BINS; k++) {
        count += bins->counts[k];
        shares[k] = count / values;
    }
}

/* Between the centres of two bins; beyond the first and the last, as there. */
static double share_at(const double *shares, double place)
{
    if (!(place > 0))
        return shares[0];
    if (place >= BINS - 1)
        return shares[BINS - 1];
    int k = (int)place;
    return shares[k] + (place - k) * (shares[k + 1] - shares[k]);
}

static void equalise(struct image in, float *out)
{
    struct bins bins;
    double shares[BINS];
    size_t width = (size_t)in.shape.width, size = shape_plane(in.shape);

    bins_of(in, &bins);
    if (bins.low == bins.high) {
        memcpy(out, in.pixels, size * sizeof *out);
        return;
    }
    shares_of(&bins, (double)size, shares);
    double first = bins_centre(&bins, 0), scale = BINS / (bins.high - bins.low);
    for (size_t start = 0; start < size && !interrupt_requested(); start += width)
        for (size_t i = start; i < start + width; i++)
            out[i] = (float)share_at(shares, ((double)in.pixels[i] - first) * scale);
}

static void histogram_equalisation_run(const void *config, const void *state, struct image in,
                                       struct image out, float *scratch)
{
    size_t plane = shape_plane(in.shape);

    (void)config, (void)state, (void)scratch;
    for (size_t c = 0; c < (size_t)in.shape.channels; c++)
        equalise((struct image){{1, in.shape.height, in.shape.width}, in.pixels + c * plane},
                 out.pixels + c * plane);
}

static struct operations histogram_equalisation_count(const void *config, struct shape in,
                                                      struct answer answer)
{
    double values = (double)shape_size(in), channels = in.channels;
    struct operations operations = {
        .additions = 3 * values + BINS * channels,
        .multiplications = values,
        .multiply_adds = values,
        .comparisons = 2 * values,
        .divisions = BINS * channels,
        .lookups = 2 * values,
    };

    (void)config, (void)answer;
    return operations_add(operations, bins_operations(values));
}

const struct stage stage_histogram_equalisation = {
    .descriptor = {"histogram_equalisation",
                   "each value becomes the share of values that are not larger",
                   "Gonzalez, Woods, Digital image processing", NULL, 0, 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .gives = content_unless_mask,
    .shape = shape_as_input,
    .run = histogram_equalisation_run,
    .scalar = true,
    .count = histogram_equalisation_count,
};
