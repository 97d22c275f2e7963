/*
 * Huber's loss: squares of small differences, the size of large ones. For an item of n known
 * targets t, outputs y and differences d = y - t
 *
 *     L = 1/n sum_i h(d_i),    h(d) = d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2),
 *     dL/dy_i = 1/n min(delta, max(-delta, d_i)).
 *
 * A label that is far off pulls no harder than one that is off by delta. Numbers are compared in
 * units of their standard deviation (graph/rescale.h). In double precision, in index order.
 * Reference: Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics
 * 35(1), 1964. Cost: 6 operations an output.
 */
#include "interfaces/training.h"
#include "train/losses/known.h"

struct huber {
    double delta;
};

static const struct field fields[] = {
    {"delta", FIELD_REAL, offsetof(struct huber, delta), .minimum = 1e-6, .maximum = 1e6,
     .default_value = "1",
     .help = "difference above which the loss grows linearly; of numbers, in standard deviations"},
    {0},
};

static double huber_evaluate(const struct loss_call *call)
{
    const struct huber *huber = call->config;
    size_t size = shape_size(call->shape);
    const float *y = call->y, *targets = call->targets;
    double delta = huber->delta, total = 0;
    float *dy = call->dy;

    for (int item = 0; item < call->count; item++) {
        size_t known = known_count(targets, size);
        double slope = known_mean((double)call->scale, known), sum = 0;
        for (size_t i = 0; i < size; i++) {
            bool told = !isnan(targets[i]);
            double difference = told ? (double)y[i] - (double)targets[i] : 0;
            double apart = fabs(difference);
            sum += apart > delta ? delta * (apart - delta / 2) : difference * difference / 2;
            dy[i] = (float)(slope * fmin(delta, fmax(-delta, difference)));
        }
        total += known_mean(sum, known);
        y += size;
        targets += size;
        dy += size;
    }
    return total;
}

const struct loss loss_huber = {
    .descriptor = {.name = "huber",
                   .summary = "squares of small errors, size of large ones, for images and numbers",
                   .source = "Huber 1964",
                   .fields = fields,
                   .config_size = sizeof(struct huber),
                   .version = 1},
    .targets = LOSS_VALUES,
    .evaluate = huber_evaluate,
};
