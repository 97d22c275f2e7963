/*
 * Adaptive Wiener filter: each pixel is drawn to its neighbourhood's mean, the more so the less the
 * neighbourhood varies beyond the noise.
 *
 * J. S. Lee, "Digital image enhancement and noise filtering by use of local statistics", PAMI 2(2),
 * 1980. With the mean m and the variance v of the square window around the pixel, and the noise's
 * variance n,
 *
 *     out = m + (1 - n / v) (in - m)    where v > n, else m
 *
 * channel by channel, as scipy.signal.wiener does (which sees zeros beyond the border, where this
 * sees the mirror image). Unless given, n is the mean of v over the channel. Sums over the window's
 * rows slide down the image: one row more, one less. They are double, since v is the small
 * difference of two of them.
 */
#include "base/interrupt.h"
#include "interfaces/stage.h"
#include "math/border.h"

#include <string.h>

struct wiener {
    int64_t radius;
    double sigma;
};

static const struct field fields[] = {
    {"radius", FIELD_INTEGER, offsetof(struct wiener, radius), .minimum = 1, .maximum = 40,
     .default_value = "1", .unit = "pixels",
     .help = "half the window's side, excluding the centre"},
    {"sigma", FIELD_REAL, offsetof(struct wiener, sigma), .minimum = 0, .maximum = 1000,
     .default_value = "0", .unit = "grey levels (0..255)",
     .help = "standard deviation of the noise; 0: for each image and channel, the mean of the "
             "windows' variances is used"},
    {0},
};

static enum status wiener_shape(const void *config, struct shape in, struct answer answer,
                                struct shape *out, struct error *error)
{
    (void)config, (void)answer, (void)error;
    *out = in;
    return STATUS_OK;
}

static size_t padded_width(const struct wiener *wiener, struct shape in)
{
    return (size_t)in.width + 2 * (size_t)wiener->radius;
}

/* Two double rows (and one float to put them where doubles may lie), the padded plane, the plane of
 * variances; means go to the output. */
static size_t wiener_scratch(const void *config, struct shape in)
{
    int radius = (int)((const struct wiener *)config)->radius;
    return 1 + 4 * padded_width(config, in) + border_size(in.height, in.width, radius) +
           shape_plane(in);
}

/* Add a row and its squares to the columns' sums, `sign` times. */
static void columns_add(double *sums, double *squares, const float *row, double sign, size_t width)
{
#pragma omp simd
    for (size_t x = 0; x < width; x++) {
        double value = (double)row[x], signed_value = sign * value;
        sums[x] += signed_value;
        squares[x] += signed_value * value;
    }
}

/* Means and variances of one row of windows. */
static void row_statistics(const double *sums, const double *squares, size_t side, size_t width,
                           float *means, float *variances)
{
    double share = 1 / (double)(side * side);

    for (size_t x = 0; x < width; x++) {
        double sum = sums[x], square = squares[x];
        for (size_t k = 1; k < side; k++) {
            sum += sums[x + k];
            square += squares[x + k];
        }
        double mean = sum * share, variance = square * share - mean * mean;
        means[x] = (float)mean;
        variances[x] = (float)(variance > 0 ? variance : 0);
    }
}

static void plane_statistics(const float *padded, int height, int width, int radius,
                             double *columns, float *means, float *variances)
{
    size_t wide = (size_t)width, stride = wide + 2 * (size_t)radius, side = 2 * (size_t)radius + 1;
    double *sums = columns, *squares = columns + stride;

    memset(columns, 0, 2 * stride * sizeof *columns);
    for (size_t y = 0; y + 1 < side; y++)
        columns_add(sums, squares, padded + y * stride, 1, stride);
    for (size_t y = 0; y < (size_t)height && !interrupt_requested(); y++) {
        columns_add(sums, squares, padded + (y + side - 1) * stride, 1, stride);
        row_statistics(sums, squares, side, wide, means + y * wide, variances + y * wide);
        columns_add(sums, squares, padded + y * stride, -1, stride);
    }
}

/* The mean of the variances, summed in order. */
static double noise_variance(const struct wiener *wiener, const float *variances, size_t count)
{
    double sum = 0, given = wiener->sigma / 255;

    if (given > 0)
        return given * given;
    for (size_t i = 0; i < count; i++)
        sum += (double)variances[i];
    return sum / (double)count;
}

static void shrink(const float *in, const float *variances, float noise, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++)
        if (variances[i] > noise)
            out[i] += (1 - noise / variances[i]) * (in[i] - out[i]);
}

/* The mean of all variances stands for the noise where it is not given. */
static int wiener_reach(const void *config)
{
    const struct wiener *wiener = config;
    return wiener->sigma > 0 ? (int)wiener->radius : -1;
}

static void wiener_run(const void *config, const void *state, struct image in, struct image out,
                       float *scratch)
{
    const struct wiener *wiener = config;
    int radius = (int)wiener->radius, height = in.shape.height, width = in.shape.width;
    size_t plane = shape_plane(in.shape);
    size_t skip = (uintptr_t)scratch % sizeof(double) / sizeof(float);
    double *columns = (double *)(void *)(scratch + skip);
    float *padded = scratch + skip + 4 * padded_width(wiener, in.shape);
    float *variances = padded + border_size(height, width, radius);

    (void)state;
    for (size_t c = 0; c < (size_t)in.shape.channels; c++) {
        const float *from = in.pixels + c * plane;
        float *to = out.pixels + c * plane;
        border_pad(from, height, width, radius, padded);
        plane_statistics(padded, height, width, radius, columns, to, variances);
        shrink(from, variances, (float)noise_variance(wiener, variances, plane), plane, to);
    }
}

/* An upper bound: every window is taken to vary beyond the noise. */
static struct operations wiener_count(const void *config, struct shape in, struct answer answer)
{
    const struct wiener *wiener = config;
    double values = (double)shape_size(in), side = 2.0 * (double)wiener->radius + 1;
    double wide = (double)padded_width(wiener, in), channels = in.channels;
    double columns = channels * wide * (2.0 * in.height + side - 1); /* come and gone */
    bool estimates = !(wiener->sigma > 0);

    (void)answer;
    return (struct operations){
        .multiply_adds = columns + 2 * values,
        .additions = columns + (2 * (side - 1) + 2 + estimates) * values,
        .multiplications = 2 * values,
        .comparisons = 2 * values,
        .divisions = values + (estimates ? channels : 0),
    };
}

const struct stage stage_wiener = {
    .descriptor = {"wiener", "mean of the window where it varies no more than the noise",
                   "Lee, Digital image enhancement and noise filtering by use of local statistics, "
                   "PAMI 2(2), 1980",
                   fields, sizeof(struct wiener), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .strength = "sigma",
    .shape = wiener_shape,
    .scratch = wiener_scratch,
    .run = wiener_run,
    .scalar = true,
    .sharing = {.reach = wiener_reach, .columns = true},
    .count = wiener_count,
};
