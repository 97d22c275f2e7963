/*
 * Mean squared error. For an item of n known targets t and their outputs y
 *
 *     L = 1/n sum_i (y_i - t_i)^2,    dL/dy_i = 2/n (y_i - t_i).
 *
 * The sum is in double precision, in index order. Cost: 3 operations an output.
 */
#include "interfaces/training.h"
#include "train/losses/known.h"

static double mse_evaluate(const struct loss_call *call)
{
    size_t size = shape_size(call->shape);
    const float *y = call->y, *targets = call->targets;
    float *dy = call->dy;
    double total = 0;

    for (int item = 0; item < call->count; item++) {
        size_t known = known_count(targets, size);
        float slope = known ? 2.0f * call->scale / (float)known : 0;
        double sum = 0;
        for (size_t i = 0; i < size; i++) {
            float difference = known_difference(y[i], targets[i]);
            sum += (double)difference * (double)difference;
            dy[i] = slope * difference;
        }
        total += known_mean(sum, known);
        y += size;
        targets += size;
        dy += size;
    }
    return total;
}

const struct loss loss_mse = {
    .descriptor = {.name = "mse",
                   .summary = "mean squared error, for images and numbers",
                   .source = "Gauss 1809",
                   .version = 1},
    .targets = LOSS_VALUES,
    .evaluate = mse_evaluate,
};
