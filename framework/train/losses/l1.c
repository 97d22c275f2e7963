/*
 * Mean absolute error. For an item of n known targets t and their outputs y
 *
 *     L = 1/n sum_i |y_i - t_i|,    dL/dy_i = 1/n sign(y_i - t_i),  0 where they are equal.
 *
 * Its least value is at the median of what the targets may be, not at their mean: edges stay
 * sharper than with squares. The sum is in double precision, in index order. Reference: Zhao,
 * Gallo, Frosio, Kautz, "Loss functions for image restoration with neural networks", IEEE
 * Transactions on Computational Imaging 3(1), 2017. Cost: 3 operations an output.
 */
#include "interfaces/training.h"
#include "train/losses/known.h"

static double l1_evaluate(const struct loss_call *call)
{
    size_t size = shape_size(call->shape);
    const float *y = call->y, *targets = call->targets;
    float *dy = call->dy;
    double total = 0;

    for (int item = 0; item < call->count; item++) {
        size_t known = known_count(targets, size);
        float slope = known ? call->scale / (float)known : 0;
        double sum = 0;
        for (size_t i = 0; i < size; i++) {
            float difference = known_difference(y[i], targets[i]);
            sum += fabs((double)difference);
            dy[i] = slope * (float)((difference > 0) - (difference < 0));
        }
        total += known_mean(sum, known);
        y += size;
        targets += size;
        dy += size;
    }
    return total;
}

const struct loss loss_l1 = {
    .descriptor = {.name = "l1",
                   .summary = "mean absolute error, for images and numbers",
                   .source = "Zhao, Gallo, Frosio, Kautz 2017",
                   .version = 1},
    .targets = LOSS_VALUES,
    .evaluate = l1_evaluate,
};
