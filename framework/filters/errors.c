#include "filters/errors.h"

#include "math/statistics.h"

#include <assert.h>

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

static enum status image_errors(const struct filter_input *input, uint8_t *wrong, float *off,
                                struct error *error)
{
    enum status status = STATUS_OK;
    size_t items = input->labels->count;
    double *sorted = NULL;

    TRY(memory_new(&sorted, items, sizeof *sorted, error));
    for (size_t i = 0; i < items; i++) {
        off[i] = residual_mean(image_set_at(input->labels, i), image_set_at(input->true_labels, i));
        sorted[i] = (double)off[i];
    }
    double median = statistics_median(sorted, items);
    for (size_t i = 0; i < items; i++)
        wrong[i] = (double)off[i] > ERRORS_RESIDUAL * median;
out:
    memory_free(sorted);
    return status;
}

enum status label_errors(const struct filter_input *input, uint8_t *wrong, float *off,
                         struct error *error)
{
    if (!input->classes)
        return image_errors(input, wrong, off, error);
    for (size_t i = 0; i < input->labels->count; i++) {
        wrong[i] = input->classes[i] != input->true_classes[i];
        off[i] = (float)wrong[i];
    }
    return STATUS_OK;
}
