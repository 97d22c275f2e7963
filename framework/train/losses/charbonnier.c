/*
 * Charbonnier's loss: the absolute error, rounded off at zero. For an item of n known targets t,
 * outputs y and differences d = y - t
 *
 *     L = 1/n sum_i sqrt(d_i^2 + e^2),    dL/dy_i = 1/n d_i / sqrt(d_i^2 + e^2).
 *
 * Differences well below e count by their squares, those above by their size. An item's least loss
 * is e, not 0. In double precision, in index order. References: Charbonnier, Blanc-Féraud, Aubert,
 * Barlaud, "Two deterministic half-quadratic regularization algorithms for computed imaging", ICIP
 * 1994; as a loss of networks Lai, Huang, Ahuja, Yang, "Deep Laplacian pyramid networks for fast
 * and accurate super-resolution", CVPR 2017, with e = 1e-3. Cost: a square root, a division and 4
 * operations an output.
 */
#include "interfaces/training.h"
#include "train/losses/known.h"

struct charbonnier {
    double epsilon;
};

static const struct field fields[] = {
    {"epsilon", FIELD_REAL, offsetof(struct charbonnier, epsilon), .minimum = 1e-9, .maximum = 1,
     .default_value = "1e-3", .help = "difference above which the loss grows linearly"},
    {0},
};

static double charbonnier_evaluate(const struct loss_call *call)
{
    const struct charbonnier *charbonnier = call->config;
    size_t size = shape_size(call->shape);
    const float *y = call->y, *targets = call->targets;
    double square = charbonnier->epsilon * charbonnier->epsilon, total = 0;
    float *dy = call->dy;

    for (int item = 0; item < call->count; item++) {
        size_t known = known_count(targets, size);
        double slope = known_mean((double)call->scale, known), sum = 0;
        for (size_t i = 0; i < size; i++) {
            bool told = !isnan(targets[i]);
            double difference = told ? (double)y[i] - (double)targets[i] : 0;
            double root = sqrt(difference * difference + square);
            sum += told ? root : 0;
            dy[i] = (float)(slope * difference / root);
        }
        total += known_mean(sum, known);
        y += size;
        targets += size;
        dy += size;
    }
    return total;
}

const struct loss loss_charbonnier = {
    .descriptor = {.name = "charbonnier",
                   .summary = "absolute error, rounded off at zero, for images and numbers",
                   .source = "Charbonnier, Blanc-Féraud, Aubert, Barlaud 1994",
                   .fields = fields,
                   .config_size = sizeof(struct charbonnier),
                   .version = 1},
    .targets = LOSS_VALUES,
    .evaluate = charbonnier_evaluate,
};
