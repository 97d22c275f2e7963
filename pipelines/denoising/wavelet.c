/*
 * Wavelet shrinkage: details below a threshold are noise.
 *
 * Channel by channel, the image's wavelet transform (wavelet_transform.h) loses small details, and
 * is inverted.
 *
 * - visu: one threshold for all, sigma sqrt(2 ln n) with n the number of pixels: D. L. Donoho, I.
 * M. Johnstone, "Ideal spatial adaptation by wavelet shrinkage", Biometrika 81(3), 1994. It removes
 *   all noise and some of the image.
 * - bayes: one for each level and direction, sigma^2 / sqrt(max(v - sigma^2, 0)) with v the mean
 *   square of its details: S. G. Chang, B. Yu, M. Vetterli, "Adaptive wavelet thresholding for
 * image denoising and compression", IEEE TIP 9(9), 2000.
 *
 * `soft` moves what stays by the threshold towards 0. With `shifts` the mean is taken over all
 * images moved by 0 to so many pixels, down and to the right, and back, what leaves at one side
 * coming in at the other: cycle spinning (R. R. Coifman, D. L. Donoho, "Translation-invariant
 * de-noising", 1995), which removes the artefacts of the transform's grid. Equal to scikit-image's
 * denoise_wavelet and cycle_spin, but that nothing is clipped. Cost for each pixel and shift: about
 * 8/3 taps products, whatever the number of levels.
 */
#include "base/interrupt.h"
#include "interfaces/stage.h"
#include "pipelines/denoising/noise_level.h"
#include "pipelines/denoising/wavelet_transform.h"
#include "pipelines/stage_shapes.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum threshold_rule { BAYES, VISU };
enum threshold_mode { SOFT, HARD };

struct wavelet {
    int64_t wavelet, threshold, mode, levels, shifts;
    double sigma;
};

static const char *const rules[] = {"bayes", "visu", NULL};
static const char *const modes[] = {"soft", "hard", NULL};

static const struct field fields[] = {
    {"wavelet", FIELD_CHOICE, offsetof(struct wavelet, wavelet), .default_value = "sym4",
     .choices = wavelet_names,
     .help =
         "Daubechies' wavelet (db) or symlet (sym) of so many vanishing moments; db1 is Haar's"},
    {"threshold", FIELD_CHOICE, offsetof(struct wavelet, threshold), .default_value = "bayes",
     .choices = rules,
     .help = "bayes: for each level and direction, from the variance of its details; visu: "
             "sigma sqrt(2 ln n) for n pixels, which leaves no noise"},
    {"mode", FIELD_CHOICE, offsetof(struct wavelet, mode), .default_value = "soft",
     .choices = modes,
     .help = "details above the threshold are made smaller by it (soft), or kept (hard)"},
    {"levels", FIELD_INTEGER, offsetof(struct wavelet, levels), .minimum = 0, .maximum = 12,
     .default_value = "0",
     .help = "of the transform; 0: as many as the image has room for, less 3"},
    {"shifts", FIELD_INTEGER, offsetof(struct wavelet, shifts), .minimum = 0, .maximum = 31,
     .default_value = "0", .unit = "pixels",
     .help = "cycle spinning: the mean over (shifts + 1)^2 moved images"},
    {"sigma", FIELD_REAL, offsetof(struct wavelet, sigma), .minimum = 0, .maximum = 1000,
     .default_value = "0", .unit = "grey levels (0..255)",
     .help = "standard deviation of the noise; 0: estimated for each channel, from the finest "
             "diagonal details"},
    {0},
};

static int levels_of(const struct wavelet *wavelet, struct shape in)
{
    const struct wavelet_filter *filter = &wavelet_filters[wavelet->wavelet];
    return wavelet->levels > 0 ? (int)wavelet->levels
                               : wavelet_usual_levels(filter, in.height, in.width);
}

/* A moved plane, the finest diagonal details once more to find their median, the transform. */
static size_t wavelet_scratch(const void *config, struct shape in)
{
    const struct wavelet *wavelet = config;
    const struct wavelet_filter *filter = &wavelet_filters[wavelet->wavelet];
    size_t down = (size_t)(in.height + filter->taps - 1) / 2;
    size_t across = (size_t)(in.width + filter->taps - 1) / 2;

    return shape_plane(in) + down * across +
           wavelet_transform_size(filter, levels_of(wavelet, in), in.height, in.width);
}

static void shrink(float *details, size_t count, float threshold, enum threshold_mode mode)
{
    if (mode == SOFT)
#pragma omp simd
        for (size_t i = 0; i < count; i++) {
            float value = details[i], less = fabsf(value) - threshold;
            details[i] = copysignf(less < 0 ? 0 : less, value);
        }
    else
#pragma omp simd
        for (size_t i = 0; i < count; i++)
            details[i] = fabsf(details[i]) < threshold ? 0 : details[i];
}

static double bayes_threshold(const float *details, size_t count, double variance)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (double)details[i] * (double)details[i];
    return variance / sqrt(fmax(sum / (double)count - variance, (double)FLT_EPSILON));
}

static void shrink_levels(const struct wavelet *wavelet, const struct wavelet_transform *transform,
                          double sigma)
{
    double pixels = (double)transform->height * transform->width;

    for (int l = 0; l < transform->levels && !interrupt_requested(); l++) {
        const struct wavelet_level *level = &transform->level[l];
        size_t size = (size_t)level->height * (size_t)level->width;
        for (size_t k = 0; k < 3; k++) {
            float *details = level->details + k * size;
            double threshold = wavelet->threshold == VISU
                                   ? sigma * sqrt(2 * log(pixels))
                                   : bayes_threshold(details, size, sigma * sigma);
            shrink(details, size, (float)threshold, (enum threshold_mode)wavelet->mode);
        }
    }
}

