#include "pipelines/denoising/noise_level.h"

#include "base/interrupt.h"
#include "math/border.h"

#include <math.h>
#include <string.h>

enum { TAPS = 4, DIGITS = 256 };

/* Daubechies' high-pass filter, as it meets ascending pixels. */
static const double taps[TAPS] = {-0.12940952255126037, -0.22414386804201339, 0.83651630373780772,
                                  -0.48296291314453416};

static size_t details_of(int size)
{
    return ((size_t)size + TAPS - 1) / 2;
}

size_t noise_level_scratch(int height, int width)
{
    return details_of(height) * details_of(width) + (size_t)width;
}

/* The details of one row of `width` values. */
static void row_details(const float *row, int width, float *details)
{
    size_t count = details_of(width);

    for (size_t k = 0; k < count; k++) {
        double sum = 0;
        for (int j = 0; j < TAPS; j++) {
            int x = 2 * (int)k + 1 - (TAPS - 1) + j;
            sum += taps[j] * (double)row[x >= 0 && x < width ? x : border_reflect(x, width)];
        }
        details[k] = (float)sum;
    }
}

static void column_details(const float *plane, int height, int width, int k, float *row)
{
    const float *rows[TAPS];

    for (int j = 0; j < TAPS; j++)
        rows[j] =
            plane + (size_t)border_reflect(2 * k + 1 - (TAPS - 1) + j, height) * (size_t)width;
#pragma omp simd
    for (int x = 0; x < width; x++) {
        double sum = taps[0] * (double)rows[0][x];
        sum += taps[1] * (double)rows[1][x];
        sum += taps[2] * (double)rows[2][x];
        sum += taps[3] * (double)rows[3][x];
        row[x] = (float)sum;
    }
}

static uint32_t magnitude_bits(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits & 0x7fffffffU;
}

/* The magnitude that `rank` others are below: its bits sort as it does, and are found eight at a
 * time, from the first. */
static double ranked(const float *values, size_t count, size_t rank)
{
    uint32_t found = 0, mask = 0;
    float value;

    for (int shift = 24; shift >= 0; shift -= 8) {
        size_t counts[DIGITS] = {0}, digit = 0;
        for (size_t i = 0; i < count; i++) {
            uint32_t bits = magnitude_bits(values[i]);
            if ((bits & mask) == found)
                counts[bits >> shift & (DIGITS - 1)]++;
        }
        for (; rank >= counts[digit]; digit++)
            rank -= counts[digit];
        found |= (uint32_t)digit << shift;
        mask |= (uint32_t)(DIGITS - 1) << shift;
    }
    memcpy(&value, &found, sizeof value);
    return (double)value;
}

double noise_level_of_details(float *details, size_t size)
{
    size_t count = 0;

    for (size_t i = 0; i < size; i++)
        if (details[i] != 0)
            details[count++] = details[i];
    if (count == 0)
        return 0;
    double upper = ranked(details, count, count / 2);
    double lower = count % 2 ? upper : ranked(details, count, count / 2 - 1);
    return 0.5 * (lower + upper) / 0.67448975019608171;
}

double noise_level(const float *plane, int height, int width, float *scratch)
{
    size_t down = details_of(height), across = details_of(width);
    float *row = scratch, *details = scratch + width;

    for (size_t k = 0; k < down && !interrupt_requested(); k++) {
        column_details(plane, height, width, (int)k, row);
        row_details(row, width, details + k * across);
    }
    return interrupt_requested() ? 0 : noise_level_of_details(details, down * across);
}

double noise_level_mean(struct image image, float *scratch)
{
    double sum = 0;

    for (size_t c = 0; c < (size_t)image.shape.channels; c++)
        sum += noise_level(image.pixels + c * shape_plane(image.shape), image.shape.height,
                           image.shape.width, scratch);
    return sum / image.shape.channels;
}

bool noise_level_is_none(double sigma)
{
    return sigma * 255 < 1e-4;
}

struct operations noise_level_of_details_count(double details)
{
    return (struct operations){
        .comparisons = (1 + 8) * details,
        .additions = 8 * details,
        .lookups = 8 * details,
        .divisions = 1,
    };
}

struct operations noise_level_count(int height, int width)
{
    double down = (double)details_of(height), details = down * (double)details_of(width);
    struct operations sum = noise_level_of_details_count(details);

    sum.multiply_adds += (TAPS - 1) * (down * width + details);
    sum.multiplications += down * width + details;
    return sum;
}
