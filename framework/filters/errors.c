#include "filters/errors.h"
#include "filters/regions.h"

#include "base/memory.h"
#include "math/statistics.h"

#include <assert.h>
#include <math.h>

/* Sum of squared differences in rows [top, bottom), columns [left, right) of all channels. */
static double sum_square(struct image a, struct image b, int top, int bottom, int left, int right)
{
    double sum = 0;

    for (int c = 0; c < a.shape.channels; c++)
        for (int y = top; y < bottom; y++) {
            size_t row = ((size_t)c * (size_t)a.shape.height + (size_t)y) * (size_t)a.shape.width;
            for (int x = left; x < right; x++) {
                double off = (double)a.pixels[row + (size_t)x] - (double)b.pixels[row + (size_t)x];
                sum += off * off;
            }
        }
    return sum;
}

float residual_mean(struct image a, struct image b)
{
    assert(shape_equal(a.shape, b.shape));
    return (float)(sum_square(a, b, 0, a.shape.height, 0, a.shape.width) /
                   (double)shape_size(a.shape));
}

/* Where the square that begins at `at` begins, moved inwards where it would not fit. */
static int fit(int at, int size, int side)
{
    return at + size > side ? side - size : at;
}

float residual_worst(struct image a, struct image b, int side)
{
    int height = side < a.shape.height ? side : a.shape.height;
    int width = side < a.shape.width ? side : a.shape.width;
    double worst = 0, values = (double)height * width * a.shape.channels;

    assert(shape_equal(a.shape, b.shape));
    for (int y = 0; y < a.shape.height; y += height)
        for (int x = 0; x < a.shape.width; x += width) {
            int top = fit(y, height, a.shape.height), left = fit(x, width, a.shape.width);
            double sum = sum_square(a, b, top, top + height, left, left + width);
            worst = sum <= worst ? worst : sum; /* not a number is the worst */
        }
    return (float)(worst / values);
}

/* Of one number; NaN is left out. */
static double deviation_of(const struct image_set *labels, int channel)
{
    double sums[2] = {0}, mean = 0;
    size_t count = 0;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < labels->count; i++) {
            size_t plane = shape_plane(labels->shapes[i]);
            const float *values = image_set_at(labels, i).pixels + (size_t)channel * plane;
            for (size_t p = 0; p < plane; p++) {
                double apart = (double)values[p] - mean;
                if (isnan(apart))
                    continue;
                sums[pass] += pass ? apart * apart : apart;
                count += pass ? 0 : 1;
            }
        }
        mean = count ? sums[0] / (double)count : 0;
    }
    return count && sums[1] > 0 ? sqrt(sums[1] / (double)count) : 1;
}

enum status label_deviations(const struct image_set *labels, struct arena *arena,
                             double **deviations, struct error *error)
{
    int channels = labels->count ? labels->shapes[0].channels : 0;

    PASS(arena_new(arena, deviations, (size_t)channels, sizeof **deviations, error));
    for (int c = 0; c < channels; c++)
        (*deviations)[c] = deviation_of(labels, c);
    return STATUS_OK;
}

float residual_scaled(struct image a, struct image b, const double *deviations, double lost)
{
    size_t plane = shape_plane(a.shape), count = 0;
    double sum = 0;

    assert(shape_equal(a.shape, b.shape));
    for (size_t i = 0; i < shape_size(a.shape); i++) {
        bool missing[2] = {isnan(a.pixels[i]), isnan(b.pixels[i])};
        double apart = missing[0] != missing[1] ? lost
                                                : fabs((double)a.pixels[i] - (double)b.pixels[i]) /
                                                      deviations[i / plane];
        if (isnan(apart))
            continue;
        sum += apart;
        count++;
    }
    return count ? (float)(sum / (double)count) : 0;
}

static enum status region_errors(const struct filter_input *input, uint8_t *wrong, float *off,
                                 struct error *error)
{
    enum status status = STATUS_OK;
    const struct image_set *labels = input->labels, *truth = input->true_labels;
    size_t pixels = labels->count ? labels->offsets[labels->count] : 0;
    float *values = NULL;

    TRY(memory_new(&values, pixels, sizeof *values, error));
    for (size_t i = 0; i < pixels; i++)
        values[i] = isnan(truth->pixels[i]) ? (float)NAN : labels->pixels[i] != truth->pixels[i];
    TRY(region_means(input->regions, values, pixels, off, error));
    for (size_t r = 0; r < input->regions->count; r++)
        wrong[r] = 100 * (double)off[r] >= ERRORS_SHARE;
out:
    memory_free(values);
    return status;
}

static bool has_numbers(const struct filter_input *input)
{
    return input->content == CONTENT_NUMBERS || input->content == CONTENT_MAP;
}

/* Of images and numbers. */
static enum status value_errors(const struct filter_input *input, uint8_t *wrong, float *off,
                                struct error *error)
{
    enum status status = STATUS_OK;
    size_t items = input->labels->count;
    struct arena arena = {0};
    double *sorted = NULL, *deviations = NULL;

    TRY(memory_new(&sorted, items, sizeof *sorted, error));
    if (has_numbers(input))
        TRY(label_deviations(input->labels, &arena, &deviations, error));
    for (size_t i = 0; i < items; i++) {
        struct image label = image_set_at(input->labels, i);
        struct image truth = image_set_at(input->true_labels, i);
        off[i] = has_numbers(input) ? residual_scaled(label, truth, deviations, (double)NAN)
                                    : residual_mean(label, truth);
        sorted[i] = (double)off[i];
    }
    double median = statistics_median(sorted, items);
    for (size_t i = 0; i < items; i++)
        wrong[i] = (double)off[i] > ERRORS_RESIDUAL * median;
out:
    arena_release(&arena);
    memory_free(sorted);
    return status;
}

enum status label_errors(const struct filter_input *input, uint8_t *wrong, float *off,
                         struct error *error)
{
    if (input->regions)
        return region_errors(input, wrong, off, error);
    if (!input->classes)
        return value_errors(input, wrong, off, error);
    for (size_t i = 0; i < input->labels->count; i++) {
        wrong[i] = input->classes[i] != input->true_classes[i];
        off[i] = (float)wrong[i];
    }
    return STATUS_OK;
}