static void denoise_plane(const struct wavelet *wavelet, const struct wavelet_transform *transform,
                          float *plane, float *copy)
{
    const struct wavelet_level *finest = &transform->level[0];
    size_t size = (size_t)finest->height * (size_t)finest->width;
    double sigma = wavelet->sigma / 255;

    wavelet_forward(transform, plane);
    if (sigma == 0) {
        memcpy(copy, finest->details + 2 * size, size * sizeof *copy);
        sigma = noise_level_of_details(copy, size);
    }
    shrink_levels(wavelet, transform, sigma);
    wavelet_inverse(transform, plane);
}

/* Copy a plane, moved down and to the right, or back; added to what is there. */
static void move_plane(const float *from, struct shape shape, int down, int right, float *to)
{
    size_t width = (size_t)shape.width, begin = (size_t)right;

    for (int y = 0; y < shape.height; y++) {
        const float *row = from + (size_t)y * width;
        float *out = to + (size_t)((y + down) % shape.height) * width;
        memcpy(out + begin, row, (width - begin) * sizeof *out);
        memcpy(out, row + width - begin, begin * sizeof *out);
    }
}

static void add_moved_back(const float *from, struct shape shape, int down, int right, float *sums)
{
    size_t width = (size_t)shape.width, begin = (size_t)right;

    for (int y = 0; y < shape.height; y++) {
        const float *row = from + (size_t)((y + down) % shape.height) * width;
        float *out = sums + (size_t)y * width;
#pragma omp simd
        for (size_t x = 0; x < width - begin; x++)
            out[x] += row[x + begin];
        for (size_t x = 0; x < begin; x++)
            out[width - begin + x] += row[x];
    }
}

static void spin_plane(const struct wavelet *wavelet, const struct wavelet_transform *transform,
                       const float *in, struct shape shape, float *out, float *scratch)
{
    int shifts = (int)wavelet->shifts;
    float *plane = scratch, *copy = scratch + shape_plane(shape);
    size_t size = shape_plane(shape);

    memset(out, 0, size * sizeof *out);
    for (int down = 0; down <= shifts; down++)
        for (int right = 0; right <= shifts && !interrupt_requested(); right++) {
            int rows = down % shape.height, columns = right % shape.width;
            move_plane(in, shape, rows, columns, plane);
            denoise_plane(wavelet, transform, plane, copy);
            add_moved_back(plane, shape, rows, columns, out);
        }
    float share = 1 / ((float)(shifts + 1) * (float)(shifts + 1));
#pragma omp simd
    for (size_t i = 0; i < size; i++)
        out[i] *= share;
}

static void wavelet_run(const void *config, const void *state, struct image in, struct image out,
                        float *scratch)
{
    const struct wavelet *wavelet = config;
    const struct wavelet_filter *filter = &wavelet_filters[wavelet->wavelet];
    size_t plane = shape_plane(in.shape);
    size_t down = (size_t)(in.shape.height + filter->taps - 1) / 2;
    size_t across = (size_t)(in.shape.width + filter->taps - 1) / 2;
    struct shape one = {1, in.shape.height, in.shape.width};
    struct wavelet_transform transform;

    (void)state;
    wavelet_transform_init(&transform, filter, levels_of(wavelet, in.shape), in.shape.height,
                           in.shape.width, scratch + plane + down * across);
    for (size_t c = 0; c < (size_t)in.shape.channels; c++)
        spin_plane(wavelet, &transform, in.pixels + c * plane, one, out.pixels + c * plane,
                   scratch);
}

static struct operations wavelet_count(const void *config, struct shape in, struct answer answer)
{
    const struct wavelet *wavelet = config;
    const struct wavelet_filter *filter = &wavelet_filters[wavelet->wavelet];
    int levels = levels_of(wavelet, in), height = in.height, width = in.width;
    double shifts = (double)(wavelet->shifts + 1) * (double)(wavelet->shifts + 1), details = 0;
    double pixels = (double)shape_plane(in), finest = 0;
    struct operations sum = wavelet_transform_count(filter, levels, height, width);

    (void)answer;
    for (int l = 0; l < levels; l++) {
        height = (height + filter->taps - 1) / 2;
        width = (width + filter->taps - 1) / 2;
        details += 3.0 * height * width;
        finest = l == 0 ? (double)height * width : finest;
    }
    sum.comparisons += details;
    sum.additions += pixels + (wavelet->mode == SOFT ? details : 0);
    if (wavelet->threshold == BAYES) {
        sum.multiply_adds += details;
        sum.divisions += 3.0 * levels * 3;
    }
    if (wavelet->sigma == 0)
        sum = operations_add(sum, noise_level_of_details_count(finest));
    sum = operations_repeat(sum, shifts);
    sum.multiplications += pixels;
    return operations_repeat(sum, in.channels);
}

const struct stage stage_wavelet = {
    .descriptor = {"wavelet", "wavelet shrinkage: small details are taken for noise",
                   "Donoho, Johnstone, Ideal spatial adaptation by wavelet shrinkage, Biometrika "
                   "81(3), 1994; Chang, Yu, Vetterli, IEEE TIP 9(9), 2000; Coifman, Donoho, "
                   "Translation-invariant de-noising, 1995",
                   fields, sizeof(struct wavelet), 1},
    .input = CONTENT_IMAGE,
    .output = CONTENT_IMAGE,
    .strength = "sigma",
    .gives = content_unless_mask,
    .shape = shape_as_input,
    .scratch = wavelet_scratch,
    .run = wavelet_run,
    .scalar = true,
    .count = wavelet_count,
};
