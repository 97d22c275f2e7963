/*
 * Mean squared error. For an item of n outputs y and targets t
 *
 *     L = 1/n sum_i (y_i - t_i)^2,    dL/dy_i = 2/n (y_i - t_i).
 *
 * The sum is in double precision, in index order. Cost: 3 operations an output.
 */
#include "interfaces/training.h"

static double mse_evaluate(const struct loss_call *call)
{
    size_t size = shape_size(call->shape);
    const float *y = call->y, *targets = call->targets;
    float *dy = call->dy, slope = 2.0f * call->scale / (float)size;
    double total = 0;

    for (int item = 0; item < call->count; item++) {
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
    .targets = LOSS_VALUES,
    .evaluate = mse_evaluate,
};
