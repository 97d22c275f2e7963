/*
 * Mean squared error. For an item of n outputs y and targets t
 *
 *     L = 1/n sum_i (y_i - t_i)^2,    dL/dy_i = 2/n (y_i - t_i).
 *
 * The sum is in double precision, in index order. Cost: 3 operations an output.
 */
#include "kinds/training.h"

static double mse_evaluate(const void *config, int count, size_t size, const float *y,
                           const float *targets, const uint8_t *classes, float scale, float *dy)
{
    double total = 0;
    float slope = 2.0f * scale / (float)size;

    (void)config;
    (void)classes;
    for (int item = 0; item < count; item++) {
        double sum = 0;
        for (size_t i = 0; i < size; i++) {
            float difference = y[i] - targets[i];
            sum += (double)difference * (double)difference;
            dy[i] = slope * difference;
        }
        total += sum / (double)size;
        y += size;
        targets += size;
        dy += size;
    }
    return total;
}

const struct loss loss_mse = {
    .descriptor = {.name = "mse",
                   .summary = "mean squared error, for images",
                   .source = "Gauss 1809",
                   .version = 1},
    .evaluate = mse_evaluate,
};
