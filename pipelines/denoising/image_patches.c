#include "pipelines/denoising/image_patches.h"

#include "base/vectors.h"
#include "math/border.h"
#include "pipelines/denoising/windows.h"
#include "pipelines/lanes.h"

#include <math.h>
#include <string.h>

struct image_patches image_patches_of(struct shape in, int side)
{
    struct shape fit = windows_fit(in, side);
    size_t plane = (size_t)side * (size_t)side, numbers = plane * (size_t)in.channels;

    return (struct image_patches){
        .fit = fit,
        .side = side,
        .rows = fit.height - side + 1,
        .columns = fit.width - side + 1,
        .plane = plane,
        .numbers = numbers,
        .depth = (numbers + LANES - 1) / LANES * LANES,
    };
}

size_t image_patches_count(const struct image_patches *patches)
{
    return (size_t)patches->rows * (size_t)patches->columns;
}

/* Take the mean off, and return it. */
WIDE_VECTORS static float centre_plane(float *x, size_t count)
{
    lanes sums = {0};
    size_t whole = count / LANES * LANES;

    for (size_t i = 0; i < whole; i += LANES)
        sums += *(const lanes_memory *)(x + i);
    for (size_t i = whole; i < count; i++)
        sums[i - whole] += x[i];
    float mean = (((sums[0] + sums[4]) + (sums[1] + sums[5])) +
                  ((sums[2] + sums[6]) + (sums[3] + sums[7]))) /
                 (float)count;
    for (size_t i = 0; i < count; i++)
        x[i] -= mean;
    return mean;
}

void image_patches_centre(const struct image_patches *patches, float *patch, float *means)
{
    for (int c = 0; c < patches->fit.channels; c++)
        means[c] = centre_plane(patch + (size_t)c * patches->plane, patches->plane);
    for (size_t i = patches->numbers; i < patches->depth; i++)
        patch[i] = 0;
}

size_t image_patches_sample(int side, const struct image_set *images, size_t first, size_t last,
                            size_t most, struct random_stream *stream, float *values)
{
    float means[PATCHES_CHANNELS];
    uint64_t all = 0, before = 0;

    for (size_t i = first; i < last; i++) {
        struct image_patches patches = image_patches_of(images->shapes[i], side);
        all += image_patches_count(&patches);
    }
    uint64_t count = all < most ? all : most;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t begin = i * all / count, end = (i + 1) * all / count;
        uint64_t at = begin + random_below(stream, (uint32_t)(end - begin));
        struct image_patches patches = image_patches_of(images->shapes[first], side);
        while (at - before >= image_patches_count(&patches)) {
            before += image_patches_count(&patches);
            patches = image_patches_of(images->shapes[++first], side);
        }
        struct image image = image_set_at(images, first);
        uint64_t columns = (uint64_t)patches.columns, place = at - before;
        float *patch = values + i * patches.depth;
        border_window(image.pixels, image.shape, (int)(place / columns), (int)(place % columns),
                      (struct image){{image.shape.channels, patches.side, patches.side}, patch});
        image_patches_centre(&patches, patch, means);
    }
    return count;
}

/* cos(step i), without its mean where that is asked for, of length 1. */
static void cosine_wave(size_t side, double step, bool without_mean, double *wave)
{
    double sum = 0, squares = 0;

    for (size_t i = 0; i < side; i++)
        sum += wave[i] = cos(step * (double)i);
    for (size_t i = 0; i < side; i++) {
        wave[i] -= without_mean ? sum / (double)side : 0;
        squares += wave[i] * wave[i];
    }
    for (size_t i = 0; i < side; i++)
        wave[i] /= sqrt(squares);
}

void image_patches_cosines(const struct image_patches *patches, struct dictionary *dictionary)
{
    const double pi = 3.14159265358979323846;
    size_t channels = (size_t)patches->fit.channels, side = (size_t)patches->side, across = 1;
    double wave[2][PATCHES_SIDE], channel[PATCHES_CHANNELS];

    while (across * across * channels < dictionary->count)
        across++;
    memset(dictionary->atoms, 0, dictionary->count * dictionary->depth * sizeof(float));
    for (size_t a = 0; a < dictionary->count; a++) {
        size_t place = a / channels, of[2] = {place / across, place % across};
        float *atom = dictionary->atoms + a * dictionary->depth;
        for (int k = 0; k < 2; k++)
            cosine_wave(side, pi * (double)of[k] / (double)across, of[k] > 0, wave[k]);
        for (size_t c = 0; c < channels; c++)
            channel[c] =
                sqrt((a % channels ? 2.0 : 1.0) / (double)channels) *
                cos(pi * (double)(a % channels) * (2.0 * (double)c + 1) / (2.0 * (double)channels));
        for (size_t i = 0; i < patches->numbers; i++)
            atom[i] = (float)(channel[i / patches->plane] * wave[0][i % patches->plane / side] *
                              wave[1][i % side]);
    }
}
