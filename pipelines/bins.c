#include "pipelines/bins.h"

#include "base/interrupt.h"

#include <string.h>

static double edge(const struct bins *bins, int k)
{
    return k == BINS ? bins->high : bins->low + k * ((bins->high - bins->low) / BINS);
}

/* The product may be off by a rounding: the edges decide. */
static int bin_of(const struct bins *bins, double scale, double value)
{
    double place = (value - bins->low) * scale;
    int k = place >= BINS - 1 ? BINS - 1 : place > 0 ? (int)place : 0;

    if (k > 0 && value < edge(bins, k))
        return k - 1;
    return k < BINS - 1 && value >= edge(bins, k + 1) ? k + 1 : k;
}

void bins_of(struct image image, struct bins *bins)
{
    size_t width = (size_t)image.shape.width, size = shape_size(image.shape);
    float low = image.pixels[0], high = low;

    for (size_t i = 0; i < size && !interrupt_at(i); i++) {
        low = image.pixels[i] < low ? image.pixels[i] : low;
        high = image.pixels[i] > high ? image.pixels[i] : high;
    }
    bins->low = (double)low;
    bins->high = (double)high;
    if (low == high)
        return;
    double scale = BINS / (bins->high - bins->low);
    memset(bins->counts, 0, sizeof bins->counts);
    for (size_t row = 0; row < size / width && !interrupt_requested(); row++)
        for (size_t x = 0; x < width; x++)
            bins->counts[bin_of(bins, scale, (double)image.pixels[row * width + x])]++;
}

double bins_centre(const struct bins *bins, int k)
{
    return (edge(bins, k) + edge(bins, k + 1)) / 2;
}

struct operations bins_operations(double values)
{
    struct operations operations = {
        .comparisons = (2 + 2 + 2) * values, /* the range, the first and last bin, the edges */
        .additions = 2 * values,             /* the value less the lowest, its bin's count */
        .multiplications = values,
        .multiply_adds = 2 * values, /* the edges */
        .lookups = values,
    };

    return operations;
}
