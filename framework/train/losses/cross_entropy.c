/*
 * Cross-entropy of softmax. For an item of n scores y and the class c, with the smoothing s,
 *
 *     L = -sum_i t_i log p_i,    p = softmax(y),    t_i = (1 - s) [i = c] + s / n,
 *     dL/dy_i = p_i - t_i.
 *
 * A score that is not a number makes the loss not a number. Smoothing keeps the network from being
 * ever surer of its training items. References: Bridle, "Probabilistic interpretation of
 * feedforward classification network outputs", 1990; Szegedy, Vanhoucke, Ioffe, Shlens, Wojna,
 * "Rethinking the Inception architecture for computer vision", CVPR 2016 (smoothing). Cost: two
 * exponentials a score.
 */
#include "interfaces/training.h"
#include "train/losses/softmax.h"

struct cross_entropy {
    double smoothing;
};

static const struct field fields[] = {
    {"smoothing", FIELD_REAL, offsetof(struct cross_entropy, smoothing), .maximum = 1,
     .default_value = "0",
     .help = "share of an item's label that is spread evenly over all classes"},
    {0},
};

static double item_loss(size_t size, const float *y, size_t class, double smoothing, float scale,
                        float *dy)
{
    struct softmax softmax = softmax_of(y, size, 1);
    double share = smoothing / (double)size, spread = 0;

    for (size_t i = 0; i < size; i++) {
        double target = (i == class ? 1 - smoothing : 0) + share;
        dy[i] = (float)((double)scale * (softmax_at(&softmax, i) - target));
    }
    for (size_t i = 0; smoothing > 0 && i < size; i++)
        spread += softmax_surprise(&softmax, i);
    return (1 - smoothing) * softmax_surprise(&softmax, class) + share * spread;
}

static double cross_entropy_evaluate(const struct loss_call *call)
{
    const struct cross_entropy *settings = call->config;
    size_t size = shape_size(call->shape);
    double total = 0;

    for (int item = 0; item < call->count; item++) {
        size_t start = (size_t)item * size;
        total += item_loss(size, call->y + start, call->classes[item], settings->smoothing,
                           call->scale, call->dy + start);
    }
    return total;
}

const struct loss loss_cross_entropy = {
    .descriptor = {.name = "cross_entropy",
                   .summary = "cross-entropy of softmax, for classes",
                   .source = "Bridle 1990; smoothing: Szegedy et al. 2016",
                   .fields = fields,
                   .config_size = sizeof(struct cross_entropy),
                   .version = 1},
    .targets = LOSS_CLASSES,
    .evaluate = cross_entropy_evaluate,
};
